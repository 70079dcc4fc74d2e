// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/sticky.hpp"

#include "group/assignors/user_data.hpp"
#include "small_group.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

kafka::subscribed_member had(std::string id, std::vector<std::string> topics, std::vector<topic_partition> partitions,
                             std::int32_t generation = 1) {
  auto out = member(std::move(id), std::move(topics));
  out.user_data = group::encode_sticky_user_data({.partitions = std::move(partitions), .generation = generation});
  return out;
}

const topic_map four{{"a", {.partitions = 4}}};

}  // namespace

TEST_CASE("sticky takes what members had from its own user data, not from what they own") {
  group::sticky_assignor sticky;
  CHECK(sticky.name() == "sticky");
  CHECK_FALSE(sticky.supports(rebalance_protocol::cooperative));
  auto misleading = had("x", {"a"}, {{"a", 1}, {"a", 3}});
  misleading.owned = {{"a", 0}, {"a", 2}};
  CHECK(in_words(sticky.assign(four, {misleading, member("y", {"a"})})) == "x: a-1 a-3; y: a-0 a-2");
}

TEST_CASE("a member that has too many gives up its highest partitions") {
  group::sticky_assignor sticky;
  const auto given =
      sticky.assign(four, {had("x", {"a"}, {{"a", 0}, {"a", 1}, {"a", 2}, {"a", 3}}), member("y", {"a"})});
  CHECK(in_words(given) == "x: a-0 a-1; y: a-2 a-3");
}

TEST_CASE("of two that claim a partition, the newer generation has it") {
  group::sticky_assignor sticky;
  const auto given = sticky.assign(
      four, {had("x", {"a"}, {{"a", 0}, {"a", 1}}, 3), had("y", {"a"}, {{"a", 1}, {"a", 2}, {"a", 3}}, 4)});
  CHECK(in_words(given) == "x: a-0 a-3; y: a-1 a-2");
}

TEST_CASE("where subscriptions differ, partitions go where there is least that can have them") {
  group::sticky_assignor sticky;
  const topic_map topics{{"a", {.partitions = 3}}, {"b", {.partitions = 2}}};
  const auto given = sticky.assign(topics, {member("x", {"a"}), member("y", {"a", "b"})});
  CHECK(in_words(given) == "x: a-0 a-1 a-2; y: b-0 b-1");
}

TEST_CASE("a partition does not move back to a member that no longer subscribes to it") {
  group::sticky_assignor sticky;
  const topic_map topics{{"a", {.partitions = 4}}, {"b", {.partitions = 1}}};
  // The old claim of y would make it the target of the first move.
  const auto given = sticky.assign(topics, {had("x", {"a", "b"}, {{"a", 0}, {"a", 1}, {"a", 2}, {"a", 3}}, 5),
                                            had("y", {"b"}, {{"a", 0}}, 4), member("z", {"a"})});
  CHECK(in_words(given) == "x: a-2 a-3; y: b-0; z: a-0 a-1");
}

TEST_CASE("cooperative-sticky gives nobody what another member still has to give up") {
  group::cooperative_sticky_assignor cooperative;
  CHECK(cooperative.name() == "cooperative-sticky");
  CHECK(cooperative.supports(rebalance_protocol::eager));
  CHECK(cooperative.supports(rebalance_protocol::cooperative));
  const auto owner = member("x", {"a"}, {{"a", 0}, {"a", 1}, {"a", 2}, {"a", 3}});
  CHECK(in_words(cooperative.assign(four, {owner, member("y", {"a"})})) == "x: a-0 a-1; y:");
  const auto after = member("x", {"a"}, {{"a", 0}, {"a", 1}}, 2);
  CHECK(in_words(cooperative.assign(four, {after, member("y", {"a"}, {}, 2)})) == "x: a-0 a-1; y: a-2 a-3");
}

TEST_CASE("cooperative-sticky also withholds where subscriptions differ") {
  group::cooperative_sticky_assignor cooperative;
  const topic_map topics{{"a", {.partitions = 4}}, {"b", {.partitions = 1}}};
  const auto owner = member("x", {"a", "b"}, {{"a", 0}, {"a", 1}, {"a", 2}, {"a", 3}});
  CHECK(in_words(cooperative.assign(topics, {owner, member("y", {"a"})})) == "x: a-2 a-3 b-0; y:");
}

TEST_CASE("a partition that two members of one generation own is first taken from both") {
  group::cooperative_sticky_assignor cooperative;
  const auto given =
      cooperative.assign(four, {member("x", {"a"}, {{"a", 0}, {"a", 1}}), member("y", {"a"}, {{"a", 1}, {"a", 2}})});
  CHECK(in_words(given) == "x: a-0; y: a-2 a-3");
}

TEST_CASE("the generation of old subscriptions comes from the user data") {
  group::cooperative_sticky_assignor cooperative;
  auto old_one = member("x", {"a"}, {{"a", 0}, {"a", 1}}, -1);
  old_one.user_data = group::encode_cooperative_user_data(7);
  const auto stale = member("y", {"a"}, {{"a", 0}, {"a", 1}, {"a", 2}}, 6);
  CHECK(in_words(cooperative.assign(four, {old_one, stale})) == "x: a-0 a-1; y: a-2 a-3");
}

TEST_CASE("what members claim that cannot be is passed over") {
  group::cooperative_sticky_assignor cooperative;
  const auto liar =
      member("x", {"a", "a", "none"}, {{"a", -1}, {"a", 4}, {"a", 2'147'483'647}, {"none", 0}, {"a", 3}, {"a", 3}}, 9);
  const auto other = member("y", {"a", "none"}, {{"a", 0}}, 9);
  CHECK(in_words(cooperative.assign(four, {liar, other})) == "x: a-1 a-3; y: a-0 a-2");
  const auto negative = member("y", {"a", "none"}, {{"a", 3}}, -2'147'483'647);
  CHECK(in_words(cooperative.assign(four, {liar, negative})) == "x: a-0 a-3; y: a-1 a-2");
}

TEST_CASE("user data that is no user data is no claim") {
  group::sticky_assignor sticky;
  for (const std::string& garbage :
       {std::string(), std::string("\xff\xff\xff\xff"), std::string(3, '\0'),
        std::string("\x7f\xff\xff\xff", 4) + std::string(100, 'x'), std::string(1000, '\xff')}) {
    auto odd = member("x", {"a"});
    odd.user_data = garbage;
    CHECK(in_words(sticky.assign(four, {odd, had("y", {"a"}, {{"a", 0}})})) == "x: a-1 a-3; y: a-0 a-2");
  }
}

TEST_CASE("sticky members send what they had once they were assigned something") {
  const group::sticky_assignor sticky;
  CHECK(sticky.user_data({.topics = {"a"}}) == std::nullopt);
  const auto sent = sticky.user_data({.topics = {"a"}, .assigned = {{"a", 2}}, .generation = 4});
  CHECK(group::decode_sticky_user_data(sent).partitions == std::vector<topic_partition>{{"a", 2}});
  CHECK(group::decode_sticky_user_data(sent).generation == 4);
  const group::cooperative_sticky_assignor cooperative;
  CHECK(cooperative.user_data({}) == std::string("\xff\xff\xff\xff"));
}
