// SPDX-License-Identifier: Apache-2.0
#include <innate/sdk/histogram.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

using innate::sdk::histogram;

namespace {

bool near(double got, double exact) { return std::abs(got - exact) <= 0.02 * exact; }

}  // namespace

TEST_CASE("an empty histogram is 0 everywhere", "[histogram]") {
  const histogram h;
  CHECK(h.count() == 0);
  CHECK(h.percentile(0.5) == 0);
  CHECK(h.min() == 0);
  CHECK(h.max() == 0);
  CHECK(h.mean() == 0);
}

TEST_CASE("one value is all percentiles, exactly", "[histogram]") {
  for (const double value : {0.0, 1e-9, 63e-9, 64e-9, 0.001, 1.0, 3600.0}) {
    histogram h;
    h.record(value);
    for (const double p : {0.0, 0.5, 0.9, 0.99, 1.0}) CHECK(h.percentile(p) == value);
    CHECK(h.min() == value);
    CHECK(h.max() == value);
  }
}

TEST_CASE("percentiles are off by 2 % at most, over eleven decades", "[histogram]") {
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> decade{-7, 4};
  histogram h;
  std::vector<double> exact;
  for (int i = 0; i != 20'000; ++i) {
    exact.push_back(std::pow(10.0, decade(random)));
    h.record(exact.back());
  }
  std::sort(exact.begin(), exact.end());
  for (const double p : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(exact.size())));
    CAPTURE(p, h.percentile(p), exact[rank - 1]);
    CHECK(near(h.percentile(p), exact[rank - 1]));
  }
  CHECK(h.percentile(1) == exact.back());
}

TEST_CASE("each value near the edge of a bucket is found again", "[histogram]") {
  for (int bit = 0; bit != 44; ++bit)
    for (const double offset : {-1.0, 0.0, 1.0}) {
      const double value = (std::ldexp(1.0, bit) + offset) * 1e-9;
      if (value <= 0) continue;
      histogram h;
      h.record(value);
      h.record(1e6);  // so that the maximum does not hide the bucket
      CAPTURE(bit, offset);
      CHECK(near(h.percentile(0.5), value));
    }
}

TEST_CASE("the nearest rank counts, and the mean is exact", "[histogram]") {
  histogram h;
  for (int i = 1; i <= 100; ++i) h.record(i);
  CHECK(near(h.percentile(0.5), 50));
  CHECK(near(h.percentile(0.9), 90));
  CHECK(near(h.percentile(0.99), 99));
  CHECK(h.mean() == 50.5);
  h.clear();
  CHECK(h.count() == 0);
  CHECK(h.max() == 0);
}

TEST_CASE("what no clock can have measured does no harm", "[histogram]") {
  histogram h;
  h.record(-1);
  h.record(std::numeric_limits<double>::quiet_NaN());
  CHECK(h.percentile(0.5) == 0);
  h.record(1e300);
  h.record(std::numeric_limits<double>::infinity());
  CHECK(h.count() == 4);
  CHECK(h.percentile(0.7) >= 1e4);
  CHECK(std::isinf(h.percentile(1)));
}

TEST_CASE("recording cannot allocate or throw: the memory is inside", "[histogram]") {
  STATIC_CHECK(std::is_trivially_copyable_v<histogram>);
  STATIC_CHECK(sizeof(histogram) < 16 * 1024);
  histogram h;
  STATIC_CHECK(noexcept(h.record(1.0)));
}
