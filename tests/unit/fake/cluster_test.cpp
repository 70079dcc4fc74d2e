// SPDX-License-Identifier: Apache-2.0
#include "fake/cluster.hpp"

#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

TEST_CASE("a request is answered whatever way its bytes are cut") {
  script cluster;
  const auto client = cluster.connect();
  const auto bytes = script::framed(protocol::metadata_request{}, 12);
  for (const std::byte one : bytes) {
    CHECK(cluster.answers(client) == 0);
    cluster.send_bytes(client, {&one, 1});
  }
  REQUIRE(cluster.answers(client) == 1);
  CHECK(cluster.take<protocol::metadata_response>(client, 12).brokers.size() == 1);
}

TEST_CASE("pipelined requests are answered in order with their correlation ids") {
  script cluster;
  const auto client = cluster.connect();
  std::vector<std::byte> bytes;
  for (std::int32_t id = 1; id <= 20; ++id) {
    const auto one = script::framed(protocol::metadata_request{}, 12, id);
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  cluster.send_bytes(client, bytes);
  REQUIRE(cluster.answers(client) == 20);
  for (std::int32_t id = 1; id <= 20; ++id) (void)cluster.take<protocol::metadata_response>(client, 12, id);
}

TEST_CASE("a long poll holds up what is behind it on its connection only") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto poller = cluster.connect();
  const auto other = cluster.connect();
  cluster.send(poller, fetch_of("t", id, 0, 500ms), 18, 1);
  cluster.send(poller, protocol::metadata_request{}, 12, 2);
  CHECK(cluster.answers(poller) == 0);
  (void)cluster.ask(other, protocol::metadata_request{});
  cluster.pass(499ms);
  CHECK(cluster.answers(poller) == 0);
  cluster.pass(1ms);
  REQUIRE(cluster.answers(poller) == 2);
  (void)cluster.take<protocol::fetch_response>(poller, 18, 1);
  (void)cluster.take<protocol::metadata_response>(poller, 12, 2);
}

TEST_CASE("deadline says when something is due") {
  script cluster;
  CHECK(cluster.core.deadline() == never);
  const uuid id = cluster.create_topic("t");
  cluster.settle();
  const auto client = cluster.connect();
  cluster.send(client, fetch_of("t", id, 0, 500ms));
  CHECK(cluster.core.deadline() == cluster.now.steady + 500ms);
  cluster.append("t", {"v"});
  CHECK(cluster.core.deadline() <= cluster.now.steady);
  cluster.settle();
  CHECK(cluster.answers(client) == 1);
  CHECK(cluster.core.deadline() == never);
}

TEST_CASE("a connection that goes away while it waits is forgotten") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto client = cluster.connect();
  cluster.send(client, fetch_of("t", id, 0, 500ms));
  cluster.core.disconnect(client);
  CHECK(cluster.core.connection_count() == 0);
  CHECK(cluster.core.deadline() == never);
  cluster.append("t", {"v"});
  cluster.pass(1s);
  CHECK(cluster.answers(client) == 0);
  cluster.send_bytes(client, script::framed(protocol::metadata_request{}, 12));
  CHECK(cluster.answers(client) == 0);
}

TEST_CASE("nothing more is handled for a client that does not read") {
  script cluster;
  const auto client = cluster.connect();
  cluster.core.set_writable(client, false, cluster.now);
  cluster.send(client, protocol::metadata_request{});
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.core.wants_input(client));
  cluster.core.set_writable(client, true, cluster.now);
  cluster.settle();
  CHECK(cluster.answers(client) == 1);
}

TEST_CASE("the cluster asks its driver to stop reading when too much waits") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto client = cluster.connect();
  cluster.send(client, fetch_of("t", id, 0, 500ms), 18, 1);
  const auto large = script::framed(produce_of("t", id, batch_of(2000)), 13, 2);
  int sent = 0;
  while (cluster.core.wants_input(client)) {
    cluster.send_bytes(client, large);
    REQUIRE(++sent < 10'000);
  }
  CHECK(static_cast<std::size_t>(sent) * large.size() >= 4U << 20U);
  CHECK(cluster.answers(client) == 0);
  cluster.pass(500ms);
  CHECK(cluster.answers(client) == static_cast<std::size_t>(sent) + 1);
  CHECK(cluster.core.wants_input(client));
}

TEST_CASE("a stopped node closes its connections, refuses new ones and loses its partitions to others") {
  script cluster({.nodes = 3});
  const uuid id = cluster.create_topic("t", 1, {}, 3);
  const std::int32_t leader = cluster.partition("t").leader;
  const auto client = cluster.connect(leader);
  cluster.send(client, fetch_of("t", id, 0, 500ms));
  cluster.core.stop_node(leader);
  cluster.settle();
  CHECK(cluster.is_closed(client));
  CHECK(cluster.answers(client) == 0);
  CHECK_FALSE(cluster.core.connect(leader, cluster.now));
  auto& partition = cluster.partition("t");
  CHECK(partition.leader != leader);
  CHECK(partition.leader_epoch == 1);
  CHECK(partition.in_sync.size() == 2);

  cluster.core.start_node(leader);
  CHECK(partition.in_sync.size() == 3);
  CHECK(partition.leader != leader);
  CHECK(cluster.core.connect(leader, cluster.now));
}

TEST_CASE("a partition without a living replica has no leader until one is back") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  const std::int32_t first = partition.leader;
  const std::int32_t second = 3 - first;
  cluster.core.stop_node(first);
  CHECK(partition.leader == second);
  cluster.core.stop_node(second);
  CHECK(partition.leader == -1);
  CHECK(partition.in_sync == std::vector<std::int32_t>{second});
  // The first was not in sync when the last one went: it may not lead.
  cluster.core.start_node(first);
  CHECK(partition.leader == -1);
  cluster.core.start_node(second);
  CHECK(partition.leader == second);
  CHECK(partition.leader_epoch == 3);
}

TEST_CASE("requests are recorded with what their header says, the oldest forgotten first") {
  script cluster({.recorded_requests_max = 3});
  const auto client = cluster.connect();
  (void)cluster.ask(client, protocol::api_versions_request{"name", "1", {}}, 3);
  for (int count = 0; count < 3; ++count) {
    cluster.pass(10ms);
    (void)cluster.ask(client, protocol::metadata_request{}, 12);
  }
  REQUIRE(cluster.core.requests().size() == 3);
  const recorded_request& last = cluster.core.requests().back();
  CHECK(last == recorded_request{api_key::metadata, 12, 1, client, 7, "test", cluster.now.steady});
  CHECK(cluster.core.requests().front().key == api_key::metadata);
  cluster.core.clear_requests();
  CHECK(cluster.core.requests().empty());
}

TEST_CASE("throttling is told at once and mutes the connection for its time") {
  script cluster;
  cluster.core.state().throttle(api_key::metadata, 300ms);
  const auto client = cluster.connect();
  cluster.send(client, protocol::metadata_request{}, 12, 1);
  cluster.send(client, protocol::api_versions_request{"name", "1", {}}, 3, 2);
  REQUIRE(cluster.answers(client) == 1);
  CHECK(cluster.take<protocol::metadata_response>(client, 12, 1).throttle_time_ms == 300);
  cluster.pass(299ms);
  CHECK(cluster.answers(client) == 0);
  cluster.pass(1ms);
  CHECK(cluster.take<protocol::api_versions_response>(client, 3, 2).throttle_time_ms == 0);
}

TEST_CASE("the same seed gives the same ids, another seed others") {
  const auto id_of = [](std::uint64_t seed) {
    script cluster({.seed = seed});
    return cluster.create_topic("t");
  };
  CHECK(id_of(1) == id_of(1));
  CHECK(id_of(1) != id_of(2));
}

TEST_CASE("a cluster that cannot be made is refused") {
  CHECK_THROWS_AS(fake::cluster({.nodes = 0}), std::invalid_argument);
  CHECK_THROWS_AS(fake::cluster({.broker_version = "0.8"}), std::invalid_argument);
}

}  // namespace
}  // namespace kafka::fake
