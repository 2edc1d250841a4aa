# Sourced by tools/test: checks that are compilations rather than programs. They run side by side, unless one needs another's result.

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Werror"
base="-std=c++20 -DASIO_STANDALONE -Iinclude $warnings"
work=$(mktemp -d)

# The layout of the code is clang-format's.
formatted() {
  git ls-files -z '*.hpp' '*.ipp' '*.cpp' | xargs -0 clang-format-19 --dry-run --Werror
}
check_soon "formatted" formatted

# Every header compiles alone, and included twice.
header_alone() {
  local name=${1#include/} mode=
  [ "$name" = innate/src.hpp ] && mode=-DINNATE_SEPARATE_COMPILATION
  # shellcheck disable=SC2086
  printf '#include <%s>\n#include <%s>\n' "$name" "$name" | g++ $base $mode -isystem "$INNATE_ASIO" -fsyntax-only -x c++ -
}
while read -r header; do check_soon "alone: ${header#include/}" header_alone "$header"; done \
  < <(find include -name '*.hpp' | sort)

# The include graph follows the layers: a header includes its own layer and those before it.
layers() {
  local order="meta protocol core net root typed sdk" bad=0 file from to rank_from rank_to
  rank() { local i=0 l; for l in $order; do [ "$l" = "$1" ] && echo $i; i=$((i + 1)); done; }
  layer() {
    case $1 in
      meta/* | protocol/* | core/* | net/* | typed/* | sdk/*) echo "${1%%/*}" ;;
      typed.hpp | sdk.hpp) echo "${1%.hpp}" ;;  # the header of a whole layer
      *) echo root ;;
    esac
  }
  while IFS=: read -r file included; do
    from=$(layer "${file#include/innate/}")
    to=$(layer "$included")
    [ "$included" = version.hpp ] && continue  # constants that every layer may name
    rank_from=$(rank "$from")
    rank_to=$(rank "$to")
    if [ "$rank_to" -gt "$rank_from" ]; then echo "$file ($from) includes $included ($to)"; bad=1; fi
  done < <(grep -rnoE '#include <innate/[^>]+>' include | sed -E 's/:[0-9]+:#include <innate\//:/;s/>$//')
  if grep -rlE '#include <asio' include/innate/protocol include/innate/core; then
    echo "the headers above include Asio in a layer without I/O"
    bad=1
  fi
  # OpenSSL stays in what only <innate/tls.hpp> and <innate/auth.hpp> bring.
  if echo '#include <innate/innate.hpp>' | g++ $base -isystem "$INNATE_ASIO" -x c++ -M - | grep -q openssl/; then
    echo "the plain client includes OpenSSL"
    bad=1
  fi
  return $bad
}
check_soon "layers follow the include graph" layers

# Wrong programs are refused with the expected words; their corrected twins compile.
# A file expects one message, `// expect: …`, or numbers its cases, `// expect 2: …`, and is compiled with -DCASE=2 then.
refused() {
  local file=$1 case=$2 expected=$3 errors
  # shellcheck disable=SC2086
  if errors=$(g++ $base -isystem "$INNATE_ASIO" -DCASE="$case" -fsyntax-only "$file" 2>&1); then
    echo "$file compiles"
    return 1
  fi
  grep -qF -- "$expected" <<<"$errors" || { printf "no '%s' in:\n%s\n" "$expected" "$errors"; return 1; }
}
# shellcheck disable=SC2086
twin() { g++ $base -isystem "$INNATE_ASIO" -DFIXED -fsyntax-only "$1"; }
for file in tests/compile_fail/*.cpp; do
  name=$(basename "$file" .cpp)
  while IFS=: read -r case expected; do
    check_soon "refused: $name${case:+ $case}" refused "$file" "${case:-0}" "${expected# }"
  done < <(sed -nE 's#^// expect ?([0-9]*): (.*)$#\1: \2#p' "$file")
  check_soon "corrected: $name" twin "$file"
done

# g++'s undefined sanitizer takes fewer things for constant expressions; what is computed at compile time must be among them.
# shellcheck disable=SC2086
for file in typed_events components; do
  check_soon "with g++'s undefined sanitizer: $file" \
    g++ $base -isystem "$INNATE_ASIO" -DFIXED -fsanitize=undefined -fsyntax-only "tests/compile_fail/$file.cpp"
done

# Both compilers, both Asios, nothing but innate; and without RTTI.
# shellcheck disable=SC2086
for asio in "$INNATE_ASIO" ${INNATE_ASIO_NEWEST:-}; do
  version=$(sed -nE 's/^#define ASIO_VERSION ([0-9]+).*/\1/p' "$asio/asio/version.hpp")
  for compiler in g++ clang++-19; do
    check_soon "consumer: $compiler, Asio $version" $compiler $base -isystem "$asio" -fsyntax-only examples/first_program.cpp
  done
done
# shellcheck disable=SC2086
check_soon "without RTTI" g++ $base -isystem "$INNATE_ASIO" -fno-rtti -DASIO_NO_TYPEID -fsyntax-only examples/first_program.cpp

# Two translation units link.
printf '#include <innate/innate.hpp>\nint other() { return innate::version_major; }\n' >"$work/a.cpp"
printf '#include <innate/subscription.hpp>\n#include <innate/innate.hpp>\nint other();\nint main() { return other(); }\n' >"$work/b.cpp"
odr() {
  # shellcheck disable=SC2086
  g++ $base -isystem "$INNATE_ASIO" "$work/a.cpp" "$work/b.cpp" -o "$work/odr" -pthread && "$work/odr"
}
check_soon "two translation units link" odr

# The same as separate compilation has it: most of the connection in one object file, and none of its sockets and timers in the others.
separate() {
  printf '#include <innate/src.hpp>\n' >"$work/src.cpp"
  local file
  for file in "$work/src.cpp" "$work/a.cpp" "$work/b.cpp" examples/first_program.cpp; do
    # shellcheck disable=SC2086
    g++ $base -DINNATE_SEPARATE_COMPILATION -isystem "$INNATE_ASIO" -c "$file" -o "$work/$(basename "$file").o" || return 1
  done
  g++ "$work/src.cpp.o" "$work/a.cpp.o" "$work/b.cpp.o" -o "$work/separate" -pthread && "$work/separate" &&
    g++ "$work/src.cpp.o" "$work/first_program.cpp.o" -o "$work/first" -pthread || return 1
  ! nm -C "$work/first_program.cpp.o" | grep -m 3 -E ' [TWV] .*(basic_stream_socket|basic_waitable_timer)'
}
check_soon "separate compilation" separate

# What is told twice is told the same: the first program, the version.
readme_program() { diff <(sed -n '/^```cpp$/,/^```$/p' README.md | sed '1d;/^```$/,$d') examples/first_program.cpp; }
check_soon "the README's first program is the compiled one" readme_program
same_version() {
  local meson code
  meson=$(sed -nE "s/^  version: '([0-9.]+)'.*/\1/p" meson.build)
  code=$(sed -nE 's/^inline constexpr int version_(major|minor|patch) = ([0-9]+);/\2/p' include/innate/version.hpp | paste -sd.)
  [ "$meson" = "$code" ] && grep -q "client_version = \"$meson\"" include/innate/version.hpp
}
check_soon "one version" same_version

# Installed, and found by pkg-config.
installed() {
  DESTDIR=$work/root meson install -C build-clang --no-rebuild --tags devel >/dev/null 2>&1 || DESTDIR=$work/root meson install -C build-clang --no-rebuild
  local pc
  pc=$(find "$work/root" -name innate.pc -printf '%h\n' | head -n 1)
  local flags
  flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config --cflags --libs innate)
  # shellcheck disable=SC2086
  g++ -std=c++20 -isystem "$INNATE_ASIO" -fsyntax-only examples/first_program.cpp $flags
}

# The same with TLS, which links OpenSSL.
installed_tls() {
  local pc flags
  pc=$(find "$work/root" -name innate-tls.pc -printf '%h\n' | head -n 1)
  flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config --cflags --libs innate-tls)
  cat >"$work/tls.cpp" <<'CPP'
#include <innate/innate.hpp>
#include <innate/tls.hpp>
int main() {
  innate::options opts{"tls://localhost"};
  opts.tls = innate::tls();
  opts.authenticator = innate::creds_from_file("joe.creds");
  return opts.tls.layer ? 0 : 1;
}
CPP
  # shellcheck disable=SC2086
  g++ -std=c++20 -isystem "$INNATE_ASIO" "$work/tls.cpp" -o "$work/tls" $flags && "$work/tls"
}
both_installed() {
  check "install and pkg-config" installed
  check "install and pkg-config with TLS" installed_tls
}
both_installed &

# As a Meson subproject, with all in the headers and with the connection compiled once.
subproject() {
  mkdir -p "$work/consumer/subprojects"
  ln -sfn "$PWD" "$work/consumer/subprojects/innate"
  cp examples/first_program.cpp "$work/consumer/main.cpp"
  cat >"$work/consumer/meson.build" <<'MESON'
project('consumer', 'cpp', default_options: ['cpp_std=c++20'])
executable('consumer', 'main.cpp', dependencies: dependency('innate', fallback: 'innate'))
MESON
  local compiled
  for compiled in false true; do
    meson setup "$work/consumer/$compiled" "$work/consumer" -Dinnate:asio_include="$INNATE_ASIO" -Dinnate:compiled=$compiled &&
      ninja -C "$work/consumer/$compiled" || return 1
  done
}
check_soon "Meson subproject" subproject
settle
rm -rf "$work"
