// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

// The events of Kafka's VerifiableProducer and VerifiableConsumer, a JSON object a line, appended to a buffer. `now` is
// wall-clock time.
namespace kafka::cli {

/// A message as its sender knows it.
struct verifiable_message {
  std::string_view topic;
  /// Null: none.
  bytes_view key;
  std::string_view value;
};

/// What the tool did in all.
struct verifiable_totals {
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  std::int64_t target_throughput = -1;
  /// Acknowledged messages a second.
  double avg_throughput = 0;
};

/// What one poll gave of a partition.
struct consumed_range {
  topic_partition partition;
  std::uint64_t count = 0;
  std::int64_t offset_min = 0;
  std::int64_t offset_max = 0;
  /// Of the last record.
  std::int32_t leader_epoch = -1;
};

void append_startup_complete(std::string& out, timestamp_ms now);
void append_send_success(std::string& out, timestamp_ms now, const verifiable_message& sent, std::int32_t partition,
                         std::int64_t offset);
void append_send_error(std::string& out, timestamp_ms now, const verifiable_message& sent, const error& failure);
void append_shutdown_complete(std::string& out, timestamp_ms now);
void append_tool_data(std::string& out, timestamp_ms now, const verifiable_totals& totals);

void append_shutdown_requested(std::string& out, timestamp_ms now);
/// `name`: partitions_assigned or partitions_revoked.
void append_partitions(std::string& out, timestamp_ms now, std::string_view name,
                       std::span<const topic_partition> partitions);
void append_record_data(std::string& out, timestamp_ms now, const record_view& record);
/// `count` is what the poll gave, even if the tool wanted fewer.
void append_records_consumed(std::string& out, timestamp_ms now, std::uint64_t count,
                             std::span<const consumed_range> ranges);
/// `failure`: why they were not; no error if they were.
void append_offsets_committed(std::string& out, timestamp_ms now, std::span<const group_offset> offsets,
                              const error& failure);

/// What Java prints of the class of the exception that its client would have thrown, such as
/// `class org.apache.kafka.common.errors.NotLeaderOrFollowerException`.
[[nodiscard]] std::string java_exception_class(const error& failure);

}  // namespace kafka::cli
