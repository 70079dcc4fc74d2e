// SPDX-License-Identifier: Apache-2.0
#include "fake/classic_group.hpp"

#include "unit/fake/group_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

const classic_group& group_of(script& cluster) {
  const classic_group* found = cluster.core.state().groups().find_classic("g");
  REQUIRE(found);
  return *found;
}

TEST_CASE("a new dynamic member is told its id first, since JoinGroup 4") {
  script cluster(hasty());
  for (std::int16_t version = 0; version <= 9; ++version) {
    CAPTURE(version);
    classic_client one(cluster);
    one.send_join(version);
    cluster.pass(20ms);
    const auto answer = one.take_join(version);
    CHECK(answer.member_id.substr(0, 5) == "test-");
    if (version >= 4) {
      CHECK(code_of(answer.error_code) == member_id_required);
      one.member_id = answer.member_id;
      one.send_join(version);
      cluster.pass(20ms);
      CHECK(code_of(one.take_join(version).error_code) == none);
    }
    CHECK(one.leave() == none);
    cluster.pass(20ms);
  }
  CHECK(group_of(cluster).phase() == classic_phase::empty);
}

TEST_CASE("the first rebalance waits for more members, again while they come, up to the rebalance timeout") {
  script cluster;
  classic_client first(cluster);
  classic_client second(cluster);
  classic_client third(cluster);
  first.rebalance_timeout = second.rebalance_timeout = third.rebalance_timeout = 7s;
  first.begin_join();
  cluster.pass(2999ms);
  CHECK(first.waits());
  second.begin_join();
  cluster.pass(1ms);
  CHECK(first.waits());  // the second one began the delay again
  third.begin_join();
  cluster.pass(2999ms);
  CHECK(first.waits());
  cluster.pass(1ms);
  CHECK(first.waits());
  cluster.pass(1000ms);  // 7 s in all
  const auto answer = first.take_join();
  CHECK(code_of(answer.error_code) == none);
  CHECK(answer.generation_id == 1);
  CHECK(answer.leader == first.member_id);
  REQUIRE(answer.members.size() == 3);
  CHECK(answer.members[0].metadata.text() == "subscription");
  const auto other = second.take_join();
  CHECK(other.members.empty());
  CHECK(other.leader == first.member_id);
  CHECK(other.protocol_type == "consumer");
  CHECK(other.protocol_name == "range");
  CHECK(third.joined() == none);
}

TEST_CASE("a group alone waits three seconds once") {
  script cluster;
  classic_client one(cluster);
  one.begin_join();
  cluster.pass(2999ms);
  CHECK(one.waits());
  cluster.pass(1ms);
  CHECK(one.joined() == none);
}

TEST_CASE("followers wait in SyncGroup for what the leader assigns") {
  script cluster(hasty());
  classic_client leader(cluster);
  classic_client follower(cluster);
  leader.begin_join();
  follower.begin_join();
  cluster.pass(20ms);
  REQUIRE(leader.joined() == none);
  REQUIRE(follower.joined() == none);
  CHECK(group_of(cluster).phase() == classic_phase::completing_rebalance);
  follower.begin_sync();
  cluster.pass(1s);
  CHECK(follower.waits());
  leader.begin_sync({leader.member_id, follower.member_id});
  const auto answer = follower.take_sync();
  CHECK(answer.assignment.text() == share_of(follower.member_id));
  CHECK(answer.protocol_name == "range");
  CHECK(leader.take_sync().assignment.text() == share_of(leader.member_id));
  CHECK(group_of(cluster).phase() == classic_phase::stable);
  follower.begin_sync();  // once more: the same
  CHECK(follower.take_sync().assignment.text() == share_of(follower.member_id));
}

TEST_CASE("a waiting JoinGroup holds up its connection") {
  script cluster;
  classic_client one(cluster);
  one.begin_join();
  cluster.send(one.connection, protocol::api_versions_request{}, 0);
  CHECK(one.waits());
  cluster.pass(3s);
  CHECK(cluster.answers(one.connection) == 2);
  CHECK(one.joined() == none);
}

TEST_CASE("heartbeats tell of rebalances and of what is wrong") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client two(cluster);
  CHECK(one.heartbeat() == unknown_member_id);
  form_group(cluster, {&one});
  CHECK(one.heartbeat() == none);
  --one.generation;
  CHECK(one.heartbeat() == illegal_generation);
  ++one.generation;
  std::swap(one.member_id, two.member_id);
  CHECK(one.heartbeat() == unknown_member_id);
  std::swap(one.member_id, two.member_id);
  two.begin_join();
  CHECK(group_of(cluster).phase() == classic_phase::preparing_rebalance);
  CHECK(one.heartbeat() == rebalance_in_progress);
  CHECK(one.commit(1, 8) == unknown_topic_or_partition);  // it may still commit
  one.send_join();
  CHECK(one.joined() == none);
  CHECK(two.joined() == none);
  CHECK(one.generation == 2);
  CHECK(one.heartbeat() == none);
}

TEST_CASE("SyncGroup says what is wrong") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client other(cluster);
  one.begin_sync();
  CHECK(code_of(one.take_sync().error_code) == unknown_member_id);
  form_group(cluster, {&one});
  const auto ask = [&](const protocol::sync_group_request& request) {
    return code_of(cluster.ask(one.connection, request).error_code);
  };
  auto request = one.sync_request();
  request.generation_id = 7;
  CHECK(ask(request) == illegal_generation);
  request = one.sync_request();
  request.protocol_name = "roundrobin";
  CHECK(ask(request) == inconsistent_group_protocol);
  request.protocol_name.reset();
  CHECK(ask(request) == inconsistent_group_protocol);
  request = one.sync_request();
  request.protocol_type = "connect";
  CHECK(ask(request) == inconsistent_group_protocol);
  request = one.sync_request();
  request.group_id = "";
  CHECK(ask(request) == invalid_group_id);
  other.begin_join();
  CHECK(ask(one.sync_request()) == rebalance_in_progress);
}

TEST_CASE("the protocol is the one that most members prefer of those that all know") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client two(cluster);
  classic_client three(cluster);
  one.protocols = {{"range", "r"}, {"roundrobin", "rr"}};
  two.protocols = {{"sticky", "s"}, {"roundrobin", "rr2"}, {"range", "r2"}};
  three.protocols = {{"roundrobin", "rr3"}, {"range", "r3"}};
  for (auto* client : {&one, &two, &three}) client->begin_join();
  cluster.pass(20ms);
  const auto answer = one.take_join();
  CHECK(answer.protocol_name == "roundrobin");
  REQUIRE(answer.members.size() == 3);
  for (const auto& member : answer.members) CHECK(member.metadata.text().substr(0, 2) == "rr");

  classic_client stranger(cluster);
  stranger.protocols = {{"sticky", "s"}};
  stranger.send_join();
  CHECK(stranger.joined() == inconsistent_group_protocol);
  stranger.protocols = {{"range", "s"}};
  stranger.protocol_type = "connect";
  stranger.send_join();
  CHECK(stranger.joined() == inconsistent_group_protocol);
}

TEST_CASE("JoinGroup refuses what makes no sense") {
  script cluster(hasty());
  classic_client one(cluster);
  one.protocols.clear();
  one.send_join();
  CHECK(one.joined() == inconsistent_group_protocol);
  one.protocols = {{"range", ""}};
  for (const auto timeout : {std::chrono::milliseconds(5999), std::chrono::milliseconds(1'800'001)}) {
    one.session_timeout = timeout;
    one.send_join();
    CHECK(one.joined() == invalid_session_timeout);
  }
  one.session_timeout = 6s;
  one.member_id = "nobody";
  one.send_join();
  CHECK(one.joined() == unknown_member_id);
  auto request = one.join_request();
  request.group_id = "";
  CHECK(code_of(cluster.ask(one.connection, request).error_code) == invalid_group_id);
}

TEST_CASE("a group that is full takes nobody") {
  script cluster(
      fake_cluster_options{.broker_configs = {{"group.initial.rebalance.delay.ms", "10"}, {"group.max.size", "1"}}});
  classic_client one(cluster);
  form_group(cluster, {&one});
  classic_client two(cluster);
  two.send_join();
  CHECK(two.joined() == group_max_size_reached);
}

TEST_CASE("a member that joins again as before is told the same again, but the leader and whoever changes rebalance") {
  script cluster(hasty());
  classic_client leader(cluster);
  classic_client follower(cluster);
  form_group(cluster, {&leader, &follower});
  follower.send_join();
  auto answer = follower.take_join();
  CHECK(answer.generation_id == 1);
  CHECK(answer.members.empty());
  follower.protocols = {{"range", "changed"}};
  follower.send_join();
  CHECK(follower.waits());
  leader.send_join();
  CHECK(follower.take_join().generation_id == 2);
  answer = leader.take_join();
  REQUIRE(answer.members.size() == 2);
  CHECK(std::any_of(answer.members.begin(), answer.members.end(),
                    [](const auto& one) { return one.metadata.text() == "changed"; }));
  // While assignments are awaited, asking again is no new rebalance.
  leader.send_join();
  CHECK(leader.take_join().members.size() == 2);
  leader.begin_sync({leader.member_id});
  CHECK(code_of(leader.take_sync().error_code) == none);
  leader.send_join();
  CHECK(leader.waits());
  CHECK(follower.heartbeat() == rebalance_in_progress);
}

TEST_CASE("members leave, several at once, and the rest rebalances") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client two(cluster);
  classic_client fixed(cluster, "i");
  form_group(cluster, {&one, &two, &fixed});
  protocol::leave_group_request request;
  request.group_id = "g";
  request.members = {{two.member_id, std::nullopt, "done", {}},
                     {"", "i", std::nullopt, {}},
                     {"", "unknown", std::nullopt, {}},
                     {"unknown", std::nullopt, std::nullopt, {}}};
  const auto answer = cluster.ask(one.connection, request);
  REQUIRE(answer.members.size() == 4);
  CHECK(code_of(answer.members[0].error_code) == none);
  CHECK(code_of(answer.members[1].error_code) == none);
  CHECK(answer.members[1].group_instance_id == "i");
  CHECK(code_of(answer.members[2].error_code) == unknown_member_id);
  CHECK(code_of(answer.members[3].error_code) == unknown_member_id);
  CHECK(one.heartbeat() == rebalance_in_progress);
  one.send_join();
  CHECK(one.take_join().members.size() == 1);
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}}) {
    request = {};
    request.group_id = "g";
    request.member_id = version == 0 ? one.member_id : "unknown";
    CHECK(code_of(cluster.ask(one.connection, request, version).error_code) ==
          (version == 0 ? none : unknown_member_id));
  }
  CHECK(group_of(cluster).is_empty());
  CHECK(group_of(cluster).generation() == 3);
}

TEST_CASE("a static member that returns gets its assignment without a rebalance, and fences the one before") {
  script cluster(hasty());
  classic_client leader(cluster, "a");
  classic_client follower(cluster, "b");
  form_group(cluster, {&leader, &follower});
  classic_client again(cluster, "b");
  again.send_join();
  auto answer = again.take_join();
  CHECK(code_of(answer.error_code) == none);
  CHECK(answer.generation_id == 1);
  CHECK(again.member_id != follower.member_id);
  CHECK(again.member_id.substr(0, 2) == "b-");
  again.begin_sync();
  CHECK(again.take_sync().assignment.text() == share_of(follower.member_id));
  CHECK(follower.heartbeat() == fenced_instance_id);
  follower.send_join();
  CHECK(follower.joined() == fenced_instance_id);
  follower.begin_sync();
  CHECK(code_of(follower.take_sync().error_code) == fenced_instance_id);
  CHECK(follower.leave() == fenced_instance_id);
  CHECK(follower.commit(1) == fenced_instance_id);

  classic_client new_leader(cluster, "a");
  new_leader.send_join(9);
  answer = new_leader.take_join(9);
  CHECK(answer.skip_assignment);
  CHECK(answer.leader == new_leader.member_id);
  CHECK(answer.members.size() == 2);
  classic_client old_fashioned(cluster, "a");
  old_fashioned.send_join(8);
  answer = old_fashioned.take_join(8);
  CHECK_FALSE(answer.skip_assignment);
  CHECK(answer.leader == new_leader.member_id);  // so that it does not assign
  CHECK(answer.members.empty());

  classic_client other(cluster, "b");
  other.protocols = {{"range", "x"}, {"roundrobin", "y"}};
  other.send_join();
  CHECK(other.joined() == none);  // the protocol stays the same: still no rebalance
  CHECK(group_of(cluster).generation() == 1);
  CHECK(group_of(cluster).phase() == classic_phase::stable);
}

TEST_CASE("a static member that returns while assignments are awaited begins a rebalance") {
  script cluster(hasty());
  classic_client leader(cluster, "a");
  classic_client follower(cluster, "b");
  leader.begin_join();
  follower.begin_join();
  cluster.pass(20ms);
  REQUIRE(leader.joined() == none);
  REQUIRE(follower.joined() == none);
  follower.begin_sync();
  classic_client again(cluster, "b");
  again.send_join();
  CHECK(code_of(follower.take_sync().error_code) == fenced_instance_id);
  CHECK(again.waits());
  leader.send_join();
  CHECK(leader.take_join().generation_id == 2);
  CHECK(again.joined() == none);
}

TEST_CASE("commits are checked against members and generation") {
  script cluster(hasty());
  cluster.create_topic("t");
  classic_client one(cluster);
  classic_client outsider(cluster);
  CHECK(outsider.commit(3) == none);  // an empty group takes it
  one.begin_join();
  cluster.pass(20ms);
  REQUIRE(one.joined() == none);
  CHECK(one.commit(5) == rebalance_in_progress);
  CHECK(outsider.commit(5) == unknown_member_id);
  one.begin_sync({one.member_id});
  one.take_sync();
  CHECK(one.commit(5) == none);
  CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 5);
  CHECK(outsider.commit(6) == unknown_member_id);
  --one.generation;
  CHECK(one.commit(7) == illegal_generation);
  ++one.generation;
  outsider.generation = one.generation;
  CHECK(outsider.commit(8, 8) == unknown_member_id);
  CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 5);
}

}  // namespace
}  // namespace kafka::fake
