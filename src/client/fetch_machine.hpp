// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/metadata.hpp"
#include "client/wire.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

/// Counts the fetched bytes that wait to be polled or are still held by the user. Shared between the strand, which
/// stops fetching at the limit, and whoever releases records. Thread-safe.
class fetch_budget {
 public:
  explicit fetch_budget(std::size_t limit) : limit_(limit) {}

  /// Who is told, from any thread, when there is room again; null to stop that.
  void on_room(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void charge(std::size_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void release(std::size_t bytes) {
    const std::size_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (before < limit_ || before - bytes >= limit_) return;
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  [[nodiscard]] bool exhausted() const noexcept { return used_.load(std::memory_order_relaxed) >= limit_; }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::mutex mutex_;
  std::function<void()> wake_;
};

/// Bytes of one fetched set, charged for as long as anybody holds a copy of the pointer.
class fetch_charge {
 public:
  fetch_charge(std::shared_ptr<fetch_budget> budget, std::size_t bytes) : budget_(std::move(budget)), bytes_(bytes) {
    budget_->charge(bytes_);
  }
  fetch_charge(const fetch_charge&) = delete;
  fetch_charge& operator=(const fetch_charge&) = delete;
  ~fetch_charge() { budget_->release(bytes_); }

 private:
  std::shared_ptr<fetch_budget> budget_;
  std::size_t bytes_;
};

/// What the fetch machine reports about one partition. Results for a version older than the partition's present one
/// belong to a position that was left by seek or assign; they are dropped.
struct fetched {
  topic_partition partition;
  std::uint64_t version = 0;
  /// Data batches in offset order, CRC checked, aborted and control batches taken out, still compressed.
  std::vector<protocol::record_batch> batches;
  /// Records below this offset, at the front of the first batch, are not wanted.
  std::int64_t from_offset = 0;
  /// Where the next fetch goes on.
  std::int64_t next_offset = 0;
  /// -1 where it is not known yet.
  std::int64_t high_watermark = -1;
  std::shared_ptr<fetch_charge> charge;
  error failure;
};

/// Fetches ahead for the assigned partitions: resolves positions, groups partitions by their leaders into requests,
/// follows leaders, and stops while the budget is used up. Pure but for the budget.
class fetch_machine {
 public:
  fetch_machine(const consumer_config& config, std::shared_ptr<fetch_budget> budget, std::uint64_t seed);

  /// A partition and the version that its results carry from now on.
  struct assigned {
    topic_partition partition;
    position from;
    std::uint64_t version = 0;
  };
  /// Replaces the whole assignment.
  void assign(const std::vector<assigned>& partitions, metadata& cluster, steady_time now);
  /// Adds to the assignment, or takes away from it.
  void add(const std::vector<assigned>& partitions, metadata& cluster, steady_time now);
  void remove(const std::vector<topic_partition>& partitions);
  /// Moves one partition; ignored when it is not assigned.
  void seek(const assigned& to);
  /// Fetches no more of a partition until it is moved; ignored when its version is another by now.
  void stop(const topic_partition& partition, std::uint64_t version);
  void set_paused(const std::vector<topic_partition>& partitions, bool paused);

  void step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns brokers that it named (KIP-951).
  std::vector<node> on_reply(reply& answer, metadata& cluster, steady_time now);

  [[nodiscard]] std::vector<fetched> take_fetched() { return std::exchange(fetched_, {}); }
  [[nodiscard]] steady_time deadline(const metadata& cluster) const;

 private:
  enum class phase : std::uint8_t {
    looking_up,  ///< The position has to be turned into an offset.
    fetching,
    stopped,  ///< A bad batch is in the way; only seek or assign goes on.
  };
  struct partition_state {
    phase now = phase::looking_up;
    position wanted = position::newest();
    std::uint64_t version = 0;
    std::int64_t offset = -1;
    /// Epoch of the batch before `offset`, for the broker's divergence check (KIP-320); -1 unknown.
    std::int32_t last_fetched_epoch = -1;
    bool paused = false;
    bool in_flight = false;
    unsigned failures = 0;
    steady_time retry_at{};
    std::uint64_t waits_for_metadata_after = 0;
    /// Producers whose aborted transactions are being passed (read_committed).
    std::set<std::int64_t> aborted_producers;
  };
  using state_map = std::map<topic_partition, partition_state>;
  using entry = state_map::value_type;
  struct sent_request {
    std::int32_t node_id = 0;
    bool is_fetch = false;
    /// Partition and version as of the sending.
    std::vector<std::pair<topic_partition, std::uint64_t>> partitions;
  };

  void start(partition_state& state, const assigned& from);
  [[nodiscard]] const partition_view* leader_for(entry& partition, metadata& cluster, steady_time now);
  void send_lookup(std::int32_t node_id, const std::vector<entry*>& partitions, const metadata& cluster, request_id id,
                   steady_time now, std::vector<outgoing>& out);
  void send_fetch(std::int32_t node_id, const std::vector<entry*>& partitions, const metadata& cluster, request_id id,
                  steady_time now, std::vector<outgoing>& out);
  /// The state that an answer is for; null if it was left meanwhile.
  [[nodiscard]] entry* current(const sent_request& sent, std::string_view topic, std::int32_t partition);
  void on_lookup(const sent_request& sent, const protocol::list_offsets_response& response, const std::string& broker,
                 metadata& cluster, steady_time now);
  void on_fetch(const sent_request& sent, protocol::fetch_response& response, const std::string& broker,
                metadata& cluster, steady_time now);
  void on_partition(entry& partition, protocol::fetch_response::partition_data& answer, const std::string& broker,
                    metadata& cluster, steady_time now);
  void on_records(entry& partition, protocol::fetch_response::partition_data& answer);
  void on_error(entry& partition, error why, metadata& cluster, steady_time now);
  void out_of_range(entry& partition, error why);
  void report(const entry& partition, error failure);

  consumer_config config_;
  std::shared_ptr<fetch_budget> budget_;
  random_source random_;
  state_map states_;
  std::unordered_map<request_id, sent_request> in_flight_;
  std::set<std::int32_t> fetching_nodes_;  // one fetch a node at a time: its lane answers one after the other
  std::vector<fetched> fetched_;
};

/// Takes control batches and batches of aborted transactions out of what a read_committed fetch returned. `aborted` is
/// sorted here, because not every broker does. Sets which producers are in the middle of an aborted transaction go on
/// from `open` (KIP-98).
class aborted_filter {
 public:
  aborted_filter(std::vector<protocol::fetch_response::aborted_transaction> aborted, std::set<std::int64_t>& open);
  /// Whether the records of this batch are for the user.
  [[nodiscard]] bool keeps(const protocol::record_batch& batch);

 private:
  std::vector<protocol::fetch_response::aborted_transaction> aborted_;
  std::size_t next_ = 0;
  std::set<std::int64_t>& open_;
};

}  // namespace kafka::client
