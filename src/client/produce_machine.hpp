// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/accumulator.hpp"
#include "client/metadata.hpp"
#include "client/partition_line.hpp"
#include "client/produce_verdict.hpp"
#include "client/producer_identity.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// From this version of Produce on, topics are known by their ids alone.
constexpr std::int16_t produce_by_id_version = 13;

class transaction;

/// A batch that is done with, one way or the other.
struct completed_batch {
  batch_ptr batch;
  error failure;
  /// -1 where the broker does not say (acks 0, or a failure).
  std::int64_t base_offset = -1;
  /// -1 unless the broker stamped the records itself.
  timestamp_ms log_append_time = -1;
  steady_time completed_at{};
};

/// A request that was answered, or failed; for metrics.
struct observed_request {
  std::int32_t node_id = -1;
  std::size_t bytes = 0;
  steady_time::duration latency{};
  bool failed = false;
};

/// Takes batches from the accumulator, groups them by their partitions' leaders into requests, and decides what each
/// answer means: done, again, or given up. Pure but for the accumulator, which is shared with the appending threads.
/// What order and sequence numbers ask for is partition_line's business.
class produce_machine {
 public:
  /// `transactional`: null without transactions; otherwise it outlives this.
  produce_machine(const producer_config& config, accumulator& records, buffer_pool& pool, transaction* transactional,
                  std::uint64_t seed);

  /// Sends what can be sent now.
  void step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns brokers that it named (KIP-951).
  std::vector<node> on_reply(reply& answer, metadata& cluster, steady_time now);

  /// Batches with ids below `before` do not linger.
  void flush_before(std::uint64_t before) noexcept { flush_before_ = std::max(flush_before_, before); }
  /// Gives up, with `why`, what was not sent and/or what was.
  void purge(bool queued, bool in_flight, const error& why, steady_time now);
  /// Gives everything up, now and from now on. What may have been written says so.
  void fail_all(const error& why, steady_time now);

  [[nodiscard]] std::vector<completed_batch> take_completed() { return std::exchange(completed_, {}); }
  [[nodiscard]] std::vector<observed_request> take_observed() { return std::exchange(observed_, {}); }
  /// Nothing is under way.
  [[nodiscard]] bool idle() const noexcept { return in_flight_.empty(); }
  [[nodiscard]] steady_time deadline() const;
  [[nodiscard]] producer_identity& identity() noexcept { return identity_; }

 private:
  struct partition_state {
    partition_state(accumulator::queue& from, bool sequenced) : queue(from), line(sequenced) {}

    accumulator::queue& queue;
    partition_line line;
    bool active = false;
    std::int32_t node_id = -1;  // where what is under way went
    uuid topic_id;
    unsigned failures = 0;
    steady_time retry_at{};
    /// When time alone gives a reason to look again.
    steady_time wake_at = never;
    /// Waiting for metadata newer than this version; 0: not waiting.
    std::uint64_t waits_for_metadata_after = 0;
    /// In the step under way: the first request that may take its next batch.
    std::size_t next_request = 0;
  };
  struct sent_batch {
    partition_state* state = nullptr;
    batch_ptr batch;
  };
  struct request_plan {
    std::vector<sent_batch> batches;
    std::size_t bytes = 0;
  };
  struct sent_request {
    std::vector<sent_batch> batches;
    std::int32_t node_id = -1;
    std::size_t bytes = 0;
    steady_time sent_at{};
  };
  using plans = std::map<std::int32_t, std::vector<request_plan>>;

  void adopt_changes();
  /// Puts into `out` what this partition may send now. False: it can rest until the accumulator says otherwise.
  bool advance(partition_state& state, metadata& cluster, steady_time now, plans& out);
  void expire(partition_state& state, steady_time now);
  void settle(partition_state& state, steady_time now);
  [[nodiscard]] batch_ptr next_batch(partition_state& state, steady_time now);
  [[nodiscard]] bool may_send(partition_state& state, const producer_batch& batch, steady_time now);
  [[nodiscard]] const partition_view* leader_for(partition_state& state, const batch_ptr& batch, metadata& cluster,
                                                 steady_time now);
  void add_to_plan(partition_state& state, batch_ptr batch, std::int32_t node_id, steady_time now,
                   std::vector<request_plan>& out);
  [[nodiscard]] outgoing make_request(const request_plan& plan, const metadata& cluster, steady_time now);
  void send(std::int32_t node_id, request_plan&& plan, const metadata& cluster, request_id id, steady_time now,
            std::vector<outgoing>& out);

  void on_failed_request(sent_request& request, const reply& answer, metadata& cluster, steady_time now);
  void on_answer(sent_batch& sent, const protocol::produce_response::partition& answer, const reply& whole,
                 metadata& cluster, steady_time now);
  void on_again(sent_batch& sent, produce_verdict verdict, error why, metadata& cluster, steady_time now);
  void on_out_of_order(sent_batch& sent, produce_verdict verdict, error why, metadata& cluster, steady_time now);
  void split(sent_batch& sent, const error& why, steady_time now);
  void drop_bad_records(sent_batch& sent, const protocol::produce_response::partition& answer, const error& why,
                        steady_time now);
  void deliver(sent_batch& sent, std::int64_t base_offset, timestamp_ms log_append_time, steady_time now);
  void give_up(partition_state& state, const batch_ptr& batch, error why, steady_time now);
  void release(const std::vector<batch_ptr>& batches);
  [[nodiscard]] steady_time expiry(const producer_batch& batch) const noexcept {
    return batch.opened_at + config_.delivery_timeout;
  }

  producer_config config_;
  accumulator& records_;
  buffer_pool& pool_;
  transaction* transaction_;
  bool sequenced_;
  random_source random_;
  producer_identity identity_;
  std::unordered_map<accumulator::queue*, std::unique_ptr<partition_state>> states_;
  std::vector<partition_state*> active_;  // those that have, or may soon have, something to send
  std::unordered_map<request_id, sent_request> in_flight_;
  std::unordered_map<std::int32_t, std::size_t> node_bytes_;  // under way, by broker
  std::vector<completed_batch> completed_;
  std::vector<observed_request> observed_;
  std::uint64_t flush_before_ = 0;
  error given_up_;
};

}  // namespace kafka::client
