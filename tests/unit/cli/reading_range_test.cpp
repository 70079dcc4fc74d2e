// SPDX-License-Identifier: Apache-2.0
#include "cli/reading_range.hpp"

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using from = starting_point::kind;
using until = range_end::kind;

namespace {
constexpr timestamp_ms hour = 3'600'000;
constexpr timestamp_ms now = 100 * hour;

reading_range read(std::string_view text) {
  return parse_reading_range(text, now);
}
reading_range range(starting_point begin, range_end end = {}) {
  return {begin, end};
}
}  // namespace

TEST_CASE("single beginnings are read as ever, and have no end") {
  CHECK(read("oldest") == range({from::oldest, 0}));
  CHECK(read("start") == range({from::oldest, 0}));
  CHECK(read("end") == range({from::newest, 0}));
  CHECK(read("7") == range({from::absolute, 7}));
  CHECK(read("-10") == range({from::last, 10}));
  CHECK(read("+10") == range({from::after_oldest, 10}));
  CHECK(read("@1700000000000") == range({from::timestamp, 1'700'000'000'000}));
  CHECK(read("@1970-01-01T01:00:00Z") == range({from::timestamp, hour}));
  CHECK(read("-48h") == range({from::timestamp, 52 * hour}));
  CHECK(read("@-48h") == range({from::timestamp, 52 * hour}));
}

TEST_CASE("ranges of offsets leave out their end, and either side may be missing") {
  CHECK(read("5:9") == range({from::absolute, 5}, {until::absolute, 9}));
  CHECK(read(":end") == range({from::oldest, 0}, {until::newest, 0}));
  CHECK(read("start:end") == range({from::oldest, 0}, {until::newest, 0}));
  CHECK(read("5:end") == range({from::absolute, 5}, {until::newest, 0}));
  CHECK(read(":9") == range({from::oldest, 0}, {until::absolute, 9}));
  CHECK(read("5:") == range({from::absolute, 5}));
}

TEST_CASE("ranges of times may be dates, times before now and lengths") {
  CHECK(read("@-48h:-24h") == range({from::timestamp, 52 * hour}, {until::timestamp, 76 * hour}));
  CHECK(read("@1970-01-01T01:00:1970-01-01T02:00:00Z") == range({from::timestamp, hour}, {until::timestamp, 2 * hour}));
  CHECK(read("@1970-01-02:1970-01-03") == range({from::timestamp, 24 * hour}, {until::timestamp, 48 * hour}));
  CHECK(read("@1970-01-02:1h") == range({from::timestamp, 24 * hour}, {until::timestamp, 25 * hour}));
  CHECK(read("@1000:2000") == range({from::timestamp, 1000}, {until::timestamp, 2000}));
  CHECK(read("@-1h:end") == range({from::timestamp, 99 * hour}, {until::newest, 0}));
  CHECK(read("@:-1h") == range({from::oldest, 0}, {until::timestamp, 99 * hour}));
}

TEST_CASE("what is no range is refused") {
  for (const char* text : {"", "yesterday", ":", "a:b", "5:b", "-5:9", "5:-9", "@", "@:", "@x:y", "@-1h:", "@:1h", "+",
                           "+x", "+-5", "-", "5:9:11", "end:5", "@2026-13-01"}) {
    INFO(text);
    CHECK_THROWS_AS(read(text), usage_error);
  }
}

TEST_CASE("bounds are looked up only where they matter") {
  CHECK_FALSE(needs_bounds(read("oldest")));
  CHECK_FALSE(needs_bounds(read("@-1h")));
  CHECK_FALSE(needs_bounds(read("5:")));
  CHECK(needs_bounds(read("-5")));
  CHECK(needs_bounds(read("+5")));
  CHECK(needs_bounds(read("5:9")));
}

TEST_CASE("a range ends at an offset, at a time, or where the partition ended") {
  range_bounds bounds;
  bounds.bounds = {.oldest = 10, .newest = 15, .failure = {}};
  CHECK(end_of({until::absolute, 12}, bounds, false) == 12);
  CHECK(end_of({until::absolute, 99}, bounds, false) == 99);
  CHECK(end_of({until::absolute, 99}, bounds, true) == 15);
  CHECK(end_of({until::newest, 0}, bounds, false) == 15);
  CHECK(end_of({until::none, 0}, bounds, true) == 15);
  CHECK_FALSE(end_of({until::none, 0}, bounds, false));
  CHECK(end_of({until::timestamp, 7}, bounds, false) == 15);
  bounds.since_end = 11;
  CHECK(end_of({until::timestamp, 7}, bounds, false) == 11);
  bounds.since_end = 17;  // behind what can be read
  CHECK(end_of({until::timestamp, 7}, bounds, false) == 15);
}
