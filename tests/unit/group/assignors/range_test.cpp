// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/range.hpp"

#include "small_group.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

// Racks of the replicas of each partition of one topic.
assignor_topic in_racks(std::vector<std::vector<std::string>> racks) {
  return {.partitions = static_cast<std::int32_t>(racks.size()), .racks = std::move(racks)};
}

kafka::subscribed_member in_rack(std::string id, std::string rack, std::vector<std::string> topics) {
  return {.member_id = std::move(id), .rack = std::move(rack), .topics = std::move(topics)};
}

}  // namespace

TEST_CASE("range gives each member a run of partitions of each topic, the first ones one more") {
  group::range_assignor range;
  CHECK(range.name() == "range");
  CHECK(range.supports(rebalance_protocol::eager));
  CHECK_FALSE(range.supports(rebalance_protocol::cooperative));
  const topic_map topics{{"a", {.partitions = 3}}, {"b", {.partitions = 5}}};
  const auto given = range.assign(topics, {member("y", {"a", "b"}), member("x", {"b", "a"})});
  CHECK(in_words(given) == "x: a-0 a-1 b-0 b-1 b-2; y: a-2 b-3 b-4");
}

TEST_CASE("range serves static members first, by their instance ids") {
  group::range_assignor range;
  auto late = member("z", {"a"});
  late.instance_id.emplace("1");
  auto later = member("a", {"a"});
  later.instance_id.emplace("2");
  const auto given = range.assign({{"a", {.partitions = 4}}}, {member("b", {"a"}), later, late});
  CHECK(in_words(given) == "a: a-2; b: a-3; z: a-0 a-1");
}

TEST_CASE("range leaves members without partitions when there are too few") {
  group::range_assignor range;
  const auto given =
      range.assign({{"a", {.partitions = 1}}}, {member("x", {"a"}), member("y", {"a"}), member("z", {})});
  CHECK(in_words(given) == "x: a-0; y:; z:");
}

TEST_CASE("range prefers partitions in the member's rack as far as shares allow") {
  group::range_assignor range;
  const topic_map topics{{"a", in_racks({{"north"}, {"south"}, {"north"}, {"north"}, {"south"}, {"north"}})}};
  const auto given = range.assign(topics, {in_rack("n", "north", {"a"}), in_rack("s", "south", {"a"})});
  CHECK(in_words(given) == "n: a-0 a-2 a-3; s: a-1 a-4 a-5");
}

TEST_CASE("range keeps equal numbers of topics with equally many partitions together, in racks too") {
  group::range_assignor range;
  const auto racks = in_racks({{"south"}, {"north"}, {"south"}, {"north"}});
  const topic_map together{{"a", racks}, {"b", racks}};
  const auto members = {in_rack("n", "north", {"a", "b"}), in_rack("s", "south", {"a", "b"})};
  CHECK(in_words(range.assign(together, members)) == "n: a-1 a-3 b-1 b-3; s: a-0 a-2 b-0 b-2");

  // Where topics disagree about the racks, together comes first.
  const topic_map apart{{"a", racks}, {"b", in_racks({{"north"}, {"south"}, {"north"}, {"south"}})}};
  CHECK(in_words(range.assign(apart, members)) == "n: a-0 a-1 b-0 b-1; s: a-2 a-3 b-2 b-3");
}

TEST_CASE("range does not go by racks where all partitions are in the same ones") {
  group::range_assignor range;
  const topic_map topics{{"a", in_racks({{"north", "south"}, {"south", "north"}})}};
  const auto given = range.assign(topics, {in_rack("a", "south", {"a"}), in_rack("b", "north", {"a"})});
  CHECK(in_words(given) == "a: a-0; b: a-1");
}
