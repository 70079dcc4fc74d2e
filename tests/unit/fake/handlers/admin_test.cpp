// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using protocol::create_topics_request;
using protocol::create_topics_response;

create_topics_request creating(const std::string& name, std::int32_t partitions = 1, std::int16_t replicas = 1) {
  create_topics_request out;
  out.topics = {{name, partitions, replicas, {}, {}, {}}};
  return out;
}

TEST_CASE("CreateTopics creates, in every version") {
  script cluster({.nodes = 3});
  const auto client = cluster.connect(2);
  for (std::int16_t version = 2; version <= 7; ++version) {
    CAPTURE(version);
    const std::string name = "t" + std::to_string(version);
    auto request = creating(name, 3, 2);
    request.topics[0].configs = {{"retention.ms", "1000", {}}};
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.topics.size() == 1);
    const auto& topic = response.topics[0];
    CHECK(topic.name == name);
    CHECK(topic.error_code == 0);
    CHECK_FALSE(topic.error_message);
    const topic_state* made = cluster.core.state().find_topic(name);
    REQUIRE(made);
    CHECK(made->partitions.size() == 3);
    CHECK(made->partitions[0].replicas.size() == 2);
    CHECK(topic.topic_id == (version >= 7 ? made->id : uuid{}));
    CHECK(topic.num_partitions == (version >= 5 ? 3 : -1));
    if (version < 5) continue;
    CHECK(topic.replication_factor == 2);
    REQUIRE(topic.configs);
    const auto config = std::find_if(topic.configs->begin(), topic.configs->end(),
                                     [](auto& one) { return one.name == "retention.ms"; });
    REQUIRE(config != topic.configs->end());
    CHECK(config->value == "1000");
    CHECK(config->config_source == 1);
  }
}

TEST_CASE("leaders of new partitions are spread over the nodes") {
  script cluster({.nodes = 3});
  cluster.create_topic("t", 6, {}, 1);
  std::map<std::int32_t, int> counts;
  for (const auto& partition : cluster.core.state().find_topic("t")->partitions) ++counts[partition.leader];
  CHECK(counts == std::map<std::int32_t, int>{{1, 2}, {2, 2}, {3, 2}});
}

TEST_CASE("what a controller refuses is refused with its error") {
  script cluster({.nodes = 2});
  cluster.create_topic("there.is");
  const auto client = cluster.connect();
  const auto code = [&](const create_topics_request& request, std::int16_t version = 7) {
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.topics.size() == 1);
    CHECK(response.topics[0].error_message);
    return code_of(response.topics[0].error_code);
  };
  using enum broker_errc;
  CHECK(code(creating("there.is")) == topic_already_exists);
  CHECK(code(creating("there_is")) == invalid_topic_exception);  // collides
  CHECK(code(creating("")) == invalid_topic_exception);
  CHECK(code(creating("..")) == invalid_topic_exception);
  CHECK(code(creating("a b")) == invalid_topic_exception);
  CHECK(code(creating(std::string(250, 'a'))) == invalid_topic_exception);
  CHECK(code(creating("t", 0)) == invalid_partitions);
  CHECK(code(creating("t", -2)) == invalid_partitions);
  CHECK(code(creating("t", -1), 3) == invalid_partitions);
  CHECK(code(creating("t", 10'001)) == policy_violation);
  CHECK(code(creating("t", INT32_MAX)) == policy_violation);
  CHECK(code(creating("t", 1, 0)) == invalid_replication_factor);
  CHECK(code(creating("t", 1, 3)) == invalid_replication_factor);
  CHECK(code(creating("t", 1, -1), 3) == invalid_replication_factor);
  auto request = creating("t");
  request.topics[0].configs = {{"no.such", "1", {}}};
  CHECK(code(request) == invalid_config);
  request.topics[0].configs = {{"retention.ms", "many", {}}};
  CHECK(code(request) == invalid_config);
  request.topics[0].configs = {{"retention.ms", std::nullopt, {}}};
  CHECK(code(request) == invalid_config);
  request = creating("t");
  request.topics.push_back(request.topics[0]);
  CHECK(code(request) == invalid_request);  // answered once
  CHECK_FALSE(cluster.core.state().find_topic("t"));
}

TEST_CASE("replicas can be assigned by hand") {
  script cluster({.nodes = 3});
  const auto client = cluster.connect();
  const auto assigning = [&](std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>> assignments,
                             std::int32_t partitions = -1) {
    auto request = creating("t", partitions, -1);
    for (auto& [index, replicas] : assignments) request.topics[0].assignments.push_back({index, replicas, {}});
    return code_of(cluster.ask(client, request).topics.at(0).error_code);
  };
  using enum broker_errc;
  CHECK(assigning({{0, {1}}}, 1) == invalid_request);
  CHECK(assigning({{0, {1}}, {0, {2}}}) == invalid_replica_assignment);
  CHECK(assigning({{0, {}}}) == invalid_replica_assignment);
  CHECK(assigning({{0, {1, 2}}, {1, {1}}}) == invalid_replica_assignment);
  CHECK(assigning({{0, {1, 1}}}) == invalid_replica_assignment);
  CHECK(assigning({{0, {1, 9}}}) == invalid_replica_assignment);
  CHECK(assigning({{1, {1}}}) == invalid_replica_assignment);
  CHECK(assigning({{1, {3, 1}}, {0, {2, 3}}}) == none);
  CHECK(cluster.partition("t", 0).replicas == std::vector<std::int32_t>{2, 3});
  CHECK(cluster.partition("t", 1).leader == 3);
}

TEST_CASE("defaults stand for -1, and validate_only creates nothing") {
  script cluster({.nodes = 2, .default_partitions = 5, .default_replication_factor = 2});
  const auto client = cluster.connect();
  auto request = creating("t", -1, -1);
  request.validate_only = true;
  const auto checked = cluster.ask(client, request).topics.at(0);
  CHECK(checked.error_code == 0);
  CHECK(checked.num_partitions == 5);
  CHECK(checked.replication_factor == 2);
  CHECK(checked.topic_id.is_zero());
  CHECK_FALSE(cluster.core.state().find_topic("t"));
  request.validate_only = false;
  CHECK(cluster.ask(client, request, 4).topics.at(0).error_code == 0);
  CHECK(cluster.core.state().find_topic("t")->partitions.size() == 5);
}

TEST_CASE("DeleteTopics deletes by name, in every version, and by id since 6") {
  script cluster;
  const auto client = cluster.connect();
  for (std::int16_t version = 1; version <= 6; ++version) {
    CAPTURE(version);
    cluster.create_topic("t");
    protocol::delete_topics_request request;
    if (version < 6) {
      request.topic_names = {"t", "u"};
    } else {
      request.topics = {{"t", {}, {}}, {"u", {}, {}}};
    }
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.responses.size() == 2);
    CHECK(response.responses[0].name == "t");
    CHECK(response.responses[0].error_code == 0);
    CHECK(code_of(response.responses[1].error_code) == broker_errc::unknown_topic_or_partition);
    CHECK_FALSE(cluster.core.state().find_topic("t"));
  }
  const uuid id = cluster.create_topic("t");
  protocol::delete_topics_request request;
  request.topics = {{std::nullopt, id, {}}, {std::nullopt, uuid{{8}}, {}},
                    {"x", uuid{{8}}, {}},   {std::nullopt, uuid{}, {}},
                    {"y", uuid{}, {}},      {"y", uuid{}, {}}};
  const auto response = cluster.ask(client, request);
  std::vector<broker_errc> codes;
  for (const auto& topic : response.responses) codes.push_back(code_of(topic.error_code));
  using enum broker_errc;
  CHECK(codes == std::vector{none, unknown_topic_id, invalid_request, invalid_request, unknown_topic_or_partition,
                             invalid_request});
  CHECK(response.responses[0].name == "t");
  CHECK_FALSE(cluster.core.state().find_topic("t"));
}

TEST_CASE("a topic created again has another id and an empty log") {
  script cluster;
  const uuid first = cluster.create_topic("t");
  cluster.append("t", {"a"});
  cluster.core.state().delete_topic("t");
  CHECK(cluster.create_topic("t") != first);
  CHECK(cluster.partition("t").log.end_offset() == 0);
}

TEST_CASE("FindCoordinator names a running node, one key at a time before version 4") {
  script cluster({.nodes = 3, .port = 9092});
  const auto client = cluster.connect();
  std::int32_t group_node = 0;
  for (std::int16_t version = 0; version <= 3; ++version) {
    protocol::find_coordinator_request request;
    request.key = "group";
    const auto response = cluster.ask(client, request, version);
    CHECK(response.error_code == 0);
    CHECK(response.port == 9092 + response.node_id - 1);
    if (version == 0) group_node = response.node_id;
    CHECK(response.node_id == group_node);
  }
  for (std::int16_t version = 4; version <= 6; ++version) {
    protocol::find_coordinator_request request;
    request.coordinator_keys = {"group", "other"};
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.coordinators.size() == 2);
    CHECK(response.coordinators[0].key == "group");
    CHECK(response.coordinators[0].node_id == group_node);
    CHECK(response.coordinators[0].host == "127.0.0.1");
  }
  const std::int32_t chosen = group_node % 3 + 1;
  cluster.core.state().set_coordinator("group", chosen);
  protocol::find_coordinator_request request;
  request.key = "group";
  CHECK(cluster.ask(client, request, 3).node_id == chosen);
  const auto asker = cluster.connect(group_node);
  cluster.core.stop_node(chosen);
  CHECK(cluster.ask(asker, request, 3).node_id != chosen);
  request.key_type = 2;
  CHECK(code_of(cluster.ask(asker, request, 3).error_code) == broker_errc::invalid_request);
}

const protocol::describe_configs_response::config* find(
    const std::vector<protocol::describe_configs_response::config>& configs, std::string_view name) {
  const auto found = std::find_if(configs.begin(), configs.end(), [&](auto& one) { return one.name == name; });
  return found == configs.end() ? nullptr : &*found;
}

TEST_CASE("DescribeConfigs describes topics, in every version") {
  script cluster;
  cluster.create_topic("t", 1, {{"retention.ms", "1000"}});
  const auto client = cluster.connect();
  for (std::int16_t version = 1; version <= 4; ++version) {
    CAPTURE(version);
    protocol::describe_configs_request request;
    request.resources = {{2, "t", std::nullopt, {}}};
    request.include_synonyms = true;
    request.include_documentation = version >= 3;
    const auto response = cluster.ask(client, request, version);
    REQUIRE(response.results.size() == 1);
    const auto& configs = response.results[0].configs;
    CHECK(response.results[0].error_code == 0);
    CHECK(configs.size() == topic_config_keys().size());
    const auto* given = find(configs, "retention.ms");
    REQUIRE(given);
    CHECK(given->value == "1000");
    CHECK(given->config_source == 1);
    CHECK_FALSE(given->read_only);
    REQUIRE(given->synonyms.size() == 2);
    CHECK(given->synonyms[0].name == "retention.ms");
    CHECK(given->synonyms[1].name == "log.retention.ms");
    CHECK(given->synonyms[1].value == "604800000");
    CHECK(given->config_type == (version >= 3 ? 5 : 0));
    CHECK((given->documentation && !given->documentation->empty()) == (version >= 3));
    const auto* standard = find(configs, "cleanup.policy");
    REQUIRE(standard);
    CHECK(standard->value == "delete");
    CHECK(standard->config_source == 5);
    REQUIRE(standard->synonyms.size() == 1);
  }
}

TEST_CASE("DescribeConfigs gives the keys that were asked for, and a broker describes itself alone") {
  script cluster({.nodes = 2, .default_partitions = 7, .broker_configs = {{"group.max.size", "9"}}});
  cluster.create_topic("t");
  const auto client = cluster.connect(2);
  protocol::describe_configs_request request;
  request.resources = {{2, "t", std::vector{"retention.ms"s, "no.such"s}, {}},
                       {2, "u", std::nullopt, {}},
                       {4, "2", std::nullopt, {}},
                       {4, "1", std::nullopt, {}},
                       {4, "", std::nullopt, {}},
                       {77, "t", std::nullopt, {}}};
  const auto response = cluster.ask(client, request);
  REQUIRE(response.results.size() == 6);
  CHECK(response.results[0].configs.size() == 1);
  CHECK(code_of(response.results[1].error_code) == broker_errc::unknown_topic_or_partition);
  const auto* partitions = find(response.results[2].configs, "num.partitions");
  REQUIRE(partitions);
  CHECK(partitions->value == "7");
  CHECK(partitions->read_only);
  CHECK(partitions->config_source == 4);
  CHECK(find(response.results[2].configs, "log.retention.ms"));
  const auto* size = find(response.results[2].configs, "group.max.size");
  REQUIRE(size);
  CHECK(size->value == "9");
  CHECK(size->config_source == 4);
  const auto* delay = find(response.results[2].configs, "group.initial.rebalance.delay.ms");
  REQUIRE(delay);
  CHECK(delay->value == "3000");
  CHECK(delay->config_source == 5);
  CHECK(code_of(response.results[3].error_code) == broker_errc::invalid_request);
  CHECK(response.results[4].error_code == 0);
  CHECK(response.results[4].configs.empty());
  CHECK(code_of(response.results[5].error_code) == broker_errc::invalid_request);
}

}  // namespace
}  // namespace kafka::fake
