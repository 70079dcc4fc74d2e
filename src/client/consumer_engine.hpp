// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/record.hpp>

#include "base/buffer_pool.hpp"
#include "client/bell.hpp"
#include "client/client_base.hpp"
#include "client/fetch_machine.hpp"
#include "client/group_session.hpp"
#include "client/record_chunk.hpp"
#include "client/runtime.hpp"
#include "client/unpacking.hpp"

namespace kafka::client {

/// What the blocking and the asynchronous consumer share: hands fetched batches from the strand to the polling thread,
/// which opens them, and keeps the positions that the user sees. One thread at a time calls it, except for `wakeup` and
/// `nudge`.
class consumer_engine : public std::enable_shared_from_this<consumer_engine> {
 public:
  /// `helps`: a poll with nothing else to return opens what the executor for that has not begun with; a strand rather
  /// waits. Throws kafka::error (invalid_config).
  static std::shared_ptr<consumer_engine> make(consumer_config config, std::shared_ptr<runtime> running, bool helps);

  void assign(std::vector<assignment> partitions);
  /// invalid_argument for a partition that is not assigned.
  [[nodiscard]] error seek(const topic_partition& partition, position to);
  void set_paused(const std::vector<topic_partition>& partitions, bool paused);
  [[nodiscard]] std::optional<std::int64_t> position_of(const topic_partition& partition) const;
  [[nodiscard]] std::optional<std::int64_t> end_offset_of(const topic_partition& partition) const;
  [[nodiscard]] std::optional<std::int64_t> lag_of(const topic_partition& partition) const;
  /// Asks the leaders; `done` is called on the strand.
  void list_offsets(std::vector<assignment> queries, steady_time deadline,
                    std::function<void(error, std::vector<offset_result>)> done);

  /// What is there now: records, or an error, or neither. Never blocks; decompresses what it returns.
  records poll_now(error& failure) { return poll_now(failure, config_.poll_records_max); }
  /// The same, not more than so many records.
  records poll_now(error& failure, std::size_t records_max);
  /// Waits until poll_now may have something or is to be called all the same, wakeup(), `until`, or a nudge() after
  /// which `interrupted` is true. False for the latter three.
  bool wait(steady_time until, const std::function<bool()>& interrupted = {});
  /// Async-signal-safe.
  void wakeup() noexcept;
  /// Whoever waits looks again what he waits for. Async-signal-safe.
  void nudge() noexcept { bell_.ring(); }
  /// Calls `again`, once, on any thread, as soon as poll_now may have something (at once if it may already).
  void on_ready(std::function<void()> again);

  // --- of a group's member (consumer_group.cpp)

  void subscribe(const std::vector<std::string>& topics);
  /// invalid_argument for a pattern that this client may have to match, and cannot.
  [[nodiscard]] error subscribe_matching(std::string pattern);
  /// What the records handed out so far come to.
  [[nodiscard]] group::offsets::positions positions() const;
  /// Goes by the group as the last poll heard of it: what was lost since is refused, even if it came again. `done` is
  /// called on the strand.
  void commit(group::offsets::positions what, steady_time deadline, std::function<void(error)> done);
  void look_up(std::set<topic_partition> partitions, std::function<void(error, group::offsets::positions)> done);
  [[nodiscard]] std::vector<topic_partition> assignment_now() const;
  [[nodiscard]] group_metadata metadata_of_group() const;
  /// `done` is called on the strand when what was to be stored before is, or has failed, at the latest at `deadline`.
  void await_commits(steady_time deadline, std::function<void(error)> done);
  /// For those who handle records after the poll that follows: positions are stored as they say, with commit(), and
  /// never automatically. `giving_up` is called by the polling thread before partitions go, with false if nothing can
  /// be stored any more. Null: no longer.
  using give_up_handler = std::function<void(const std::vector<topic_partition>& partitions, bool may_store)>;
  void keep_own_progress(give_up_handler giving_up) { giving_up_ = std::move(giving_up); }
  /// What a poll begins with: what was handed out before counts as done with; then keep_alive().
  void begin_poll();
  /// The group hears that the polling thread lives, rebalances are obeyed, positions of what is done with are stored.
  void keep_alive();
  /// Commits (if that is automatic), gives everything up and leaves; without a group it only takes leave of the
  /// brokers. `done` is called on the strand.
  void leave(steady_time deadline, std::function<void()> done);

  /// Ends everything; poll_now fails with `closed` from here on. `done` is called on the strand.
  void shut_down(std::function<void()> done);
  [[nodiscard]] runtime& running() noexcept { return *runtime_; }
  [[nodiscard]] const consumer_config& config() const noexcept { return config_; }
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  /// A poll that waits looks again this often, so that the group sees that somebody polls and positions are stored.
  [[nodiscard]] std::chrono::milliseconds sign_interval() const;
  /// The group does not want this member: every poll says so.
  [[nodiscard]] bool is_refused() const {
    const std::lock_guard lock(mutex_);
    return static_cast<bool>(refused_);
  }

  /// What the core asks for; on the strand.
  void take(any_action& action);

  consumer_engine(consumer_config config, std::shared_ptr<runtime> running, bool helps);
  consumer_engine(const consumer_engine&) = delete;
  consumer_engine& operator=(const consumer_engine&) = delete;
  ~consumer_engine();

 private:
  /// One assigned partition as the user sees it.
  struct slot {
    std::uint64_t version = 0;
    std::shared_ptr<const std::string> topic;
    std::optional<std::int64_t> position;
    std::optional<std::int64_t> end_offset;
    std::optional<std::int64_t> stable_end;
    /// The end that on_partition_end was told of.
    std::int64_t told_end = -1;
    bool paused = false;
    /// Where the records handed out by the polls before the last one end: what may be stored automatically.
    std::optional<std::int64_t> done;
    /// Of what lies before `position`.
    std::int32_t leader_epoch = -1;
    std::int64_t stored = -1;
    /// From which time on it is the member's; what a commit of it says.
    std::uint64_t tenure = 0;
    /// The group has stored nothing: its first position is to be.
    bool store_first = false;
  };
  /// A fetched set that waits, and how far its first batch was polled already.
  struct waiting_set {
    fetched set;
    std::size_t next_batch = 0;
    std::optional<record_chunk> rest;
    /// What is opened ahead of its compressed batches, in order, and up to which batch that was asked for.
    std::vector<std::shared_ptr<unpacking>> ahead;
    std::size_t begun = 0;
  };

  void start(const core_config& settings);
  /// With the mutex held: whether the bell is to be rung when it is not any more.
  [[nodiscard]] bool somebody_waits() noexcept { return std::exchange(listening_, false); }
  void obey(action::change_group& change);
  void on_assigned(group_news& news);
  void on_going(group_news& news);
  /// A partition that cannot be begun with: its error is handed out by a poll. With the mutex held.
  void fail_slot(const topic_partition& where, std::uint64_t version, error why);
  void take_slots(const std::vector<topic_partition>& partitions);
  [[nodiscard]] group::offsets::positions finished(const std::vector<topic_partition>& partitions) const;
  void store_finished();
  [[nodiscard]] tenures heard_of(const group::offsets::positions& what) const;
  void request_commit(group::offsets::positions what, tenures heard, steady_time deadline,
                      std::function<void(error)> done);
  void store_first_position(const fetched& resolved);
  void take_group(any_action& action);
  void tell(const std::function<void(const std::vector<topic_partition>&)>& listener,
            const std::vector<topic_partition>& partitions);
  void deliver(fetched&& result);
  void note_ends(slot& where, const fetched& result) const;
  void forget_old_topic(const topic_partition& partition, slot& where);
  [[nodiscard]] std::optional<std::int64_t> lag_of(const slot& where) const;
  void tell_ends();
  /// Records of partitions that are not wanted fill the budget, so that nothing is fetched for the others: they are
  /// fetched again when they are wanted.
  void drop_unwanted();
  [[nodiscard]] slot* current(const fetched& set);
  /// Whether polls hand out records of it. Those of a topic that is subscribed to no longer are the group's to take
  /// away, but not the user's to get.
  [[nodiscard]] bool is_wanted(const slot& where) const {
    return !where.paused && (!subscribed_ || subscribed_->contains(*where.topic));
  }
  /// Tells whoever waits for it that there is something; the caller calls what it returns, under no lock.
  [[nodiscard]] std::function<void()> call_waiter();

  // --- what was fetched becomes records (consumer_opening.cpp)

  [[nodiscard]] bool has_ready() const;
  /// The first set to hand out of; stale ones count. With the mutex held.
  template <class Sets>
  [[nodiscard]] auto next_ready(Sets& sets, bool helping) const;
  [[nodiscard]] std::optional<waiting_set> pop_ready(bool helping);
  [[nodiscard]] bool unpacks(const protocol::record_batch& batch) const noexcept;
  /// Whether the next batch can be handed out without waiting; `helping`: also by opening it here.
  [[nodiscard]] bool is_there(const waiting_set& one, bool helping) const;
  /// The same, and opens it.
  [[nodiscard]] bool reach(const waiting_set& from, bool helping) const;
  /// Has sets opened ahead, as far as there is room.
  void unpack_ahead();
  [[nodiscard]] bool begin_set(waiting_set& one, const slot& where, bool is_first,
                               std::vector<std::shared_ptr<unpacking>>& out);
  /// Opens batches of one set into chunks until `room` records are there. What is left over goes back to the front.
  error open(waiting_set& from, std::size_t& room, std::vector<record_chunk>& out);
  error open_next(waiting_set& from, const slot& where, record_chunk& out);
  static void cut(record_chunk& whole, std::size_t count, record_chunk& rest);
  /// The position is where this batch of the set begins.
  void advance_to(const waiting_set& from, std::size_t batch);
  void advance(const fetched& set, std::int64_t offset, std::int32_t leader_epoch);
  /// A batch cannot be opened: nothing behind it is handed out until the user seeks.
  void stop(const fetched& set);
  /// Records that were opened before a failure come first; the failure comes with the next poll.
  void postpone(const fetched& set, error failure);

  const consumer_config config_;
  const bool helps_;
  std::shared_ptr<runtime> runtime_;
  std::shared_ptr<fetch_budget> budget_;
  buffer_pool pool_;
  /// Null: batches are opened by the polls.
  std::shared_ptr<unpacker> unpacker_;

  mutable std::mutex mutex_;
  std::map<topic_partition, slot> slots_;
  /// The topics that were subscribed to last, by their names.
  std::optional<std::set<std::string>> subscribed_;
  std::deque<waiting_set> sets_;
  /// There may be sets in it that are to be opened ahead and are not yet.
  bool unbegun_ = false;
  /// Whose set a poll is opening: it is in sets_ no more, but what comes meanwhile is behind it all the same.
  std::optional<topic_partition> opening_;
  std::uint64_t next_version_ = 1;
  bell bell_;
  bool listening_ = false;
  std::atomic<bool> woken_{false};
  std::atomic<bool> closed_{false};
  bool reached_end_ = false;
  std::function<void()> again_;

  // Of a group's member.
  std::vector<action::change_group> news_;
  error refused_;  // by the group, for good
  std::int32_t generation_ = -1;
  std::string member_id_;
  steady_time told_poll_{};
  steady_time store_at_{};
  pending_calls<error, std::vector<offset_result>> offset_calls_;
  pending_calls<error> commits_;
  pending_calls<error, group::offsets::positions> look_ups_;
  std::function<void()> left_;
  give_up_handler giving_up_;
};

}  // namespace kafka::client
