// SPDX-License-Identifier: Apache-2.0
#include "client/accumulator.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

namespace {

constexpr std::size_t first_capacity = 16U << 10U;

/// Without a larger buffer: open batches of many partitions must not grow beyond the memory that they share.
bool fits_as_it_is(const protocol::record_batch_writer& writer, const message& record) noexcept {
  std::size_t value_bytes = record.value.size();
  for (const bytes_view piece : record.value_pieces) value_bytes += piece.size();
  return writer.size() + protocol::record_batch_writer::record_bytes_max(record.key, value_bytes, record.headers) <=
         writer.capacity();
}

}  // namespace

accumulator::accumulator(const producer_config& config, buffer_pool& pool, hooks with)
    : config_(config), pool_(pool), hooks_(std::move(with)) {}

accumulator::queue& accumulator::queue_of(std::string_view topic, std::int32_t partition) {
  topic_partition key{std::string(topic), partition};
  const std::lock_guard lock(mutex_);
  auto& slot = queues_[key];
  if (!slot) slot = std::make_unique<queue>(std::move(key));
  return *slot;
}

batch_ptr accumulator::open_batch(queue& in) {
  auto batch = std::make_shared<producer_batch>();
  batch->partition = in.partition_;
  batch->opened_at = hooks_.clock();
  protocol::record_batch_settings settings;
  settings.bytes_max = config_.batch_bytes_max;
  // A partition that filled its last batch will fill the next: growing to it again would copy everything twice.
  settings.capacity = std::max(first_capacity, in.last_size_);
  batch->writer = protocol::record_batch_writer(pool_, settings);
  charge(*batch, batch->writer.capacity());
  const std::lock_guard lock(mutex_);
  batch->id = next_batch_++;
  live_batches_.insert(batch->id);
  return batch;
}

void accumulator::charge(producer_batch& batch, std::size_t held) {
  charged_.fetch_add(held - batch.charged_bytes, std::memory_order_relaxed);
  batch.charged_bytes = held;
}

bool accumulator::append_to_open(producer_batch& batch, const message& record, timestamp_ms now,
                                 delivery_callback* done) {
  const timestamp_ms timestamp = record.timestamp >= 0 ? record.timestamp : now;
  const bool fits = record.value_pieces.empty()
                        ? batch.writer.append(timestamp, record.key, record.value, record.headers)
                        : batch.writer.append_gathered(timestamp, record.key, record.value_pieces, record.headers);
  if (!fits) return false;
  if (batch.writer.capacity() != batch.charged_bytes) [[unlikely]]
    charge(batch, batch.writer.capacity());
  if (done && *done) {
    batch.waiters.push_back({std::move(*done), timestamp, batch.writer.record_count() - 1});
  } else {
    batch.has_detached = true;
  }
  if (config_.on_delivery) batch.opaques.push_back(record.opaque);
  return true;
}

void accumulator::close_open(queue& in) {
  if (!in.open_) return;
  in.last_size_ = in.open_->writer.size();
  in.backlog_.fetch_add(1, std::memory_order_relaxed);
  in.closed_.push_back(std::exchange(in.open_, nullptr));
}

accumulator::append_status accumulator::append_one(queue& to, const message& record, timestamp_ms now,
                                                   delivery_callback* done, std::vector<batch_ptr>& full) {
  const bool may_grow = charged_.load(std::memory_order_relaxed) < config_.buffer_memory;
  if (to.open_ && to.open_->writer.size() < to.bytes_limit_ && (may_grow || fits_as_it_is(to.open_->writer, record)) &&
      append_to_open(*to.open_, record, now, done)) {
    return append_status::appended;
  }
  if (!may_grow) return append_status::no_room;
  batch_ptr fresh = open_batch(to);
  if (!append_to_open(*fresh, record, now, done)) {
    settle(*fresh);
    release(*fresh);
    return append_status::too_large;
  }
  if (to.open_) full.push_back(to.open_);
  close_open(to);
  to.open_ = std::move(fresh);
  return append_status::appended;
}

accumulator::append_result accumulator::append(queue& to, std::span<const message> run, timestamp_ms now,
                                               delivery_callback* done, bool urgent) {
  std::vector<batch_ptr> full;  // allocates only when a batch is closed
  append_result result;
  bool changed = false;
  {
    const std::lock_guard lock(to.mutex_);
    if (is_closed()) return {append_status::closed, 0};
    const producer_batch* before = to.open_.get();
    for (const message& record : run) {
      result.status = append_one(to, record, now, done, full);
      if (result.status != append_status::appended) break;
      ++result.count;
    }
    changed = to.open_.get() != before;
    if (urgent && result.count > 0 && !std::exchange(to.open_->urgent, true)) changed = true;
  }
  // Compression and CRC run here, on the appending thread, outside the lock; the batches keep their places meanwhile.
  for (const batch_ptr& batch : full) seal(*batch, config_.compression);
  if (changed) announce(to);
  return result;
}

void accumulator::seal(producer_batch& batch, compression codec) const {
  protocol::record_batch_seal how;
  how.codec = codec;
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
  hooks_.wake();
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
      from.backlog_.fetch_sub(1, std::memory_order_relaxed);
      return out;
    }
    if (!from.open_) return out;
    const steady_time until = from.open_->opened_at + config_.linger;
    if (from.open_->id >= flush_before && !from.open_->urgent && until > now) {
      out.linger_until = until;
      return out;
    }
    from.last_size_ = from.open_->writer.size();
    out.ready = std::exchange(from.open_, nullptr);
  }
  seal(*out.ready, config_.compression);
  return out;
}

std::vector<batch_ptr> accumulator::take_all(queue& from) {
  std::vector<batch_ptr> out;
  batch_ptr open;
  {
    const std::lock_guard lock(from.mutex_);
    while (!from.closed_.empty() && from.closed_.front()->sealed.load(std::memory_order_acquire)) {
      out.push_back(std::move(from.closed_.front()));
      from.closed_.pop_front();
      from.backlog_.fetch_sub(1, std::memory_order_relaxed);
    }
    if (!from.closed_.empty() || !from.open_) return out;
    open = std::exchange(from.open_, nullptr);
  }
  seal(*open, compression::none);
  out.push_back(std::move(open));
  return out;
}

std::vector<accumulator::queue*> accumulator::all_queues() {
  std::vector<queue*> out;
  const std::lock_guard lock(mutex_);
  out.reserve(queues_.size());
  for (const auto& [where, one] : queues_) out.push_back(one.get());
  return out;
}

void accumulator::settle(const producer_batch& batch) {
  const std::lock_guard lock(mutex_);
  const auto found = live_batches_.find(batch.id);
  if (found != live_batches_.end()) live_batches_.erase(found);
}

void accumulator::limit(queue& of, std::size_t bytes) {
  const std::lock_guard lock(of.mutex_);
  of.bytes_limit_ = std::min(of.bytes_limit_, std::max(bytes, first_capacity));
}

void accumulator::release(producer_batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    charged_.fetch_sub(std::exchange(batch.charged_bytes, 0), std::memory_order_relaxed);
  }
  if (waiting_for_room_.load(std::memory_order_relaxed) > 0) room_.notify_all();
}

void accumulator::adopt(producer_batch& batch) {
  charge(batch, batch.sealed_bytes.size());
  const std::lock_guard lock(mutex_);
  live_batches_.insert(batch.id);
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
