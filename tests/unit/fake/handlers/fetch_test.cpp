// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_reader.hpp"
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using protocol::fetch_response;
using answered_partition = fetch_response::partition_data;

answered_partition only(const fetch_response& response) {
  REQUIRE(response.responses.size() == 1);
  REQUIRE(response.responses[0].partitions.size() == 1);
  return response.responses[0].partitions[0];
}

std::size_t batches_in(const answered_partition& partition) {
  REQUIRE(partition.records);
  protocol::record_batch_reader reader(*partition.records);
  std::size_t count = 0;
  while (reader.next() == protocol::batch_step::batch) ++count;
  CHECK(reader.valid_bytes() == partition.records->size());
  return count;
}

TEST_CASE("Fetch gives batches from the offset on, in every version") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.append("t", {"a", "b"});
  cluster.append("t", {"c"});
  const auto client = cluster.connect();
  for (std::int16_t version = 4; version <= 18; ++version) {
    CAPTURE(version);
    const auto response = cluster.ask(client, fetch_of("t", id, 1), version);
    CHECK(response.responses.at(0).topic == (version < 13 ? "t" : ""));
    CHECK(response.responses.at(0).topic_id == (version < 13 ? uuid{} : id));
    CHECK(response.session_id == 0);
    const auto partition = only(response);
    CHECK(partition.error_code == 0);
    CHECK(partition.high_watermark == 3);
    CHECK(partition.last_stable_offset == 3);
    CHECK(partition.log_start_offset == (version >= 5 ? 0 : -1));
    CHECK_FALSE(partition.aborted_transactions);
    CHECK(batches_in(partition) == 2);
  }
}

TEST_CASE("a long poll is answered by an append, by an error or by its time") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  const auto client = cluster.connect(partition.leader);

  cluster.send(client, fetch_of("t", id, 0, 500ms));
  cluster.pass(100ms);
  CHECK(cluster.answers(client) == 0);
  cluster.append("t", {"a"});
  cluster.settle();
  CHECK(batches_in(only(cluster.take<fetch_response>(client))) == 1);

  cluster.send(client, fetch_of("t", id, 1, 500ms));
  cluster.pass(500ms);
  const auto timed_out = only(cluster.take<fetch_response>(client));
  CHECK(timed_out.error_code == 0);
  CHECK(timed_out.records->empty());
  CHECK(timed_out.high_watermark == 1);

  cluster.send(client, fetch_of("t", id, 1, 500ms), 10);  // a follower does not answer this version
  cluster.core.state().set_leader(partition, 3 - partition.leader);
  cluster.settle();
  CHECK(code_of(only(cluster.take<fetch_response>(client, 10)).error_code) == broker_errc::not_leader_or_follower);

  cluster.send(client, fetch_of("t", id, 1, 500ms));
  cluster.core.state().delete_topic("t");
  cluster.settle();
  CHECK(code_of(only(cluster.take<fetch_response>(client)).error_code) == broker_errc::unknown_topic_id);
}

TEST_CASE("an append to another partition does not end a long poll") {
  script cluster;
  const uuid id = cluster.create_topic("t", 2);
  const auto client = cluster.connect();
  cluster.send(client, fetch_of("t", id, 0, 500ms));
  cluster.append("t", {"a"}, 1);
  cluster.settle();
  CHECK(cluster.answers(client) == 0);
}

TEST_CASE("a long poll waits until min_bytes are there") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const std::size_t batch_bytes = [&] {
    cluster.append("t", {"a"});
    return cluster.partition("t").log.size_bytes();
  }();
  const auto client = cluster.connect();
  auto request = fetch_of("t", id, 0, 500ms);
  request.min_bytes = static_cast<std::int32_t>(3 * batch_bytes);
  cluster.send(client, request);
  cluster.append("t", {"b"});
  cluster.settle();
  CHECK(cluster.answers(client) == 0);
  cluster.append("t", {"c"});
  cluster.settle();
  CHECK(batches_in(only(cluster.take<fetch_response>(client))) == 3);
  request.min_bytes = 0;
  request.topics[0].partitions[0].fetch_offset = 3;
  CHECK(only(cluster.ask(client, request)).records->empty());
}

TEST_CASE("limits are kept, but the first batch found is always given") {
  script cluster;
  const uuid id = cluster.create_topic("t", 2);
  for (int count = 0; count < 4; ++count) {
    cluster.append("t", {"a"}, 0);
    cluster.append("t", {"a"}, 1);
  }
  const auto batch_bytes = static_cast<std::int32_t>(cluster.partition("t").log.size_bytes() / 4);
  const auto client = cluster.connect();
  auto request = fetch_of("t", id, 0);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  request.topics[0].partitions[1].partition = 1;
  const auto counts = [&](std::int32_t all, std::int32_t each) {
    request.max_bytes = all;
    for (auto& partition : request.topics[0].partitions) partition.partition_max_bytes = each;
    const auto response = cluster.ask(client, request);
    return std::pair(batches_in(response.responses[0].partitions[0]), batches_in(response.responses[0].partitions[1]));
  };
  CHECK(counts(100 * batch_bytes, 2 * batch_bytes) == std::pair<std::size_t, std::size_t>(2, 2));
  CHECK(counts(3 * batch_bytes, 2 * batch_bytes) == std::pair<std::size_t, std::size_t>(2, 1));
  CHECK(counts(1, 1) == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(counts(100 * batch_bytes, 1) == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(counts(0, 0) == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(counts(-5, -5) == std::pair<std::size_t, std::size_t>(1, 0));
}

TEST_CASE("offsets outside the log are refused, those at its end are not") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.append("t", {"a", "b", "c"});
  cluster.core.state().delete_before(cluster.partition("t"), 1);
  const auto client = cluster.connect();
  const auto code = [&](std::int64_t offset) {
    return code_of(only(cluster.ask(client, fetch_of("t", id, offset))).error_code);
  };
  CHECK(code(0) == broker_errc::offset_out_of_range);
  CHECK(code(1) == broker_errc::none);
  CHECK(code(3) == broker_errc::none);
  CHECK(code(4) == broker_errc::offset_out_of_range);
  CHECK(code(-1) == broker_errc::offset_out_of_range);
  const auto refused = only(cluster.ask(client, fetch_of("t", id, 4)));
  CHECK(refused.high_watermark == -1);
  CHECK((refused.records && refused.records->empty()));
}

TEST_CASE("what is above the high watermark is not given") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.append("t", {"a"});
  cluster.core.state().hold_replication(cluster.partition("t"), true);
  cluster.append("t", {"b"});
  const auto client = cluster.connect();
  CHECK(batches_in(only(cluster.ask(client, fetch_of("t", id, 0)))) == 1);
  cluster.send(client, fetch_of("t", id, 1, 500ms));
  CHECK(cluster.answers(client) == 0);
  cluster.core.state().hold_replication(cluster.partition("t"), false);
  cluster.settle();
  CHECK(batches_in(only(cluster.take<fetch_response>(client))) == 1);
}

TEST_CASE("unknown topics, partitions and nodes are refused") {
  script cluster({.nodes = 3, .port = 9092});
  const uuid id = cluster.create_topic("t", 1, {}, 1);
  const std::int32_t leader = cluster.partition("t").leader;
  const auto client = cluster.connect(leader);
  const auto code = [&](const protocol::fetch_request& request, std::int16_t version) {
    return code_of(only(cluster.ask(client, request, version)).error_code);
  };
  CHECK(code(fetch_of("u", {}, 0), 12) == broker_errc::unknown_topic_or_partition);
  CHECK(code(fetch_of("", uuid{{4}}, 0), 13) == broker_errc::unknown_topic_id);
  CHECK(code(fetch_of("t", id, 0, 0ms, 3), 13) == broker_errc::unknown_topic_or_partition);

  const auto elsewhere = cluster.connect(leader % 3 + 1);
  CHECK(only(cluster.ask(elsewhere, fetch_of("t", id, 0), 15)).current_leader.leader_id == -1);
  const auto answer = cluster.ask(elsewhere, fetch_of("t", id, 0), 16);
  CHECK(code_of(only(answer).error_code) == broker_errc::not_leader_or_follower);
  CHECK(only(answer).current_leader.leader_id == leader);
  REQUIRE(answer.node_endpoints.size() == 1);
  CHECK(answer.node_endpoints[0].port == 9092 + leader - 1);
}

TEST_CASE("a follower answers since version 11") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t", 1, {}, 2);
  cluster.append("t", {"a"});
  const auto follower = cluster.connect(3 - cluster.partition("t").leader);
  CHECK(code_of(only(cluster.ask(follower, fetch_of("t", id, 0), 10)).error_code) ==
        broker_errc::not_leader_or_follower);
  CHECK(batches_in(only(cluster.ask(follower, fetch_of("t", id, 0), 11))) == 1);
}

TEST_CASE("the leader epoch that a client knows is checked") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.core.state().set_leader_epoch(cluster.partition("t"), 5);
  cluster.settle();
  const auto client = cluster.connect();
  const auto code = [&](std::int32_t epoch) {
    auto request = fetch_of("t", id, 0);
    request.topics[0].partitions[0].current_leader_epoch = epoch;
    return code_of(only(cluster.ask(client, request)).error_code);
  };
  CHECK(code(-1) == broker_errc::none);
  CHECK(code(5) == broker_errc::none);
  CHECK(code(4) == broker_errc::fenced_leader_epoch);
  CHECK(code(6) == broker_errc::unknown_leader_epoch);
}

TEST_CASE("a client whose last record is gone is told where the logs part") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  auto& partition = cluster.partition("t");
  cluster.append("t", {"a", "b"});
  cluster.core.state().set_leader_epoch(partition, 2);
  cluster.append("t", {"c"});
  const auto client = cluster.connect();
  const auto ask = [&](std::int64_t offset, std::int32_t last_epoch) {
    auto request = fetch_of("t", id, offset);
    request.topics[0].partitions[0].last_fetched_epoch = last_epoch;
    return only(cluster.ask(client, request));
  };
  CHECK(ask(3, 2).diverging_epoch.epoch == -1);
  CHECK(ask(2, 0).diverging_epoch.epoch == -1);
  const auto diverged = ask(3, 0);
  CHECK(diverged.error_code == 0);
  CHECK(diverged.diverging_epoch.epoch == 0);
  CHECK(diverged.diverging_epoch.end_offset == 2);
  CHECK(diverged.records->empty());
  CHECK(ask(2, 1).diverging_epoch.epoch == 0);
}

TEST_CASE("read_committed gets an empty list of aborted transactions") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.append("t", {"a"});
  auto request = fetch_of("t", id, 0);
  request.isolation_level = 1;
  const auto partition = only(cluster.ask(cluster.connect(), request));
  REQUIRE(partition.aborted_transactions);
  CHECK(partition.aborted_transactions->empty());
}

TEST_CASE("a fetch of nothing waits for its time") {
  script cluster;
  protocol::fetch_request request;
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  CHECK(cluster.ask(cluster.connect(), request).responses.empty());
}

TEST_CASE("a leader sends consumers to the in-rack replica that has what they want, and gives nothing itself") {
  fake_cluster_options options{.nodes = 3};
  options.racks = {"a", "b", "c"};
  options.broker_configs = {{"replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector"}};
  script cluster(options);
  const uuid id = cluster.create_topic("t", 1, {}, 3);
  auto& partition = cluster.partition("t");
  cluster.core.state().set_leader(partition, 1);
  cluster.append("t", {"a", "b"});
  const auto leader = cluster.connect(1);
  const auto preferred = [&](const std::string& rack, std::int16_t version = 18) {
    auto request = fetch_of("t", id, 1, 500ms);
    request.rack_id = version >= 11 ? rack : "";
    const auto told = only(cluster.ask(leader, request, version));
    CHECK(told.high_watermark == 2);
    CHECK((told.preferred_read_replica < 0) == (batches_in(told) == 1));
    return told.preferred_read_replica;
  };
  CHECK(preferred("b") == 2);
  CHECK(preferred("c") == 3);
  CHECK(preferred("a") == -1);
  CHECK(preferred("elsewhere") == -1);
  CHECK(preferred("") == -1);
  CHECK(preferred("b", 10) == -1);
  cluster.core.state().set_follower_end(partition, 2, 0);
  CHECK(preferred("b") == -1);
  cluster.core.state().set_follower_end(partition, 2, -1);
  CHECK(preferred("b") == 2);
  cluster.core.stop_node(2);
  CHECK(preferred("b") == -1);
}

TEST_CASE("brokers without a selector send nobody away") {
  script cluster({.nodes = 2, .racks = {"a", "b"}});
  const uuid id = cluster.create_topic("t", 1, {}, 2);
  cluster.append("t", {"a"});
  auto request = fetch_of("t", id, 0);
  request.rack_id = std::string(cluster.partition("t").leader == 1 ? "b" : "a");
  const auto told = only(cluster.ask(cluster.connect(cluster.partition("t").leader), request));
  CHECK(told.preferred_read_replica == -1);
  CHECK(batches_in(told) == 1);
}

TEST_CASE("a follower that is behind gives what it has and refuses what it has not") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  const std::int32_t follower = partition.leader == 1 ? 2 : 1;
  cluster.append("t", {"a"});
  cluster.append("t", {"b"});
  cluster.core.state().set_follower_end(partition, follower, 1);
  const auto client = cluster.connect(follower);
  const auto told = only(cluster.ask(client, fetch_of("t", id, 0)));
  CHECK(told.high_watermark == 1);
  CHECK(told.last_stable_offset == 1);
  CHECK(batches_in(told) == 1);
  CHECK(only(cluster.ask(client, fetch_of("t", id, 2))).error_code ==
        static_cast<std::int16_t>(broker_errc::offset_out_of_range));
  // It catches up under a long poll.
  cluster.send(client, fetch_of("t", id, 1, 500ms));
  cluster.pass(100ms);
  CHECK(cluster.answers(client) == 0);
  cluster.core.state().set_follower_end(partition, follower, -1);
  cluster.settle();
  CHECK(batches_in(only(cluster.take<fetch_response>(client))) == 1);
}

TEST_CASE("an unclean election cuts the log and begins the next epoch there") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  for (const char* one : {"a", "b", "c"}) cluster.append("t", {one});
  const std::int32_t before = partition.leader_epoch;
  const std::int32_t next = partition.leader == 1 ? 2 : 1;
  cluster.core.state().elect_uncleanly(partition, next, 1);
  CHECK(partition.leader == next);
  CHECK(partition.leader_epoch == before + 1);
  CHECK(partition.log.end_offset() == 1);
  CHECK(partition.log.high_watermark() == 1);
  cluster.append("t", {"x"});
  CHECK(partition.log.end_of_epoch(before, partition.leader_epoch) == epoch_end{before, 1});
  CHECK(partition.log.epoch_at(1) == before + 1);
}

}  // namespace
}  // namespace kafka::fake
