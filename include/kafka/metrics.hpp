// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <kafka/error.hpp>

namespace kafka {

/// Count, sum and extremes of something measured; the unit stands with the member.
struct summary {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t min = 0;
  std::uint64_t max = 0;

  [[nodiscard]] double mean() const noexcept {
    return count == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count);
  }
  void add(std::uint64_t value) noexcept {
    if (count == 0 || value < min) min = value;
    if (value > max) max = value;
    sum += value;
    ++count;
  }
};

/// What a producer counted since it was made, for one topic or for all.
struct produce_counts {
  std::uint64_t records_delivered = 0;
  std::uint64_t records_failed = 0;
  /// Bytes of delivered batches as they were sent: compressed, with batch headers.
  std::uint64_t bytes_delivered = 0;
  std::uint64_t batches_delivered = 0;
  /// Batches that were sent again.
  std::uint64_t retries = 0;
};

/// A snapshot; taking it costs the sending threads nothing.
struct producer_metrics {
  produce_counts total;
  std::map<std::string, produce_counts, std::less<>> topics;
  /// Bytes of each batch when it was first sent.
  summary batch_bytes;
  /// Records of each batch when it was first sent.
  summary batch_records;
  /// Microseconds from a batch's first record until it was first sent.
  summary queue_time_us;

  struct broker {
    std::uint64_t requests = 0;
    std::uint64_t requests_failed = 0;
    std::uint64_t bytes_sent = 0;
    /// Microseconds from a request's submission until its answer.
    summary request_latency_us;
  };
  /// By node id.
  std::map<std::int32_t, broker> brokers;

  /// Of buffer_memory, now.
  std::uint64_t buffer_bytes_used = 0;
  std::uint64_t buffer_bytes_max = 0;
};

/// A batch that is done with, for producer_config::observer. Borrows; valid during the call.
struct produce_observation {
  std::string_view topic = {};
  std::int32_t partition = -1;
  /// The broker asked last, -1 if none was.
  std::int32_t node_id = -1;
  std::int64_t base_offset = -1;
  std::uint32_t records = 0;
  std::uint64_t bytes = 0;
  /// How often it was sent.
  std::uint32_t attempts = 0;
  /// From its first record until it was first sent, and from then until now.
  std::chrono::microseconds queue_time{};
  std::chrono::microseconds delivery_time{};
  /// Null if it was delivered.
  const error* failure = nullptr;
};

/// Called once for each batch, on the IO thread; must not block and must not throw.
using produce_observer = std::function<void(const produce_observation& batch)>;

}  // namespace kafka
