// SPDX-License-Identifier: Apache-2.0
#include "cli/consume_plan.hpp"

#include "support/catch.hpp"

using namespace kafka;
using cli::begin_of;
using cli::offset_bounds;
using cli::reading_limits;
using cli::starting_point;
using kind = cli::starting_point::kind;

namespace {
const offset_bounds bounds{.oldest = 10, .newest = 15, .failure = {}};
const offset_bounds unknown{};
}  // namespace

TEST_CASE("the last N records of a partition begin at its oldest one if there are fewer") {
  CHECK(begin_of({kind::last, 2}, bounds) == position::at(13));
  CHECK(begin_of({kind::last, 5}, bounds) == position::at(10));
  CHECK(begin_of({kind::last, 6}, bounds) == position::at(10));
  CHECK(begin_of({kind::last, INT64_MAX}, bounds) == position::at(10));
  CHECK(begin_of({kind::last, 0}, bounds) == position::at(15));
}

TEST_CASE("other beginnings need no bounds") {
  CHECK(begin_of({kind::oldest, 0}, unknown) == position::oldest());
  CHECK(begin_of({kind::newest, 0}, unknown) == position::newest());
  CHECK(begin_of({kind::newest, 0}, bounds) == position::at(15));
  CHECK(begin_of({kind::absolute, 7}, bounds) == position::at(7));
  CHECK(begin_of({kind::timestamp, 7}, bounds) == position::since(7));
}

TEST_CASE("without an end everything is wanted and nothing is ever finished") {
  reading_limits limits;
  CHECK(limits.take(0, 5));
  CHECK(limits.take(1000, 5));
  CHECK_FALSE(limits.finished());
  CHECK(limits.unfinished().empty());
}

TEST_CASE("reading ends when each partition's last record was taken, and no later record is") {
  reading_limits limits;
  limits.add(0, 0, 2);
  limits.add(2, 5, 6);
  CHECK(limits.total() == 3U);
  CHECK(limits.take(0, 0));
  CHECK(limits.unfinished() == std::vector<std::int32_t>{0, 2});
  CHECK(limits.take(0, 1));
  CHECK_FALSE(limits.take(0, 2));
  CHECK_FALSE(limits.finished());
  CHECK(limits.unfinished() == std::vector<std::int32_t>{2});
  CHECK(limits.take(2, 5));
  CHECK(limits.finished());
}

TEST_CASE("partitions that are empty, or begin at their end, are finished from the start") {
  reading_limits limits;
  limits.add(0, 4, 4);
  limits.add(1, 9, 4);
  CHECK(limits.finished());
  CHECK(limits.total() == 0U);
}

TEST_CASE("a position past the last record finishes a partition whose last offsets hold none") {
  reading_limits limits;
  limits.add(1, 0, 10);
  CHECK(limits.take(1, 7));
  limits.note_position(1, 8);
  CHECK_FALSE(limits.finished());
  limits.note_position(1, 10);
  CHECK(limits.finished());
  limits.note_position(1, 11);
  CHECK(limits.finished());
}

TEST_CASE("the total is unknown where a beginning is") {
  reading_limits limits;
  limits.add(0, -1, 10);
  limits.add(1, 0, 10);
  CHECK_FALSE(limits.total());
  CHECK_FALSE(limits.finished());
}
