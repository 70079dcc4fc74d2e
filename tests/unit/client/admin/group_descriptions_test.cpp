// SPDX-License-Identifier: Apache-2.0
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

using descriptions = std::vector<group_description>;

TEST_CASE_METHOD(group_world, "a classic group is described with what its members have") {
  fake::classic_client member(members, "one");
  form_group_of_one(*this, member, {{"t", 2}, {"t", 0}});
  const auto told = get<descriptions>(admin_call::describe_groups{{"g"}});
  REQUIRE(told.size() == 1);
  INFO(told[0].failure.message());
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].group_id == "g");
  REQUIRE(told[0].type == group_type::classic);
  REQUIRE(told[0].state == group_state::stable);
  REQUIRE(told[0].protocol_type == "consumer");
  REQUIRE(told[0].assignor == "range");
  REQUIRE(told[0].coordinator.id == 1);
  REQUIRE(told[0].coordinator.port == 9092);
  REQUIRE(told[0].members.size() == 1);
  const described_member& one = told[0].members[0];
  REQUIRE(one.member_id == member.member_id);
  REQUIRE(one.instance_id == "one");
  REQUIRE(one.client_id == "test");
  REQUIRE(one.host == "/127.0.0.1");
  REQUIRE(one.rack == "north");
  REQUIRE(one.assignment == std::vector<topic_partition>{{"t", 0}, {"t", 2}});
  REQUIRE_FALSE(one.target);
  REQUIRE_FALSE(one.failure);
}

TEST_CASE_METHOD(group_world, "an assignment that cannot be read is an error of that member alone") {
  fake::classic_client member(members);
  fake::form_group(members, {&member});
  const auto told = get<descriptions>(admin_call::describe_groups{{"g"}});
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].members.size() == 1);
  REQUIRE(told[0].members[0].failure == client_errc::malformed_response);
  REQUIRE(told[0].members[0].assignment.empty());
}

TEST_CASE_METHOD(group_world, "what members of another kind of group have is not guessed at") {
  fake::classic_client member(members);
  member.protocol_type = "connect";
  fake::form_group(members, {&member});
  const auto told = get<descriptions>(admin_call::describe_groups{{"g"}});
  REQUIRE(told[0].protocol_type == "connect");
  REQUIRE(told[0].members.size() == 1);
  REQUIRE_FALSE(told[0].members[0].failure);
  REQUIRE(told[0].members[0].assignment.empty());
}

TEST_CASE_METHOD(group_world, "a group of the new protocol is described with epochs and targets") {
  fake::consumer_client member(members, "new-one", {"t"}, "static");
  REQUIRE(member.beat() == broker_errc::none);
  REQUIRE(member.settle() == broker_errc::none);
  const auto told = get<descriptions>(admin_call::describe_groups{{"g"}});
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].type == group_type::consumer);
  REQUIRE(told[0].state == group_state::stable);
  REQUIRE(told[0].protocol_type == "consumer");
  REQUIRE(told[0].assignor == "uniform");
  REQUIRE(told[0].epoch > 0);
  REQUIRE(told[0].assignment_epoch == told[0].epoch);
  const described_member& one = told[0].members.at(0);
  REQUIRE(one.member_id == member.id);
  REQUIRE(one.instance_id == "static");
  REQUIRE(one.epoch == member.epoch);
  REQUIRE(one.assignment.size() == 4);
  REQUIRE(one.target == one.assignment);
  REQUIRE_FALSE(one.is_classic);
}

TEST_CASE_METHOD(group_world, "groups of both protocols and one that is not there are told in the order asked") {
  store("idle", 1);
  fake::consumer_client member(members, "new-one", {"t"});
  REQUIRE(member.beat() == broker_errc::none);
  const auto told = get<descriptions>(admin_call::describe_groups{{"never", "idle", "g", "idle"}});
  REQUIRE(told.size() == 4);
  REQUIRE(told[0].failure == broker_errc::group_id_not_found);
  REQUIRE(told[0].group_id == "never");
  REQUIRE(told[0].failure.message().find("never") != std::string::npos);
  for (const std::size_t index : {1U, 3U}) {
    REQUIRE_FALSE(told[index].failure);
    REQUIRE(told[index].group_id == "idle");
    REQUIRE(told[index].type == group_type::classic);
    REQUIRE(told[index].state == group_state::empty);
  }
  REQUIRE(told[2].type == group_type::consumer);
}

TEST_CASE_METHOD(group_world, "a broker without the new protocol is asked for classic groups at once") {
  cap(api_key::consumer_group_describe, -1);
  cap(api_key::describe_groups, 5);
  store("idle", 1);
  const auto told = get<descriptions>(admin_call::describe_groups{{"idle", "never"}});
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[0].state == group_state::empty);
  REQUIRE(told[1].failure == broker_errc::group_id_not_found);  // of which such brokers say only that it is dead
  REQUIRE(requests(api_key::consumer_group_describe) == 0);
  REQUIRE(requests(api_key::describe_groups) == 1);
}

TEST_CASE_METHOD(group_world, "a cluster that has not switched the new protocol on has classic groups") {
  store("idle", 1);
  fail(api_key::consumer_group_describe, broker_errc::unsupported_version);
  REQUIRE(get<descriptions>(admin_call::describe_groups{{"idle"}})[0].state == group_state::empty);
}

TEST_CASE_METHOD(group_world, "a group that may not be described is told with its error") {
  store("idle", 1);
  fail(api_key::describe_groups, broker_errc::group_authorization_failed);
  const auto told = get<descriptions>(admin_call::describe_groups{{"idle"}});
  REQUIRE(told[0].failure == broker_errc::group_authorization_failed);
}

}  // namespace
}  // namespace kafka::client
