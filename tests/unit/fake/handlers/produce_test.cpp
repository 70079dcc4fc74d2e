// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using protocol::produce_response;
using answered_partition = produce_response::partition;

/// Sends one batch to topic "t" and gives the answer for its partition.
answered_partition produce(script& cluster, connection_id client, shared_bytes records, std::int16_t version = 13,
                           std::int16_t acks = -1) {
  const topic_state* topic = cluster.core.state().find_topic("t");
  const auto response =
      cluster.ask(client, produce_of("t", topic ? topic->id : uuid{{9}}, std::move(records), acks), version);
  REQUIRE(response.responses.size() == 1);
  REQUIRE(response.responses[0].partition_responses.size() == 1);
  return response.responses[0].partition_responses[0];
}

TEST_CASE("Produce appends and answers the offset, in every version and with every codec") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  std::int64_t offset = 0;
  for (std::int16_t version = 3; version <= 13; ++version) {
    for (const auto codec :
         {compression::none, compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
      if (codec == compression::zstd && version < 7) continue;
      CAPTURE(version, static_cast<int>(codec));
      const auto answer = produce(cluster, client, batch_of(10, {.codec = codec}), version, version % 2 == 0 ? 1 : -1);
      CHECK(answer.error_code == 0);
      CHECK(answer.base_offset == offset);
      CHECK(answer.log_append_time_ms == -1);
      CHECK(answer.log_start_offset == (version >= 5 ? 0 : -1));
      offset += 10;
    }
  }
  CHECK(cluster.partition("t").log.end_offset() == offset);
  CHECK(cluster.partition("t").log.high_watermark() == offset);
  const auto records = read_records(cluster.partition("t").log, cluster.buffers);
  CHECK(records.size() == static_cast<std::size_t>(offset));
  CHECK(records.back() == fake_record{offset - 1, 1'700'000'000'009, "9", "9", {}});
}

TEST_CASE("with acks 0 nothing is answered, and an error closes the connection") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto client = cluster.connect();
  cluster.send(client, produce_of("t", id, batch_of(3), 0));
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.partition("t").log.end_offset() == 3);
  CHECK(produce(cluster, client, batch_of(1)).base_offset == 3);
  cluster.send(client, produce_of("t", id, batch_of(3), 0, 7));
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.is_closed(client));
}

TEST_CASE("where a batch cannot go it is refused") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t", 1, {{"min.insync.replicas", "2"}}, 2);
  const std::int32_t leader = cluster.partition("t").leader;
  const auto client = cluster.connect(leader);
  const auto code = [&](const protocol::produce_request& request, std::int16_t version) {
    return code_of(cluster.ask(client, request, version).responses.at(0).partition_responses.at(0).error_code);
  };
  CHECK(code(produce_of("unknown", {}, batch_of(1)), 12) == broker_errc::unknown_topic_or_partition);
  CHECK(code(produce_of("", uuid{{1}}, batch_of(1)), 13) == broker_errc::unknown_topic_id);
  CHECK(code(produce_of("t", id, batch_of(1), -1, 5), 13) == broker_errc::unknown_topic_or_partition);
  CHECK(code(produce_of("t", id, batch_of(1), 2), 13) == broker_errc::invalid_required_acks);
  CHECK(code(produce_of("t", id, batch_of(1)), 13) == broker_errc::none);
  cluster.core.stop_node(3 - leader);
  CHECK(code(produce_of("t", id, batch_of(1)), 13) == broker_errc::not_enough_replicas);
  CHECK(code(produce_of("t", id, batch_of(1), 1), 13) == broker_errc::none);
  CHECK(cluster.partition("t").log.end_offset() == 2);
}

TEST_CASE("a node that does not lead tells who does since version 10") {
  script cluster({.nodes = 3, .port = 9092, .racks = {"a", "b", "c"}});
  const uuid id = cluster.create_topic("t", 1, {}, 3);
  cluster.core.state().set_leader(cluster.partition("t"), 3);
  const auto client = cluster.connect(2);
  const auto old_answer = cluster.ask(client, produce_of("t", id, batch_of(1)), 9);
  CHECK(code_of(old_answer.responses[0].partition_responses[0].error_code) == broker_errc::not_leader_or_follower);
  CHECK(old_answer.node_endpoints.empty());
  const auto answer = cluster.ask(client, produce_of("t", id, batch_of(1)), 10);
  const auto& partition = answer.responses[0].partition_responses[0];
  CHECK(code_of(partition.error_code) == broker_errc::not_leader_or_follower);
  CHECK(partition.base_offset == -1);
  CHECK(partition.current_leader.leader_id == 3);
  CHECK(partition.current_leader.leader_epoch == cluster.partition("t").leader_epoch);
  REQUIRE(answer.node_endpoints.size() == 1);
  CHECK(answer.node_endpoints[0].node_id == 3);
  CHECK(answer.node_endpoints[0].port == 9094);
  CHECK(answer.node_endpoints[0].rack == "c");
}

TEST_CASE("with acks -1 the answer waits for the followers, at most the request's timeout") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  auto& partition = cluster.partition("t");
  cluster.core.state().hold_replication(partition, true);
  cluster.settle();
  const auto client = cluster.connect();
  CHECK(produce(cluster, client, batch_of(1), 13, 1).error_code == 0);
  cluster.send(client, produce_of("t", id, batch_of(2)));
  cluster.pass(999ms);
  CHECK(cluster.answers(client) == 0);
  cluster.core.state().hold_replication(partition, false);
  cluster.settle();
  CHECK(cluster.take<produce_response>(client).responses[0].partition_responses[0].base_offset == 1);

  cluster.core.state().hold_replication(partition, true);
  cluster.send(client, produce_of("t", id, batch_of(2)));
  cluster.pass(1s);
  const auto late = cluster.take<produce_response>(client).responses[0].partition_responses[0];
  CHECK(code_of(late.error_code) == broker_errc::request_timed_out);
  CHECK(partition.log.end_offset() == 5);
  CHECK(partition.log.high_watermark() == 3);
}

TEST_CASE("a leader that loses its place while it waits says so") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  cluster.core.state().hold_replication(partition, true);
  const auto client = cluster.connect(partition.leader);
  cluster.send(client, produce_of("t", id, batch_of(2)));
  cluster.core.state().set_leader(partition, 3 - partition.leader);
  cluster.settle();
  const auto answer = cluster.take<produce_response>(client).responses[0].partition_responses[0];
  CHECK(code_of(answer.error_code) == broker_errc::not_leader_or_follower);
}

TEST_CASE("records that no broker takes are refused") {
  script cluster;
  cluster.create_topic("t", 1, {{"max.message.bytes", "1000"}});
  const auto client = cluster.connect();
  const auto code = [&](shared_bytes records, std::int16_t version = 13) {
    return code_of(produce(cluster, client, std::move(records), version).error_code);
  };
  const auto changed = [](std::size_t position, std::byte value) {
    const shared_bytes batch = batch_of(3);
    std::vector<std::byte> bytes(batch.span().begin(), batch.span().end());
    bytes[position] = value;
    return shared_bytes::copy_of(std::span<const std::byte>(bytes));
  };
  const auto joined = [](const shared_bytes& first, const shared_bytes& second) {
    std::vector<std::byte> bytes(first.span().begin(), first.span().end());
    bytes.insert(bytes.end(), second.span().begin(), second.span().end());
    return shared_bytes::copy_of(std::span<const std::byte>(bytes));
  };
  using enum broker_errc;
  CHECK(code({}) == invalid_record);
  CHECK(code(batch_of(3).slice(0, 60)) == invalid_record);
  CHECK(code(joined(batch_of(1), batch_of(1))) == invalid_record);
  CHECK(code(changed(16, std::byte{1})) == invalid_record);  // magic
  CHECK(code(changed(70, std::byte{0xFF})) == corrupt_message);
  CHECK(code(changed(20, std::byte{0xFF})) == corrupt_message);  // CRC
  CHECK(code(changed(8, std::byte{0xFF})) == corrupt_message);   // a negative length
  CHECK(code(batch_of(500)) == message_too_large);
  CHECK(code(batch_of(3, {.codec = compression::zstd}), 6) == unsupported_compression_type);
  CHECK(code(batch_of(3, {.producer = {5, 0, -1, false}})) == invalid_record);
  CHECK(code(batch_of(3, {.producer = {5, 0, 0, true}})) == transactional_id_authorization_failed);
  CHECK(code(batch_of(3)) == none);
  CHECK(cluster.partition("t").log.end_offset() == 3);
}

TEST_CASE("a record count that does not fit the offsets is refused") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  const auto with = [&](std::int32_t count, std::int32_t last_delta) {
    const shared_bytes batch = batch_of(3);
    std::vector<std::byte> bytes(batch.span().begin(), batch.span().end());
    auto header = protocol::read_batch_header(bytes);
    header.record_count = count;
    header.last_offset_delta = last_delta;
    protocol::write_batch_header(bytes, header);
    header.crc = protocol::batch_crc(bytes);
    protocol::write_batch_header(bytes, header);
    return code_of(produce(cluster, client, shared_bytes::copy_of(std::span<const std::byte>(bytes))).error_code);
  };
  CHECK(with(3, 4) == broker_errc::invalid_record);
  CHECK(with(-1, -2) == broker_errc::invalid_record);
  CHECK(with(0, -1) == broker_errc::invalid_record);
  CHECK(with(4, 3) == broker_errc::corrupt_message);  // only three are there
  CHECK(with(2, 1) == broker_errc::corrupt_message);
  CHECK(with(3, 2) == broker_errc::none);
}

TEST_CASE("the records at fault are named since version 8") {
  script cluster;
  cluster.create_topic("t", 1, {{"cleanup.policy", "compact"}});
  const auto client = cluster.connect();
  const auto answer = produce(cluster, client, batch_of(3, {.with_keys = false}), 8);
  CHECK(code_of(answer.error_code) == broker_errc::invalid_record);
  REQUIRE(answer.record_errors.size() == 3);
  CHECK(answer.record_errors[2].batch_index == 2);
  CHECK(answer.record_errors[2].batch_index_error_message);
  CHECK(answer.error_message);
  CHECK(produce(cluster, client, batch_of(3, {.with_keys = false}), 7).record_errors.empty());
  CHECK(produce(cluster, client, batch_of(3)).error_code == 0);
}

TEST_CASE("timestamps too far from now are refused where the topic limits them") {
  script cluster;
  cluster.create_topic("t", 1, {{"message.timestamp.before.max.ms", "1000"}});
  const auto client = cluster.connect();
  const auto now = cluster.now.wall.time_since_epoch().count();
  const auto code = [&](timestamp_ms timestamp) {
    return code_of(produce(cluster, client, batch_of(1, {.timestamp = timestamp})).error_code);
  };
  CHECK(code(now - 1001) == broker_errc::invalid_timestamp);
  CHECK(code(now + 3'600'001) == broker_errc::invalid_timestamp);
  CHECK(code(now - 1000) == broker_errc::none);
  CHECK(code(now + 3'600'000) == broker_errc::none);
}

TEST_CASE("a topic with log-append time stamps records and says when") {
  script cluster;
  cluster.create_topic("t", 1, {{"message.timestamp.type", "LogAppendTime"}});
  const auto client = cluster.connect();
  const auto now = cluster.now.wall.time_since_epoch().count();
  const protocol::producer_stamp producer{5, 0, 0, false};
  CHECK(produce(cluster, client, batch_of(2, {.producer = producer, .timestamp = 5})).log_append_time_ms == now);
  const auto records = read_records(cluster.partition("t").log, cluster.buffers);
  REQUIRE(records.size() == 2);
  CHECK(records[1].timestamp == now);
  // Sent again, it has the time it got then.
  cluster.pass(10s);
  const auto again = produce(cluster, client, batch_of(2, {.producer = producer, .timestamp = 5}));
  CHECK(again.base_offset == 0);
  CHECK(again.log_append_time_ms == now);
}

TEST_CASE("an idempotent batch that is sent again is answered with its first offset") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  const auto send = [&](std::int32_t sequence, std::int32_t count, std::int16_t epoch = 0) {
    return produce(cluster, client, batch_of(count, {.producer = {5, epoch, sequence, false}}));
  };
  CHECK(send(0, 10).base_offset == 0);
  CHECK(send(10, 10).base_offset == 10);
  CHECK(send(0, 10).base_offset == 0);
  CHECK(send(10, 10).error_code == 0);
  CHECK(cluster.partition("t").log.end_offset() == 20);
  CHECK(code_of(send(30, 10).error_code) == broker_errc::out_of_order_sequence_number);
  CHECK(send(0, 1, 1).base_offset == 20);
  CHECK(code_of(send(20, 10, 0).error_code) == broker_errc::invalid_producer_epoch);
}

TEST_CASE("only brokers before 2.5 call a producer unknown") {
  for (const char* version : {"2.1", "2.8", "4.3"}) {
    CAPTURE(version);
    script cluster({.broker_version = version});
    cluster.create_topic("t");
    const auto client = cluster.connect();
    const auto send = [&](std::int32_t sequence) {
      return code_of(produce(cluster, client, batch_of(1, {.producer = {5, 0, sequence, false}}), 7).error_code);
    };
    REQUIRE(send(0) == broker_errc::none);
    cluster.partition("t").producers.forget(5);
    CHECK(send(1) == (version == "2.1"s ? broker_errc::unknown_producer_id : broker_errc::none));
  }
}

TEST_CASE("sequences go on at 0 after the highest") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  const auto send = [&](std::int32_t sequence, std::int32_t count) {
    return produce(cluster, client, batch_of(count, {.producer = {5, 0, sequence, false}}));
  };
  REQUIRE(send(INT32_MAX - 1, 2).error_code == 0);
  CHECK(code_of(send(1, 3).error_code) == broker_errc::out_of_order_sequence_number);
  CHECK(send(0, 3).base_offset == 2);
  CHECK(send(INT32_MAX - 1, 2).base_offset == 0);
}

TEST_CASE("a keyless record fails alone among the record errors, and its whole batch with it") {
  script cluster;
  cluster.create_topic("t", 1, {{"cleanup.policy", "compact"}});
  protocol::record_batch_writer writer(cluster.buffers, {});
  REQUIRE(writer.append(cluster.now.wall.time_since_epoch().count(), "key", "value"));
  REQUIRE(writer.append(cluster.now.wall.time_since_epoch().count(), bytes_view(), "value"));
  REQUIRE(writer.append(cluster.now.wall.time_since_epoch().count(), "key", "value"));
  protocol::sealed_batch batch;
  REQUIRE_FALSE(writer.seal({}, batch));
  const auto answer = produce(cluster, cluster.connect(), batch.bytes());
  CHECK(code_of(answer.error_code) == broker_errc::invalid_record);
  REQUIRE(answer.record_errors.size() == 1);
  CHECK(answer.record_errors[0].batch_index == 1);
  CHECK(cluster.partition("t").log.end_offset() == 0);
}

TEST_CASE("replicas that are taken away while a batch waits for them leave too few") {
  script cluster({.nodes = 3});
  const uuid id = cluster.create_topic("t", 1, {{"min.insync.replicas", "2"}}, 3);
  auto& partition = cluster.partition("t");
  const auto client = cluster.connect(partition.leader);
  cluster.core.state().hold_replication(partition, true);
  cluster.send(client, produce_of("t", id, batch_of(1)));
  cluster.settle();
  REQUIRE(cluster.answers(client) == 0);
  cluster.core.state().set_in_sync(partition, {});
  cluster.settle();
  const auto waited = cluster.take<produce_response>(client).responses[0].partition_responses[0];
  CHECK(code_of(waited.error_code) == broker_errc::not_enough_replicas_after_append);
  CHECK(partition.log.end_offset() == 1);
  // From now on nothing is appended in the first place.
  CHECK(code_of(produce(cluster, client, batch_of(1)).error_code) == broker_errc::not_enough_replicas);
  CHECK(produce(cluster, client, batch_of(1), 13, 1).error_code == 0);
  CHECK(partition.log.end_offset() == 2);
  cluster.core.state().set_in_sync(partition, {1, 2, 3});
  cluster.core.state().hold_replication(partition, false);
  CHECK(produce(cluster, client, batch_of(1)).error_code == 0);
  // With as many as are needed nothing is wrong.
  cluster.core.state().hold_replication(partition, true);
  cluster.send(client, produce_of("t", id, batch_of(1)));
  cluster.core.state().set_in_sync(partition, {partition.leader, partition.leader % 3 + 1});
  cluster.settle();
  CHECK(cluster.take<produce_response>(client).responses[0].partition_responses[0].error_code == 0);
}

TEST_CASE("a batch as large as the topic allows is taken, a byte more is not") {
  script cluster;
  const shared_bytes batch = batch_of(3);
  cluster.create_topic("t", 1, {{"max.message.bytes", std::to_string(batch.size())}});
  CHECK(produce(cluster, cluster.connect(), batch).error_code == 0);
  script small;
  small.create_topic("t", 1, {{"max.message.bytes", std::to_string(batch.size() - 1)}});
  CHECK(code_of(produce(small, small.connect(), batch).error_code) == broker_errc::message_too_large);
}

TEST_CASE("several topics and partitions are answered one by one") {
  script cluster;
  const uuid id = cluster.create_topic("t", 2);
  const uuid other = cluster.create_topic("u", 1);
  auto request = produce_of("t", id, batch_of(1), -1, 1);
  request.topic_data[0].partition_data.push_back({9, batch_of(1), {}});
  request.topic_data.push_back({"u", other, {{0, batch_of(4), {}}}, {}});
  // Leaders differ only with several nodes.
  const auto response = cluster.ask(cluster.connect(), request);
  REQUIRE(response.responses.size() == 2);
  REQUIRE(response.responses[0].partition_responses.size() == 2);
  CHECK(response.responses[0].topic_id == id);
  CHECK(response.responses[0].partition_responses[0].index == 1);
  CHECK(response.responses[0].partition_responses[0].error_code == 0);
  CHECK(code_of(response.responses[0].partition_responses[1].error_code) == broker_errc::unknown_topic_or_partition);
  CHECK(response.responses[1].partition_responses[0].error_code == 0);
  CHECK(cluster.partition("u").log.end_offset() == 4);
}

}  // namespace
}  // namespace kafka::fake
