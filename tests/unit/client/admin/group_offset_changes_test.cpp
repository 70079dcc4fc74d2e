// SPDX-License-Identifier: Apache-2.0
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

group_offset at(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  group_offset out;
  out.partition = {topic, partition};
  out.offset = offset;
  return out;
}

admin_call::alter_group_offsets altering(const std::string& group, const std::vector<group_offset>& offsets) {
  return {group, offsets};
}

using stored_results = std::vector<group_offset_result>;
using deleted_results = std::vector<partition_result>;

TEST_CASE_METHOD(group_world, "offsets are stored for a group that has no members, and make it") {
  group_offset by_hand = at("t", 1, 5);
  by_hand.leader_epoch = 2;
  by_hand.metadata = "by hand";
  const auto told = get<stored_results>(altering("new", {by_hand, at("t", 0, 7)}));
  REQUIRE(told.size() == 2);
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].stored.partition == topic_partition{"t", 1});
  REQUIRE(told[0].stored.offset == 5);
  REQUIRE_FALSE(told[1].failure);
  REQUIRE(stored("new", 1) == 5);
  REQUIRE(stored("new", 0) == 7);
  const auto listed = get<std::vector<group_offsets>>(admin_call::list_group_offsets{{{"new", {}}}, false});
  REQUIRE(listed[0].offsets[1].stored.metadata == "by hand");
  REQUIRE(listed[0].offsets[1].stored.leader_epoch == 2);
}

TEST_CASE_METHOD(group_world, "a partition that is named twice gets the last offset") {
  const auto told = get<stored_results>(altering("new", {at("t", 0, 5), at("t", 0, 6)}));
  REQUIRE_FALSE(told.at(0).failure);
  REQUIRE_FALSE(told.at(1).failure);
  REQUIRE(stored("new") == 6);
}

TEST_CASE_METHOD(group_world, "partitions that do not exist are errors of those partitions alone") {
  const auto told = get<stored_results>(altering("new", {at("no", 0, 5), at("t", 0, 6)}));
  REQUIRE(told[0].failure == broker_errc::unknown_topic_or_partition);
  REQUIRE_FALSE(told[1].failure);
  REQUIRE(requests(api_key::offset_commit) == 1);
}

TEST_CASE_METHOD(group_world, "while a group has members of either protocol nobody else stores its offsets") {
  SECTION("classic") {
    fake::classic_client member(members);
    fake::form_group(members, {&member});
  }
  SECTION("new") {
    fake::consumer_client member(members, "new-one", {"t"});
    REQUIRE(member.beat() == broker_errc::none);
  }
  const auto told = get<stored_results>(altering("g", {at("t", 0, 5)}));
  REQUIRE(told[0].failure == broker_errc::unknown_member_id);
  REQUIRE(told[0].failure.message().find("has members") != std::string::npos);
  REQUIRE(stored("g") == -1);
}

TEST_CASE_METHOD(group_world, "a coordinator that is loading is asked again about what it did not store") {
  fail(api_key::offset_commit, broker_errc::coordinator_load_in_progress, 2);
  const auto told = get<stored_results>(altering("new", {at("t", 0, 5)}));
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(stored("new") == 5);
  REQUIRE(requests(api_key::offset_commit) == 3);
}

TEST_CASE_METHOD(group_world, "stored offsets are forgotten") {
  store("idle", 1, 0);
  store("idle", 2, 1);
  const auto told =
      get<deleted_results>(admin_call::delete_group_offsets{"idle", {{"t", 1}, {"no", 0}, {"t", 1}, {"t", 2}}});
  REQUIRE(told.size() == 4);
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].partition == topic_partition{"t", 1});
  REQUIRE(told[1].failure == broker_errc::unknown_topic_or_partition);
  REQUIRE_FALSE(told[2].failure);
  REQUIRE_FALSE(told[3].failure);
  REQUIRE(stored("idle", 0) == 1);
  REQUIRE(stored("idle", 1) == -1);
}

TEST_CASE_METHOD(group_world, "offsets of a topic that the group reads are not forgotten") {
  fake::consumer_client member(members, "new-one", {"t"});
  REQUIRE(member.beat() == broker_errc::none);
  store("g", 3);
  const auto told = get<deleted_results>(admin_call::delete_group_offsets{"g", {{"t", 0}}});
  REQUIRE(told[0].failure == broker_errc::group_subscribed_to_topic);
  REQUIRE(stored("g") == 3);
}

TEST_CASE_METHOD(group_world, "offsets of a group that is not there are errors of all partitions") {
  const auto told = get<deleted_results>(admin_call::delete_group_offsets{"never", {{"t", 0}, {"t", 1}}});
  REQUIRE(told[0].failure == broker_errc::group_id_not_found);
  REQUIRE(told[1].failure == broker_errc::group_id_not_found);
}

}  // namespace
}  // namespace kafka::client
