// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <vector>

#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/record.hpp>

#include "client/consumer_engine.hpp"
#include "group/offsets.hpp"

namespace kafka::client {

/// What the loops of consumer::run have in common: what was handled is stored, without waiting for it, and what was
/// not is read again.
class loop_progress {
 public:
  using error_handler = std::function<void(const error& failure)>;

  loop_progress(consumer_engine& engine, const error_handler& on_error) : engine_(engine), on_error_(on_error) {}

  /// Errors of a poll, and of commits before it, that are got over are told; others are thrown.
  void check(const error& failed_poll);
  /// For the group, if there is one.
  void store(group::offsets::positions done);
  /// What lies at `offset` is the next to be read; nothing if the partition is gone.
  void go_back(const topic_partition& partition, std::int64_t offset);

 private:
  /// Outlives the loop: a commit may be answered later.
  struct failed_commit {
    std::mutex mutex;
    error why;
  };

  consumer_engine& engine_;
  const error_handler& on_error_;
  std::shared_ptr<failed_commit> failed_ = std::make_shared<failed_commit>();
};

/// Polls and hands what it gets to a handler, on one thread, until it is asked to stop or the handler throws.
class consumer_loop {
 public:
  consumer_loop(consumer_engine& engine, std::stop_token stop, const loop_progress::error_handler& on_error);

  void run(const std::function<void(const record_view& record)>& handler);
  void run_batches(const std::function<void(const records& batch)>& handler);

 private:
  /// What is there, after waiting for it, at most so many; may be nothing.
  records next(std::size_t records_max);
  void handle(const records& polled, const std::function<void(const record_view& record)>& handler);
  /// Between records, from time to time: what is done is stored, the group is obeyed.
  void keep_alive();
  /// These go while records of them may be waiting for the handler: those are not for us any more.
  void give_up(const std::vector<topic_partition>& which, bool may_store);
  [[nodiscard]] bool is_gone(const record_view& record) const;
  /// Goes back to what of `polled` lies behind the first `passed`.
  void go_back(const records& polled, std::size_t passed);
  void store();

  consumer_engine& engine_;
  std::stop_token stop_;
  loop_progress progress_;
  const std::chrono::milliseconds keep_alive_interval_;
  steady_time keep_alive_at_{};
  /// Of the records that were polled last.
  std::set<topic_partition> gone_;
  /// Handled, and not stored yet; and where the last record was noted in it.
  group::offsets::positions done_;
  group::offsets::positions::value_type* last_ = nullptr;
};

/// Where the records of each partition end: what is to be stored when all of them are handled.
[[nodiscard]] group::offsets::positions ends_of(const records& handled);

}  // namespace kafka::client
