// SPDX-License-Identifier: Apache-2.0
#include "bench/reading_goal.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using kafka::bench::reading_goal;

TEST_CASE("no more records count than were asked for") {
  reading_goal goal(10, {{0, 100}});
  CHECK(goal.is_counted());
  CHECK(goal.admit(7) == 7);
  CHECK_FALSE(goal.reached());
  CHECK(goal.admit(7) == 3);
  CHECK(goal.reached());
  CHECK(goal.admit(7) == 0);
  CHECK(goal.admitted() == 10);
}

TEST_CASE("a number of records is not reached by positions") {
  reading_goal goal(10, {{0, 5}});
  goal.note_position(0, 5);
  CHECK_FALSE(goal.reached());
}

TEST_CASE("without a number the goal is each partition's end, wherever the records went") {
  reading_goal goal({}, {{0, 5}, {1, 3}});
  CHECK(goal.admit(100) == 100);
  CHECK_FALSE(goal.reached());
  goal.note_position(1, 4);
  goal.note_position(0, 4);
  goal.note_position(2, 9);
  CHECK_FALSE(goal.reached());
  goal.note_position(0, 5);
  CHECK(goal.reached());
  CHECK(goal.admitted() == 100);
}

TEST_CASE("a topic without partitions is read at once") {
  CHECK(reading_goal({}, {}).reached());
}

TEST_CASE("a reader that gives up stops the others") {
  reading_goal goal(10, {});
  goal.give_up();
  CHECK(goal.reached());
  CHECK(goal.admitted() == 0);
}

TEST_CASE("threads that share a goal get as many records as it has") {
  reading_goal goal(100'000, {});
  std::vector<std::uint64_t> granted(4);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t& mine : granted) {
      threads.emplace_back([&] {
        while (!goal.reached()) mine += goal.admit(7);
      });
    }
  }
  CHECK(granted[0] + granted[1] + granted[2] + granted[3] == 100'000);
}
