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

consumer_engine::consumer_engine(consumer_config config, std::shared_ptr<runtime> running, bool helps)
    : config_(std::move(config)),
      helps_(helps),
      runtime_(std::move(running)),
      budget_(std::make_shared<fetch_budget>(config_.prefetch_bytes_max)) {
  if (!config_.unpack_on) return;
  unpacker_ = std::make_shared<unpacker>(config_.unpack_on, budget_, config_.prefetch_bytes_max / 2, config_.log);
  unpacker_->on_opened([this] { return call_waiter(); });
}

consumer_engine::~consumer_engine() {
  if (unpacker_) unpacker_->on_opened(nullptr);
}

std::shared_ptr<consumer_engine> consumer_engine::make(consumer_config config, std::shared_ptr<runtime> running,
                                                       bool helps) {
  const core_config settings = checked_core_config(config, config.allow_auto_create_topics);
  auto made = std::make_shared<consumer_engine>(std::move(config), std::move(running), helps);
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
      sets_.emplace_back().set = std::move(result);
      unbegun_ = true;
    }
  }
  unpack_ahead();
  if (const auto again = call_waiter()) again();
  drop_unwanted();
}

void consumer_engine::assign(std::vector<assignment> partitions) {
  event::partitions_assigned event;
  {
    const std::lock_guard lock(mutex_);
    slots_.clear();
    sets_.clear();
    subscribed_.reset();
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
  unpack_ahead();
  return {};
}

void consumer_engine::set_paused(const std::vector<topic_partition>& partitions, bool paused) {
  {
    const std::lock_guard lock(mutex_);
    for (const topic_partition& partition : partitions) {
      const auto found = slots_.find(partition);
      if (found != slots_.end()) found->second.paused = paused;
    }
    unbegun_ = true;
  }
  runtime_->post(event::partitions_paused{partitions, paused});
  unpack_ahead();
  if (const auto again = call_waiter()) again();
  drop_unwanted();
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
  fresh.tenure = where.tenure;
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

void consumer_engine::drop_unwanted() {
  if (!budget_->is_full()) return;
  std::vector<event::position_sought> moved;
  {
    const std::lock_guard lock(mutex_);
    const bool any_waits =
        std::any_of(slots_.begin(), slots_.end(), [&](const auto& one) { return is_wanted(one.second); });
    const bool any_comes = std::any_of(sets_.begin(), sets_.end(), [&](const waiting_set& one) {
      const slot* where = current(one.set);
      return where && is_wanted(*where);  // opened already or not
    });
    if (has_ready() || any_comes || !any_waits) return;
    for (auto& [where, one] : slots_) {
      if (is_wanted(one) || !one.position) continue;
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
    sets_.clear();  // what was not begun to be opened is not begun any more
    again = std::exchange(again_, nullptr);
  }
  if (unpacker_) unpacker_->on_opened(nullptr);
  bell_.ring();
  if (again) again();
  runtime_->shut_down({client_errc::closed, "the consumer was closed"},
                      keeping_alive(shared_from_this(), std::move(done)));
}

}  // namespace kafka::client
