// SPDX-License-Identifier: Apache-2.0
#include "cli/group_reading.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <unistd.h>

namespace kafka::cli {
namespace {

using namespace std::chrono_literals;

/// So many lines at most are printed twice if the group takes their partition away while nobody takes the lines.
constexpr std::size_t buffer_max = 16U << 10U;
constexpr std::chrono::milliseconds interval_max = 100ms;
constexpr std::chrono::milliseconds commit_patience = 5s;
constexpr std::chrono::milliseconds poll_patience = 1s;

/// Reading goes on after it: the group tells what is to be read again.
bool is_passing(const error& why) {
  return why.retriable() || why == client_errc::timed_out || why == broker_errc::illegal_generation ||
         why == broker_errc::unknown_member_id || why == broker_errc::rebalance_in_progress;
}

}  // namespace

group_reading::group_reading(const consume_options& options, consumer_config config, context& work)
    : options_(options),
      work_(work),
      max_poll_interval_(config.max_poll_interval),
      interval_(std::min(interval_max, config.max_poll_interval / 10)),
      writer_(options, work.out),
      from_(listening(std::move(config))) {
  done_.records_total = options.count;
}

consumer_config group_reading::listening(consumer_config config) {
  config.on_rebalance.on_revoked = [this](const auto& partitions) { on_going(partitions, true); };
  config.on_rebalance.on_lost_with_reason = [](const auto& partitions, const error& why) {
    std::fprintf(stderr, "kafka-cli: consume: warning: lost %zu partition(s), from %s on, goes on: %s\n",
                 partitions.size(), to_string(partitions.front()).c_str(), why.what());
  };
  config.on_rebalance.on_lost = [this](const auto& partitions) { on_going(partitions, false); };
  return config;
}

void group_reading::run() {
  const interrupts::guard waking(work_.interrupted, [this] { from_.wakeup(); });
  if (options_.pattern) {
    from_.subscribe_matching(*options_.pattern);
  } else {
    from_.subscribe(options_.topics);
  }
  // With data on a terminal, progress would stand in its midst.
  progress_meter meter(::isatty(STDOUT_FILENO) == 0 && options_.count);
  while (!finished() && !work_.interrupted) {
    write(next());
    meter.update(done_);
  }
  flush();
  if (const error failure = try_to_store()) throw error(failure);
  if (const error failure = from_.close(5s)) throw error(failure);
}

records group_reading::next() {
  error failure;
  if (!buffered_.empty() || !printed_.empty()) {
    records ready = from_.poll(0ms, failure);
    if (!ready.empty()) return ready;
    flush();
    store();
  }
  // What could not be stored is tried again soon.
  if (!failure) {
    records ready = from_.poll(printed_.empty() ? poll_patience : interval_, failure);
    if (!failure) return ready;
    flush();
    store();
  }
  throw error(failure);
}

void group_reading::write(const records& batch) {
  gone_.clear();
  for (const record_view& record : batch) {
    if (finished()) return;
    write(record);
    if (work_.out.text.size() >= buffer_max) flush();
    if (clock::now() >= settle_at_) settle();
  }
}

void group_reading::write(const record_view& record) {
  topic_partition where{std::string(record.topic()), record.partition()};
  if (gone_.contains(where)) return;
  const bool shown = writer_.write(record);
  buffered_.insert_or_assign(where, group_offset{where, record.offset() + 1, record.leader_epoch(), {}});
  if (!shown) return;
  ++done_.records;
  done_.bytes += record.key().size() + record.value().size();
}

void group_reading::settle() {
  flush();
  store();
  from_.keep_alive();
  settle_at_ = clock::now() + interval_;
}

void group_reading::flush() {
  flushing_ = true;
  std::size_t last_left = 0;
  clock::time_point since = clock::now();
  work_.out.flush([&](std::size_t left) {
    const clock::time_point now = clock::now();
    if (std::exchange(last_left, left) != left) since = now;
    if (now - since >= max_poll_interval_) return;
    if (!printed_.empty()) store();
    from_.keep_alive();
  });
  flushing_ = false;
  for (auto& [where, offset] : std::exchange(buffered_, {})) printed_.insert_or_assign(where, std::move(offset));
}

error group_reading::try_to_store() {
  if (printed_.empty()) return {};
  std::vector<group_offset> offsets;
  for (const auto& [where, offset] : printed_) offsets.push_back(offset);
  try {
    from_.commit(offsets, std::min(commit_patience, max_poll_interval_ / 2));
  } catch (const error& failure) {
    return failure;
  }
  printed_.clear();
  failure_ = {};
  return {};
}

void group_reading::store() {
  const error failure = try_to_store();
  if (!failure) return;
  if (!is_passing(failure)) throw error(failure);
  if (failure.code() != failure_.code()) {
    std::fprintf(stderr, "kafka-cli: consume: not stored yet, goes on: %s\n", failure.what());
  }
  failure_ = failure;
}

void group_reading::on_going(const std::vector<topic_partition>& partitions, bool may_store) {
  if (may_store) {
    if (!flushing_) {
      work_.out.flush();
      for (auto& [where, offset] : std::exchange(buffered_, {})) printed_.insert_or_assign(where, std::move(offset));
    }
    store();
  }
  for (const topic_partition& one : partitions) {
    gone_.insert(one);
    buffered_.erase(one);
    printed_.erase(one);
  }
}

}  // namespace kafka::cli
