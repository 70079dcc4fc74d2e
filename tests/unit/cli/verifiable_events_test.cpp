// SPDX-License-Identifier: Apache-2.0
#include "cli/verifiable_events.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;

namespace {

constexpr timestamp_ms now = 1'795'498'969'174;

template <class Append, class... Arguments>
std::string line_of(Append append, const Arguments&... arguments) {
  std::string out;
  append(out, now, arguments...);
  return out;
}

std::string class_of(error failure) {
  return java_exception_class(failure);
}

constexpr const char* errors = "class org.apache.kafka.common.errors.";

}  // namespace

TEST_CASE("events are those of Kafka's verifiable producer, timestamp and name first") {
  CHECK(line_of(append_startup_complete) == "{\"timestamp\":1795498969174,\"name\":\"startup_complete\"}\n");
  CHECK(line_of(append_shutdown_complete) == "{\"timestamp\":1795498969174,\"name\":\"shutdown_complete\"}\n");
  CHECK(line_of(append_send_success, verifiable_message{"t", {}, "7"}, 0, std::int64_t{5}) ==
        "{\"timestamp\":1795498969174,\"name\":\"producer_send_success\",\"key\":null,\"value\":\"7\",\"offset\":5,"
        "\"topic\":\"t\",\"partition\":0}\n");
  const error failure(client_errc::timed_out, "boom");
  std::string expected =
      "{\"timestamp\":1795498969174,\"name\":\"producer_send_error\",\"topic\":\"t\",\"key\":\"1\",\"value\":\"3.7\","
      "\"exception\":\"class org.apache.kafka.common.errors.TimeoutException\",\"message\":\"";
  expected += failure.message() + "\"}\n";
  CHECK(line_of(append_send_error, verifiable_message{"t", "1", "3.7"}, failure) == expected);
  CHECK_THAT(line_of(append_send_error, verifiable_message{"t", {}, "7"}, error(client_errc::closed, "\"a\"\n")),
             Catch::Matchers::EndsWith("(\\\"a\\\"\\n)\"}\n"));
}

TEST_CASE("the last event tells what was done, and its throughput is a number whatever happened") {
  CHECK(line_of(append_tool_data, verifiable_totals{10, 9, -1, 123.5}) ==
        "{\"timestamp\":1795498969174,\"name\":\"tool_data\",\"sent\":10,\"acked\":9,\"target_throughput\":-1,"
        "\"avg_throughput\":123.5}\n");
  CHECK_THAT(line_of(append_tool_data, verifiable_totals{0, 0, 5, 0.0}),
             Catch::Matchers::Contains("\"target_throughput\":5,\"avg_throughput\":0.0}"));
  for (const double no_number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THAT(line_of(append_tool_data, verifiable_totals{0, 0, 5, no_number}),
               Catch::Matchers::Contains("\"avg_throughput\":0.0}"));
  CHECK_THAT(line_of(append_tool_data, verifiable_totals{0, 0, 5, 3e8}),
             Catch::Matchers::Contains("\"avg_throughput\":3e+08}"));
}

TEST_CASE("errors of brokers go by the names of Java's exceptions") {
  const std::vector<std::pair<broker_errc, std::string>> expected{
      {broker_errc::not_leader_or_follower, "NotLeaderOrFollowerException"},
      {broker_errc::unknown_topic_or_partition, "UnknownTopicOrPartitionException"},
      {broker_errc::leader_not_available, "LeaderNotAvailableException"},
      {broker_errc::request_timed_out, "TimeoutException"},
      {broker_errc::not_enough_replicas, "NotEnoughReplicasException"},
      {broker_errc::not_enough_replicas_after_append, "NotEnoughReplicasAfterAppendException"},
      {broker_errc::message_too_large, "RecordTooLargeException"},
      {broker_errc::record_list_too_large, "RecordBatchTooLargeException"},
      {broker_errc::corrupt_message, "CorruptRecordException"},
      {broker_errc::invalid_topic_exception, "InvalidTopicException"},
      {broker_errc::network_exception, "NetworkException"},
      {broker_errc::topic_authorization_failed, "TopicAuthorizationException"},
      {broker_errc::cluster_authorization_failed, "ClusterAuthorizationException"},
      {broker_errc::out_of_order_sequence_number, "OutOfOrderSequenceException"},
      {broker_errc::duplicate_sequence_number, "DuplicateSequenceException"},
      {broker_errc::unknown_producer_id, "UnknownProducerIdException"},
      {broker_errc::invalid_producer_epoch, "InvalidProducerEpochException"},
      {broker_errc::producer_fenced, "ProducerFencedException"},
      {broker_errc::kafka_storage_error, "KafkaStorageException"},
      {broker_errc::fenced_leader_epoch, "FencedLeaderEpochException"},
      {broker_errc::transaction_abortable, "TransactionAbortableException"},
      {broker_errc::invalid_txn_state, "InvalidTxnStateException"},
      {broker_errc::unknown_server_error, "UnknownServerException"},
      {static_cast<broker_errc>(9999), "UnknownServerException"},
  };
  for (const auto& [code, name] : expected) CHECK(class_of(code) == errors + name);
  CHECK(class_of(broker_errc::invalid_record) == "class org.apache.kafka.common.InvalidRecordException");
}

TEST_CASE("the client's own errors go by what Java's client would have thrown") {
  CHECK(class_of(client_errc::timed_out) == std::string(errors) + "TimeoutException");
  CHECK(class_of(client_errc::no_brokers) == std::string(errors) + "TimeoutException");
  CHECK(class_of(client_errc::connection_lost) == std::string(errors) + "NetworkException");
  CHECK(class_of(client_errc::record_too_large) == std::string(errors) + "RecordTooLargeException");
  CHECK(class_of(client_errc::buffer_full) == "class org.apache.kafka.clients.producer.BufferExhaustedException");
  CHECK(class_of(client_errc::closed) == "class org.apache.kafka.common.KafkaException");
  CHECK(class_of(client_errc::cancelled) == "class org.apache.kafka.common.KafkaException");
  CHECK(class_of(error(std::make_error_code(std::errc::io_error))) == "class org.apache.kafka.common.KafkaException");
}

TEST_CASE("events are those of Kafka's verifiable consumer, timestamp and name first") {
  const std::string begin = "{\"timestamp\":1795498969174,\"name\":";
  const std::vector<topic_partition> two{{"t", 0}, {"t", 1}};
  CHECK(line_of(append_partitions, "partitions_assigned", std::span<const topic_partition>(two)) ==
        begin +
            "\"partitions_assigned\",\"partitions\":[{\"topic\":\"t\",\"partition\":0},"
            "{\"topic\":\"t\",\"partition\":1}]}\n");
  CHECK(line_of(append_partitions, "partitions_revoked", std::span<const topic_partition>()) ==
        begin + "\"partitions_revoked\",\"partitions\":[]}\n");
  const std::vector<consumed_range> ranges{{{"t", 0}, 3, 10, 12, 1}};
  CHECK(line_of(append_records_consumed, std::uint64_t{3}, std::span<const consumed_range>(ranges)) ==
        begin +
            "\"records_consumed\",\"count\":3,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"count\":3,"
            "\"minOffset\":10,\"maxOffset\":12}]}\n");
  const std::vector<group_offset> offsets{{{"t", 0}, 13}};
  CHECK(line_of(append_offsets_committed, std::span<const group_offset>(offsets), error()) ==
        begin +
            "\"offsets_committed\",\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":13}],\"success\":true}\n");
  const error failure(broker_errc::illegal_generation, "boom");
  CHECK(line_of(append_offsets_committed, std::span<const group_offset>(offsets), failure) ==
        begin + "\"offsets_committed\",\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":13}],\"error\":\"" +
            failure.message() + "\",\"success\":false}\n");
  CHECK(line_of(append_shutdown_requested) == begin + "\"shutdown_requested\"}\n");
  CHECK(line_of(append_record_data, record_view()) ==
        begin + "\"record_data\",\"key\":null,\"value\":null,\"topic\":\"\",\"partition\":0,\"offset\":0}\n");
}
