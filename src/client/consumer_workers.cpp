// SPDX-License-Identifier: Apache-2.0
#include "client/consumer_workers.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace kafka::client {

namespace {

using namespace std::chrono_literals;

/// Nothing is polled while more than so many records a thread are under way. Their bytes count against
/// prefetch_bytes_max besides.
constexpr std::size_t under_way_max = 1000;
constexpr auto store_interval = 100ms;
constexpr auto patience = 1000ms;

std::size_t order_of(const record_view& record) {
  if (!record.key().is_null()) return std::hash<std::string_view>()(record.key().view());
  return std::hash<std::string_view>()(record.topic()) + static_cast<std::size_t>(record.partition());
}

}  // namespace

consumer_workers::consumer_workers(consumer_engine& engine, std::size_t threads, const record_handler& handler,
                                   std::stop_token stop, const loop_progress::error_handler& on_error)
    : engine_(engine), handler_(handler), stop_(std::move(stop)), progress_(engine, on_error) {
  engine_.keep_own_progress(
      [this](const std::vector<topic_partition>& which, bool may_store) { give_up(which, may_store); });
  for (std::size_t count = 0; count < threads; ++count) workers_.emplace_back();
}

consumer_workers::~consumer_workers() {
  end();
  engine_.keep_own_progress(nullptr);
}

void consumer_workers::run() {
  const std::stop_callback wake(stop_, [this] {
    {
      const std::lock_guard lock(mutex_);  // whoever waits for room has not looked, or waits by now
    }
    settled_.notify_all();
    engine_.nudge();
  });
  for (worker& each : workers_) each.thread = std::thread([this, &each] { work(each); });
  while (!stop_.stop_requested() && !ending_) {
    store_handled();
    wait_for_room();
    if (!stop_.stop_requested() && !ending_) poll();
  }
  end();
  if (thrown_) std::rethrow_exception(thrown_);
}

void consumer_workers::wait_for_room() {
  const auto has_room = [this] {
    return under_way_ <= under_way_max * workers_.size() || ending_ || stop_.stop_requested();
  };
  std::unique_lock lock(mutex_);
  while (!settled_.wait_for(lock, store_interval, has_room)) {
    // The group is not kept waiting until there is room.
    lock.unlock();
    engine_.begin_poll();
    store_handled();
    lock.lock();
  }
}

void consumer_workers::poll() {
  error failure;
  records polled = engine_.poll_now(failure);
  progress_.check(failure);
  if (!polled.empty()) return dispatch(std::move(polled));
  if (failure) return;
  bool busy = false;
  {
    const std::lock_guard lock(mutex_);
    busy = under_way_ > 0;
  }
  (void)engine_.wait(after(busy ? store_interval : patience),
                     [this] { return stop_.stop_requested() || ending_.load(); });
}

void consumer_workers::dispatch(records polled) {
  const auto owner = std::make_shared<const records>(std::move(polled));
  topic_partition where;
  std::shared_ptr<line>* at = nullptr;
  std::vector<task> tasks;
  tasks.reserve(owner->size());
  for (const record_view& record : *owner) {
    if (!at || where.partition != record.partition() || where.topic != record.topic()) {
      where = {std::string(record.topic()), record.partition()};
      at = &lines_[where];
      if (!*at) *at = std::make_shared<line>();
    }
    tasks.push_back({owner, record, *at, 0});
  }
  const std::lock_guard lock(mutex_);
  for (task& each : tasks) {
    line& of = *each.of;
    each.number = of.first_number + of.entries.size();
    of.entries.push_back({each.record.offset(), each.record.leader_epoch(), false});
    worker& to = workers_[order_of(each.record) % workers_.size()];
    if (to.queue.empty()) to.ready.notify_one();
    to.queue.push_back(std::move(each));
    ++under_way_;
  }
}

void consumer_workers::work(worker& self) {
  std::unique_lock lock(mutex_);
  for (;;) {
    self.ready.wait(lock, [&] { return ending_ || !self.queue.empty(); });
    if (ending_ || stop_.stop_requested()) return;  // nothing more is begun, however late the polling thread notices
    task next = std::move(self.queue.front());
    self.queue.pop_front();
    if (!next.of->dropped) {
      ++next.of->running;
      lock.unlock();
      std::exception_ptr thrown;
      try {
        handler_(next.record);
      } catch (...) {
        thrown = std::current_exception();
      }
      next.owner.reset();
      lock.lock();
      --next.of->running;
      if (!thrown) {
        mark_handled(*next.of, next.number);
      } else if (!ending_.exchange(true)) {
        thrown_ = thrown;
        for (worker& each : workers_) each.ready.notify_one();
        engine_.nudge();
      }
    }
    --under_way_;
    settled_.notify_all();
  }
}

void consumer_workers::mark_handled(line& of, std::uint64_t number) {
  of.entries[static_cast<std::size_t>(number - of.first_number)].handled = true;
  while (!of.entries.empty() && of.entries.front().handled) {
    of.handled = {of.entries.front().offset + 1, of.entries.front().leader_epoch, {}};
    of.to_store = true;
    of.entries.pop_front();
    ++of.first_number;
  }
}

void consumer_workers::store_handled() {
  const steady_time now = std::chrono::steady_clock::now();
  if (now < store_at_) return;
  store_at_ = now + store_interval;
  group::offsets::positions done;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [where, each] : lines_) {
      if (std::exchange(each->to_store, false)) done[where] = each->handled;
    }
  }
  progress_.store(std::move(done));
}

void consumer_workers::give_up(const std::vector<topic_partition>& partitions, bool may_store) {
  group::offsets::positions done;
  {
    std::unique_lock lock(mutex_);
    for (const topic_partition& where : partitions) {
      const auto found = lines_.find(where);
      if (found != lines_.end()) found->second->dropped = true;
    }
    settled_.wait(lock, [&] {
      return std::all_of(partitions.begin(), partitions.end(), [&](const topic_partition& where) {
        const auto found = lines_.find(where);
        return found == lines_.end() || found->second->running == 0;
      });
    });
    for (const topic_partition& where : partitions) {
      const auto found = lines_.find(where);
      if (found == lines_.end()) continue;
      if (found->second->to_store) done[where] = found->second->handled;
      lines_.erase(found);
    }
  }
  if (may_store) progress_.store(std::move(done));
}

void consumer_workers::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (worker& each : workers_) each.ready.notify_one();
  }
  for (worker& each : workers_) {
    if (each.thread.joinable()) each.thread.join();
  }
  store_at_ = {};
  store_handled();
  for (const auto& [where, each] : std::exchange(lines_, {})) {
    if (!each->entries.empty()) progress_.go_back(where, each->entries.front().offset);
  }
}

}  // namespace kafka::client
