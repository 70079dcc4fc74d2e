// SPDX-License-Identifier: Apache-2.0
#include "cli/verifiable_events.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/json_text.hpp"

namespace kafka::cli {
namespace {

void begin_event(std::string& out, timestamp_ms now, std::string_view name) {
  out += R"({"timestamp":)";
  append_json(out, now);
  out += R"(,"name":)";
  append_json(out, bytes_view(name));
}

void append_member(std::string& out, std::string_view name, bytes_view value) {
  append_json_name(out, name);
  append_json(out, value);
}

void append_member(std::string& out, std::string_view name, std::int64_t value) {
  append_json_name(out, name);
  append_json(out, value);
}

void append_member(std::string& out, std::string_view name, double value) {
  append_json_name(out, name);
  char digits[40];
  // Nothing else is a number in JSON.
  const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, std::isfinite(value) ? value : 0.0);
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_member(std::string& out, std::string_view name, bool value) {
  append_json_name(out, name);
  out += value ? "true" : "false";
}

/// A list of objects that begin with a partition; `more` appends their other members.
template <class Range, class PartitionOf, class More>
void append_list(std::string& out, std::string_view name, const Range& list, PartitionOf partition_of, More more) {
  append_json_name(out, name);
  out += '[';
  for (const auto& each : list) {
    if (out.back() != '[') out += ',';
    const topic_partition& where = partition_of(each);
    out += R"({"topic":)";
    append_json(out, bytes_view(where.topic));
    append_member(out, "partition", std::int64_t{where.partition});
    more(each);
    out += '}';
  }
  out += ']';
}

struct named {
  int code;
  std::string_view name;
};

constexpr std::string_view errors = "org.apache.kafka.common.errors.";

/// Where Java's name is not that of the code in another spelling.
constexpr named irregular[] = {
    {static_cast<int>(broker_errc::unknown_server_error), "UnknownServer"},
    {static_cast<int>(broker_errc::corrupt_message), "CorruptRecord"},
    {static_cast<int>(broker_errc::request_timed_out), "Timeout"},
    {static_cast<int>(broker_errc::message_too_large), "RecordTooLarge"},
    {static_cast<int>(broker_errc::record_list_too_large), "RecordBatchTooLarge"},
    {static_cast<int>(broker_errc::network_exception), "Network"},
    {static_cast<int>(broker_errc::invalid_topic_exception), "InvalidTopic"},
    {static_cast<int>(broker_errc::topic_authorization_failed), "TopicAuthorization"},
    {static_cast<int>(broker_errc::group_authorization_failed), "GroupAuthorization"},
    {static_cast<int>(broker_errc::cluster_authorization_failed), "ClusterAuthorization"},
    {static_cast<int>(broker_errc::transactional_id_authorization_failed), "TransactionalIdAuthorization"},
    {static_cast<int>(broker_errc::sasl_authentication_failed), "SaslAuthentication"},
    {static_cast<int>(broker_errc::invalid_config), "InvalidConfiguration"},
    {static_cast<int>(broker_errc::out_of_order_sequence_number), "OutOfOrderSequence"},
    {static_cast<int>(broker_errc::duplicate_sequence_number), "DuplicateSequence"},
    {static_cast<int>(broker_errc::invalid_producer_id_mapping), "InvalidPidMapping"},
    {static_cast<int>(broker_errc::invalid_transaction_timeout), "InvalidTxnTimeout"},
    {static_cast<int>(broker_errc::kafka_storage_error), "KafkaStorage"},
};

/// Names of the client's own errors, with their packages.
constexpr named of_client[] = {
    {static_cast<int>(client_errc::invalid_argument), "java.lang.IllegalArgumentException"},
    {static_cast<int>(client_errc::invalid_config), "org.apache.kafka.common.config.ConfigException"},
    {static_cast<int>(client_errc::buffer_full), "org.apache.kafka.clients.producer.BufferExhaustedException"},
    {static_cast<int>(client_errc::record_too_large), "org.apache.kafka.common.errors.RecordTooLargeException"},
    {static_cast<int>(client_errc::unsupported_version), "org.apache.kafka.common.errors.UnsupportedVersionException"},
    {static_cast<int>(client_errc::timed_out), "org.apache.kafka.common.errors.TimeoutException"},
    {static_cast<int>(client_errc::request_timed_out), "org.apache.kafka.common.errors.TimeoutException"},
    // A record of which no broker could be told expires in Java.
    {static_cast<int>(client_errc::resolve_failed), "org.apache.kafka.common.errors.TimeoutException"},
    {static_cast<int>(client_errc::connect_failed), "org.apache.kafka.common.errors.TimeoutException"},
    {static_cast<int>(client_errc::no_brokers), "org.apache.kafka.common.errors.TimeoutException"},
    {static_cast<int>(client_errc::connection_lost), "org.apache.kafka.common.errors.NetworkException"},
    {static_cast<int>(client_errc::not_kafka), "org.apache.kafka.common.errors.NetworkException"},
    {static_cast<int>(client_errc::authentication_failed),
     "org.apache.kafka.common.errors.SaslAuthenticationException"},
    {static_cast<int>(client_errc::malformed_response), "org.apache.kafka.common.protocol.types.SchemaException"},
    {static_cast<int>(client_errc::corrupt_batch), "org.apache.kafka.common.errors.CorruptRecordException"},
};

template <std::size_t Count>
std::string_view find_name(const named (&table)[Count], int code) {
  const auto* const found =
      std::find_if(std::begin(table), std::end(table), [code](const named& each) { return each.code == code; });
  return found == std::end(table) ? std::string_view() : found->name;
}

/// `NOT_LEADER_OR_FOLLOWER` as `NotLeaderOrFollower`.
std::string camel_case(std::string_view name) {
  std::string text;
  bool begins = true;
  for (const char c : name) {
    const bool is_letter = c >= 'A' && c <= 'Z';
    if (c != '_') text += begins || !is_letter ? c : static_cast<char>(c - 'A' + 'a');
    begins = c == '_';
  }
  return text;
}

std::string broker_exception(int code) {
  const auto known = static_cast<broker_errc>(code);
  // The one that is not where all others are.
  if (known == broker_errc::invalid_record) return "org.apache.kafka.common.InvalidRecordException";
  std::string_view name = find_name(irregular, code);
  if (!name.empty()) return std::string(errors) + std::string(name) + "Exception";
  name = broker_error_name(known);
  return std::string(errors) + (name == "UNKNOWN_CODE" ? "UnknownServer" : camel_case(name)) + "Exception";
}

}  // namespace

std::string java_exception_class(const error& failure) {
  const std::error_code& code = failure.code();
  if (code.category() == broker_category()) return "class " + broker_exception(code.value());
  if (code.category() == client_category()) {
    if (const std::string_view name = find_name(of_client, code.value()); !name.empty())
      return "class " + std::string(name);
  }
  return "class org.apache.kafka.common.KafkaException";
}

void append_startup_complete(std::string& out, timestamp_ms now) {
  begin_event(out, now, "startup_complete");
  out += "}\n";
}

void append_send_success(std::string& out, timestamp_ms now, const verifiable_message& sent, std::int32_t partition,
                         std::int64_t offset) {
  begin_event(out, now, "producer_send_success");
  append_member(out, "key", sent.key);
  append_member(out, "value", bytes_view(sent.value));
  append_member(out, "offset", offset);
  append_member(out, "topic", bytes_view(sent.topic));
  append_member(out, "partition", std::int64_t{partition});
  out += "}\n";
}

void append_send_error(std::string& out, timestamp_ms now, const verifiable_message& sent, const error& failure) {
  begin_event(out, now, "producer_send_error");
  append_member(out, "topic", bytes_view(sent.topic));
  append_member(out, "key", sent.key);
  append_member(out, "value", bytes_view(sent.value));
  append_member(out, "exception", bytes_view(java_exception_class(failure)));
  append_member(out, "message", bytes_view(failure.message()));
  out += "}\n";
}

void append_shutdown_complete(std::string& out, timestamp_ms now) {
  begin_event(out, now, "shutdown_complete");
  out += "}\n";
}

void append_tool_data(std::string& out, timestamp_ms now, const verifiable_totals& totals) {
  begin_event(out, now, "tool_data");
  append_member(out, "sent", static_cast<std::int64_t>(totals.sent));
  append_member(out, "acked", static_cast<std::int64_t>(totals.acked));
  append_member(out, "target_throughput", totals.target_throughput);
  append_member(out, "avg_throughput", totals.avg_throughput);
  out += "}\n";
}

void append_shutdown_requested(std::string& out, timestamp_ms now) {
  begin_event(out, now, "shutdown_requested");
  out += "}\n";
}

void append_partitions(std::string& out, timestamp_ms now, std::string_view name,
                       std::span<const topic_partition> partitions) {
  begin_event(out, now, name);
  append_list(
      out, "partitions", partitions, [](const topic_partition& each) -> const topic_partition& { return each; },
      [](const topic_partition&) {});
  out += "}\n";
}

void append_record_data(std::string& out, timestamp_ms now, const record_view& record) {
  begin_event(out, now, "record_data");
  append_member(out, "key", record.key());
  append_member(out, "value", record.value());
  append_member(out, "topic", bytes_view(record.topic()));
  append_member(out, "partition", std::int64_t{record.partition()});
  append_member(out, "offset", record.offset());
  out += "}\n";
}

void append_records_consumed(std::string& out, timestamp_ms now, std::uint64_t count,
                             std::span<const consumed_range> ranges) {
  begin_event(out, now, "records_consumed");
  append_member(out, "count", static_cast<std::int64_t>(count));
  append_list(
      out, "partitions", ranges, [](const consumed_range& each) -> const topic_partition& { return each.partition; },
      [&out](const consumed_range& each) {
        append_member(out, "count", static_cast<std::int64_t>(each.count));
        append_member(out, "minOffset", each.offset_min);
        append_member(out, "maxOffset", each.offset_max);
      });
  out += "}\n";
}

void append_offsets_committed(std::string& out, timestamp_ms now, std::span<const group_offset> offsets,
                              const error& failure) {
  begin_event(out, now, "offsets_committed");
  append_list(
      out, "offsets", offsets, [](const group_offset& each) -> const topic_partition& { return each.partition; },
      [&out](const group_offset& each) { append_member(out, "offset", each.offset); });
  if (failure) append_member(out, "error", bytes_view(failure.message()));
  append_member(out, "success", !failure);
  out += "}\n";
}

}  // namespace kafka::cli
