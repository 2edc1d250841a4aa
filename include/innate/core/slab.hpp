// SPDX-License-Identifier: Apache-2.0
/// Reference-counted receive memory: messages are slices of slabs, and a slab returns to its pool with the last of
/// them.
///
/// Reference counts and the pool are thread-safe, because messages may be released on any thread and may outlive their
/// connection; the pool lives as long as its owner or any slab. Every slab has `slab_padding` readable bytes after its
/// capacity, for parsers that read ahead of a payload.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <mutex>
#include <new>
#include <utility>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace innate::inline v0::core {

/// True while the process has a single thread, where the C library tells: counting then needs no atomic operation.
[[nodiscard]] inline bool single_threaded() noexcept {
#if __has_include(<sys/single_threaded.h>)
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

inline constexpr std::size_t slab_size = std::size_t{256} << 10;
inline constexpr std::size_t slab_padding = 64;

class slab_pool;

/// Header of one block; its bytes follow it in the same allocation.
struct slab {
  std::atomic<std::uint32_t> references{1};
  std::size_t capacity = 0;
  slab_pool* pool = nullptr;
  slab* next_free = nullptr;

  [[nodiscard]] char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// Owning handle of one reference to a slab.
class slab_ref {
 public:
  slab_ref() = default;
  explicit slab_ref(slab* adopted) noexcept : x_slab(adopted) {}
  slab_ref(const slab_ref& other) noexcept : x_slab(other.x_slab) {
    if (x_slab) x_slab->references.fetch_add(1, std::memory_order_relaxed);
  }
  slab_ref(slab_ref&& other) noexcept : x_slab(std::exchange(other.x_slab, nullptr)) {}
  slab_ref& operator=(slab_ref other) noexcept {
    std::swap(x_slab, other.x_slab);
    return *this;
  }
  ~slab_ref() {
    if (x_slab) release();
  }

  [[nodiscard]] explicit operator bool() const noexcept { return x_slab != nullptr; }
  [[nodiscard]] char* data() const noexcept { return x_slab->data(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return x_slab ? x_slab->capacity : 0; }
  [[nodiscard]] slab_pool& pool() const noexcept { return *x_slab->pool; }

 private:
  friend class slab_lender;
  inline void release() noexcept;
  slab* x_slab = nullptr;
};

/// The reader's handle of the slab it fills. Every message gets a reference of its own, out of a stock that was counted
/// in advance: one atomic operation for many messages.
class slab_lender {
 public:
  slab_lender() = default;
  explicit slab_lender(slab_ref own) noexcept : x_own(std::move(own)) {}
  slab_lender(slab_lender&& other) noexcept : x_own(std::move(other.x_own)), x_stock(std::exchange(other.x_stock, 0)) {}
  slab_lender& operator=(slab_lender other) noexcept {
    std::swap(x_own, other.x_own);
    std::swap(x_stock, other.x_stock);
    return *this;
  }
  ~slab_lender() {
    if (x_stock != 0) x_own.x_slab->references.fetch_sub(x_stock, std::memory_order_relaxed);  // ours is left
  }

  [[nodiscard]] slab_ref lend() noexcept {
    if (x_stock == 0) {
      x_own.x_slab->references.fetch_add(batch, std::memory_order_relaxed);
      x_stock = batch;
    }
    --x_stock;
    return slab_ref{x_own.x_slab};
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(x_own); }
  [[nodiscard]] char* data() const noexcept { return x_own.data(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return x_own.capacity(); }
  /// True when nobody else holds the slab, so that its bytes may be overwritten.
  [[nodiscard]] bool unique() const noexcept {
    return x_own.x_slab->references.load(std::memory_order_acquire) == 1 + x_stock;
  }

 private:
  static constexpr std::uint32_t batch = 256;
  slab_ref x_own;
  std::uint32_t x_stock = 0;
};

/// Hands out slabs and keeps a few free ones; created by `make`, kept alive by its owner and by every slab.
class slab_pool {
 public:
  /// Owner's handle; the pool itself goes when the last slab does.
  class handle {
   public:
    explicit handle(std::pmr::memory_resource* memory) : x_pool(make(memory)) {}
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle() { x_pool->disown(); }
    slab_pool* operator->() const noexcept { return x_pool; }
    slab_pool& operator*() const noexcept { return *x_pool; }

   private:
    slab_pool* x_pool;
  };

  slab_pool(const slab_pool&) = delete;
  slab_pool& operator=(const slab_pool&) = delete;

  /// A slab of at least `capacity` bytes; standard-sized ones are recycled. Throws what the memory resource throws.
  [[nodiscard]] slab_ref acquire(std::size_t capacity = slab_size) {
    slab* s = capacity <= slab_size ? take_free() : nullptr;
    if (!s) s = create(capacity <= slab_size ? slab_size : capacity);
    return adopt(s);
  }

  /// A slab of exactly `capacity` bytes that is never recycled: for copies of single messages.
  [[nodiscard]] slab_ref acquire_exact(std::size_t capacity) { return adopt(create(capacity)); }

  /// Bytes of all slabs in use.
  [[nodiscard]] std::size_t pinned_bytes() const noexcept { return x_pinned.load(std::memory_order_relaxed); }

 private:
  friend class slab_ref;
  static constexpr std::size_t max_free = 16;

  explicit slab_pool(std::pmr::memory_resource* memory) : x_memory(memory) {}

  static slab_pool* make(std::pmr::memory_resource* memory) {
    return ::new (memory->allocate(sizeof(slab_pool), alignof(slab_pool))) slab_pool(memory);
  }

  [[nodiscard]] slab_ref adopt(slab* s) noexcept {
    x_pinned.fetch_add(s->capacity, std::memory_order_relaxed);
    x_users.fetch_add(1, std::memory_order_relaxed);
    return slab_ref{s};
  }

  [[nodiscard]] slab* take_free() noexcept {
    const std::lock_guard lock{x_mutex};
    slab* s = x_free;
    if (!s) return nullptr;
    x_free = s->next_free;
    --x_free_count;
    s->references.store(1, std::memory_order_relaxed);
    return s;
  }

  [[nodiscard]] slab* create(std::size_t capacity) {
    void* raw = x_memory->allocate(sizeof(slab) + capacity + slab_padding, alignof(slab));
    auto* s = ::new (raw) slab{};
    s->capacity = capacity;
    s->pool = this;
    std::memset(s->data() + capacity, 0, slab_padding);
    return s;
  }

  void destroy(slab* s) noexcept {
    const auto bytes = sizeof(slab) + s->capacity + slab_padding;
    s->~slab();
    x_memory->deallocate(s, bytes, alignof(slab));
  }

  void give_back(slab* s) noexcept {
    x_pinned.fetch_sub(s->capacity, std::memory_order_relaxed);
    if (!keep(s)) destroy(s);
    drop_user();
  }

  [[nodiscard]] bool keep(slab* s) noexcept {
    if (s->capacity != slab_size) return false;
    const std::lock_guard lock{x_mutex};
    if (x_free_count == max_free) return false;
    s->next_free = x_free;
    x_free = s;
    ++x_free_count;
    return true;
  }

  void disown() noexcept { drop_user(); }

  void drop_user() noexcept {
    if (x_users.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    while (x_free) destroy(std::exchange(x_free, x_free->next_free));
    auto* memory = x_memory;
    this->~slab_pool();
    memory->deallocate(this, sizeof(slab_pool), alignof(slab_pool));
  }

  std::pmr::memory_resource* x_memory;
  std::atomic<std::size_t> x_users{1};  // the owner, and every slab in use
  std::atomic<std::size_t> x_pinned{0};
  std::mutex x_mutex;
  slab* x_free = nullptr;
  std::size_t x_free_count = 0;
};

inline void slab_ref::release() noexcept {
  auto& references = x_slab->references;
  const bool alone = single_threaded();
  const auto before =
      alone ? references.load(std::memory_order_relaxed) : references.fetch_sub(1, std::memory_order_acq_rel);
  if (before == 1) return x_slab->pool->give_back(x_slab);
  if (alone) references.store(before - 1, std::memory_order_relaxed);
}

}  // namespace innate::inline v0::core
