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
#include <span>
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

class accumulator;

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
  /// message::opaque of each record, where somebody asks for them.
  std::vector<std::uint64_t> opaques;
  /// A record was sent without a callback.
  bool has_detached = false;
  steady_time opened_at{};
  /// Whose memory its buffer counts against, and how much of it.
  accumulator* charged_to = nullptr;
  std::size_t charged_bytes = 0;
  /// The larger buffer that a record was refused, if that is why it was.
  std::size_t refused_capacity = 0;
  /// Somebody waits for one of its records: it shall not linger.
  bool urgent = false;
  /// The strand may take the batch: written once, after everything above.
  std::atomic<bool> sealed{false};

  // What follows is produce_machine's.

  /// What the bytes carry; no producer id: nothing yet.
  protocol::producer_stamp stamp;
  unsigned attempts = 0;
  bool under_way = false;
  /// The user has been told how it ended; it stays in line until its sequence numbers are accounted for.
  bool told = false;
  error last_error;
  /// Once a byte of it may have left, "not written" can no longer be said for certain.
  bool maybe_written = false;
  steady_time first_sent_at = never;
  std::int32_t node_id = -1;

  [[nodiscard]] std::int32_t record_count() const noexcept { return sealed_bytes.header().record_count; }
  [[nodiscard]] bool stamped() const noexcept { return stamp.producer_id >= 0; }
};
using batch_ptr = std::shared_ptr<producer_batch>;

/// Where user threads put records: one open batch a partition, into which a record is encoded at once, under a lock
/// held only for that. The strand is woken when a batch is opened or closed, never per record.
///
/// Thread-safe. The clock is asked when a batch is opened.
class accumulator {
 public:
  enum class append_status : std::uint8_t { appended, no_room, too_large, closed };
  struct append_result {
    append_status status = append_status::appended;
    /// How many records were taken before that.
    std::size_t count = 0;
    /// With no_room: how much memory must be free for the next one. With too_large: what it takes of memory, if that is
    /// more than there is in all; 0 if no batch is large enough.
    std::size_t wanted_bytes = 0;
  };
  struct hooks {
    /// Tells the strand that take_changes() has news; called under no lock, from any thread.
    std::function<void()> wake;
    std::function<steady_time()> clock;
    /// Memory was given back; called under no lock, on the strand. May be null.
    std::function<void()> room = nullptr;
  };

  accumulator(const producer_config& config, buffer_pool& pool, hooks with);

  /// One partition's batches. Lives as long as the accumulator.
  class queue {
   public:
    explicit queue(topic_partition partition) : partition_(std::move(partition)) {}
    [[nodiscard]] const topic_partition& partition() const noexcept { return partition_; }
    /// How many full batches the broker has not taken yet; what KIP-794 goes by.
    [[nodiscard]] std::uint32_t backlog() const noexcept { return backlog_.load(std::memory_order_relaxed); }

   private:
    friend class accumulator;
    const topic_partition partition_;
    std::mutex mutex_;
    batch_ptr open_;
    std::deque<batch_ptr> closed_;  // sealed or being sealed
    bool announced_ = false;
    std::size_t bytes_limit_ = SIZE_MAX;
    std::size_t last_size_ = 0;  // of the batch closed last: how large the next may become
    std::atomic<std::uint32_t> backlog_{0};
  };

  /// The queue of a partition, made on first use.
  [[nodiscard]] queue& queue_of(std::string_view topic, std::int32_t partition);

  /// Encodes the records into the queue's open batch, one after the other; `now` stamps those without a timestamp.
  /// `done` (for a single record; may be null) is taken only if it was appended. `urgent`: the caller waits for the
  /// records, so that the batch shall not linger.
  append_result append(queue& to, std::span<const message> run, timestamp_ms now, delivery_callback* done, bool urgent);

  /// Waits until so many bytes are free, or until `until`. False when `until` passed or the accumulator was closed.
  bool wait_for_room(std::size_t bytes, steady_time until);
  /// Whether what was refused last for want of room might be taken now.
  [[nodiscard]] bool may_have_room() const noexcept {
    return fits(refused_bytes_.load(std::memory_order_relaxed), charged_.load(std::memory_order_relaxed));
  }

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
  /// Takes everything that a queue has, to be given up: what is open is closed without being compressed. A batch that
  /// an appending thread is sealing ends it; it is announced again.
  [[nodiscard]] std::vector<batch_ptr> take_all(queue& from);
  /// The queues that may hold something.
  [[nodiscard]] std::vector<queue*> all_queues();
  /// The user was told about the batch: no flush waits for it any more.
  void settle(const producer_batch& batch);
  /// The batch's bytes are no longer needed: gives its memory back.
  void release(producer_batch& batch);
  /// The broker takes no batch of this partition larger than so many bytes: close them there. A single record is never
  /// refused for that.
  void limit(queue& of, std::size_t bytes);
  /// A batch made from others on the strand (a split); counts like one that was appended, its memory included, for
  /// which nobody waits: buffer_memory may be exceeded by it until the batch that it was made from is released.
  void adopt(producer_batch& batch);

  /// Ids of batches opened from now on are at least this.
  [[nodiscard]] std::uint64_t next_batch_id() const;
  /// The lowest id among batches that are not settled; next_batch_id() if there is none.
  [[nodiscard]] std::uint64_t oldest_batch_id() const;
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return charged_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] batch_ptr open_batch(queue& in, const message& first, append_result& result);
  bool append_to_open(producer_batch& batch, const message& record, timestamp_ms now, delivery_callback* done);
  append_status append_one(queue& to, const message& record, timestamp_ms now, delivery_callback* done,
                           std::vector<batch_ptr>& full, append_result& result);
  void close_open(queue& in);
  void uncharge(producer_batch& batch);
  [[nodiscard]] bool fits(std::size_t more, std::size_t charged) const noexcept {
    return charged <= config_.buffer_memory && more <= config_.buffer_memory - charged;
  }
  /// Counts the batch as one that holds `held` bytes, unless that were more than buffer_memory in all.
  [[nodiscard]] bool reserve(producer_batch& batch, std::size_t held) noexcept;
  /// Where nothing will give memory back but batches that linger: they shall not. Under the lock; true: wake the
  /// strand.
  [[nodiscard]] bool hurry_if_stuck();
  void seal(producer_batch& batch, compression codec) const;
  void announce(queue& changed);

  producer_config config_;
  buffer_pool& pool_;
  hooks hooks_;

  mutable std::mutex mutex_;  // of what follows; taken after a queue's mutex, never before
  std::map<topic_partition, std::unique_ptr<queue>> queues_;
  std::vector<queue*> changed_;
  std::multiset<std::uint64_t> live_batches_;  // the parts of a batch share its id
  std::uint64_t next_batch_ = 1;
  std::condition_variable room_;

  std::atomic<std::size_t> charged_{0};
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> waiting_for_room_{0};
  std::atomic<std::size_t> refused_bytes_{1};
  std::atomic<std::size_t> open_batches_{0};
  std::atomic<std::uint64_t> hurried_before_{0};  // open batches with lower ids do not linger
};

}  // namespace kafka::client
