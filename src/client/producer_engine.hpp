// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>

#include "base/buffer_pool.hpp"
#include "client/accumulator.hpp"
#include "client/client_base.hpp"
#include "client/partition_chooser.hpp"
#include "client/produce_metrics.hpp"
#include "client/runtime.hpp"

namespace kafka::client {

enum class engine_status : std::uint8_t {
  accepted,
  needs_topic,  ///< The topic is not known yet; try again when the view changes.
  needs_room,   ///< buffer_memory is used up; try again when there is room.
  failed,       ///< `failure` says why.
};

/// What the blocking and the asynchronous producer share: from a record to its batch, from a completed batch to its
/// callbacks. Thread-safe.
class producer_engine : public std::enable_shared_from_this<producer_engine> {
 public:
  /// Throws kafka::error (invalid_config).
  static std::shared_ptr<producer_engine> make(producer_config config, std::shared_ptr<runtime> running);

  struct taken {
    engine_status status = engine_status::accepted;
    /// How many records were taken before that.
    std::size_t count = 0;
    /// With needs_room: how much memory must be free for the next one.
    std::size_t wanted_bytes = 0;
  };
  /// Appends records, in order, as long as that is possible now; never blocks. `done`: for a single record, may be
  /// null. `urgent`: do not linger.
  taken try_append(std::span<const message> records, delivery_callback* done, bool urgent, error& failure);
  /// Appends all, blocking at most max_block for the topic or for room. False: `failure` says why.
  bool append(std::span<const message> records, delivery_callback* done, bool urgent, error& failure);

  /// Asks for a topic to be looked up until `until`.
  void want(std::string_view topic, steady_time until);
  /// Calls `again`, once, when the view changes or room is made (on the strand), or when no more records are accepted
  /// (on the thread that says so). All of that may have happened before the call: whoever waits tries once more after
  /// it.
  void on_change(std::function<void()> again);
  /// Why a wait for the topic that ran out of time was in vain.
  [[nodiscard]] error topic_timed_out(std::string_view topic) const;

  /// Whether what was refused last for want of room might be taken now.
  [[nodiscard]] bool may_send() const noexcept { return records_.may_have_room(); }

  /// `done` is called on the strand when all records sent before are done with: with the first failure, since the last
  /// flush, of a record whose sender asked for no other way to be told; or with timed_out at `deadline`.
  operation_id flush(steady_time deadline, std::function<void(error)> done);
  void cancel_flush(operation_id id);
  void purge(kafka::purge what) { runtime_->post(event::purge_requested{what}); }

  /// `done` is called on the strand.
  void transact(transaction_call::any call, steady_time deadline, std::function<void(error)> done);
  [[nodiscard]] producer_metrics metrics() const;

  /// Takes no more records, and lets go of whoever waits to send one. What was taken goes on.
  void stop_accepting();
  /// Ends everything; records under way fail with `why`. `done` is called on the strand.
  void shut_down(error why, std::function<void()> done) {
    runtime_->shut_down(std::move(why), keeping_alive(shared_from_this(), std::move(done)));
  }

  [[nodiscard]] runtime& running() noexcept { return *runtime_; }
  [[nodiscard]] const producer_config& config() const noexcept { return config_; }
  [[nodiscard]] const accumulator& records() const noexcept { return records_; }

  /// What the core asks for; on the strand.
  void take(any_action& action);

  producer_engine(producer_config config, std::shared_ptr<runtime> running);

 private:
  /// Where the records of one topic go; shared by all versions of the table.
  struct topic_route {
    std::vector<accumulator::queue*> queues;
    error failure;
    /// Null if there are no partitions.
    std::unique_ptr<partition_chooser> chooser;
  };
  struct route_table {
    std::uint64_t version = 0;
    std::map<std::string, std::shared_ptr<const topic_route>, std::less<>> topics;
  };
  /// What a thread remembers of its last send, so that sending takes no lock that all threads share, and a topic is not
  /// looked up for each record.
  struct last_send {
    std::uint64_t identity = 0;
    std::shared_ptr<const route_table> table;
    std::string_view topic;
    const topic_route* route = nullptr;
  };

  void start(const core_config& settings);
  void publish(const cluster_view& view);
  void complete(completed_batch& done);
  void call_waiters(completed_batch& done);
  void note_failure(const error& failure);
  [[nodiscard]] error take_noted_failure();
  void note_trouble(const error& why);
  void run_waiting();
  [[nodiscard]] last_send& remembered() const;
  [[nodiscard]] const topic_route* route_to(std::string_view topic) const;
  struct destination {
    /// Null: the status and the failure say why not.
    accumulator::queue* queue = nullptr;
    /// How many of the records, from the first on, go there.
    std::size_t count = 0;
  };
  [[nodiscard]] destination find_destination(std::span<const message> records, engine_status& status,
                                             error& failure) const;
  [[nodiscard]] error no_partition(const topic_route& route, const message& record, std::int32_t partition) const;
  [[nodiscard]] error why_refused(const accumulator::append_result& refused, const message& record) const;
  bool wait_for_view(std::uint64_t seen, steady_time until);

  const producer_config config_;
  const std::uint64_t identity_;
  std::shared_ptr<runtime> runtime_;
  buffer_pool pool_;
  accumulator records_;
  pending_calls<error> flushes_;
  pending_calls<error> transactions_;
  produce_metrics metrics_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const route_table> table_;
  std::vector<std::function<void()>> waiting_;
  error noted_failure_;
  error trouble_;  // why brokers cannot be asked; no error if they can
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> anyone_waiting_{false};
  /// Without transactions always true.
  std::atomic<bool> may_append_;
};

}  // namespace kafka::client
