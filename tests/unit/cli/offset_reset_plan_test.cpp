// SPDX-License-Identifier: Apache-2.0
#include "cli/offset_reset_plan.hpp"

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using kind = reset_target::kind;

namespace {

/// A log of 10 to 20 in which the group stands at 15.
partition_reset planned(reset_target target, std::optional<std::int64_t> before = 15, std::int64_t sought = -1) {
  partition_reset one;
  one.where = {"t", 0};
  one.before = before;
  one.oldest = 10;
  one.newest = 20;
  one.sought = sought;
  plan_reset(target, one);
  return one;
}

}  // namespace

TEST_CASE("a group goes to either end, and to where it is") {
  CHECK(planned({kind::earliest, 0}).after == 10);
  CHECK(planned({kind::latest, 0}).after == 20);
  CHECK(planned({kind::current, 0}).after == 15);
  CHECK(planned({kind::current, 0}, std::nullopt).after == 20);
}

TEST_CASE("an offset or a distance that leads out of the log leads to its nearer end, and says so") {
  CHECK(planned({kind::offset, 12}).after == 12);
  CHECK_FALSE(planned({kind::offset, 20}).clamped);
  CHECK(planned({kind::offset, 21}).after == 20);
  CHECK(planned({kind::offset, 21}).clamped);
  CHECK(planned({kind::offset, 3}).after == 10);
  CHECK(planned({kind::shift, 3}).after == 18);
  CHECK(planned({kind::shift, -3}).after == 12);
  CHECK(planned({kind::shift, -30}).after == 10);
  CHECK(planned({kind::shift, -30}).clamped);
  CHECK(planned({kind::shift, INT64_MAX}).after == 20);
  CHECK(planned({kind::shift, INT64_MIN}).after == 10);
  CHECK(planned({kind::current, 0}, 5).after == 10);
  CHECK(planned({kind::file, 0}, std::nullopt, 17).after == 17);
  CHECK(planned({kind::file, 0}, std::nullopt, 99).after == 20);
}

TEST_CASE("where nothing is stored there is nothing to shift") {
  const partition_reset one = planned({kind::shift, 1}, std::nullopt);
  CHECK(one.failure == client_errc::invalid_argument);
  CHECK(one.after == -1);
}

TEST_CASE("a time later than all records is the end") {
  CHECK(planned({kind::time, 7}, 15, 13).after == 13);
  CHECK(planned({kind::time, 7}, 15, -1).after == 20);
}

TEST_CASE("a partition that could not be looked up is left alone") {
  partition_reset one;
  one.failure = {client_errc::timed_out, "nobody answers"};
  plan_reset({kind::latest, 0}, one);
  CHECK(one.after == -1);
}

TEST_CASE("files of Kafka's own tool are read, with and without groups") {
  const auto read = parse_offsets_file("t,0,5\r\n\ng,\"odd \"\"name, here\",2,7\n");
  REQUIRE(read.size() == 2);
  CHECK(read[0].group.empty());
  CHECK(read[0].where == topic_partition{"t", 0});
  CHECK(read[0].offset == 5);
  CHECK(read[1].group == "g");
  CHECK(read[1].where == topic_partition{"odd \"name, here", 2});
  CHECK(read[1].offset == 7);
  CHECK(parse_offsets_file("").empty());
}

TEST_CASE("a file that is something else is refused with the line's number") {
  for (const char* text : {"t,0", "t,0,x", "t,x,1", "t,-1,5", "t,0,-5", "a,b,c,d,e", ",0,5", "\"t,0,5", "\"t\"x,0,5",
                           "t,0,99999999999999999999"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_offsets_file(text), usage_error);
  }
  CHECK_THROWS_WITH(parse_offsets_file("t,0,1\nt"), Catch::Matchers::Contains("line 2"));
}
