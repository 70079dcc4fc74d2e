// SPDX-License-Identifier: Apache-2.0
#include "bench/histogram.hpp"

#include <random>

#include "support/catch.hpp"

using kafka::bench::histogram;

TEST_CASE("a histogram of nothing has no percentile and no maximum") {
  const histogram empty;
  CHECK(empty.count() == 0);
  CHECK(empty.percentile(0.5) == 0);
  CHECK(empty.max() == 0);
}

TEST_CASE("percentiles of small values are exact") {
  histogram values;
  for (int value = 100; value >= 1; --value) values.add(value);
  CHECK(values.percentile(0.5) == 50);
  CHECK(values.percentile(0.99) == 99);
  CHECK(values.percentile(0.999) == 100);
  CHECK(values.percentile(1) == 100);
  CHECK(values.count() == 100);
}

TEST_CASE("percentiles of large values are at most one part in 128 too high") {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> values;
  histogram counted;
  for (int index = 0; index < 20'000; ++index) {
    values.push_back(random() >> (random() % 60 + 2));
    counted.add(static_cast<std::int64_t>(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.25, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1;
    const std::uint64_t told = counted.percentile(share);
    INFO(share);
    CHECK(told >= values[index]);
    CHECK(told - values[index] <= values[index] / 128);
  }
  CHECK(counted.max() == values.back());
}

TEST_CASE("a histogram takes the longest duration there is, and a clock that went back counts as nothing") {
  histogram values;
  values.add(std::numeric_limits<std::int64_t>::max());
  values.add(-5);
  CHECK(values.count() == 2);
  CHECK(values.percentile(0.5) == 0);
  CHECK(values.percentile(1) == static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}
