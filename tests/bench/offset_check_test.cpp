// SPDX-License-Identifier: Apache-2.0
#include "bench/offset_check.hpp"

#include "support/catch.hpp"

using kafka::bench::offset_check;

TEST_CASE("offsets that rise by one in each partition leave no gap") {
  offset_check check;
  for (std::int64_t offset = 0; offset < 5; ++offset) {
    check.note(0, 100 + offset);
    check.note(7, offset);
  }
  CHECK_FALSE(check.gap());
}

TEST_CASE("the first record that does not follow the one before is told") {
  offset_check check;
  check.note(3, 10);
  check.note(3, 12);
  check.note(3, 20);
  REQUIRE(check.gap());
  CHECK(*check.gap() == "partition 3: offset 12 came after 10");
}

TEST_CASE("a record that comes twice is told") {
  offset_check check;
  check.note(0, 4);
  check.note(0, 4);
  REQUIRE(check.gap());
  CHECK(*check.gap() == "partition 0: offset 4 came after 4");
}

TEST_CASE("a partition that is read from another place may have any offset, once") {
  offset_check check;
  check.note(0, 4);
  check.note(1, 4);
  check.forget(0);
  check.forget(9);
  check.note(0, 2);
  CHECK_FALSE(check.gap());
  check.note(1, 2);
  CHECK(check.gap());
}
