// SPDX-License-Identifier: Apache-2.0
// DescribeGroups, ListGroups, DeleteGroups, OffsetDelete, ConsumerGroupDescribe.
#include "unit/fake/group_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

shared_bytes subscription_to(const std::string& topic) {
  protocol::consumer_protocol_subscription subscription;
  subscription.topics = {topic};
  protocol::encoded_message body;
  REQUIRE_FALSE(protocol::encode(subscription, 0, body));
  return shared_bytes::copy_of("\0\0"s + std::string(body.flatten().text()));
}

protocol::describe_groups_response::group describe(script& cluster, std::int16_t version = 6) {
  protocol::describe_groups_request request;
  request.groups = {"g"};
  request.include_authorized_operations = version >= 3;
  return cluster.ask(cluster.connect(), request, version).groups.at(0);
}

TEST_CASE("DescribeGroups shows a classic group in every version") {
  script cluster(hasty());
  for (std::int16_t version = 0; version <= 6; ++version) {
    const auto missing = describe(cluster, version);
    CHECK(missing.group_state == "Dead");
    CHECK(code_of(missing.error_code) == (version >= 6 ? group_id_not_found : none));
  }
  classic_client one(cluster, "i");
  one.begin_join();
  cluster.pass(20ms);
  REQUIRE(one.joined() == none);
  CHECK(describe(cluster).group_state == "CompletingRebalance");
  CHECK(describe(cluster).members.at(0).member_metadata.empty());
  one.begin_sync({one.member_id});
  one.take_sync();
  for (std::int16_t version = 0; version <= 6; ++version) {
    CAPTURE(version);
    const auto group = describe(cluster, version);
    CHECK(group.group_state == "Stable");
    CHECK(group.protocol_type == "consumer");
    CHECK(group.protocol_data == "range");
    REQUIRE(group.members.size() == 1);
    CHECK(group.members[0].member_id == one.member_id);
    CHECK(group.members[0].client_id == "test");
    CHECK(group.members[0].member_metadata.text() == "subscription");
    CHECK(group.members[0].member_assignment.text() == share_of(one.member_id));
    if (version >= 4) CHECK(group.members[0].group_instance_id == "i");
    if (version >= 3) CHECK(group.authorized_operations == 328);
  }
  classic_client two(cluster);
  two.begin_join();
  CHECK(describe(cluster).group_state == "PreparingRebalance");
}

TEST_CASE("ListGroups lists what the node coordinates, filtered by state and type") {
  script cluster(hasty());
  const uuid id = cluster.create_topic("t");
  consumer_client modern(cluster, "m", {"t"});
  REQUIRE(modern.beat() == none);
  protocol::offset_commit_request commit;
  commit.group_id = "simple";
  commit.topics = {{"t", id, {{0, 1, -1, "", {}}}, {}}};
  cluster.ask(cluster.connect(), commit);
  const auto list = [&](std::vector<std::string> states, std::vector<std::string> types, std::int16_t version = 5) {
    protocol::list_groups_request request;
    request.states_filter = std::move(states);
    request.types_filter = std::move(types);
    return cluster.ask(cluster.connect(), request, version).groups;
  };
  const auto all = list({}, {});
  REQUIRE(all.size() == 2);
  CHECK(all[0].group_id == "g");
  CHECK(all[0].protocol_type == "consumer");
  CHECK(all[0].group_state == "Stable");
  CHECK(all[0].group_type == "consumer");
  CHECK(all[1].group_id == "simple");
  CHECK(all[1].protocol_type == "");
  CHECK(all[1].group_state == "Empty");
  CHECK(all[1].group_type == "classic");
  CHECK(list({"stable"}, {}).size() == 1);
  CHECK(list({"Stable", "EMPTY"}, {}).size() == 2);
  CHECK(list({}, {"Classic"}).at(0).group_id == "simple");
  CHECK(list({}, {"unheard"}).empty());
  CHECK(list({}, {}, 0).size() == 2);
}

TEST_CASE("each node lists its own groups") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t");
  auto& state = cluster.core.state();
  state.set_coordinator("one", 1);
  state.set_coordinator("two", 2);
  for (const auto& [name, node] : {std::pair("one"s, 1), std::pair("two"s, 2)}) {
    protocol::offset_commit_request commit;
    commit.group_id = name;
    commit.topics = {{"t", id, {{0, 1, -1, "", {}}}, {}}};
    cluster.ask(cluster.connect(node), commit);
  }
  const auto listed = cluster.ask(cluster.connect(2), protocol::list_groups_request{});
  REQUIRE(listed.groups.size() == 1);
  CHECK(listed.groups[0].group_id == "two");
  protocol::describe_groups_request describe;
  describe.groups = {"one"};
  CHECK(code_of(cluster.ask(cluster.connect(2), describe).groups.at(0).error_code) == not_coordinator);
  protocol::delete_groups_request remove;
  remove.groups_names = {"one", "two"};
  const auto removed = cluster.ask(cluster.connect(2), remove);
  CHECK(code_of(removed.results.at(0).error_code) == not_coordinator);
  CHECK(code_of(removed.results.at(1).error_code) == none);
}

TEST_CASE("DeleteGroups deletes groups without members, with their offsets") {
  script cluster(hasty());
  cluster.create_topic("t");
  const auto remove = [&] {
    protocol::delete_groups_request request;
    request.groups_names = {"g"};
    return code_of(cluster.ask(cluster.connect(), request).results.at(0).error_code);
  };
  CHECK(remove() == group_id_not_found);
  classic_client one(cluster);
  form_group(cluster, {&one});
  CHECK(one.commit(5) == none);
  CHECK(remove() == non_empty_group);
  CHECK(one.leave() == none);
  cluster.pass(20ms);
  CHECK(remove() == none);
  CHECK(cluster.core.state().offsets().find("g", {"t", 0}) == nullptr);
  CHECK(describe(cluster).group_state == "Dead");
  consumer_client modern(cluster, "m", {"t"});
  REQUIRE(modern.beat() == none);
  CHECK(remove() == non_empty_group);
  CHECK(modern.leave() == none);
  CHECK(remove() == none);
  CHECK_FALSE(cluster.core.state().groups().exists("g"));
}

TEST_CASE("OffsetDelete deletes offsets of topics that nobody subscribes to") {
  script cluster(hasty());
  cluster.create_topic("t", 1);
  cluster.create_topic("u", 1);
  const auto remove = [&](const std::string& topic, std::int32_t partition = 0) {
    protocol::offset_delete_request request;
    request.group_id = "g";
    request.topics = {{topic, {{partition}}}};
    const auto answer = cluster.ask(cluster.connect(), request);
    if (answer.error_code != 0) return code_of(answer.error_code);
    return code_of(answer.topics.at(0).partitions.at(0).error_code);
  };
  CHECK(remove("t") == group_id_not_found);
  classic_client one(cluster);
  one.protocols = {{"range", std::string(subscription_to("u").text())}};
  form_group(cluster, {&one});
  CHECK(one.commit(5) == none);
  CHECK(remove("u") == group_subscribed_to_topic);
  CHECK(remove("t", 7) == unknown_topic_or_partition);
  CHECK(remove("t") == none);
  CHECK(cluster.core.state().offsets().find("g", {"t", 0}) == nullptr);
  CHECK(one.leave() == none);
  cluster.pass(20ms);
  CHECK(remove("u") == none);
  one.member_id.clear();
  one.protocol_type = "connect";
  form_group(cluster, {&one});
  CHECK(remove("t") == non_empty_group);
}

TEST_CASE("ConsumerGroupDescribe shows a group of the new protocol") {
  script cluster(hasty());
  const uuid id = cluster.create_topic("t", 2);
  const auto describe_modern = [&](std::int16_t version = 1) {
    protocol::consumer_group_describe_request request;
    request.group_ids = {"g"};
    request.include_authorized_operations = true;
    return cluster.ask(cluster.connect(), request, version).groups.at(0);
  };
  CHECK(code_of(describe_modern().error_code) == group_id_not_found);
  consumer_client one(cluster, "one", {"t"}, "i");
  REQUIRE(one.beat() == none);
  const auto group = describe_modern();
  CHECK(group.group_state == "Stable");
  CHECK(group.group_epoch == 1);
  CHECK(group.assignment_epoch == 1);
  CHECK(group.assignor_name == "uniform");
  CHECK(group.authorized_operations == 328);
  REQUIRE(group.members.size() == 1);
  const auto& member = group.members[0];
  CHECK(member.member_id == "one");
  CHECK(member.instance_id == "i");
  CHECK(member.member_epoch == 1);
  CHECK(member.client_id == "test");
  CHECK(member.subscribed_topic_names == std::vector<std::string>{"t"});
  CHECK_FALSE(member.subscribed_topic_regex);
  REQUIRE(member.assignment.topic_partitions.size() == 1);
  CHECK(member.assignment.topic_partitions[0].topic_name == "t");
  CHECK(member.assignment.topic_partitions[0].topic_id == id);
  CHECK(member.assignment.topic_partitions[0].partitions == std::vector<std::int32_t>{0, 1});
  CHECK(member.target_assignment == member.assignment);
  CHECK(member.member_type == 1);
  CHECK(describe_modern(0).members.at(0).member_type == -1);
  CHECK(describe(cluster).group_state == "Dead");  // for it is no classic group
}

}  // namespace
}  // namespace kafka::fake
