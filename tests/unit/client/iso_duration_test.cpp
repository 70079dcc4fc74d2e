// SPDX-License-Identifier: Apache-2.0
#include "client/iso_duration.hpp"

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

TEST_CASE("durations are read as java.time.Duration reads them") {
  REQUIRE(parse_iso_duration("PT1H") == 1h);
  REQUIRE(parse_iso_duration("P1D") == 24h);
  REQUIRE(parse_iso_duration("P2DT3H4M5S") == 51h + 4min + 5s);
  REQUIRE(parse_iso_duration("PT0S") == 0ms);
  REQUIRE(parse_iso_duration("pt1m") == 1min);
  REQUIRE(parse_iso_duration("PT1.5S") == 1500ms);
  REQUIRE(parse_iso_duration("PT1,25S") == 1250ms);
  REQUIRE(parse_iso_duration("PT0.0019S") == 1ms);
  REQUIRE(parse_iso_duration("PT90M") == 90min);
}

TEST_CASE("what is no duration, is negative or does not fit is none") {
  for (const char* text :
       {"", "P", "PT", "1H", "PT1", "PT1D", "P1H", "PT1M1H", "PT1H1H", "P1DT", "PT-1H", "-PT1H", "PT1.5H", "PTS",
        "PT1Hx", "P1W", "PT 1H", "P9223372036854775807D", "PT99999999999999999999S"}) {
    INFO(text);
    REQUIRE_FALSE(parse_iso_duration(text));
  }
}

TEST_CASE("durations are written in hours, minutes and seconds and read back") {
  REQUIRE(iso_duration_text(0ms) == "PT0S");
  REQUIRE(iso_duration_text(25h) == "PT25H");
  REQUIRE(iso_duration_text(1h + 1ms) == "PT1H0.001S");
  REQUIRE(iso_duration_text(61s + 250ms) == "PT1M1.25S");
  for (const auto one : {0ms, 1ms, 999ms, 60'000ms, 3'599'999ms, 86'400'000ms, 31'536'000'123ms}) {
    REQUIRE(parse_iso_duration(iso_duration_text(one)) == one);
  }
}

}  // namespace
}  // namespace kafka::client
