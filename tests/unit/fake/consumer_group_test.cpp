// SPDX-License-Identifier: Apache-2.0
#include "fake/consumer_group.hpp"

#include "unit/fake/group_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

const consumer_group& group_of(script& cluster) {
  const consumer_group* found = cluster.core.state().groups().find_consumer("g");
  REQUIRE(found);
  return *found;
}

TEST_CASE("the first member gets everything at once") {
  script cluster;
  const uuid id = cluster.create_topic("t", 3);
  consumer_client one(cluster, "one", {"t"});
  const auto answer = one.ask(one.request(true));
  CHECK(code_of(answer.error_code) == none);
  CHECK(answer.member_id == "one");
  CHECK(answer.member_epoch == 1);
  CHECK(answer.heartbeat_interval_ms == 5000);
  REQUIRE(answer.assignment);
  REQUIRE(answer.assignment->topic_partitions.size() == 1);
  CHECK(answer.assignment->topic_partitions[0].topic_id == id);
  CHECK(answer.assignment->topic_partitions[0].partitions == std::vector<std::int32_t>{0, 1, 2});
  CHECK(group_of(cluster).phase_name() == "Stable");
  one.epoch = 1;
  one.owned = {{id, 0}, {id, 1}, {id, 2}};
  CHECK_FALSE(one.ask(one.request(false)).assignment);  // nothing new
  CHECK(one.ask(one.request(true)).assignment);         // it wants to know all
}

TEST_CASE("version 0 lets the coordinator choose the member's id, version 1 does not") {
  script cluster;
  cluster.create_topic("t");
  consumer_client one(cluster, "", {"t"});
  CHECK(code_of(one.ask(one.request(true), 1).error_code) == invalid_request);
  const auto answer = one.ask(one.request(true), 0);
  CHECK(code_of(answer.error_code) == none);
  CHECK(uuid::parse(answer.member_id.value_or("")));
}

TEST_CASE("partitions are given up before another member gets them") {
  script cluster;
  const uuid id = cluster.create_topic("t", 4);
  consumer_client one(cluster, "one", {"t"});
  consumer_client two(cluster, "two", {"t"});
  REQUIRE(one.beat() == none);
  CHECK(one.assigned.size() == 4);
  REQUIRE(two.beat() == none);
  CHECK(two.assigned.empty());
  CHECK(two.epoch == 2);  // it has nothing to give up
  CHECK(group_of(cluster).phase_name() == "Reconciling");
  REQUIRE(one.beat() == none);
  CHECK(one.assigned.size() == 2);
  CHECK(one.epoch == 1);  // not before it gave up the others
  REQUIRE(two.beat() == none);
  CHECK(two.assigned.empty());
  REQUIRE(one.beat() == none);  // still owns them all
  CHECK(one.epoch == 1);
  REQUIRE(one.settle() == none);
  CHECK(one.epoch == 2);
  REQUIRE(two.beat() == none);
  CHECK(two.assigned.size() == 2);
  CHECK(two.epoch == 2);
  for (const auto& partition : two.assigned) CHECK_FALSE(one.assigned.contains(partition));
  CHECK(group_of(cluster).phase_name() == "Stable");
  CHECK(group_of(cluster).epoch() == 2);
  CHECK(group_of(cluster).assignment_epoch() == 2);
  CHECK(two.leave() == none);
  CHECK(group_of(cluster).phase_name() == "Assigning");
  REQUIRE(one.beat() == none);
  CHECK(one.assigned.size() == 4);
  CHECK(one.epoch == 3);
  CHECK(one.assigned.contains({id, 3}));
}

TEST_CASE("a member that gives nothing up within its rebalance timeout is fenced") {
  script cluster;
  cluster.create_topic("t", 2);
  consumer_client one(cluster, "one", {"t"});
  consumer_client two(cluster, "two", {"t"});
  one.rebalance_timeout_ms = 12'000;
  REQUIRE(one.beat() == none);
  REQUIRE(two.beat() == none);
  REQUIRE(one.beat() == none);
  cluster.pass(11'999ms);
  CHECK(one.beat() == none);  // which begins nothing anew
  cluster.pass(1ms);
  CHECK(one.beat() == unknown_member_id);
  REQUIRE(two.beat() == none);
  CHECK(two.assigned.size() == 2);
}

TEST_CASE("a silent member is gone after 45 seconds") {
  script cluster;
  cluster.create_topic("t", 2);
  consumer_client one(cluster, "one", {"t"});
  REQUIRE(one.beat() == none);
  cluster.pass(44'999ms);
  CHECK(one.beat() == none);
  cluster.pass(45s);
  CHECK(one.beat() == unknown_member_id);
  CHECK(group_of(cluster).phase_name() == "Empty");
  CHECK(cluster.core.deadline() == never);
}

TEST_CASE("a wrong epoch is fenced, but the one before is not if only an answer was lost") {
  script cluster;
  cluster.create_topic("t", 1);
  consumer_client one(cluster, "one", {"t"});
  REQUIRE(one.beat() == none);
  one.epoch = 2;
  CHECK(one.beat() == fenced_member_epoch);
  one.epoch = 1;
  consumer_client two(cluster, "two", {"t"});
  REQUIRE(two.beat() == none);
  REQUIRE(one.beat() == none);
  CHECK(one.epoch == 2);
  one.epoch = 1;
  CHECK(one.beat() == none);
  CHECK(one.epoch == 2);
  one.epoch = 1;
  one.owned = {{uuid{{9}}, 0}};
  CHECK(one.beat() == fenced_member_epoch);
  one.epoch = 0;
  one.owned.clear();
  CHECK(one.beat() == fenced_member_epoch);
  CHECK(two.leave() == none);
  CHECK(two.beat() == unknown_member_id);
}

TEST_CASE("first requests must be complete, and all must make sense") {
  script cluster;
  cluster.create_topic("t");
  consumer_client one(cluster, "one", {"t"});
  const auto refused = [&](auto edit) {
    auto request = one.request(true);
    edit(request);
    const auto answer = one.ask(request);
    CHECK(answer.error_message.has_value());
    return code_of(answer.error_code);
  };
  CHECK(refused([](auto& request) { request.group_id = " "; }) == invalid_request);
  CHECK(refused([](auto& request) { request.instance_id = ""; }) == invalid_request);
  CHECK(refused([](auto& request) { request.rack_id = ""; }) == invalid_request);
  CHECK(refused([](auto& request) { request.rebalance_timeout_ms = -1; }) == invalid_request);
  CHECK(refused([](auto& request) { request.topic_partitions.reset(); }) == invalid_request);
  CHECK(refused([](auto& request) { request.topic_partitions->emplace_back(); }) == invalid_request);
  CHECK(refused([](auto& request) { request.subscribed_topic_names.reset(); }) == invalid_request);
  CHECK(refused([](auto& request) { request.member_epoch = -3; }) == invalid_request);
  CHECK(refused([](auto& request) { request.member_epoch = -2; }) == invalid_request);
  CHECK(refused([](auto& request) { request.server_assignor = "sticky"; }) == unsupported_assignor);
  CHECK(refused([](auto& request) { request.subscribed_topic_regex = "["; }) == invalid_regular_expression);
  CHECK(refused([](auto& request) { request.subscribed_topic_regex = std::string(257, 'a'); }) ==
        invalid_regular_expression);
  CHECK(refused([](auto& request) { request.member_epoch = 3; }) == group_id_not_found);
  CHECK_FALSE(cluster.core.state().groups().exists("g"));
  REQUIRE(one.beat() == none);
  consumer_client two(cluster, "two", {"t"});
  two.epoch = 1;
  CHECK(two.beat() == unknown_member_id);
}

TEST_CASE("a group of the new protocol that is full takes nobody") {
  script cluster(fake_cluster_options{.broker_configs = {{"group.consumer.max.size", "1"}}});
  cluster.create_topic("t");
  consumer_client one(cluster, "one", {"t"});
  consumer_client two(cluster, "two", {"t"});
  CHECK(one.beat() == none);
  CHECK(two.beat() == group_max_size_reached);
  CHECK(one.beat() == none);
}

TEST_CASE("a static member that is away for a while keeps its partitions until its session ends") {
  script cluster;
  cluster.create_topic("t", 2);
  consumer_client one(cluster, "one", {"t"}, "i");
  consumer_client other(cluster, "other", {"t"});
  REQUIRE(one.beat() == none);
  REQUIRE(other.beat() == none);
  REQUIRE(one.beat() == none);
  REQUIRE(one.settle() == none);
  REQUIRE(other.beat() == none);
  CHECK(other.assigned.size() == 1);
  consumer_client early(cluster, "early", {"t"}, "i");
  CHECK(early.beat() == unreleased_instance_id);
  CHECK(one.leave(-2) == none);
  CHECK(other.beat() == none);
  CHECK(other.assigned.size() == 1);
  CHECK(group_of(cluster).epoch() == 2);
  consumer_client again(cluster, "again", {"t"}, "i");
  REQUIRE(again.beat() == none);
  CHECK(again.assigned == one.assigned);
  CHECK(group_of(cluster).epoch() == 2);  // nothing changed for the others
  CHECK(one.beat() == fenced_instance_id);
  CHECK(one.leave() == fenced_instance_id);
  consumer_client stranger(cluster, "s", {"t"}, "j");
  stranger.epoch = 4;
  CHECK(stranger.beat() == unknown_member_id);
  CHECK(stranger.leave(-2) == unknown_member_id);
  CHECK(again.leave(-2) == none);
  cluster.pass(30s);
  CHECK(other.beat() == none);
  cluster.pass(15s);
  CHECK(other.beat() == none);
  CHECK(other.assigned.size() == 2);
}

TEST_CASE("new partitions, new topics and deletions bring a new epoch to those that subscribe") {
  script cluster;
  auto& state = cluster.core.state();
  const uuid id = cluster.create_topic("t", 1);
  consumer_client one(cluster, "one", {"t", "later"});
  REQUIRE(one.beat() == none);
  CHECK(one.epoch == 1);
  cluster.create_topic("unrelated");
  REQUIRE(one.beat() == none);
  CHECK(one.epoch == 1);
  REQUIRE_FALSE(state.add_partitions("t", 3, std::nullopt, false));
  REQUIRE(one.beat() == none);
  CHECK(one.epoch == 2);
  CHECK(one.assigned == partition_set{{id, 0}, {id, 1}, {id, 2}});
  const uuid later = cluster.create_topic("later");
  REQUIRE(one.beat() == none);
  CHECK(one.epoch == 3);
  CHECK(one.assigned.contains({later, 0}));
  state.delete_topic("t");
  REQUIRE(one.beat() == none);
  CHECK(one.assigned == partition_set{{later, 0}});
  REQUIRE(one.settle() == none);
  CHECK(one.epoch == 4);
}

TEST_CASE("a pattern subscribes to whatever it matches, also later") {
  script cluster;
  const uuid first = cluster.create_topic("orders-1");
  cluster.create_topic("my-orders-1");
  consumer_client one(cluster, "one", {});
  one.regex = "orders-.*";
  REQUIRE(one.beat() == none);
  CHECK(one.assigned == partition_set{{first, 0}});
  const uuid second = cluster.create_topic("orders-2");
  REQUIRE(one.beat() == none);
  CHECK(one.assigned == partition_set{{first, 0}, {second, 0}});
  CHECK(group_of(cluster).is_subscribed("orders-2"));
  CHECK_FALSE(group_of(cluster).is_subscribed("my-orders-1"));
}

TEST_CASE("a changed subscription brings a new epoch, and the assignor that most ask for is used") {
  script cluster;
  const uuid first = cluster.create_topic("a", 2);
  const uuid second = cluster.create_topic("b", 2);
  consumer_client one(cluster, "one", {"a"});
  consumer_client two(cluster, "two", {"a", "b"});
  one.assignor = two.assignor = "range";
  REQUIRE(one.beat() == none);
  CHECK(group_of(cluster).assignor() == "range");
  auto request = one.request(false);
  request.subscribed_topic_names = {"a", "b"};
  CHECK(one.ask(request).member_epoch == 2);
  one.epoch = 2;
  REQUIRE(two.beat() == none);
  CHECK(group_of(cluster).target("one") == partition_set{{first, 0}, {second, 0}});
  CHECK(group_of(cluster).target("two") == partition_set{{first, 1}, {second, 1}});
}

TEST_CASE("offsets are for members of the right epoch") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  consumer_client one(cluster, "one", {"t"});
  REQUIRE(one.beat() == none);
  CHECK(one.commit(5, id) == none);
  CHECK(one.commit(5, id, 8) == unsupported_version);
  one.epoch = 0;
  CHECK(one.commit(6, id) == stale_member_epoch);
  one.epoch = 1;
  consumer_client stranger(cluster, "stranger", {"t"});
  stranger.epoch = 1;
  CHECK(stranger.commit(7, id) == unknown_member_id);
  stranger.id = "";
  stranger.epoch = -1;
  CHECK(stranger.commit(7, id) == unknown_member_id);
  const auto fetch = [&](std::optional<std::string> member, std::int32_t epoch) {
    protocol::offset_fetch_request request;
    request.groups = {{"g", std::move(member), epoch, std::nullopt, {}}};
    const auto answer = cluster.ask(cluster.connect(), request);
    return code_of(answer.groups.at(0).error_code);
  };
  CHECK(fetch("one", 1) == none);
  CHECK(fetch("one", 2) == stale_member_epoch);
  CHECK(fetch("stranger", 1) == unknown_member_id);
  CHECK(fetch(std::nullopt, -1) == none);
  CHECK(one.leave() == none);
  CHECK(stranger.commit(8, id) == none);  // the empty group takes it
  CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 8);
}

}  // namespace
}  // namespace kafka::fake
