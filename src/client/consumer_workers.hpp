// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <kafka/consumer.hpp>
#include <kafka/record.hpp>

#include "client/consumer_engine.hpp"
#include "client/consumer_loop.hpp"

namespace kafka::client {

/// Hands records to several threads: those of one key, or without a key of one partition, to the same one, in order.
/// The calling thread polls, so that the group is obeyed whatever the handlers do; positions are stored only behind
/// records that are handled without a gap.
class consumer_workers {
 public:
  using record_handler = std::function<void(const record_view& record)>;

  consumer_workers(consumer_engine& engine, std::size_t threads, const record_handler& handler, std::stop_token stop,
                   const loop_progress::error_handler& on_error);
  consumer_workers(const consumer_workers&) = delete;
  consumer_workers& operator=(const consumer_workers&) = delete;
  ~consumer_workers();

  /// Until it is asked to stop or a handler throws; passes that on.
  void run();

 private:
  struct entry {
    std::int64_t offset;
    std::int32_t leader_epoch;
    bool handled;
  };
  /// The records of one partition that are under way, in order.
  struct line {
    std::deque<entry> entries;
    std::uint64_t first_number = 0;  // of the first entry
    std::size_t running = 0;
    bool dropped = false;  // the partition goes: what was not begun is not begun any more
    group::stored_offset handled;
    bool to_store = false;
  };
  struct task {
    std::shared_ptr<const records> owner;
    record_view record;
    std::shared_ptr<line> of;
    std::uint64_t number = 0;
  };
  struct worker {
    std::deque<task> queue;
    std::condition_variable ready;
    std::thread thread;
  };

  void poll();
  void dispatch(records polled);
  void wait_for_room();
  void store_handled();
  void give_up(const std::vector<topic_partition>& partitions, bool may_store);
  void end();

  void work(worker& self);
  static void mark_handled(line& of, std::uint64_t number);

  consumer_engine& engine_;
  const record_handler& handler_;
  std::stop_token stop_;
  loop_progress progress_;
  steady_time store_at_{};

  std::mutex mutex_;  // everything below, and the lines
  std::condition_variable settled_;
  std::map<topic_partition, std::shared_ptr<line>> lines_;  // changed by the polling thread alone
  std::deque<worker> workers_;
  std::size_t under_way_ = 0;
  std::exception_ptr thrown_;
  std::atomic<bool> ending_{false};
};

}  // namespace kafka::client
