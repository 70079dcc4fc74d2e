// SPDX-License-Identifier: Apache-2.0
#include "client/accumulator.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

accumulator::accumulator(const producer_config& config, buffer_pool& pool, std::function<void()> wake)
    : config_(config), pool_(pool), wake_(std::move(wake)) {}

accumulator::queue& accumulator::queue_of(std::string_view topic, std::int32_t partition) {
  topic_partition key{std::string(topic), partition};
  const std::lock_guard lock(mutex_);
  auto& slot = queues_[key];
  if (!slot) slot = std::make_unique<queue>(std::move(key));
  return *slot;
}

batch_ptr accumulator::open_batch(const queue& in, steady_time now) {
  auto batch = std::make_shared<producer_batch>();
  batch->partition = in.partition_;
  batch->opened_at = now;
  protocol::record_batch_settings settings;
  settings.bytes_max = config_.batch_bytes_max;
  batch->writer = protocol::record_batch_writer(pool_, settings);
  charge(*batch);
  const std::lock_guard lock(mutex_);
  batch->id = next_batch_++;
  live_batches_.insert(batch->id);
  return batch;
}

void accumulator::charge(producer_batch& batch) {
  const std::size_t held = batch.writer.capacity();
  charged_.fetch_add(held - batch.charged_bytes, std::memory_order_relaxed);
  batch.charged_bytes = held;
}

bool accumulator::append_to_open(producer_batch& batch, const message& record, timestamp_ms timestamp,
                                 delivery_callback& done, bool urgent) {
  if (!batch.writer.append(timestamp, record.key, record.value, record.headers)) return false;
  if (batch.writer.capacity() != batch.charged_bytes) charge(batch);
  if (done) batch.waiters.push_back({std::move(done), timestamp, batch.writer.record_count() - 1});
  batch.urgent = batch.urgent || urgent;
  return true;
}

accumulator::append_status accumulator::append(queue& to, const message& record, timestamp_ms timestamp,
                                               delivery_callback& done, bool urgent, steady_time now) {
  batch_ptr full;
  bool changed = false;
  auto status = append_status::appended;
  {
    const std::lock_guard lock(to.mutex_);
    if (is_closed()) return append_status::closed;
    const bool was_urgent = to.open_ && to.open_->urgent;
    bool stored = to.open_ && append_to_open(*to.open_, record, timestamp, done, urgent);
    if (!stored) {
      if (charged_.load(std::memory_order_relaxed) >= config_.buffer_memory) return append_status::no_room;
      batch_ptr fresh = open_batch(to, now);
      stored = append_to_open(*fresh, record, timestamp, done, urgent);
      if (!stored) {
        release(*fresh);
        status = append_status::too_large;
      } else {
        full = std::exchange(to.open_, std::move(fresh));
        if (full) to.closed_.push_back(full);
        changed = true;
      }
    }
    changed = changed || (stored && urgent && !was_urgent);
  }
  // Compression and CRC run here, on the appending thread, outside the lock; the batch keeps its place meanwhile.
  if (full) seal(*full);
  if (changed) announce(to);
  return status;
}

void accumulator::seal(producer_batch& batch) const {
  protocol::record_batch_seal how;
  how.codec = config_.compression;
  if (config_.compression_level) how.level = *config_.compression_level;
  batch.seal_failure = batch.writer.seal(how, batch.sealed_bytes);
  batch.sealed.store(true, std::memory_order_release);
}

void accumulator::announce(queue& changed) {
  {
    const std::lock_guard lock(mutex_);
    if (changed.announced_) return;
    changed.announced_ = true;
    changed_.push_back(&changed);
  }
  wake_();
}

bool accumulator::wait_for_room(steady_time until) {
  std::unique_lock lock(mutex_);
  waiting_for_room_.fetch_add(1, std::memory_order_relaxed);
  const bool room = room_.wait_until(
      lock, until, [&] { return is_closed() || charged_.load(std::memory_order_relaxed) < config_.buffer_memory; });
  waiting_for_room_.fetch_sub(1, std::memory_order_relaxed);
  return room && !is_closed();
}

void accumulator::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_release);
  }
  room_.notify_all();
}

std::vector<accumulator::queue*> accumulator::take_changes() {
  const std::lock_guard lock(mutex_);
  for (queue* changed : changed_) changed->announced_ = false;
  return std::exchange(changed_, {});
}

accumulator::head accumulator::take_head(queue& from, std::uint64_t flush_before, steady_time now) {
  head out;
  {
    const std::lock_guard lock(from.mutex_);
    if (!from.closed_.empty()) {
      if (!from.closed_.front()->sealed.load(std::memory_order_acquire)) return out;  // announced again once it is
      out.ready = std::move(from.closed_.front());
      from.closed_.pop_front();
      return out;
    }
    if (!from.open_) return out;
    const steady_time until = from.open_->opened_at + config_.linger;
    if (from.open_->id >= flush_before && !from.open_->urgent && until > now) {
      out.linger_until = until;
      return out;
    }
    out.ready = std::exchange(from.open_, nullptr);
  }
  seal(*out.ready);
  return out;
}

void accumulator::release(const producer_batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    charged_.fetch_sub(batch.charged_bytes, std::memory_order_relaxed);
    live_batches_.erase(batch.id);
  }
  if (waiting_for_room_.load(std::memory_order_relaxed) > 0) room_.notify_all();
}

std::uint64_t accumulator::next_batch_id() const {
  const std::lock_guard lock(mutex_);
  return next_batch_;
}

std::uint64_t accumulator::oldest_batch_id() const {
  const std::lock_guard lock(mutex_);
  return live_batches_.empty() ? next_batch_ : *live_batches_.begin();
}

}  // namespace kafka::client
