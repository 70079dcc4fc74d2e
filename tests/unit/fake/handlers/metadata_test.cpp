// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using protocol::metadata_request;
using protocol::metadata_response;

metadata_request naming(std::vector<std::string> names, bool create = false) {
  metadata_request out;
  for (auto& name : names) out.topics->push_back({{}, std::move(name), {}});
  out.allow_auto_topic_creation = create;
  return out;
}

metadata_request all_topics() {
  metadata_request out;
  out.topics.reset();
  return out;
}

TEST_CASE("Metadata describes nodes, topics and partitions, in every version") {
  script cluster({.nodes = 3, .port = 9092, .racks = {"a", "", "c"}});
  const uuid id = cluster.create_topic("t", 2, {}, 3);
  const auto client = cluster.connect(2);
  for (std::int16_t version = 0; version <= 13; ++version) {
    CAPTURE(version);
    auto request = naming({"t"});
    if (version < 4) request.allow_auto_topic_creation = true;  // cannot be said there
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.brokers.size() == 3);
    CHECK(response.brokers[1].port == 9093);
    CHECK(response.brokers[0].rack == (version >= 1 ? std::optional("a"s) : std::nullopt));
    CHECK_FALSE(response.brokers[1].rack);
    CHECK(response.controller_id == (version >= 1 ? 1 : -1));
    CHECK(response.cluster_id == (version >= 2 ? std::optional(cluster.core.state().cluster_id()) : std::nullopt));
    REQUIRE(response.topics.size() == 1);
    CHECK(response.topics[0].name == "t");
    CHECK(response.topics[0].topic_id == (version >= 10 ? id : uuid{}));
    REQUIRE(response.topics[0].partitions.size() == 2);
    const auto& partition = response.topics[0].partitions[1];
    CHECK(partition.partition_index == 1);
    CHECK(partition.leader_id == partition.replica_nodes[0]);
    CHECK(partition.leader_epoch == (version >= 7 ? 0 : -1));
    CHECK(partition.isr_nodes.size() == 3);
  }
}

TEST_CASE("null asks for all topics and an empty list for none, except in version 0") {
  script cluster;
  cluster.create_topic("a");
  cluster.create_topic("b");
  const auto client = cluster.connect();
  CHECK(cluster.ask(client, metadata_request{}, 0).topics.size() == 2);
  for (const std::int16_t version : std::vector<std::int16_t>{1, 13}) {
    metadata_request none;
    CHECK(cluster.ask(client, none, version).topics.empty());
    CHECK(cluster.ask(client, all_topics(), version).topics.size() == 2);
  }
}

TEST_CASE("a topic is created when the request and the cluster allow it, and is there the next time") {
  script cluster({.default_partitions = 4});
  const auto client = cluster.connect();
  const auto first = cluster.ask(client, naming({"new"}, true));
  REQUIRE(first.topics.size() == 1);
  CHECK(code_of(first.topics[0].error_code) == broker_errc::unknown_topic_or_partition);
  const auto second = cluster.ask(client, naming({"new"}, true));
  CHECK(second.topics[0].error_code == 0);
  CHECK(second.topics[0].partitions.size() == 4);
  CHECK(code_of(cluster.ask(client, naming({"other"})).topics[0].error_code) ==
        broker_errc::unknown_topic_or_partition);
  CHECK_FALSE(cluster.core.state().find_topic("other"));
  CHECK(code_of(cluster.ask(client, naming({"bad name"}, true)).topics[0].error_code) ==
        broker_errc::invalid_topic_exception);

  script strict({.auto_create_topics = false});
  const auto other = strict.connect();
  (void)strict.ask(other, naming({"new"}, true));
  CHECK_FALSE(strict.core.state().find_topic("new"));
}

TEST_CASE("topics are found by id since version 12") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto client = cluster.connect();
  metadata_request request;
  request.topics->push_back({id, std::nullopt, {}});
  request.topics->push_back({uuid{{1, 2, 3}}, std::nullopt, {}});
  const auto response = cluster.ask(client, request, 12);
  REQUIRE(response.topics.size() == 2);
  CHECK(response.topics[0].name == "t");
  CHECK(response.topics[0].error_code == 0);
  CHECK_FALSE(response.topics[1].name);
  CHECK(code_of(response.topics[1].error_code) == broker_errc::unknown_topic_id);
  for (const std::int16_t version : std::vector<std::int16_t>{10, 11}) {
    CHECK(code_of(cluster.ask(client, request, version).topics[0].error_code) == broker_errc::invalid_request);
  }
}

TEST_CASE("what is down is told as such") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 2);
  cluster.create_topic("lone", 1, {}, 1);
  const std::int32_t down = cluster.partition("lone").leader;
  cluster.core.stop_node(down);
  const auto client = cluster.connect(3 - down);
  const auto response = cluster.ask(client, naming({"t", "lone"}));
  CHECK(response.brokers.size() == 1);
  CHECK(response.topics[0].partitions[0].leader_id == 3 - down);
  CHECK(response.topics[0].partitions[0].offline_replicas == std::vector{down});
  CHECK(response.topics[1].partitions[0].leader_id == -1);
  CHECK(code_of(response.topics[1].partitions[0].error_code) == broker_errc::leader_not_available);
}

TEST_CASE("while the news of a moved leader spreads, other nodes still name the old one") {
  script cluster({.nodes = 3, .port = 9092});
  const uuid id = cluster.create_topic("t", 1, {}, 3);
  auto& partition = cluster.partition("t");
  const std::int32_t before = partition.leader;
  const std::int32_t after = before % 3 + 1;
  const std::int32_t third = after % 3 + 1;
  cluster.core.state().move_leader(partition, after, 500ms, cluster.now);
  const auto told = [&](std::int32_t node) {
    const auto answer = cluster.ask(cluster.connect(node), naming({"t"})).topics.at(0).partitions.at(0);
    return std::pair(answer.leader_id, answer.leader_epoch);
  };
  const auto hint = [&](std::int32_t node) {
    const auto answer = cluster.ask(cluster.connect(node), produce_of("t", id, batch_of(1)));
    const auto& out = answer.responses.at(0).partition_responses.at(0);
    CHECK(code_of(out.error_code) == broker_errc::not_leader_or_follower);
    CHECK(answer.node_endpoints.at(0).node_id == out.current_leader.leader_id);
    return std::pair(out.current_leader.leader_id, out.current_leader.leader_epoch);
  };
  CHECK(told(after) == std::pair(after, 1));
  CHECK(told(before) == std::pair(before, 0));
  CHECK(told(third) == std::pair(before, 0));
  // The old leader knows who took its place; who only reads metadata does not.
  CHECK(hint(before) == std::pair(after, 1));
  CHECK(hint(third) == std::pair(before, 0));
  const auto taken = cluster.ask(cluster.connect(after), produce_of("t", id, batch_of(1)));
  CHECK(taken.responses.at(0).partition_responses.at(0).error_code == 0);
  cluster.pass(499ms);
  CHECK(told(third) == std::pair(before, 0));
  cluster.pass(1ms);
  CHECK(told(third) == std::pair(after, 1));
  CHECK(told(before) == std::pair(after, 1));
  CHECK(hint(third) == std::pair(after, 1));
  // The next move without a lag is known everywhere.
  cluster.core.state().move_leader(partition, third, 500ms, cluster.now);
  cluster.core.state().move_leader(partition, before, 0ms, cluster.now);
  CHECK(told(after) == std::pair(before, 3));
}

TEST_CASE("Fetch names the leader as the asked node knows it, since 16") {
  script cluster({.nodes = 3, .port = 9092});
  const uuid id = cluster.create_topic("t", 1, {}, 1);
  auto& partition = cluster.partition("t");
  const std::int32_t before = partition.leader;
  const std::int32_t after = before % 3 + 1;
  const std::int32_t third = after % 3 + 1;
  cluster.core.state().move_leader(partition, after, 500ms, cluster.now);
  const auto answer = cluster.ask(cluster.connect(third), fetch_of("t", id, 0));
  CHECK(answer.responses.at(0).partitions.at(0).current_leader.leader_id == before);
  CHECK(answer.node_endpoints.at(0).node_id == before);
  const auto old_answer = cluster.ask(cluster.connect(third), fetch_of("t", id, 0), 15);
  CHECK(old_answer.responses.at(0).partitions.at(0).current_leader.leader_id == -1);
}

TEST_CASE("a node that is not listed is nobody to clients, though it runs, until it is back") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 1);
  const std::int32_t hidden = cluster.partition("t").leader;
  cluster.core.state().find_node(hidden)->listed = false;
  const auto client = cluster.connect(3 - hidden);
  const auto response = cluster.ask(client, naming({"t"}));
  REQUIRE(response.brokers.size() == 1);
  CHECK(response.brokers[0].node_id == 3 - hidden);
  CHECK(response.controller_id == 3 - hidden);
  CHECK(response.topics[0].partitions[0].leader_id == -1);
  CHECK(code_of(response.topics[0].partitions[0].error_code) == broker_errc::leader_not_available);
  CHECK(cluster.ask(client, protocol::describe_cluster_request{}).brokers.size() == 1);
  for (const char* key : {"a", "b", "c", "d"}) {
    CHECK(cluster.core.state().coordinator(coordinator_type::group, key) == 3 - hidden);
  }
  CHECK(cluster.core.connect(hidden, cluster.now));
  cluster.core.state().find_node(hidden)->listed = true;
  CHECK(cluster.ask(client, naming({"t"})).brokers.size() == 2);
  CHECK(cluster.ask(client, naming({"t"})).topics[0].partitions[0].leader_id == hidden);
}

TEST_CASE("authorized operations are told when asked for") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  auto request = naming({"t"});
  CHECK(cluster.ask(client, request, 10).topics[0].topic_authorized_operations == INT32_MIN);
  request.include_topic_authorized_operations = true;
  request.include_cluster_authorized_operations = true;
  const auto response = cluster.ask(client, request, 10);
  CHECK(response.topics[0].topic_authorized_operations == 3576);
  CHECK(response.cluster_authorized_operations == 8096);
}

TEST_CASE("an advertised address is what clients are told") {
  script cluster;
  cluster.core.state().find_node(1)->host = "elsewhere";
  cluster.core.state().find_node(1)->port = 77;
  const auto response = cluster.ask(cluster.connect(), metadata_request{});
  CHECK(response.brokers[0].host == "elsewhere");
  CHECK(response.brokers[0].port == 77);
}

TEST_CASE("DescribeCluster tells the same of nodes") {
  script cluster({.nodes = 2, .racks = {"a"}});
  const auto client = cluster.connect();
  for (std::int16_t version = 0; version <= 2; ++version) {
    protocol::describe_cluster_request request;
    request.include_cluster_authorized_operations = true;
    const auto response = cluster.ask(client, request, version);
    CHECK(response.error_code == 0);
    CHECK(response.cluster_id == cluster.core.state().cluster_id());
    CHECK(response.controller_id == 1);
    REQUIRE(response.brokers.size() == 2);
    CHECK(response.brokers[0].rack == "a");
    CHECK(response.cluster_authorized_operations == 8096);
  }
  protocol::describe_cluster_request controllers;
  controllers.endpoint_type = 2;
  CHECK(code_of(cluster.ask(client, controllers, 1).error_code) == broker_errc::mismatched_endpoint_type);
  controllers.endpoint_type = 3;
  CHECK(code_of(cluster.ask(client, controllers, 1).error_code) == broker_errc::unsupported_endpoint_type);
}

}  // namespace
}  // namespace kafka::fake
