// SPDX-License-Identifier: Apache-2.0
// The fake cluster as its users have it: over TCP, through its public face.
#include <chrono>
#include <future>
#include <kafka/fake_cluster.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "base/buffer_pool.hpp"
#include "fake/fake_cluster_wire.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "protocol/record_batch_reader.hpp"
#include "protocol/record_batch_writer.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

shared_bytes a_batch(std::string_view value, const protocol::producer_stamp& producer = {}) {
  static buffer_pool buffers;
  protocol::record_batch_writer writer(buffers, {});
  REQUIRE(writer.append(1000, bytes_view(), value));
  protocol::sealed_batch batch;
  protocol::record_batch_seal seal;
  seal.producer = producer;
  REQUIRE_FALSE(writer.seal(seal, batch));
  return batch.bytes();
}

protocol::produce_request producing(const uuid& topic, std::string_view value) {
  protocol::produce_request out;
  out.acks = -1;
  out.timeout_ms = 10'000;
  out.topic_data = {{"", topic, {{0, a_batch(value), {}}}, {}}};
  return out;
}

protocol::fetch_request fetching(const uuid& topic, std::int64_t offset, std::chrono::milliseconds wait) {
  protocol::fetch_request out;
  out.max_wait_ms = static_cast<std::int32_t>(wait.count());
  out.min_bytes = 1;
  out.topics = {{"", topic, {{}}, {}}};
  out.topics[0].partitions[0].fetch_offset = offset;
  out.topics[0].partitions[0].partition_max_bytes = 64U << 20U;
  return out;
}

broker_errc code_of(const protocol::produce_response& response) {
  return static_cast<broker_errc>(response.responses.at(0).partition_responses.at(0).error_code);
}

std::vector<std::string> values_of(const std::vector<fake_record>& records) {
  std::vector<std::string> out;
  for (const auto& record : records) out.push_back(record.value.value_or("null"));
  return out;
}

TEST_CASE("every node listens on the port that it advertises") {
  fake_cluster cluster({.nodes = 3});
  for (std::int32_t node = 1; node <= 3; ++node) {
    wire_connection client(cluster.port(node));
    REQUIRE(client.connected());
    const auto response = client.ask(protocol::metadata_request{});
    REQUIRE(response.brokers.size() == 3);
    CHECK(response.brokers[static_cast<std::size_t>(node - 1)].port == cluster.port(node));
  }
  CHECK(cluster.bootstrap_servers() == "127.0.0.1:" + std::to_string(cluster.port(1)) +
                                           ",127.0.0.1:" + std::to_string(cluster.port(2)) +
                                           ",127.0.0.1:" + std::to_string(cluster.port(3)));
  CHECK(cluster.requests().size() == 3);
  cluster.clear_requests();
  CHECK(cluster.requests().empty());
}

TEST_CASE("a port that is taken is an error that names it") {
  const fake_cluster first;
  const std::string port = std::to_string(first.port(1));
  CHECK_THROWS_AS(fake_cluster({.port = first.port(1)}), std::system_error);
  try {
    fake_cluster second({.port = first.port(1)});
  } catch (const std::system_error& failure) {
    CHECK(std::string(failure.what()).find(port) != std::string::npos);
  }
  CHECK_THROWS_AS(fake_cluster({.host = "no address"}), std::system_error);
}

TEST_CASE("what does not exist is refused") {
  fake_cluster cluster({.nodes = 2});
  cluster.create_topic("t");
  CHECK_THROWS_AS(cluster.create_topic("t"), std::invalid_argument);
  CHECK_THROWS_AS(cluster.create_topic("bad name"), std::invalid_argument);
  CHECK_THROWS_AS(cluster.create_topic("u", 1, {.configs = {{"no.such", "1"}}}), std::invalid_argument);
  CHECK_THROWS_AS(cluster.create_topic("u", 1, {.replication_factor = 3}), std::invalid_argument);
  CHECK_THROWS_AS(cluster.delete_topic("u"), std::invalid_argument);
  CHECK_THROWS_AS(cluster.end_offset("t", 1), std::invalid_argument);
  CHECK_THROWS_AS(cluster.records("u", 0), std::invalid_argument);
  CHECK_THROWS_AS(cluster.stop_node(3), std::invalid_argument);
  CHECK_THROWS_AS(cluster.port(0), std::invalid_argument);
  CHECK_FALSE(cluster.topic_id("u"));
}

TEST_CASE("what is produced can be looked at, what is appended can be fetched") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  CHECK(cluster.topic_id("t") == topic);
  wire_connection client(cluster.port(1));
  CHECK(code_of(client.ask(producing(topic, "first"))) == broker_errc::none);
  CHECK(cluster.append("t", 0,
                       {{.timestamp = 5, .key = "k", .value = std::nullopt, .headers = {{"h", "1"}, {"h", {}}}},
                        {.value = "third"}}) == 1);
  CHECK(cluster.append("t", 0, {}) == 3);
  const auto records = cluster.records("t", 0);
  REQUIRE(records.size() == 3);
  CHECK(records[0] == fake_record{0, 1000, std::nullopt, "first", {}});
  CHECK(records[1] == fake_record{1, 5, "k", std::nullopt, {{"h", "1"}, {"h", std::nullopt}}});
  CHECK(records[2].timestamp > 1'600'000'000'000);
  CHECK(cluster.start_offset("t", 0) == 0);
  CHECK(cluster.end_offset("t", 0) == 3);

  const auto response = client.ask(fetching(topic, 1, 0ms));
  protocol::record_batch_reader reader(*response.responses.at(0).partitions.at(0).records);
  REQUIRE(reader.next() == protocol::batch_step::batch);
  CHECK(reader.batch().base_offset() == 1);
}

TEST_CASE("a long poll that waits on one thread is answered by an append on another") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  wire_connection client(cluster.port(1));
  client.send(fetching(topic, 0, 60s));
  auto answer = std::async(std::launch::async, [&] { return client.take<protocol::fetch_response>(); });
  cluster.append("t", 0, {{.value = "v"}});
  // Before the check begins: the other thread checks too.
  const auto response = answer.get();
  CHECK_FALSE(response.responses.at(0).partitions.at(0).records->empty());
}

TEST_CASE("a long poll ends by the real clock") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  wire_connection client(cluster.port(1));
  const auto before = std::chrono::steady_clock::now();
  CHECK(client.ask(fetching(topic, 0, 50ms)).responses.at(0).partitions.at(0).records->empty());
  CHECK(std::chrono::steady_clock::now() - before >= 50ms);
}

TEST_CASE("control functions decide over requests and may call the cluster") {
  fake_cluster cluster({.nodes = 1});
  const uuid topic = cluster.create_topic("t");
  wire_connection client(cluster.port(1));
  std::string seen;
  std::string body;
  cluster.control(
      api_key::produce,
      [&](auto& request) {
        seen = request.client_id() + " v" + std::to_string(request.version()) + " on " +
               std::to_string(request.node()) + " at " + std::to_string(cluster.end_offset("t", 0));
        body = request.body_json();
        return request.fail(broker_errc::not_leader_or_follower);
      },
      1);
  CHECK(code_of(client.ask(producing(topic, "a"))) == broker_errc::not_leader_or_follower);
  (void)cluster.end_offset("t", 0);  // what its thread wrote is seen after a call
  CHECK(seen == "wire v13 on 1 at 0");
  CHECK(body.find("\"acks\":-1") != std::string::npos);
  CHECK(code_of(client.ask(producing(topic, "b"))) == broker_errc::none);

  const auto id = cluster.control(api_key::produce, [](fake_request& request) { return request.apply_then_drop(); });
  client.send(producing(topic, "c"));
  CHECK(client.is_closed_now());
  cluster.remove_control(id);
  wire_connection second(cluster.port(1));
  cluster.control(api_key::produce, [](fake_request& request) { return request.delay(30ms); });
  CHECK(code_of(second.ask(producing(topic, "d"))) == broker_errc::none);
  cluster.remove_all_controls();
  CHECK(values_of(cluster.records("t", 0)) == std::vector<std::string>{"b", "c", "d"});
}

TEST_CASE("a stopped node refuses connections until it is started again on the same port") {
  fake_cluster cluster({.nodes = 2});
  cluster.create_topic("t", 2, {.replication_factor = 2});
  wire_connection client(cluster.port(2));
  (void)client.ask(protocol::metadata_request{});
  cluster.stop_node(2);
  CHECK_FALSE(cluster.is_running(2));
  CHECK(client.is_closed_now());
  CHECK_FALSE(wire_connection(cluster.port(2)).connected());
  CHECK(cluster.leader("t", 0) == 1);
  CHECK(cluster.leader("t", 1) == 1);
  wire_connection other(cluster.port(1));
  CHECK(other.ask(protocol::metadata_request{}).brokers.size() == 1);

  cluster.start_node(2);
  wire_connection again(cluster.port(2));
  REQUIRE(again.connected());
  CHECK(again.ask(protocol::metadata_request{}).brokers.size() == 2);
  const auto epoch = cluster.leader_epoch("t", 0);
  cluster.move_leader("t", 0, 2);
  CHECK(cluster.leader("t", 0) == 2);
  CHECK(cluster.leader_epoch("t", 0) == epoch + 1);
  cluster.set_leader_epoch("t", 0, 50);
  CHECK(cluster.leader_epoch("t", 0) == 50);
  cluster.drop_connections(2);
  CHECK(again.is_closed_now());
}

TEST_CASE("replication, addresses, versions and throttling can be set from outside") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  wire_connection client(cluster.port(1));
  cluster.hold_replication("t", 0);
  client.send(producing(topic, "a"));
  cluster.hold_replication("t", 0, false);
  CHECK(code_of(client.take<protocol::produce_response>()) == broker_errc::none);

  cluster.set_advertised_address(1, "elsewhere", 1);
  CHECK(client.ask(protocol::metadata_request{}).brokers.at(0).host == "elsewhere");
  cluster.throttle(api_key::metadata, 20ms);
  CHECK(client.ask(protocol::metadata_request{}).throttle_time_ms == 20);
  cluster.throttle(api_key::metadata, 0ms);
  CHECK(client.ask(protocol::metadata_request{}).throttle_time_ms == 0);
  cluster.cap_version(api_key::metadata, 8);
  (void)client.ask(protocol::metadata_request{}, 8);
  client.send(protocol::metadata_request{}, 9);
  CHECK(client.is_closed_now());
}

TEST_CASE("a transaction ends by itself when its markers are due, and groups' offsets can be read from outside") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  cluster.set_marker_delay(30ms);
  wire_connection client(cluster.port(1));
  protocol::init_producer_id_request init;
  init.transactional_id = "tx";
  init.transaction_timeout_ms = 60'000;
  const auto producer = client.ask(init);
  REQUIRE(producer.error_code == 0);
  auto batch = producing(topic, "a");
  batch.transactional_id = "tx";
  batch.topic_data[0].partition_data[0].records =
      a_batch("a", {producer.producer_id, producer.producer_epoch, 0, true});
  REQUIRE(code_of(client.ask(batch)) == broker_errc::none);
  protocol::txn_offset_commit_request offsets;
  offsets.transactional_id = "tx";
  offsets.group_id = "g";
  offsets.producer_id = producer.producer_id;
  offsets.producer_epoch = producer.producer_epoch;
  offsets.topics = {{"t", {{0, 17, -1, "", {}}}, {}}};
  REQUIRE(client.ask(offsets).topics.at(0).partitions.at(0).error_code == 0);
  CHECK_FALSE(cluster.committed_offset("g", "t", 0));

  wire_connection reader(cluster.port(1));
  auto fetch = fetching(topic, 0, 15s);
  fetch.isolation_level = 1;
  reader.send(fetch);
  const protocol::end_txn_request end{"tx", producer.producer_id, producer.producer_epoch, true, {}};
  const auto ended = client.ask(end);
  CHECK(ended.error_code == 0);
  CHECK(ended.producer_epoch == producer.producer_epoch + 1);
  // Nobody but the clock ends the long poll.
  const auto fetched = reader.take<protocol::fetch_response>();
  CHECK(fetched.responses.at(0).partitions.at(0).last_stable_offset == 2);
  CHECK(cluster.committed_offset("g", "t", 0) == 17);
  CHECK_FALSE(cluster.committed_offset("g", "t", 1));
  CHECK(values_of(cluster.records("t", 0)) == std::vector<std::string>{"a"});
}

TEST_CASE("groups can be configured and moved, and partitions added, from outside") {
  fake_cluster cluster({.nodes = 2, .broker_configs = {{"group.initial.rebalance.delay.ms", "60000"}}});
  cluster.create_topic("t");
  cluster.add_partitions("t", 3);
  CHECK(cluster.end_offset("t", 2) == 0);
  CHECK_THROWS_AS(cluster.add_partitions("t", 2), std::invalid_argument);
  CHECK_THROWS_AS(cluster.add_partitions("u", 2), std::invalid_argument);
  CHECK_THROWS_AS(fake_cluster({.broker_configs = {{"no.such.key", "1"}}}), std::invalid_argument);

  cluster.set_coordinator("g", 1);
  protocol::join_group_request join;
  join.group_id = "g";
  join.session_timeout_ms = 10'000;
  join.protocol_type = "consumer";
  join.protocols = {{"range", {}, {}}};
  wire_connection before(cluster.port(1));
  before.send(join, 3);  // waits a minute for more members
  wire_connection after(cluster.port(2));
  CHECK(after.ask(join, 3).error_code == static_cast<std::int16_t>(broker_errc::not_coordinator));
  cluster.set_coordinator("g", 2, 1h);
  CHECK(before.take<protocol::join_group_response>(3).error_code ==
        static_cast<std::int16_t>(broker_errc::not_coordinator));
  CHECK(after.ask(join, 3).error_code == static_cast<std::int16_t>(broker_errc::coordinator_load_in_progress));
  cluster.set_coordinator("g", 2);
  CHECK(after.ask(join, 4).error_code == static_cast<std::int16_t>(broker_errc::member_id_required));
}

TEST_CASE("stale metadata, hidden nodes and lost replicas can be set from outside") {
  fake_cluster cluster({.nodes = 2});
  const uuid topic = cluster.create_topic("t", 1, {.replication_factor = 2, .configs = {{"min.insync.replicas", "2"}}});
  const std::int32_t before = cluster.leader("t", 0);
  cluster.move_leader("t", 0, 3 - before, 1h);
  wire_connection old_leader(cluster.port(before));
  wire_connection new_leader(cluster.port(3 - before));
  protocol::metadata_request all;
  all.topics.reset();
  CHECK(old_leader.ask(all).topics.at(0).partitions.at(0).leader_id == before);
  CHECK(new_leader.ask(all).topics.at(0).partitions.at(0).leader_id == 3 - before);
  CHECK(code_of(old_leader.ask(producing(topic, "a"))) == broker_errc::not_leader_or_follower);
  CHECK(code_of(new_leader.ask(producing(topic, "a"))) == broker_errc::none);
  cluster.set_in_sync("t", 0, {});
  CHECK(code_of(new_leader.ask(producing(topic, "a"))) == broker_errc::not_enough_replicas);
  cluster.set_in_sync("t", 0, {1, 2});
  CHECK(code_of(new_leader.ask(producing(topic, "a"))) == broker_errc::none);
  cluster.set_listed(before, false);
  CHECK(new_leader.ask(all).brokers.size() == 1);
  cluster.set_listed(before);
  CHECK(new_leader.ask(all).brokers.size() == 2);
  CHECK_THROWS_AS(cluster.set_listed(7), std::invalid_argument);
  CHECK_THROWS_AS(cluster.set_in_sync("t", 5, {}), std::invalid_argument);
}

TEST_CASE("replicas can be moved to other nodes") {
  fake_cluster cluster({.nodes = 3, .racks = {"north", "south", "west"}});
  const uuid topic = cluster.create_topic("t", 1, {.replication_factor = 2});
  const std::int32_t leader = cluster.leader("t", 0);
  const std::int32_t epoch = cluster.leader_epoch("t", 0);
  const std::int32_t other = leader % 3 + 1;
  protocol::metadata_request all;
  all.topics.reset();
  cluster.set_replicas("t", 0, {6 - leader - other, leader});
  CHECK(cluster.leader("t", 0) == leader);
  CHECK(cluster.leader_epoch("t", 0) == epoch);
  cluster.set_replicas("t", 0, {other});
  CHECK(cluster.leader("t", 0) == other);
  CHECK(cluster.leader_epoch("t", 0) == epoch + 1);
  wire_connection new_leader(cluster.port(other));
  const auto told = new_leader.ask(all).topics.at(0).partitions.at(0);
  CHECK(told.replica_nodes == std::vector<std::int32_t>{other});
  CHECK(told.isr_nodes == std::vector<std::int32_t>{other});
  CHECK(code_of(new_leader.ask(producing(topic, "a"))) == broker_errc::none);
  wire_connection old_leader(cluster.port(leader));
  CHECK(code_of(old_leader.ask(producing(topic, "a"))) == broker_errc::not_leader_or_follower);
  cluster.stop_node(leader);
  cluster.set_replicas("t", 0, {leader});
  CHECK(cluster.leader("t", 0) == -1);
  cluster.start_node(leader);
  CHECK(cluster.leader("t", 0) == leader);
  CHECK_THROWS_AS(cluster.set_replicas("t", 0, {}), std::invalid_argument);
  CHECK_THROWS_AS(cluster.set_replicas("t", 0, {1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(cluster.set_replicas("t", 0, {4}), std::invalid_argument);
}

TEST_CASE("a client that does not read holds up only itself and loses nothing") {
  fake_cluster cluster;
  const uuid topic = cluster.create_topic("t");
  const std::string value(100'000, 'x');
  for (int count = 0; count < 100; ++count) cluster.append("t", 0, {{.value = value}});
  wire_connection slow(cluster.port(1));
  wire_connection quick(cluster.port(1));
  constexpr int asked = 30;
  for (int count = 0; count < asked; ++count) slow.send(fetching(topic, 50, 0ms));
  (void)quick.ask(protocol::metadata_request{});
  std::size_t bytes = 0;
  for (int count = 0; count < asked; ++count) {
    const auto response = slow.take<protocol::fetch_response>();
    const auto& records = *response.responses.at(0).partitions.at(0).records;
    protocol::record_batch_reader reader(records);
    REQUIRE(reader.next() == protocol::batch_step::batch);
    CHECK(reader.batch().base_offset() == 50);
    bytes += records.size();
  }
  CHECK(bytes > asked * value.size());
}

TEST_CASE("many clients come and go") {
  fake_cluster cluster;
  for (int count = 0; count < 500; ++count) {
    wire_connection client(cluster.port(1));
    REQUIRE(client.connected());
    if (count % 3 == 0) (void)client.ask(protocol::metadata_request{});
    if (count % 3 == 1) client.send(protocol::metadata_request{});  // gone before the answer
  }
  CHECK(wire_connection(cluster.port(1)).ask(protocol::metadata_request{}).brokers.size() == 1);
}

TEST_CASE("a cluster can be moved, and ends while clients wait") {
  auto cluster = std::make_unique<fake_cluster>();
  const uuid topic = cluster->create_topic("t");
  wire_connection client(cluster->port(1));
  client.send(fetching(topic, 0, 60s));
  fake_cluster moved = std::move(*cluster);
  cluster.reset();
  CHECK(moved.end_offset("t", 0) == 0);
  moved = fake_cluster();
  CHECK(client.is_closed_now());
}

TEST_CASE("all calls may come from many threads") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::vector<std::thread> threads;
  for (int index = 0; index < 4; ++index) {
    threads.emplace_back([&] {
      for (int count = 0; count < 100; ++count) {
        cluster.append("t", 0, {{.value = "v"}});
        (void)cluster.end_offset("t", 0);
        cluster.remove_control(cluster.control(api_key::fetch, [](fake_request& request) { return request.pass(); }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(cluster.end_offset("t", 0) == 400);
}

}  // namespace
}  // namespace kafka
