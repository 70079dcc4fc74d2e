// SPDX-License-Identifier: Apache-2.0
#include "client/consumer_loop.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

namespace {

constexpr std::chrono::seconds patience{1};
/// Between records the group is obeyed and positions are stored this often, or, where that is less, ten times within
/// max_poll_interval.
constexpr std::chrono::milliseconds keep_alive_interval_max{100};

/// As long as it lives, positions are stored as the loop says.
class own_progress {
 public:
  own_progress(consumer_engine& engine, consumer_engine::give_up_handler giving_up) : engine_(engine) {
    engine_.keep_own_progress(std::move(giving_up));
  }
  own_progress(const own_progress&) = delete;
  own_progress& operator=(const own_progress&) = delete;
  ~own_progress() { engine_.keep_own_progress(nullptr); }

 private:
  consumer_engine& engine_;
};

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

consumer_loop::consumer_loop(consumer_engine& engine, std::stop_token stop,
                             const loop_progress::error_handler& on_error)
    : engine_(engine),
      stop_(std::move(stop)),
      progress_(engine, on_error),
      keep_alive_interval_(std::min(keep_alive_interval_max, engine.config().max_poll_interval / 10)) {}

records consumer_loop::next(std::size_t records_max) {
  error failure;
  records out = engine_.poll_now(failure, records_max);
  progress_.check(failure);
  if (!out.empty() || failure) return out;
  (void)engine_.wait(after(patience), [this] { return stop_.stop_requested(); });
  return {};
}

void consumer_loop::run(const std::function<void(const record_view& record)>& handler) {
  const std::stop_callback wake(stop_, [this] { engine_.nudge(); });
  while (!stop_.stop_requested()) {
    const records polled = next(engine_.config().poll_records_max);
    if (!polled.empty()) handle(polled, handler);
  }
}

void consumer_loop::handle(const records& polled, const std::function<void(const record_view& record)>& handler) {
  const own_progress ours(engine_, [this](const auto& which, bool may_store) { give_up(which, may_store); });
  gone_.clear();
  keep_alive_at_ = std::chrono::steady_clock::now() + keep_alive_interval_;
  std::size_t passed = 0;
  try {
    for (const record_view& record : polled) {
      if (stop_.stop_requested()) break;
      if (is_gone(record)) {
        ++passed;
        continue;
      }
      handler(record);
      if (!is_gone(record)) note(done_, last_, record);  // the handler may have closed the consumer
      ++passed;
      keep_alive();
    }
  } catch (...) {
    go_back(polled, passed);
    store();
    throw;
  }
  go_back(polled, passed);
  store();
}

void consumer_loop::keep_alive() {
  if (engine_.config().group_id.empty()) return;
  const steady_time now = std::chrono::steady_clock::now();
  if (now < keep_alive_at_) return;
  keep_alive_at_ = now + keep_alive_interval_;
  store();
  engine_.keep_alive();
  progress_.check({});
}

void consumer_loop::give_up(const std::vector<topic_partition>& which, bool may_store) {
  if (may_store) store();
  for (const topic_partition& one : which) {
    gone_.insert(one);
    done_.erase(one);
  }
  last_ = nullptr;
}

bool consumer_loop::is_gone(const record_view& record) const {
  return !gone_.empty() && gone_.contains({std::string(record.topic()), record.partition()});
}

void consumer_loop::go_back(const records& polled, std::size_t passed) {
  if (passed == polled.size()) return;
  std::set<topic_partition> known;
  std::size_t index = 0;
  for (const record_view& record : polled) {
    if (index++ < passed || is_gone(record)) continue;
    topic_partition where{std::string(record.topic()), record.partition()};
    if (known.insert(where).second) progress_.go_back(where, record.offset());
  }
}

void consumer_loop::store() {
  progress_.store(std::exchange(done_, {}));
  last_ = nullptr;
}

void consumer_loop::run_batches(const std::function<void(const records& batch)>& handler) {
  const std::stop_callback wake(stop_, [this] { engine_.nudge(); });
  const auto longest = engine_.config().max_poll_interval / 4;
  std::size_t size = engine_.config().poll_records_max;
  while (!stop_.stop_requested()) {
    const records polled = next(size);
    if (polled.empty()) continue;
    const steady_time begun = std::chrono::steady_clock::now();
    try {
      handler(polled);
    } catch (...) {
      go_back(polled, 0);
      throw;
    }
    progress_.store(ends_of(polled));
    // Too slow for such batches: the group would take the same one away again and again.
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (took > longest) {
      size = std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(polled.size()) * (longest / took)));
    } else {
      size = std::min(engine_.config().poll_records_max, std::max(size, 2 * polled.size()));
    }
  }
}

}  // namespace kafka::client
