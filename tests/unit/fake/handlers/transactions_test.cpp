// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_reader.hpp"
#include "unit/fake/transaction_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

/// The answer for the only partition of a Fetch from `offset` on.
protocol::fetch_response::partition_data fetch(script& cluster, std::int64_t offset, bool committed = true,
                                               std::int16_t version = 18) {
  auto request = fetch_of("t", cluster.core.state().find_topic("t")->id, offset);
  request.isolation_level = committed ? 1 : 0;
  const auto response = cluster.ask(cluster.connect(cluster.partition("t").leader), request, version);
  return response.responses.at(0).partitions.at(0);
}

/// What a batch in the log is: "data", "commit" or "abort", with its producer's epoch.
std::vector<std::string> log_of(script& cluster, std::int32_t partition = 0) {
  std::vector<std::string> out;
  const partition_log& log = cluster.partition("t", partition).log;
  protocol::record_batch_reader reader(log.read(0, log.end_offset(), SIZE_MAX, true));
  while (reader.next() == protocol::batch_step::batch) {
    const auto& batch = reader.batch();
    std::string what = "data";
    protocol::batch_records records;
    REQUIRE_FALSE(batch.open(cluster.buffers, records));
    if (batch.header().is_control()) {
      CHECK(batch.header().is_transactional());
      CHECK(batch.header().base_sequence == -1);
      protocol::record_cursor cursor = records.cursor();
      protocol::record_ref record;
      REQUIRE(cursor.next(record));
      const auto control = protocol::read_control_record(record.key, record.value);
      REQUIRE(control);
      what = control->type == protocol::control_type::commit ? "commit" : "abort";
    }
    out.push_back(what + " " + std::to_string(batch.header().producer_epoch));
  }
  return out;
}

using lines = std::vector<std::string>;

TEST_CASE("before KIP-890 partitions are added first, and the marker has the producer's epoch") {
  for (std::int16_t version = 3; version <= 11; ++version) {
    CAPTURE(version);
    script cluster;
    cluster.create_topic("t");
    transactional_producer producer(cluster, "tx", false);
    producer.begin();
    CHECK(producer.produced("t", 2, version) == (version >= 11 ? transaction_abortable : invalid_txn_state));
    CHECK(producer.add("t") == none);
    CHECK(producer.produced("t", 2, version) == none);
    CHECK(producer.produced("t", 2, version) == none);
    CHECK(producer.end(true) == none);
    CHECK(log_of(cluster) == lines{"data 0", "data 0", "commit 0"});
    // The next transaction goes on with the sequence, but must add the partition again.
    CHECK(producer.produced("t", 1, version) == (version >= 11 ? transaction_abortable : invalid_txn_state));
    CHECK(producer.add("t") == none);
    CHECK(producer.produced("t", 1, version) == none);
    CHECK(producer.end(false) == none);
    CHECK(log_of(cluster).back() == "abort 0");
  }
}

TEST_CASE("since KIP-890 the leader adds partitions, and each end has the next epoch") {
  script cluster({.nodes = 3});
  cluster.create_topic("t", 2);
  transactional_producer producer(cluster, "tx");
  producer.begin();
  CHECK(producer.produced("t", 2) == none);
  CHECK(producer.produced("t", 2, 12) == none);
  REQUIRE(cluster.core.state().transactions().find("tx"));
  CHECK(cluster.core.state().transactions().find("tx")->members.partitions.size() == 1);
  const std::int16_t before = producer.epoch;
  CHECK(producer.end(true) == none);
  CHECK(producer.epoch == before + 1);
  CHECK(log_of(cluster) == lines{"data 0", "data 0", "commit 1"});
  CHECK(log_of(cluster, 1).empty());
  CHECK(producer.produced("t", 1) == none);
  CHECK(producer.end(false) == none);
  CHECK(log_of(cluster) == lines{"data 0", "data 0", "commit 1", "data 1", "abort 2"});
}

TEST_CASE("a batch of the transaction before comes too late") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 2) == none);
  transactional_producer late = producer;
  REQUIRE(producer.end(false) == none);
  CHECK(late.produced("t", 1) == invalid_producer_epoch);
  REQUIRE(producer.produced("t", 1) == none);
  CHECK(late.produced("t", 1) == invalid_producer_epoch);
  CHECK(log_of(cluster) == lines{"data 0", "abort 1", "data 1"});
}

TEST_CASE("a new epoch begins at sequence 0") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  producer.sequence = 5;
  // A leader that knows nothing of the producer refuses it too, since KIP-890.
  CHECK(producer.produced("t", 1) == out_of_order_sequence_number);
  producer.sequence = 0;
  REQUIRE(producer.produced("t", 2) == none);
  REQUIRE(producer.end(true) == none);
  producer.sequence = 2;
  CHECK(producer.produced("t", 1) == out_of_order_sequence_number);
  producer.sequence = 0;
  CHECK(producer.produced("t", 1) == none);
}

TEST_CASE("brokers before 3.6 do not ask whether a partition was added") {
  for (const char* version : {"2.1", "2.8"}) {
    script cluster({.broker_version = version});
    cluster.create_topic("t");
    transactional_producer producer(cluster, "tx", false);
    const auto made = producer.init(false, 1);
    producer.producer_id = made.producer_id;
    producer.epoch = made.producer_epoch;
    CHECK(producer.produced("t", 1, 7) == none);
    CHECK(cluster.partition("t").last_stable_offset() == 0);
  }
}

TEST_CASE("while markers are on their way requests of the producer are told so") {
  script cluster;
  cluster.create_topic("t");
  cluster.core.state().transactions().set_marker_delay(100ms);
  transactional_producer old_producer(cluster, "old", false);
  transactional_producer producer(cluster, "tx");
  old_producer.begin();
  producer.begin();
  REQUIRE(old_producer.add("t") == none);
  REQUIRE(producer.produced("t", 1) == none);
  const transactional_producer before = producer;
  CHECK(old_producer.end(true) == none);
  CHECK(producer.end(true) == none);
  CHECK(old_producer.add("t") == concurrent_transactions);
  CHECK(old_producer.add_offsets("g") == concurrent_transactions);
  CHECK(old_producer.end(true) == concurrent_transactions);
  CHECK(code_of(old_producer.init().error_code) == concurrent_transactions);
  CHECK(old_producer.produced("t", 1) == not_enough_replicas);
  CHECK(producer.produced("t", 1) == concurrent_transactions);
  CHECK(producer.commit_offset("g", "t", 1) == concurrent_transactions);
  transactional_producer again = before;
  CHECK(again.end(true) == concurrent_transactions);
  cluster.pass(100ms);
  CHECK(again.end(true) == none);
  CHECK(again.epoch == producer.epoch);
  CHECK(producer.produced("t", 1) == none);
  CHECK(old_producer.add("t") == none);
}

TEST_CASE("every transaction API answers NOT_COORDINATOR on another node") {
  script cluster({.nodes = 2});
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx", false);
  producer.begin();
  const std::int32_t right = producer.coordinator();
  const auto wrong = cluster.connect(3 - right);
  CHECK(code_of(producer.init(false, 5, 3 - right).error_code) == not_coordinator);
  CHECK(producer.add("t", 0, 3, 3 - right) == not_coordinator);
  protocol::add_offsets_to_txn_request offsets;
  offsets.transactional_id = "tx";
  CHECK(code_of(cluster.ask(wrong, offsets).error_code) == not_coordinator);
  protocol::end_txn_request end;
  end.transactional_id = "tx";
  CHECK(code_of(cluster.ask(wrong, end).error_code) == not_coordinator);
  const std::int32_t group_node = cluster.core.state().coordinator(coordinator_type::group, "g");
  const auto commit = cluster.ask(cluster.connect(3 - group_node), producer.offsets_request("g", "t", 1));
  CHECK(code_of(commit.topics[0].partitions[0].error_code) == not_coordinator);
  // The coordinator moves with its node.
  cluster.core.state().set_coordinator("tx", 3 - right);
  CHECK(producer.add("t", 0, 3, right) == not_coordinator);
  CHECK(producer.add("t") == none);
}

TEST_CASE("older versions call a fenced producer by the older name") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx", false);
  producer.begin();
  transactional_producer successor(cluster, "tx");
  successor.begin();
  for (std::int16_t version = 0; version <= 3; ++version) {
    CAPTURE(version);
    const broker_errc expected = version >= 2 ? producer_fenced : invalid_producer_epoch;
    CHECK(producer.add("t", 0, version) == expected);
    CHECK(producer.add_offsets("g", version) == expected);
    CHECK(code_of(producer.ask_end(true, version).error_code) == expected);
  }
}

TEST_CASE("AddPartitionsToTxn adds nothing if a partition does not exist") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx", false);
  producer.begin();
  protocol::add_partitions_to_txn_request request;
  request.v3_and_below_transactional_id = "tx";
  request.v3_and_below_producer_id = producer.producer_id;
  request.v3_and_below_producer_epoch = producer.epoch;
  request.v3_and_below_topics = {{"t", {0, 7}, {}}, {"unknown", {0}, {}}};
  const auto answer = cluster.ask(cluster.connect(), request, 3);
  const auto code = [&](std::size_t topic, std::size_t partition) {
    return code_of(
        answer.results_by_topic_v3_and_below.at(topic).results_by_partition.at(partition).partition_error_code);
  };
  CHECK(code(0, 0) == operation_not_attempted);
  CHECK(code(0, 1) == unknown_topic_or_partition);
  CHECK(code(1, 0) == unknown_topic_or_partition);
  CHECK(cluster.core.state().transactions().find("tx")->phase == transaction_phase::empty);
  request.v3_and_below_transactional_id = "";
  request.v3_and_below_topics = {{"t", {0}, {}}};
  const auto refused = cluster.ask(cluster.connect(), request, 3);
  CHECK(code_of(refused.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code) ==
        invalid_request);
}

TEST_CASE("AddPartitionsToTxn since 4 is about many transactions, and may only ask") {
  for (std::int16_t version = 4; version <= 5; ++version) {
    CAPTURE(version);
    script cluster;
    cluster.create_topic("t", 2);
    transactional_producer producer(cluster, "tx");
    producer.begin();
    protocol::add_partitions_to_txn_request request;
    request.transactions = {{"tx", producer.producer_id, producer.epoch, false, {{"t", {0}, {}}}, {}},
                            {"nobody", 1, 0, false, {{"t", {0}, {}}}, {}},
                            {"tx", producer.producer_id, producer.epoch, true, {{"t", {0, 1}, {}}}, {}}};
    const auto answer = cluster.ask(cluster.connect(), request, version);
    CHECK(answer.error_code == 0);
    const auto code = [&](std::size_t transaction, std::size_t partition) {
      return code_of(answer.results_by_transaction.at(transaction)
                         .topic_results.at(0)
                         .results_by_partition.at(partition)
                         .partition_error_code);
    };
    CHECK(code(0, 0) == none);
    CHECK(code(1, 0) == invalid_producer_id_mapping);
    CHECK(code(2, 0) == none);
    CHECK(code(2, 1) == (version >= 5 ? transaction_abortable : invalid_txn_state));
  }
}

TEST_CASE("a plain batch of a producer inside its transaction is refused") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 1) == none);
  const auto batch = batch_of(1, {.producer = {producer.producer_id, producer.epoch, producer.sequence, false}});
  const auto answer = cluster.ask(cluster.connect(), produce_of("t", id, batch));
  CHECK(code_of(answer.responses[0].partition_responses[0].error_code) == invalid_txn_state);
}

TEST_CASE("the time-out of a transaction aborts it and fences its producer") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.timeout = 5s;
  producer.begin();
  REQUIRE(producer.produced("t", 2) == none);
  CHECK(fetch(cluster, 0).last_stable_offset == 0);
  cluster.pass(5s);
  CHECK(log_of(cluster) == lines{"data 0", "abort 1"});
  CHECK(fetch(cluster, 0).last_stable_offset == 3);
  CHECK(producer.produced("t", 1) == invalid_producer_epoch);
  CHECK(code_of(producer.ask_end(true).error_code) == invalid_txn_state);
}

TEST_CASE("read_committed ends at the first open transaction, and hears what was aborted") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer first(cluster, "first");
  transactional_producer second(cluster, "second");
  first.begin();
  second.begin();
  cluster.append("t", {"plain"});            // 0
  REQUIRE(first.produced("t", 2) == none);   // 1, 2
  REQUIRE(second.produced("t", 2) == none);  // 3, 4
  const std::int64_t second_id = second.producer_id;
  CHECK(fetch(cluster, 0).last_stable_offset == 1);
  REQUIRE(second.end(false) == none);  // 5
  cluster.append("t", {"plain"});      // 6
  for (std::int16_t version = 4; version <= 18; ++version) {
    CAPTURE(version);
    const auto open = fetch(cluster, 0, true, version);
    CHECK(open.last_stable_offset == 1);
    CHECK(open.high_watermark == 7);
    protocol::record_batch_reader reader(*open.records);
    REQUIRE(reader.next() == protocol::batch_step::batch);
    CHECK(reader.batch().next_offset() == 1);
    CHECK(reader.next() != protocol::batch_step::batch);
    REQUIRE(open.aborted_transactions);
    CHECK(open.aborted_transactions->empty());
    CHECK(fetch(cluster, 1, true, version).records->empty());
    CHECK_FALSE(fetch(cluster, 0, false, version).aborted_transactions);
  }
  REQUIRE(first.end(true) == none);  // 7
  const auto decided = fetch(cluster, 0);
  CHECK(decided.last_stable_offset == 8);
  REQUIRE(decided.aborted_transactions->size() == 1);
  CHECK(decided.aborted_transactions->at(0).producer_id == second_id);
  CHECK(decided.aborted_transactions->at(0).first_offset == 3);
  // Behind the marker it is of no interest.
  CHECK(fetch(cluster, 6).aborted_transactions->empty());
  CHECK(fetch(cluster, 5).aborted_transactions->size() == 1);
}

TEST_CASE("a long poll with read_committed ends when the transaction does") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  auto request = fetch_of("t", id, 0, 10s);
  request.isolation_level = 1;
  const auto client = cluster.connect();
  cluster.send(client, request);
  REQUIRE(producer.produced("t", 1) == none);
  cluster.settle();
  CHECK(cluster.answers(client) == 0);
  cluster.core.state().transactions().set_marker_delay(1s);
  REQUIRE(producer.end(true) == none);
  cluster.pass(999ms);
  CHECK(cluster.answers(client) == 0);
  cluster.pass(1ms);
  const auto answer = cluster.take<protocol::fetch_response>(client).responses.at(0).partitions.at(0);
  CHECK(answer.last_stable_offset == 2);
  CHECK_FALSE(answer.records->empty());
}

TEST_CASE("a marker that followers do not have decides nothing yet") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 1) == none);
  cluster.core.state().hold_replication(cluster.partition("t"), true);
  REQUIRE(producer.end(false) == none);
  CHECK(fetch(cluster, 0).last_stable_offset == 0);
  cluster.core.state().hold_replication(cluster.partition("t"), false);
  CHECK(fetch(cluster, 0).last_stable_offset == 2);
}

TEST_CASE("ListOffsets with read_committed takes the last stable offset for the end") {
  script cluster;
  cluster.create_topic("t");
  cluster.append("t", {"plain"});
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 2) == none);
  const auto latest = [&](std::int8_t isolation, std::int64_t timestamp = -1) {
    protocol::list_offsets_request request;
    request.replica_id = -1;
    request.isolation_level = isolation;
    request.topics = {{"t", {{0, -1, timestamp, {}}}, {}}};
    return cluster.ask(cluster.connect(), request).topics.at(0).partitions.at(0).offset;
  };
  CHECK(latest(0) == 3);
  CHECK(latest(1) == 1);
  CHECK(latest(0, 1'700'000'000'001) == 2);
  CHECK(latest(1, 1'700'000'000'001) == -1);
  REQUIRE(producer.end(true) == none);
  CHECK(latest(1) == 4);
}

}  // namespace
}  // namespace kafka::fake
