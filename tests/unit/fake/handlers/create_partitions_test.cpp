// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;
using wanted = protocol::create_partitions_request::topic;

wanted topic_to(const std::string& name, std::int32_t count,
                std::optional<std::vector<std::vector<std::int32_t>>> replicas = {}) {
  wanted out;
  out.name = name;
  out.count = count;
  out.assignments.reset();
  if (!replicas) return out;
  out.assignments.emplace();
  for (auto& nodes : *replicas) out.assignments->push_back({std::move(nodes), {}});
  return out;
}

broker_errc create(script& cluster, const wanted& topic, bool validate_only = false, std::int16_t version = 3) {
  protocol::create_partitions_request request;
  request.topics = {topic};
  request.validate_only = validate_only;
  const auto answer = cluster.ask(cluster.connect(), request, version);
  REQUIRE(answer.results.size() == 1);
  CHECK(answer.results[0].name == topic.name);
  CHECK(answer.results[0].error_message.has_value() == (answer.results[0].error_code != 0));
  return code_of(answer.results[0].error_code);
}

TEST_CASE("CreatePartitions adds partitions that take records, in every version") {
  script cluster({.nodes = 3});
  cluster.create_topic("t", 1, {}, 2);
  for (std::int16_t version = 0; version <= 3; ++version) {
    CAPTURE(version);
    const std::int32_t count = 2 + version;
    CHECK(create(cluster, topic_to("t", count), true, version) == none);
    CHECK_FALSE(cluster.core.state().find_partition("t", count - 1));
    CHECK(create(cluster, topic_to("t", count), false, version) == none);
    const auto& added = cluster.partition("t", count - 1);
    CHECK(added.replicas.size() == 2);
    CHECK(added.leader == added.replicas.front());
  }
  CHECK(cluster.append("t", {"a"}, 4) == 0);
}

TEST_CASE("CreatePartitions takes replicas as they are given") {
  script cluster({.nodes = 3});
  cluster.create_topic("t", 1, {}, 2);
  CHECK(create(cluster, topic_to("t", 3, {{{2, 3}, {3, 1}}})) == none);
  CHECK(cluster.partition("t", 1).replicas == std::vector<std::int32_t>{2, 3});
  CHECK(cluster.partition("t", 2).leader == 3);
  CHECK(create(cluster, topic_to("t", 4, {{{2, 3}, {3, 1}}})) == invalid_replica_assignment);
  CHECK(create(cluster, topic_to("t", 4, {{{2}}})) == invalid_replica_assignment);
  CHECK(create(cluster, topic_to("t", 4, {{{2, 2}}})) == invalid_replica_assignment);
  CHECK(create(cluster, topic_to("t", 4, {{{2, 9}}})) == invalid_replica_assignment);
}

TEST_CASE("CreatePartitions refuses what is no increase") {
  script cluster;
  cluster.create_topic("t", 3);
  CHECK(create(cluster, topic_to("unknown", 3)) == unknown_topic_or_partition);
  CHECK(create(cluster, topic_to("t", 3)) == invalid_partitions);
  CHECK(create(cluster, topic_to("t", 2)) == invalid_partitions);
  CHECK(create(cluster, topic_to("t", -1)) == invalid_partitions);
  CHECK(create(cluster, topic_to("t", 1'000'000)) == policy_violation);
  protocol::create_partitions_request request;
  request.topics = {topic_to("t", 4), topic_to("t", 5)};
  const auto answer = cluster.ask(cluster.connect(), request);
  REQUIRE(answer.results.size() == 1);
  CHECK(code_of(answer.results[0].error_code) == invalid_request);
}

}  // namespace
}  // namespace kafka::fake
