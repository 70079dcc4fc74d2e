// SPDX-License-Identifier: Apache-2.0
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

using results = std::vector<group_result>;
using removals = std::vector<member_result>;

TEST_CASE_METHOD(group_world, "groups without members are deleted, and each group has an outcome of its own") {
  store("idle", 1);
  fake::classic_client member(members);
  fake::form_group(members, {&member});
  const auto told = get<results>(admin_call::delete_groups{{"idle", "g", "never"}});
  REQUIRE(told.size() == 3);
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(stored("idle") == -1);
  REQUIRE(told[1].group_id == "g");
  REQUIRE(told[1].failure == broker_errc::non_empty_group);
  REQUIRE(told[2].failure == broker_errc::group_id_not_found);
}

TEST_CASE_METHOD(group_world, "a group that a request with a lost answer deleted was deleted") {
  store("idle", 1);
  members.core.control(api_key::delete_groups, [](fake::call&) { return verdict(does::apply_then_drop); }, 1);
  const auto told = get<results>(admin_call::delete_groups{{"idle", "never"}});
  INFO(told[0].failure.message());
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(requests(api_key::delete_groups) == 2);
}

TEST_CASE_METHOD(group_world, "static members are removed, and one that is not there is told") {
  fake::classic_client first(members, "first");
  fake::classic_client second(members, "second");
  fake::form_group(members, {&first, &second});
  const auto told = get<removals>(admin_call::remove_group_members{"g", {"second", "third"}});
  REQUIRE(told.size() == 2);
  REQUIRE(told[0].instance_id == "second");
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[1].failure == broker_errc::unknown_member_id);
  const auto left = get<std::vector<group_description>>(admin_call::describe_groups{{"g"}});
  REQUIRE(left[0].members.size() == 1);
  REQUIRE(left[0].members[0].instance_id == "first");
}

TEST_CASE_METHOD(group_world, "a broker that cannot remove members by name is not asked") {
  cap(api_key::leave_group, 2);
  const auto told = get<removals>(admin_call::remove_group_members{"g", {"one"}});
  REQUIRE(told.at(0).failure == client_errc::value_not_encodable);
  REQUIRE(requests(api_key::leave_group) == 0);
}

}  // namespace
}  // namespace kafka::client
