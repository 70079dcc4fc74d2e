// SPDX-License-Identifier: Apache-2.0
#include "cli/starting_point.hpp"

#include <ostream>

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using kafka::cli::parse_iso_time;
using kafka::cli::parse_starting_point;
using kafka::cli::starting_point;
using kind = kafka::cli::starting_point::kind;

TEST_CASE("words, offsets and counts from the end are told apart") {
  CHECK(parse_starting_point("oldest") == starting_point{kind::oldest, 0});
  CHECK(parse_starting_point("earliest") == starting_point{kind::oldest, 0});
  CHECK(parse_starting_point("beginning") == starting_point{kind::oldest, 0});
  CHECK(parse_starting_point("newest") == starting_point{kind::newest, 0});
  CHECK(parse_starting_point("latest") == starting_point{kind::newest, 0});
  CHECK(parse_starting_point("end") == starting_point{kind::newest, 0});
  CHECK(parse_starting_point("0") == starting_point{kind::absolute, 0});
  CHECK(parse_starting_point("9223372036854775807") == starting_point{kind::absolute, 9223372036854775807});
  CHECK(parse_starting_point("-10") == starting_point{kind::last, 10});
  CHECK(parse_starting_point("-0") == starting_point{kind::last, 0});
}

TEST_CASE("a time is milliseconds or ISO 8601") {
  CHECK(parse_starting_point("@1795498969174") == starting_point{kind::timestamp, 1795498969174});
  CHECK(parse_starting_point("@0") == starting_point{kind::timestamp, 0});
  CHECK(parse_starting_point("@2026-11-24T08:15:00Z") == starting_point{kind::timestamp, 1795508100000});
}

TEST_CASE("anything else is refused, and says what there is") {
  for (const char* bad : {"", "-", "@", "@-5", "1.5", "old", "0x10", "@yesterday", "@1969-12-31", "+5", " 5", "5 ",
                          "9223372036854775808", "-9223372036854775808", "-9223372036854775809"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_starting_point(bad), kafka::cli::usage_error);
  }
  CHECK_THROWS_WITH(parse_starting_point("soon"),
                    Catch::Matchers::Contains("\"soon\"") && Catch::Matchers::Contains("oldest, newest"));
}

TEST_CASE("ISO times are read in all their lengths") {
  CHECK(parse_iso_time("1970-01-01") == 0);
  CHECK(parse_iso_time("2026-11-24") == 1795478400000);
  CHECK(parse_iso_time("2026-11-24T08:15") == 1795508100000);
  CHECK(parse_iso_time("2026-11-24 08:15:30") == 1795508130000);
  CHECK(parse_iso_time("2026-11-24T08:15:30.5") == 1795508130500);
  CHECK(parse_iso_time("2026-11-24T08:15:30.1239") == 1795508130123);
  CHECK(parse_iso_time("2026-11-24T08:15:30,001Z") == 1795508130001);
  CHECK(parse_iso_time("2024-02-29") == 1709164800000);
}

TEST_CASE("zones east of Greenwich are earlier") {
  CHECK(parse_iso_time("2026-11-24T10:15:00+02:00") == 1795508100000);
  CHECK(parse_iso_time("2026-11-24T02:45:00-0530") == 1795508100000);
  CHECK(parse_iso_time("2026-11-24T10:15+02") == 1795508100000);
  CHECK(parse_iso_time("2026-11-24T08:15:00z") == 1795508100000);
}

TEST_CASE("what is no date or no time is refused") {
  for (const char* bad : {"2026",
                          "2026-11",
                          "2026-13-01",
                          "2026-00-10",
                          "2026-02-29",
                          "2026-11-31",
                          "2026-11-24T",
                          "2026-11-24T8:15",
                          "2026-11-24T24:00",
                          "2026-11-24T08:60",
                          "2026-11-24T08:15:60",
                          "2026-11-24T08:15:",
                          "2026-11-24T08:15:30.",
                          "2026-11-24T08:15Zulu",
                          "2026-11-24T08:15+",
                          "2026-11-24T08:15+2",
                          "2026-11-24T08:15+02:",
                          "2026-11-24Z",
                          "26-11-24",
                          "2026/11/24",
                          "2026-11-24T08:15+19:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_iso_time(bad));
  }
}
