// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/accumulator.hpp"
#include "client/metadata.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// A batch that is done with, one way or the other.
struct completed_batch {
  batch_ptr batch;
  error failure;
  /// -1 where the broker does not say (acks 0, or a failure).
  std::int64_t base_offset = -1;
  /// -1 unless the broker stamped the records itself.
  timestamp_ms log_append_time = -1;
};

/// Takes batches from the accumulator, groups them by their partitions' leaders into requests, and decides what each
/// answer means: done, again, or given up. Pure but for the accumulator, which is shared with the appending threads.
///
/// One request a partition is under way at a time, so that a retry can never overtake what was sent after it.
class produce_machine {
 public:
  produce_machine(const producer_config& config, accumulator& records, std::uint64_t seed);

  /// Sends what can be sent now.
  void step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns brokers that it named (KIP-951).
  std::vector<node> on_reply(reply& answer, metadata& cluster, steady_time now);

  /// Batches with ids below `before` do not linger.
  void flush_before(std::uint64_t before) noexcept { flush_before_ = std::max(flush_before_, before); }
  /// Gives everything up, now and from now on. What may have been written says so.
  void fail_all(const error& why);

  [[nodiscard]] std::vector<completed_batch> take_completed() { return std::exchange(completed_, {}); }
  [[nodiscard]] bool idle() const noexcept { return active_.empty() && in_flight_.empty(); }
  [[nodiscard]] steady_time deadline(const metadata& cluster) const;

 private:
  struct partition_state {
    accumulator::queue* queue = nullptr;
    batch_ptr head;  // next to be sent, or under way
    bool in_flight = false;
    bool active = false;
    unsigned failures = 0;
    steady_time retry_at{};
    steady_time linger_until = never;
    /// Waiting for metadata newer than this version; 0: not waiting.
    std::uint64_t waits_for_metadata_after = 0;
  };
  using request_builder = std::map<std::int32_t, std::vector<partition_state*>>;

  void adopt_changes();
  [[nodiscard]] bool fill_head(partition_state& state, steady_time now);
  [[nodiscard]] const partition_view* leader_for(partition_state& state, metadata& cluster, steady_time now);
  void send(std::int32_t node_id, std::vector<partition_state*>& states, const metadata& cluster, request_id id,
            steady_time now, std::vector<outgoing>& out);
  void on_partition(partition_state& state, const protocol::produce_response::partition& answer,
                    const std::string& broker, metadata& cluster, steady_time now);
  void retry_or_fail(partition_state& state, error why, bool maybe_written, metadata& cluster, steady_time now);
  void complete(partition_state& state, error failure, std::int64_t base_offset, timestamp_ms log_append_time);
  [[nodiscard]] steady_time expiry(const producer_batch& batch) const noexcept {
    return batch.opened_at + config_.delivery_timeout;
  }

  producer_config config_;
  accumulator& records_;
  random_source random_;
  std::unordered_map<accumulator::queue*, std::unique_ptr<partition_state>> states_;
  std::vector<partition_state*> active_;  // those that have, or may soon have, something to send
  std::unordered_map<request_id, std::vector<partition_state*>> in_flight_;
  std::vector<completed_batch> completed_;
  std::uint64_t flush_before_ = 0;
  error given_up_;
};

}  // namespace kafka::client
