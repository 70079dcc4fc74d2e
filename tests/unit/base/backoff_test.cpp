// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "support/catch.hpp"

using namespace std::chrono_literals;

TEST_CASE("a random source repeats itself for the same seed and differs for another") {
  kafka::random_source one(7);
  kafka::random_source same(7);
  kafka::random_source other(8);
  for (int draw = 0; draw < 100; ++draw) {
    const std::uint64_t drawn = one.next();
    CHECK(drawn == same.next());
    CHECK(drawn != other.next());
  }
}

TEST_CASE("a bounded draw stays below its bound and reaches every value") {
  kafka::random_source random(1);
  std::array<int, 7> seen{};
  for (int draw = 0; draw < 7000; ++draw) {
    const std::uint64_t drawn = random.below(seen.size());
    REQUIRE(drawn < seen.size());
    ++seen.at(static_cast<std::size_t>(drawn));
  }
  for (const int count : seen) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
  CHECK(random.below(1) == 0);
  CHECK(random.below(0) == 0);
}

TEST_CASE("a unit draw is at least 0 and below 1, and fills what lies between") {
  kafka::random_source random(2);
  double least = 1;
  double greatest = 0;
  for (int draw = 0; draw < 10000; ++draw) {
    const double drawn = random.unit();
    REQUIRE(drawn >= 0);
    REQUIRE(drawn < 1);
    least = std::min(least, drawn);
    greatest = std::max(greatest, drawn);
  }
  CHECK(least < 0.01);
  CHECK(greatest > 0.99);
}

TEST_CASE("each wait doubles the one before, up to the limit, with a fifth of jitter either way") {
  const kafka::backoff backoff{.initial = 100ms, .max = 1000ms};
  kafka::random_source random(3);
  constexpr std::array<std::int64_t, 6> expected{100, 200, 400, 800, 1000, 1000};
  for (unsigned attempt = 0; attempt < expected.size(); ++attempt) {
    const std::int64_t middle = expected.at(attempt);
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t greatest = 0;
    for (int draw = 0; draw < 2000; ++draw) {
      const std::int64_t wait = backoff.wait(attempt, random).count();
      least = std::min(least, wait);
      greatest = std::max(greatest, wait);
    }
    CHECK(least >= middle * 8 / 10);
    CHECK(least <= middle * 82 / 100);
    CHECK(greatest <= middle * 12 / 10);
    CHECK(greatest >= middle * 118 / 100);
  }
}

TEST_CASE("a wait never overflows, whatever the attempt and the limits") {
  kafka::random_source random(4);
  const kafka::backoff usual{};
  CHECK(usual.wait(std::numeric_limits<unsigned>::max(), random) <= 1200ms);
  const kafka::backoff endless{.initial = 1ms, .max = std::chrono::milliseconds::max()};
  CHECK(endless.wait(1000, random) > std::chrono::hours(24));
  const kafka::backoff none{.initial = 0ms, .max = 1000ms};
  CHECK(none.wait(std::numeric_limits<unsigned>::max(), random) == 0ms);
  const kafka::backoff reversed{.initial = 500ms, .max = 100ms};
  CHECK(reversed.wait(0, random) <= 120ms);
}
