// SPDX-License-Identifier: Apache-2.0
#include "cli/moment.hpp"

#include "support/catch.hpp"

using namespace kafka::cli;
using namespace std::chrono_literals;

TEST_CASE("durations are read with units and in ISO 8601") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("2d") == 48h);
  CHECK(parse_duration("1w") == 168h);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("P7D") == 168h);
  CHECK(parse_duration("P1W") == 168h);
  CHECK(parse_duration("P1DT2H3M4S") == 24h + 2h + 3min + 4s);
  CHECK(parse_duration("PT15M") == 15min);
}

TEST_CASE("what is no duration is refused") {
  for (const char* text : {"", "5", "h", "-5h", "5y", "1h30", "P", "PT", "P1H", "PT1D", "P1DT", "5 h",
                           "99999999999999d", "99999999999999999999s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("moments are milliseconds, dates, or so long ago") {
  CHECK(parse_moment("1700000000000", 5) == 1700000000000);
  CHECK(parse_moment("1970-01-01T00:00:01Z", 5) == 1000);
  CHECK(parse_moment("-1h", 3'600'007) == 7);
  CHECK(parse_moment("-1d", 5) == 0);
  for (const char* text : {"", "-", "-5", "now", "1h", "1969-01-01"}) {
    INFO(text);
    CHECK_FALSE(parse_moment(text, 5));
  }
}
