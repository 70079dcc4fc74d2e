// SPDX-License-Identifier: Apache-2.0
#include "client/accumulator.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

namespace {

constexpr std::size_t first_capacity = 16U << 10U;
// With this much free, a partition that has filled larger batches begins another.
constexpr std::size_t short_capacity = 64U << 10U;

/// The buffer of a batch of it alone.
std::size_t capacity_for(const message& record) noexcept {
  std::size_t value_bytes = record.value.size();
  for (const bytes_view piece : record.value_pieces) value_bytes += piece.size();
  return protocol::batch_overhead +
         protocol::record_batch_writer::record_bytes_max(record.key, value_bytes, record.headers);
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

batch_ptr accumulator::open_batch(queue& in, const message& first, append_result& result) {
  const std::size_t needed = buffer_pool::capacity_of(std::min(capacity_for(first), config_.batch_bytes_max));
  if (needed > config_.buffer_memory) {
    result.status = append_status::too_large;
    result.wanted_bytes = needed;
    return nullptr;
  }
  if (in.open_) in.last_size_ = in.open_->writer.size();
  auto batch = std::make_shared<producer_batch>();
  batch->partition = in.partition_;
  batch->opened_at = hooks_.clock();
  protocol::record_batch_settings settings;
  settings.bytes_max = config_.batch_bytes_max;
  settings.may_grow = [](void* context, std::size_t capacity) noexcept {
    auto& growing = *static_cast<producer_batch*>(context);
    return growing.charged_to->reserve(growing, capacity);
  };
  settings.context = batch.get();
  batch->charged_to = this;
  // A partition that filled its last batch will fill the next: growing to it again would copy everything twice.
  settings.capacity =
      buffer_pool::capacity_of(std::min(std::max(first_capacity, in.last_size_), config_.batch_bytes_max));
  while (settings.capacity > config_.buffer_memory) settings.capacity /= 2;
  settings.capacity = std::max(settings.capacity, needed);
  const std::size_t least = std::max(needed, std::min(settings.capacity, short_capacity));
  while (!reserve(*batch, settings.capacity)) {
    if (settings.capacity == least) {
      result.status = append_status::no_room;
      result.wanted_bytes = least;
      return nullptr;
    }
    settings.capacity = std::max(least, settings.capacity / 2);
  }
  batch->refused_capacity = 0;
  batch->writer = protocol::record_batch_writer(pool_, settings);
  open_batches_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  batch->id = next_batch_++;
  live_batches_.insert(batch->id);
  return batch;
}

bool accumulator::reserve(producer_batch& batch, std::size_t held) noexcept {
  const std::size_t more = held - batch.charged_bytes;
  std::size_t charged = charged_.load(std::memory_order_relaxed);
  do {
    if (!fits(more, charged)) {
      batch.refused_capacity = held;
      return false;
    }
  } while (!charged_.compare_exchange_weak(charged, charged + more, std::memory_order_relaxed));
  batch.charged_bytes = held;
  return true;
}

bool accumulator::append_to_open(producer_batch& batch, const message& record, timestamp_ms now,
                                 delivery_callback* done) {
  const timestamp_ms timestamp = record.timestamp >= 0 ? record.timestamp : now;
  const bool fits = record.value_pieces.empty()
                        ? batch.writer.append(timestamp, record.key, record.value, record.headers)
                        : batch.writer.append_gathered(timestamp, record.key, record.value_pieces, record.headers);
  if (!fits) return false;
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
  in.backlog_.fetch_add(1, std::memory_order_relaxed);
  in.closed_.push_back(std::exchange(in.open_, nullptr));
  open_batches_.fetch_sub(1, std::memory_order_relaxed);
}

accumulator::append_status accumulator::append_one(queue& to, const message& record, timestamp_ms now,
                                                   delivery_callback* done, std::vector<batch_ptr>& full,
                                                   append_result& result) {
  if (to.open_ && to.open_->writer.size() < to.bytes_limit_) {
    if (append_to_open(*to.open_, record, now, done)) return append_status::appended;
    const std::size_t refused = std::exchange(to.open_->refused_capacity, 0);
    if (refused > 0 && refused <= config_.buffer_memory) {
      result.wanted_bytes = refused - to.open_->charged_bytes;
      return append_status::no_room;
    }
  }
  batch_ptr fresh = open_batch(to, record, result);
  if (!fresh) return result.status;
  if (!append_to_open(*fresh, record, now, done)) {
    open_batches_.fetch_sub(1, std::memory_order_relaxed);
    settle(*fresh);
    uncharge(*fresh);
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
      result.status = append_one(to, record, now, done, full, result);
      if (result.status != append_status::appended) break;
      ++result.count;
    }
    changed = to.open_.get() != before;
    if (urgent && result.count > 0 && !std::exchange(to.open_->urgent, true)) changed = true;
  }
  // Compression and CRC run here, on the appending thread, outside the lock; the batches keep their places meanwhile.
  for (const batch_ptr& batch : full) seal(*batch, config_.compression);
  if (changed) announce(to);
  if (result.status == append_status::no_room) {
    refused_bytes_.store(result.wanted_bytes, std::memory_order_relaxed);
    bool hurry = false;
    {
      const std::lock_guard lock(mutex_);
      hurry = hurry_if_stuck();
    }
    if (hurry) hooks_.wake();
  }
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

bool accumulator::hurry_if_stuck() {
  if (live_batches_.size() > open_batches_.load(std::memory_order_relaxed)) return false;  // one that ends makes room
  if (hurried_before_.load(std::memory_order_relaxed) >= next_batch_) return false;
  hurried_before_.store(next_batch_, std::memory_order_relaxed);
  for (const auto& [where, one] : queues_) {
    if (!std::exchange(one->announced_, true)) changed_.push_back(one.get());
  }
  return true;
}

bool accumulator::wait_for_room(std::size_t bytes, steady_time until) {
  std::unique_lock lock(mutex_);
  waiting_for_room_.fetch_add(1, std::memory_order_relaxed);
  const auto is_there = [&] { return is_closed() || fits(bytes, charged_.load(std::memory_order_relaxed)); };
  bool room = is_there();
  for (bool late = false; !room && !late; room = is_there()) {
    if (hurry_if_stuck()) {
      lock.unlock();
      hooks_.wake();
      lock.lock();
    } else {
      late = room_.wait_until(lock, until) == std::cv_status::timeout;
    }
  }
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
    flush_before = std::max(flush_before, hurried_before_.load(std::memory_order_relaxed));
    if (from.open_->id >= flush_before && !from.open_->urgent && until > now) {
      out.linger_until = until;
      return out;
    }
    from.last_size_ = from.open_->writer.size();
    out.ready = std::exchange(from.open_, nullptr);
    open_batches_.fetch_sub(1, std::memory_order_relaxed);
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
    open_batches_.fetch_sub(1, std::memory_order_relaxed);
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

void accumulator::uncharge(producer_batch& batch) {
  {
    const std::lock_guard lock(mutex_);  // nobody is between looking and waiting
    charged_.fetch_sub(std::exchange(batch.charged_bytes, 0), std::memory_order_relaxed);
  }
  if (waiting_for_room_.load(std::memory_order_relaxed) > 0) room_.notify_all();
}

void accumulator::release(producer_batch& batch) {
  uncharge(batch);
  if (hooks_.room) hooks_.room();
}

void accumulator::adopt(producer_batch& batch) {
  batch.charged_bytes = batch.sealed_bytes.size();
  charged_.fetch_add(batch.charged_bytes, std::memory_order_relaxed);
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
