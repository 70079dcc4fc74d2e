// SPDX-License-Identifier: Apache-2.0
#include "client/unpacking.hpp"

#include <utility>

#include "client/client_base.hpp"

namespace kafka::client {

namespace {

/// How far batches unfold, as long as they are not opened: what text does with lz4 or zstd.
constexpr std::size_t unfolding_guess = 4;

std::size_t size_of(const std::vector<protocol::record_batch>& batches) {
  std::size_t out = 0;
  for (const protocol::record_batch& one : batches) out += one.bytes().size();
  return out;
}

}  // namespace

error cannot_open(const protocol::record_batch& batch, const topic_partition& where, const error& why) {
  return why.with_context("fetch of " + to_string(where) + ", offsets " + std::to_string(batch.base_offset()) + " to " +
                          std::to_string(batch.last_offset()) + ", seek beyond them to go on");
}

error open_batch(const protocol::record_batch& batch, const set_origin& from, buffer_pool& pool, record_chunk& out) {
  error failure = batch.open(pool, out.data);
  if (!failure) failure = out.data.check();
  if (failure) return failure;
  out.topic = from.topic;
  out.partition = from.partition.partition;
  out.leader_epoch = batch.header().partition_leader_epoch;
  out.timestamp_type = batch.header().timestamp_kind();
  out.charge = from.charge;
  // A fetch returns whole batches: the first may begin before the position. Old formats do not say how many there are.
  protocol::record_cursor walk = out.cursor = out.data.cursor();
  if (batch.header().magic >= 2 && batch.base_offset() >= from.from_offset) {
    out.count = static_cast<std::size_t>(batch.header().record_count);
    return {};
  }
  protocol::record_ref passed;
  while (walk.next(passed)) {
    if (passed.offset >= from.from_offset) {
      ++out.count;
    } else {
      out.cursor = walk;
    }
  }
  return {};
}

unpacking::unpacking(std::shared_ptr<unpacker> owner, set_origin from, std::size_t first,
                     std::vector<protocol::record_batch> batches)
    : owner_(std::move(owner)),
      from_(std::move(from)),
      first_(first),
      batches_(std::move(batches)),
      ahead_(size_of(batches_) * unfolding_guess) {
  opened_.reserve(batches_.size());  // so that run() asks for no memory beside that of the batches
  owner_->ahead_.fetch_add(ahead_, std::memory_order_relaxed);
}

unpacking::~unpacking() {
  owner_->ahead_.fetch_sub(ahead_, std::memory_order_relaxed);
  if (charged_ > 0) owner_->budget_->release(charged_);
}

bool unpacking::claim() noexcept {
  state before = state::waiting;
  return state_.compare_exchange_strong(before, state::running, std::memory_order_acq_rel);
}

void unpacking::open_all(buffer_pool& pool) noexcept {
  for (const protocol::record_batch& batch : batches_) {
    opened& made = opened_.emplace_back();
    try {
      made.failure = open_batch(batch, from_, pool, made.chunk);
    } catch (...) {
      made.failure = error(client_errc::limit_exceeded);  // no memory: nothing that takes some is said
    }
    if (made.failure) return;
    made.bytes = made.chunk.data.bytes().pinned_bytes();
    charged_ += made.bytes;
  }
}

void unpacking::run() noexcept {
  open_all(owner_->pool_);
  owner_->budget_->charge(charged_);
  owner_->ahead_.fetch_add(charged_, std::memory_order_relaxed);
  owner_->ahead_.fetch_sub(std::exchange(ahead_, charged_), std::memory_order_relaxed);
  state_.store(state::done, std::memory_order_release);
}

error unpacking::take(std::size_t index, record_chunk& out) {
  opened& wanted = opened_.at(index - first_);
  out = std::move(wanted.chunk);
  ahead_ -= wanted.bytes;
  charged_ -= wanted.bytes;
  owner_->ahead_.fetch_sub(wanted.bytes, std::memory_order_relaxed);
  if (wanted.bytes > 0) owner_->budget_->release(std::exchange(wanted.bytes, 0));
  return wanted.failure ? cannot_open(batches_[index - first_], from_.partition, wanted.failure) : error();
}

void unpacker::on_opened(listener told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

bool unpacker::has_room(std::size_t bytes) const noexcept {
  return ahead_.load(std::memory_order_relaxed) + bytes * unfolding_guess <= window_;
}

void unpacker::run(const std::weak_ptr<unpacking>& work) {
  {
    const auto wanted = work.lock();
    if (!wanted || !wanted->claim()) return;
    wanted->run();
  }
  std::function<void()> after;
  {
    const std::lock_guard lock(mutex_);
    if (told_) after = told_();
  }
  if (after) after();
}

void unpacker::post(const std::shared_ptr<unpacking>& work) {
  bool handed_over = false;
  guarded(log_, "unpack_on", [&] {
    where_([self = shared_from_this(), work = std::weak_ptr(work)] { self->run(work); });
    handed_over = true;
  });
  if (!handed_over) run(work);  // nobody else would
}

}  // namespace kafka::client
