// SPDX-License-Identifier: Apache-2.0
#include "fake/group_coordinator.hpp"

#include "unit/fake/group_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

TEST_CASE("a group has one protocol while it has members, and takes the other when it is empty") {
  script cluster(hasty());
  const uuid id = cluster.create_topic("t");
  auto& groups = cluster.core.state().groups();
  classic_client classic(cluster);
  consumer_client modern(cluster, "m", {"t"});
  form_group(cluster, {&classic});
  CHECK(classic.commit(4) == none);
  CHECK(modern.beat() == group_id_not_found);
  CHECK(classic.leave() == none);
  cluster.pass(20ms);
  REQUIRE(modern.beat() == none);
  CHECK(groups.find_consumer("g"));
  CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 4);

  classic_client late(cluster);
  late.send_join();
  CHECK(late.joined() == inconsistent_group_protocol);
  CHECK(classic.heartbeat() == unknown_member_id);
  CHECK(classic.leave() == unknown_member_id);
  classic.begin_sync();
  CHECK(code_of(classic.take_sync().error_code) == unknown_member_id);
  CHECK(modern.commit(5, id) == none);
  CHECK(modern.leave() == none);
  form_group(cluster, {&late});
  CHECK(groups.find_classic("g"));
  CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 5);
}

TEST_CASE("whoever administers a new-protocol group can remove its static members") {
  script cluster;
  cluster.create_topic("t");
  consumer_client one(cluster, "one", {"t"}, "i");
  REQUIRE(one.beat() == none);
  protocol::leave_group_request request;
  request.group_id = "g";
  request.members = {{"one", std::nullopt, std::nullopt, {}}, {"", "i", std::nullopt, {}}};
  const auto answer = cluster.ask(cluster.connect(), request);
  CHECK(code_of(answer.members.at(0).error_code) == unknown_member_id);
  CHECK(code_of(answer.members.at(1).error_code) == none);
  CHECK(one.beat() == unknown_member_id);
}

TEST_CASE("members of the new protocol survive a move of the coordinator") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 2);
  auto& state = cluster.core.state();
  consumer_client one(cluster, "one", {"t"});
  REQUIRE(one.beat() == none);
  cluster.pass(40s);
  const std::int32_t after = 3 - state.coordinator(coordinator_type::group, "g");
  state.set_coordinator("g", after);
  CHECK(one.beat() == not_coordinator);
  consumer_client there(cluster, "one", {"t"});
  there.epoch = 1;
  there.owned = one.owned;
  cluster.pass(40s);  // its session began anew with the move
  CHECK(there.beat() == none);
  CHECK(there.epoch == 1);
}

TEST_CASE("a group that is being loaded lets everybody but heartbeats wait") {
  script cluster(hasty());
  cluster.create_topic("t");
  auto& groups = cluster.core.state().groups();
  classic_client one(cluster);
  form_group(cluster, {&one});
  groups.set_loading("g", cluster.now.steady + 5s);
  CHECK(one.heartbeat() == none);
  CHECK(one.commit(1) == coordinator_load_in_progress);
  one.send_join();
  CHECK(one.joined() == coordinator_load_in_progress);
  one.begin_sync();
  CHECK(code_of(one.take_sync().error_code) == coordinator_load_in_progress);
  CHECK(code_of(cluster.ask(one.connection, protocol::list_groups_request{}).error_code) ==
        coordinator_load_in_progress);
  protocol::offset_fetch_request fetch;
  fetch.groups = {{"g", std::nullopt, -1, std::nullopt, {}}};
  CHECK(code_of(cluster.ask(one.connection, fetch).groups.at(0).error_code) == coordinator_load_in_progress);
  consumer_client modern(cluster, "m", {"t"});
  CHECK(modern.beat() == coordinator_load_in_progress);
  cluster.pass(5s);
  CHECK(one.commit(1) == none);
}

TEST_CASE("TxnOffsetCommit knows members too, and does not mind a rebalance") {
  script cluster(hasty());
  const uuid id = cluster.create_topic("t");
  auto& groups = cluster.core.state().groups();
  const std::optional<std::string> nobody;
  CHECK(groups.commit_in_transaction("new", {3, "m", &nobody}, cluster.now) == illegal_generation);
  CHECK(groups.commit_in_transaction("new", {-1, "", &nobody}, cluster.now) == none);
  classic_client one(cluster);
  one.begin_join();
  cluster.pass(20ms);
  REQUIRE(one.joined() == none);
  CHECK(groups.commit_in_transaction("g", {1, one.member_id, &nobody}, cluster.now) == none);
  CHECK(groups.commit_in_transaction("g", {2, one.member_id, &nobody}, cluster.now) == illegal_generation);
  CHECK(groups.commit_in_transaction("g", {1, "other", &nobody}, cluster.now) == unknown_member_id);
  CHECK(groups.commit_in_transaction("g", {-1, "", &nobody}, cluster.now) == none);  // from before KIP-447
  CHECK(one.leave() == none);
  cluster.pass(20ms);
  consumer_client modern(cluster, "m", {"t"});
  REQUIRE(modern.beat() == none);
  CHECK(groups.commit_in_transaction("g", {modern.epoch, "m", &nobody}, cluster.now) == none);
  CHECK(groups.commit_in_transaction("g", {7, "m", &nobody}, cluster.now) == illegal_generation);
  CHECK(modern.commit(1, id) == none);
}

}  // namespace
}  // namespace kafka::fake
