// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

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
  consumer_loop(consumer_engine& engine, std::stop_token stop, const loop_progress::error_handler& on_error)
      : engine_(engine), stop_(std::move(stop)), progress_(engine, on_error) {}

  void run(const std::function<void(const record_view& record)>& handler);
  void run_batches(const std::function<void(const records& batch)>& handler);

 private:
  /// What is there, after waiting for it; may be nothing.
  records next();
  /// Stores what is done, and goes back to what of `polled` is not.
  void settle(const records& polled, group::offsets::positions done);

  consumer_engine& engine_;
  std::stop_token stop_;
  loop_progress progress_;
};

/// Where the records of each partition end: what is to be stored when all of them are handled.
[[nodiscard]] group::offsets::positions ends_of(const records& handled);

}  // namespace kafka::client
