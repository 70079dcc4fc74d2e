// SPDX-License-Identifier: Apache-2.0
#include "cli/rate_limit.hpp"

#include "support/catch.hpp"

using kafka::cli::rate_limit;
using namespace std::chrono_literals;
using time_point = rate_limit::time_point;

namespace {

const time_point start{1000s};

/// How many steps somebody takes within `span` who waits as long as told and then always comes `late`.
int steps_within(rate_limit& limit, std::chrono::nanoseconds span, std::chrono::nanoseconds late) {
  int steps = 0;
  for (time_point now = start;; ++steps) {
    const time_point turn = limit.take(now);
    if (turn > now) now = turn + late;
    if (now >= start + span) return steps;
  }
}

}  // namespace

TEST_CASE("steps are spread evenly, the first one at once") {
  rate_limit limit(4, start);
  CHECK(limit.take(start) == start);
  CHECK(limit.take(start) == start + 250ms);
  CHECK(limit.take(start + 250ms) == start + 500ms);
  CHECK(limit.take(start + 500ms) == start + 750ms);
}

TEST_CASE("the rate holds exactly, also where a step takes no whole nanoseconds") {
  rate_limit slow(3, start);
  CHECK(steps_within(slow, 100s, 0ns) == Approx(300).margin(1));
  rate_limit fast(3'000'000, start);
  CHECK(steps_within(fast, 1s, 0ns) == Approx(3'000'000).margin(1));
  rate_limit rare(0.01, start);
  CHECK(steps_within(rare, 1000s, 0ns) == 10);
}

TEST_CASE("a waiter that always wakes late keeps the rate all the same") {
  rate_limit limit(1000, start);
  CHECK(steps_within(limit, 10s, 3ms) == Approx(10'000).margin(10));
}

TEST_CASE("a long pause is not caught up with") {
  rate_limit limit(1000, start);
  CHECK(limit.take(start) == start);
  const time_point later = start + 10s;
  int at_once = 0;
  while (limit.take(later) <= later) ++at_once;
  // Fifty milliseconds' worth, and the one that is due.
  CHECK(at_once == 51);
}
