// SPDX-License-Identifier: Apache-2.0
#include "cli/consume_plan.hpp"

#include "support/catch.hpp"

using namespace kafka;
using cli::begin_of;
using cli::offset_bounds;
using cli::reading_limits;
using cli::starting_point;
using cli::topics_limits;
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

TEST_CASE("what lies so many records behind the oldest is not beyond the end") {
  CHECK(begin_of({kind::after_oldest, 2}, bounds) == position::at(12));
  CHECK(begin_of({kind::after_oldest, 5}, bounds) == position::at(15));
  CHECK(begin_of({kind::after_oldest, INT64_MAX}, bounds) == position::at(15));
}

TEST_CASE("several topics are finished when each is, and records of each are counted for it") {
  topics_limits limits;
  CHECK_FALSE(limits.bounded());
  CHECK_FALSE(limits.finished());
  CHECK(limits.take("a", 0, 7));
  limits.of("a").add(0, 0, 1);
  limits.of("b").add(0, 0, 2);
  limits.of("b").add(3, 4, 5);
  CHECK(limits.bounded());
  CHECK(limits.total() == 4U);
  CHECK(limits.take("b", 0, 0));
  CHECK(limits.take("a", 0, 0));
  CHECK_FALSE(limits.take("a", 0, 1));
  CHECK(limits.unfinished() == std::vector<topic_partition>{{"b", 0}, {"b", 3}});
  CHECK(limits.take("b", 3, 4));
  CHECK_FALSE(limits.finished());
  limits.of("b").note_position(0, 2);
  CHECK(limits.finished());
  CHECK(limits.take("c", 0, 5));
}

TEST_CASE("how much there is of several topics is unknown if it is of one") {
  topics_limits limits;
  limits.of("a").add(0, 0, 1);
  limits.of("b").add(0, -1, 1);
  CHECK_FALSE(limits.total());
}
