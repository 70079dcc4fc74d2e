// SPDX-License-Identifier: Apache-2.0
#include "client/consumer_engine.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

namespace {

/// Those that the configuration names. validate() has seen that they exist.
std::vector<std::shared_ptr<assignor>> assignors_of(const consumer_config& config) {
  std::vector<std::shared_ptr<assignor>> out;
  if (config.custom_assignor) out.push_back(config.custom_assignor);
  for (const std::string& name : assignor_names(config)) {
    if (auto made = make_assignor(name)) out.push_back(std::move(made));
  }
  return out;
}

}  // namespace

consumer_engine::consumer_engine(consumer_config config, std::shared_ptr<runtime> running)
    : config_(std::move(config)),
      runtime_(std::move(running)),
      budget_(std::make_shared<fetch_budget>(config_.prefetch_bytes_max)) {}

std::shared_ptr<consumer_engine> consumer_engine::make(consumer_config config, std::shared_ptr<runtime> running) {
  const core_config settings = checked_core_config(config, config.allow_auto_create_topics);
  auto made = std::make_shared<consumer_engine>(std::move(config), std::move(running));
  made->start(settings);
  return made;
}

void consumer_engine::start(const core_config& settings) {
  auto machine = std::make_unique<core>(settings);
  machine->add_consumer(config_, budget_, assignors_of(config_));
  // Records may outlive the consumer, so that what they release must not hold it.
  budget_->on_room([running = std::weak_ptr<runtime>(runtime_)] {
    if (const auto alive = running.lock()) alive->wake();
  });
  runtime_->start(std::move(machine), sink_of(weak_from_this()));
}

void consumer_engine::take(any_action& action) {
  if (auto* result = std::get_if<action::deliver_fetched>(&action)) return deliver(std::move(result->result));
  if (auto* call = std::get_if<action::complete_call>(&action)) {
    auto* offsets = std::get_if<std::vector<offset_result>>(&call->completed.result);
    if (const auto done = offset_calls_.take(call->completed.id)) {
      done(std::move(call->completed.failure), offsets ? std::move(*offsets) : std::vector<offset_result>());
    }
    return;
  }
  take_group(action);
}

consumer_engine::slot* consumer_engine::current(const fetched& set) {
  const auto found = slots_.find(set.partition);
  return found != slots_.end() && found->second.version == set.version ? &found->second : nullptr;
}

void consumer_engine::deliver(fetched&& result) {
  std::function<void()> again;
  bool awaited = false;
  {
    const std::lock_guard lock(mutex_);
    slot* where = current(result);
    if (!where) return;
    if (result.failure == client_errc::topic_recreated) forget_old_topic(result.partition, *where);
    note_ends(*where, result);
    if (!where->position && !result.failure) where->position = result.from_offset;
    if (where->store_first && !result.failure) store_first_position(result);
    const bool empty = result.batches.empty() && !result.failure;
    const bool behind = opening_ == result.partition || std::any_of(sets_.begin(), sets_.end(), [&](const auto& one) {
                          return one.set.partition == result.partition;
                        });
    if (empty && !behind) {
      where->position = result.next_offset;  // only control or compacted batches: nothing to hand out
      where->leader_epoch = result.next_epoch;
      if (!config_.on_partition_end || lag_of(*where) != 0 || where->told_end == *where->position) return;
      reached_end_ = true;
    } else {
      sets_.push_back({std::move(result), 0, std::nullopt});
    }
    if (has_ready()) {
      awaited = somebody_waits();
      again = std::exchange(again_, nullptr);
    }
  }
  if (awaited) bell_.ring();
  if (again) again();
  drop_paused();
}

void consumer_engine::assign(std::vector<assignment> partitions) {
  event::partitions_assigned event;
  {
    const std::lock_guard lock(mutex_);
    slots_.clear();
    sets_.clear();
    for (assignment& one : partitions) {
      const topic_partition where{one.topic, one.partition};
      slot& made = slots_[where];
      made.version = next_version_++;
      made.topic = std::make_shared<const std::string>(std::move(one.topic));
      if (one.from.what() == position::kind::absolute) made.position = one.from.value();
      made.leader_epoch = one.from.leader_epoch();
      event.partitions.push_back({where, one.from, made.version});
    }
  }
  runtime_->post(std::move(event));
}

error consumer_engine::seek(const topic_partition& partition, position to) {
  event::position_sought event{{partition, to, 0}};
  {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(partition);
    if (found == slots_.end()) return {client_errc::invalid_argument, to_string(partition) + " is not assigned"};
    found->second.version = event.to.version = next_version_++;
    found->second.position.reset();
    if (to.what() == position::kind::absolute) found->second.position = to.value();
    found->second.leader_epoch = to.leader_epoch();
    found->second.told_end = -1;
    std::erase_if(sets_, [&](const waiting_set& one) { return one.set.partition == partition; });
  }
  runtime_->post(std::move(event));
  return {};
}

void consumer_engine::set_paused(const std::vector<topic_partition>& partitions, bool paused) {
  {
    const std::lock_guard lock(mutex_);
    for (const topic_partition& partition : partitions) {
      const auto found = slots_.find(partition);
      if (found != slots_.end()) found->second.paused = paused;
    }
  }
  runtime_->post(event::partitions_paused{partitions, paused});
  drop_paused();
}

std::optional<std::int64_t> consumer_engine::position_of(const topic_partition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(partition);
  return found == slots_.end() ? std::nullopt : found->second.position;
}

std::optional<std::int64_t> consumer_engine::end_offset_of(const topic_partition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(partition);
  return found == slots_.end() ? std::nullopt : found->second.end_offset;
}

void consumer_engine::note_ends(slot& where, const fetched& result) const {
  if (result.high_watermark >= 0) where.end_offset = result.high_watermark;
  if (result.last_stable_offset >= 0) where.stable_end = result.last_stable_offset;
}

void consumer_engine::forget_old_topic(const topic_partition& partition, slot& where) {
  std::erase_if(sets_, [&](const waiting_set& one) { return one.set.partition == partition; });
  slot fresh;
  fresh.version = where.version;
  fresh.topic = std::move(where.topic);
  fresh.paused = where.paused;
  fresh.store_first = config_.commit_first_position && !config_.group_id.empty();
  where = std::move(fresh);
}

std::optional<std::int64_t> consumer_engine::lag_of(const slot& where) const {
  const auto& end = config_.read_committed ? where.stable_end : where.end_offset;
  if (!end || !where.position) return std::nullopt;
  return std::max<std::int64_t>(*end - *where.position, 0);
}

std::optional<std::int64_t> consumer_engine::lag_of(const topic_partition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(partition);
  return found == slots_.end() ? std::nullopt : lag_of(found->second);
}

void consumer_engine::tell_ends() {
  if (!config_.on_partition_end) return;
  std::vector<std::pair<topic_partition, std::int64_t>> reached;
  {
    const std::lock_guard lock(mutex_);
    reached_end_ = false;
    for (auto& [where, one] : slots_) {
      if (lag_of(one) != 0 || one.told_end == *one.position) continue;
      one.told_end = *one.position;
      reached.emplace_back(where, one.told_end);
    }
  }
  for (const auto& [where, end] : reached) {
    guarded(config_.log, "on_partition_end", [&] { config_.on_partition_end(where, end); });
  }
}

void consumer_engine::drop_paused() {
  if (!budget_->is_full()) return;
  std::vector<event::position_sought> moved;
  {
    const std::lock_guard lock(mutex_);
    const bool any_waits =
        std::any_of(slots_.begin(), slots_.end(), [](const auto& one) { return !one.second.paused; });
    if (has_ready() || !any_waits) return;
    for (auto& [where, one] : slots_) {
      if (!one.paused || !one.position) continue;
      const auto dropped = std::erase_if(sets_, [&](const waiting_set& set) {
        return set.set.partition == where && set.set.version == one.version && set.set.charge;
      });
      if (dropped == 0) continue;
      one.version = next_version_++;
      moved.push_back({{where, position::at(*one.position, one.leader_epoch), one.version}});
    }
  }
  for (event::position_sought& one : moved) runtime_->post(std::move(one));
}

void consumer_engine::list_offsets(std::vector<assignment> queries, steady_time deadline,
                                   std::function<void(error, std::vector<offset_result>)> done) {
  const operation_id id = offset_calls_.add(std::move(done));
  runtime_->post(
      event::admin_call_started{id, admin_call::list_offsets{std::move(queries), config_.read_committed}, deadline});
}

bool consumer_engine::has_ready() const {
  if (!news_.empty() || refused_ || reached_end_) return true;
  return std::any_of(sets_.begin(), sets_.end(), [&](const waiting_set& one) {
    const auto found = slots_.find(one.set.partition);
    return found != slots_.end() && !found->second.paused;
  });
}

std::optional<consumer_engine::waiting_set> consumer_engine::pop_ready() {
  const std::lock_guard lock(mutex_);
  opening_.reset();
  for (auto next = sets_.begin(); next != sets_.end(); ++next) {
    const slot* where = current(next->set);
    if (where && where->paused) continue;
    waiting_set out = std::move(*next);
    sets_.erase(next);
    opening_ = out.set.partition;
    return out;
  }
  return std::nullopt;
}

void consumer_engine::cut(record_chunk& whole, std::size_t count, record_chunk& rest) {
  rest = whole;
  protocol::record_ref passed;
  for (std::size_t index = 0; index < count; ++index) (void)rest.cursor.next(passed);
  rest.count = whole.count - count;
  whole.count = count;
}

error consumer_engine::open_batch(const waiting_set& from, const protocol::record_batch& batch, const slot& where,
                                  record_chunk& out) {
  error failure = batch.open(pool_, out.data);
  if (!failure) failure = out.data.check();
  if (failure) {
    return failure.with_context("fetch of " + to_string(from.set.partition) + ", offsets " +
                                std::to_string(batch.base_offset()) + " to " + std::to_string(batch.last_offset()) +
                                ", seek beyond them to go on");
  }
  out.topic = where.topic;
  out.partition = from.set.partition.partition;
  out.leader_epoch = batch.header().partition_leader_epoch;
  out.timestamp_type = batch.header().timestamp_kind();
  out.charge = from.set.charge;
  // A fetch returns whole batches: the first may begin before the position. Old formats do not say how many there are.
  protocol::record_cursor walk = out.cursor = out.data.cursor();
  if (batch.header().magic >= 2 && batch.base_offset() >= from.set.from_offset) {
    out.count = static_cast<std::size_t>(batch.header().record_count);
    return {};
  }
  protocol::record_ref passed;
  while (walk.next(passed)) {
    if (passed.offset >= from.set.from_offset) {
      ++out.count;
    } else {
      out.cursor = walk;
    }
  }
  return {};
}

error consumer_engine::open(waiting_set& from, std::size_t& room, std::vector<record_chunk>& out) {
  const slot where = [&] {
    const std::lock_guard lock(mutex_);
    const slot* found = current(from.set);
    return found ? *found : slot{};
  }();
  if (!where.topic) return {};  // left by seek or assign
  while (room > 0 && (from.rest || from.next_batch < from.set.batches.size())) {
    record_chunk chunk;
    if (from.rest) {
      chunk = std::move(*from.rest);
      from.rest.reset();
    } else if (error failure = open_batch(from, from.set.batches[from.next_batch++], where, chunk)) {
      return failure;
    }
    if (chunk.count > room) {
      from.rest.emplace();
      cut(chunk, room, *from.rest);
    }
    room -= chunk.count;
    if (chunk.count > 0) out.push_back(std::move(chunk));
  }
  if (from.rest) {
    protocol::record_cursor peek = from.rest->cursor;
    protocol::record_ref first;
    if (peek.next(first)) advance(from.set, first.offset, from.rest->leader_epoch);
  } else if (from.next_batch < from.set.batches.size()) {
    // The epoch of what comes next is as good for a check of the position as that of what came before: it cannot end
    // before the position unless something before that is gone.
    const protocol::record_batch& next = from.set.batches[from.next_batch];
    advance(from.set, std::max(from.set.from_offset, next.base_offset()), next.header().partition_leader_epoch);
  } else {
    advance(from.set, from.set.next_offset, from.set.next_epoch);
    return from.set.failure;
  }
  return {};
}

void consumer_engine::advance(const fetched& set, std::int64_t offset, std::int32_t leader_epoch) {
  const std::lock_guard lock(mutex_);
  slot* where = current(set);
  if (!where || offset < 0) return;
  where->position = offset;
  where->leader_epoch = leader_epoch;
}

void consumer_engine::stop(const fetched& set) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(sets_, [&](const waiting_set& one) { return one.set.partition == set.partition; });
  }
  runtime_->post(event::partition_stopped{set.partition, set.version});
}

void consumer_engine::postpone(const fetched& set, error failure) {
  waiting_set later;
  later.set.partition = set.partition;
  later.set.version = set.version;
  later.set.next_offset = -1;
  later.set.failure = std::move(failure);
  const std::lock_guard lock(mutex_);
  sets_.push_front(std::move(later));
}

records consumer_engine::poll_now(error& failure) {
  failure = {};
  begin_poll();
  tell_ends();
  std::vector<record_chunk> out;
  std::size_t room = config_.poll_records_max;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      failure = {client_errc::closed, "the consumer was closed"};
      return {};
    }
    if (refused_) {
      failure = refused_;
      return {};
    }
  }
  while (room > 0) {
    std::optional<waiting_set> next = pop_ready();
    if (!next) break;
    if (next->set.failure && next->set.batches.empty() && !out.empty()) {
      // Records first: the error is for the next poll.
      const std::lock_guard lock(mutex_);
      sets_.push_front(std::move(*next));
      break;
    }
    failure = open(*next, room, out);
    if (failure) {
      if (next->next_batch < next->set.batches.size() || !next->set.failure) stop(next->set);
      if (!out.empty()) postpone(next->set, std::exchange(failure, {}));
      break;
    }
    if (next->rest || next->next_batch < next->set.batches.size()) {
      const std::lock_guard lock(mutex_);
      if (current(next->set)) sets_.push_front(std::move(*next));
    }
  }
  {
    const std::lock_guard lock(mutex_);
    opening_.reset();
  }
  if (out.empty() && !failure) drop_paused();
  return records(std::move(out));
}

bool consumer_engine::wait(steady_time until, const std::function<bool()>& interrupted) {
  // Whoever waits for records polls all the while: the group hears of it, and positions are stored in time.
  const steady_time poll_again = after(sign_interval());
  for (bool late = false;; late = !bell_.wait_until(std::min(until, poll_again))) {
    const std::lock_guard lock(mutex_);
    listening_ = false;
    if (woken_.exchange(false) || (interrupted && interrupted())) return false;
    if (closed_ || has_ready()) return true;
    if (late) return poll_again < until;
    listening_ = true;
  }
}

void consumer_engine::wakeup() noexcept {
  woken_.store(true);
  bell_.ring();
}

void consumer_engine::on_ready(std::function<void()> again) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_ && !has_ready()) {
      again_ = std::move(again);
      return;
    }
  }
  again();
}

void consumer_engine::shut_down(std::function<void()> done) {
  std::function<void()> again;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    again = std::exchange(again_, nullptr);
  }
  bell_.ring();
  if (again) again();
  runtime_->shut_down({client_errc::closed, "the consumer was closed"},
                      keeping_alive(shared_from_this(), std::move(done)));
}

}  // namespace kafka::client
