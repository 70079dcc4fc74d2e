// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>
#include <kafka/record.hpp>

#include "base/buffer_pool.hpp"
#include "base/time.hpp"
#include "protocol/record_batch_writer.hpp"

namespace kafka::client {

/// Records of one partition on their way: gathered, sealed, sent, acknowledged as a whole. Touched by the appending
/// threads (under their partition's lock) until it is closed, by the sealing thread until `sealed`, then by the strand.
struct producer_batch {
  struct waiter {
    delivery_callback done;
    timestamp_ms timestamp = -1;
    std::int32_t index = 0;
  };

  /// Counts up over all partitions, so that a flush can say "everything before".
  std::uint64_t id = 0;
  topic_partition partition;
  protocol::record_batch_writer writer;
  protocol::sealed_batch sealed_bytes;
  /// Why the batch could not be sealed.
  error seal_failure;
  std::vector<waiter> waiters;
  steady_time opened_at{};
  std::size_t charged_bytes = 0;
  /// Somebody waits for one of its records: it shall not linger.
  bool urgent = false;
  /// The strand may take the batch: written once, after everything above.
  std::atomic<bool> sealed{false};
  unsigned attempts = 0;
  error last_error;
  /// Once a byte of it may have left, "not written" can no longer be said for certain.
  bool maybe_written = false;
};
using batch_ptr = std::shared_ptr<producer_batch>;

/// Where user threads put records: one open batch a partition, into which a record is encoded at once, under a lock
/// held only for that. The strand is woken when a batch is opened or closed, never per record.
///
/// Thread-safe. Reads no clock.
class accumulator {
 public:
  enum class append_status : std::uint8_t { appended, no_room, too_large, closed };

  /// `wake` tells the strand that take_changes() has news; called under no lock, from any thread.
  accumulator(const producer_config& config, buffer_pool& pool, std::function<void()> wake);

  /// One partition's batches. Lives as long as the accumulator.
  class queue {
   public:
    explicit queue(topic_partition partition) : partition_(std::move(partition)) {}
    [[nodiscard]] const topic_partition& partition() const noexcept { return partition_; }

   private:
    friend class accumulator;
    const topic_partition partition_;
    std::mutex mutex_;
    batch_ptr open_;
    std::deque<batch_ptr> closed_;  // sealed or being sealed
    bool announced_ = false;
  };

  /// The queue of a partition, made on first use.
  [[nodiscard]] queue& queue_of(std::string_view topic, std::int32_t partition);

  /// Encodes the record into the queue's open batch. `done` is taken only if it was appended. `urgent`: the caller
  /// waits for this record, so that the batch shall not linger.
  append_status append(queue& to, const message& record, timestamp_ms timestamp, delivery_callback& done, bool urgent,
                       steady_time now);

  /// Waits until there may be room again, or until `until`. False when `until` passed or the accumulator was closed.
  bool wait_for_room(steady_time until);

  /// Takes no more records; wakes whoever waits for room.
  void close();
  [[nodiscard]] bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }

  // --- for the strand
  // -------------------------------------------------------------------------------------------------

  /// The queues that had a batch opened or closed since the last call.
  [[nodiscard]] std::vector<queue*> take_changes();
  /// What a queue has to send.
  struct head {
    /// Sealed and next in line, or null.
    batch_ptr ready;
    /// When the open batch's linger ends; `never` if there is none.
    steady_time linger_until = never;
  };
  /// Takes the queue's oldest batch if it is sealed, or its open one if it lingered long enough, was marked urgent or
  /// has an id below `flush_before`. Lingered batches are sealed here, on the strand.
  [[nodiscard]] head take_head(queue& from, std::uint64_t flush_before, steady_time now);
  /// The batch is done with: gives its memory back.
  void release(const producer_batch& batch);

  /// Ids of batches opened from now on are at least this.
  [[nodiscard]] std::uint64_t next_batch_id() const;
  /// The lowest id among batches that are not released; next_batch_id() if there is none.
  [[nodiscard]] std::uint64_t oldest_batch_id() const;
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return charged_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] batch_ptr open_batch(const queue& in, steady_time now);
  bool append_to_open(producer_batch& batch, const message& record, timestamp_ms timestamp, delivery_callback& done,
                      bool urgent);
  void charge(producer_batch& batch);
  void seal(producer_batch& batch) const;
  void announce(queue& changed);

  producer_config config_;
  buffer_pool& pool_;
  std::function<void()> wake_;

  mutable std::mutex mutex_;  // of what follows; taken after a queue's mutex, never before
  std::map<topic_partition, std::unique_ptr<queue>> queues_;
  std::vector<queue*> changed_;
  std::set<std::uint64_t> live_batches_;
  std::uint64_t next_batch_ = 1;
  std::condition_variable room_;

  std::atomic<std::size_t> charged_{0};
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> waiting_for_room_{0};
};

}  // namespace kafka::client
