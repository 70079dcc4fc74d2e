// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/round_robin.hpp"

#include "small_group.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;

TEST_CASE("roundrobin gives the partitions of all topics in turn") {
  group::round_robin_assignor round_robin;
  CHECK(round_robin.name() == "roundrobin");
  const topic_map topics{{"a", {.partitions = 3}}, {"b", {.partitions = 2}}};
  const auto given = round_robin.assign(topics, {member("y", {"a", "b"}), member("x", {"a", "b"})});
  CHECK(in_words(given) == "x: a-0 a-2 b-1; y: a-1 b-0");
}

TEST_CASE("roundrobin passes over members that do not subscribe") {
  group::round_robin_assignor round_robin;
  const topic_map topics{{"a", {.partitions = 1}}, {"b", {.partitions = 2}}, {"c", {.partitions = 3}}};
  const auto given =
      round_robin.assign(topics, {member("x", {"a"}), member("y", {"a", "b"}), member("z", {"a", "b", "c"})});
  CHECK(in_words(given) == "x: a-0; y: b-0; z: b-1 c-0 c-1 c-2");
}
