// SPDX-License-Identifier: Apache-2.0
#include "client/consumer_loop.hpp"

#include <utility>

namespace kafka::client {

namespace {

constexpr std::chrono::seconds patience{1};

/// Adds a record to what is done: `last` is where the one before it was noted.
void note(group::offsets::positions& done, group::offsets::positions::value_type*& last, const record_view& record) {
  if (!last || last->first.partition != record.partition() || last->first.topic != record.topic()) {
    last = &*done.try_emplace({std::string(record.topic()), record.partition()}).first;
  }
  last->second.offset = record.offset() + 1;
  last->second.leader_epoch = record.leader_epoch();
}

}  // namespace

group::offsets::positions ends_of(const records& handled) {
  group::offsets::positions out;
  group::offsets::positions::value_type* last = nullptr;
  for (const record_view& record : handled) note(out, last, record);
  return out;
}

void loop_progress::check(const error& failed_poll) {
  error not_stored;
  {
    const std::lock_guard lock(failed_->mutex);
    not_stored = std::exchange(failed_->why, {});
  }
  if (not_stored && on_error_) on_error_(not_stored);
  if (!failed_poll) return;
  const bool is_end = failed_poll == client_errc::closed || engine_.is_refused();
  if (is_end && !failed_poll.retriable()) throw error(failed_poll);
  if (on_error_) on_error_(failed_poll);
}

void loop_progress::store(group::offsets::positions done) {
  if (done.empty() || engine_.config().group_id.empty()) return;
  engine_.commit(std::move(done), never, [failed = failed_](const error& why) {
    const std::lock_guard lock(failed->mutex);
    if (why) failed->why = why;
  });
}

void loop_progress::go_back(const topic_partition& partition, std::int64_t offset) {
  (void)engine_.seek(partition, position::at(offset));
}

records consumer_loop::next() {
  error failure;
  records out = engine_.poll_now(failure);
  progress_.check(failure);
  if (!out.empty() || failure) return out;
  (void)engine_.wait(after(patience), [this] { return stop_.stop_requested(); });
  return {};
}

void consumer_loop::settle(const records& polled, group::offsets::positions done) {
  group::offsets::positions unhandled;
  for (const record_view& record : polled) {
    const topic_partition where{std::string(record.topic()), record.partition()};
    const auto handled = done.find(where);
    if (handled != done.end() && record.offset() < handled->second.offset) continue;
    unhandled.try_emplace(where, group::stored_offset{record.offset()});
  }
  for (const auto& [where, first] : unhandled) progress_.go_back(where, first.offset);
  progress_.store(std::move(done));
}

void consumer_loop::run(const std::function<void(const record_view& record)>& handler) {
  const std::stop_callback wake(stop_, [this] { engine_.nudge(); });
  while (!stop_.stop_requested()) {
    const records polled = next();
    group::offsets::positions done;
    group::offsets::positions::value_type* last = nullptr;
    try {
      for (const record_view& record : polled) {
        if (stop_.stop_requested()) break;
        handler(record);
        note(done, last, record);
      }
    } catch (...) {
      settle(polled, std::move(done));
      throw;
    }
    if (stop_.stop_requested()) {
      settle(polled, std::move(done));
    } else {
      progress_.store(std::move(done));
    }
  }
}

void consumer_loop::run_batches(const std::function<void(const records& batch)>& handler) {
  const std::stop_callback wake(stop_, [this] { engine_.nudge(); });
  while (!stop_.stop_requested()) {
    const records polled = next();
    if (polled.empty()) continue;
    try {
      handler(polled);
    } catch (...) {
      settle(polled, {});
      throw;
    }
    progress_.store(ends_of(polled));
  }
}

}  // namespace kafka::client
