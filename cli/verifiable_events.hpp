// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

// The events of Kafka's VerifiableProducer, a JSON object a line, appended to a buffer. `now` is wall-clock time.
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

void append_startup_complete(std::string& out, timestamp_ms now);
void append_send_success(std::string& out, timestamp_ms now, const verifiable_message& sent, std::int32_t partition,
                         std::int64_t offset);
void append_send_error(std::string& out, timestamp_ms now, const verifiable_message& sent, const error& failure);
void append_shutdown_complete(std::string& out, timestamp_ms now);
void append_tool_data(std::string& out, timestamp_ms now, const verifiable_totals& totals);

/// What Java prints of the class of the exception that its client would have thrown, such as
/// `class org.apache.kafka.common.errors.NotLeaderOrFollowerException`.
[[nodiscard]] std::string java_exception_class(const error& failure);

}  // namespace kafka::cli
