// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/group_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

const classic_group& group_of(script& cluster) {
  const classic_group* found = cluster.core.state().groups().find_classic("g");
  REQUIRE(found);
  return *found;
}

TEST_CASE("a member that is silent for its session timeout is gone, and the others rebalance") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client two(cluster);
  form_group(cluster, {&one, &two});
  cluster.pass(9999ms);
  CHECK(one.heartbeat() == none);
  cluster.pass(1ms);
  CHECK(one.heartbeat() == rebalance_in_progress);
  CHECK(two.heartbeat() == unknown_member_id);
  one.send_join();
  CHECK(one.take_join().members.size() == 1);
}

TEST_CASE("a commit counts as a heartbeat") {
  script cluster(hasty());
  cluster.create_topic("t");
  classic_client one(cluster);
  form_group(cluster, {&one});
  for (int times = 0; times < 5; ++times) {
    cluster.pass(9s);
    CHECK(one.commit(times) == none);
  }
}

TEST_CASE("the last member's silence empties the group") {
  script cluster(hasty());
  classic_client one(cluster);
  form_group(cluster, {&one});
  cluster.pass(10s);
  CHECK(group_of(cluster).phase() == classic_phase::empty);
  CHECK(group_of(cluster).generation() == 2);
  CHECK(cluster.core.deadline() == never);
}

TEST_CASE("who does not join again within the rebalance timeout is left out, unless it is static") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client slow(cluster);
  classic_client fixed(cluster, "i");
  for (auto* client : {&one, &slow, &fixed}) {
    client->session_timeout = 300s;
    client->rebalance_timeout = 20s;
  }
  form_group(cluster, {&one, &slow, &fixed});
  classic_client more(cluster);
  more.rebalance_timeout = 20s;
  more.begin_join();
  one.send_join();
  cluster.pass(19'999ms);
  CHECK(one.waits());
  cluster.pass(1ms);
  const auto answer = one.take_join();
  CHECK(answer.generation_id == 2);
  CHECK(answer.members.size() == 3);
  CHECK(more.joined() == none);
  CHECK(slow.heartbeat() == unknown_member_id);
  fixed.generation = 2;
  CHECK(fixed.heartbeat() == none);
}

TEST_CASE("another member leads when the leader does not come") {
  script cluster(hasty());
  classic_client leader(cluster);
  classic_client follower(cluster);
  form_group(cluster, {&leader, &follower});
  follower.protocols = {{"range", "new"}};
  follower.send_join();
  cluster.pass(10s);  // the leader's session ends
  const auto answer = follower.take_join();
  CHECK(answer.leader == follower.member_id);
  CHECK(answer.members.size() == 1);
}

TEST_CASE("a member that joins and never asks for its assignment is removed") {
  script cluster(hasty());
  classic_client leader(cluster);
  classic_client follower(cluster);
  for (auto* client : {&leader, &follower}) {
    client->session_timeout = 300s;
    client->rebalance_timeout = 20s;
    client->begin_join();
  }
  cluster.pass(20ms);
  REQUIRE(leader.joined() == none);
  REQUIRE(follower.joined() == none);
  leader.begin_sync({leader.member_id, follower.member_id});
  CHECK(code_of(leader.take_sync().error_code) == none);
  cluster.pass(19'999ms);
  CHECK(leader.heartbeat() == none);
  cluster.pass(1ms);
  CHECK(leader.heartbeat() == rebalance_in_progress);
  CHECK(follower.heartbeat() == unknown_member_id);
}

TEST_CASE("who waits for a rebalance does not lose its session") {
  script cluster(hasty());
  classic_client one(cluster);
  classic_client two(cluster);
  form_group(cluster, {&one, &two});
  one.send_join();
  for (int times = 0; times < 5; ++times) {
    cluster.pass(9s);
    CHECK(two.heartbeat() == rebalance_in_progress);
    CHECK(one.waits());
  }
  two.send_join();
  CHECK(one.take_join().members.size() == 2);
}

TEST_CASE("a new member waits five minutes at most, and an id that nobody uses is forgotten") {
  script cluster(hasty());
  classic_client one(cluster);
  one.session_timeout = one.rebalance_timeout = 1000s;
  form_group(cluster, {&one});
  classic_client fresh(cluster);
  fresh.rebalance_timeout = 1000s;
  fresh.begin_join();
  cluster.pass(299'999ms);
  CHECK(fresh.waits());
  cluster.pass(1ms);
  CHECK(fresh.joined() == unknown_member_id);

  classic_client unused(cluster);
  unused.send_join();
  auto told = unused.take_join();
  CHECK(code_of(told.error_code) == member_id_required);
  one.send_join();
  CHECK(one.waits());  // for whoever got an id
  cluster.pass(10s);
  CHECK(one.joined() == none);
  unused.member_id = told.member_id;
  unused.send_join();
  CHECK(unused.joined() == unknown_member_id);
}

TEST_CASE("a rebalance during SyncGroup tells those that wait") {
  script cluster(hasty());
  classic_client leader(cluster);
  classic_client follower(cluster);
  leader.begin_join();
  follower.begin_join();
  cluster.pass(20ms);
  REQUIRE(leader.joined() == none);
  REQUIRE(follower.joined() == none);
  follower.begin_sync();
  CHECK(leader.leave() == none);
  CHECK(code_of(follower.take_sync().error_code) == rebalance_in_progress);
  follower.send_join();
  CHECK(follower.take_join().leader == follower.member_id);
}

TEST_CASE("what was stored survives a move of the coordinator, and who waits is told") {
  script cluster(hasty(2));
  cluster.create_topic("t");
  auto& state = cluster.core.state();
  const std::int32_t before = state.coordinator(coordinator_type::group, "g");
  classic_client one(cluster, "i");
  classic_client two(cluster);
  form_group(cluster, {&one, &two});
  CHECK(two.commit(7) == none);
  classic_client fresh(cluster);
  fresh.begin_join();
  state.set_coordinator("g", 3 - before);
  cluster.pass(20ms);
  CHECK(fresh.joined() == not_coordinator);
  CHECK(one.heartbeat() == not_coordinator);
  CHECK(two.commit(8) == not_coordinator);
  one.connection = cluster.connect(3 - before);
  two.connection = cluster.connect(3 - before);
  CHECK(one.heartbeat() == none);  // the rebalance was not stored
  CHECK(two.heartbeat() == none);
  CHECK(two.commit(9) == none);
  two.begin_sync();
  CHECK(two.take_sync().assignment.text() == share_of(two.member_id));
  cluster.pass(10s);  // sessions go on there
  CHECK(two.heartbeat() == unknown_member_id);
  CHECK(state.offsets().find("g", {"t", 0})->offset == 9);
}

TEST_CASE("a group moves when its node stops") {
  script cluster(hasty(2));
  const std::int32_t before = cluster.core.state().coordinator(coordinator_type::group, "g");
  classic_client one(cluster);
  form_group(cluster, {&one});
  cluster.core.stop_node(before);
  cluster.pass(20ms);
  one.connection = cluster.connect(3 - before);
  CHECK(one.heartbeat() == none);
}

}  // namespace
}  // namespace kafka::fake
