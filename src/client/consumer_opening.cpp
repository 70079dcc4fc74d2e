// SPDX-License-Identifier: Apache-2.0
// consumer_engine: what was fetched becomes what poll returns. Compressed batches are opened by the polling thread or
// ahead of it, by unpackings; a partition's own order is that of its sets either way.
#include <algorithm>
#include <utility>

#include "client/consumer_engine.hpp"

namespace kafka::client {

namespace {

/// So many fetched bytes at least are worth a task of their own.
constexpr std::size_t task_bytes = 32U << 10U;

}  // namespace

bool consumer_engine::unpacks(const protocol::record_batch& batch) const noexcept {
  return unpacker_ && batch.header().codec_id() != 0;
}

bool consumer_engine::is_there(const waiting_set& one, bool helping) const {
  if (!unpacker_ || one.rest || one.next_batch >= one.set.batches.size()) return true;
  if (one.ahead.empty() || one.next_batch < one.ahead.front()->first()) {
    return !unpacks(one.set.batches[one.next_batch]);
  }
  const unpacking::state now = one.ahead.front()->now();
  return now == unpacking::state::done || (now == unpacking::state::waiting && helping);
}

template <class Sets>
auto consumer_engine::next_ready(Sets& sets, bool helping) const {
  // Of a partition that waits for its first batch nothing else may be handed out.
  std::vector<const topic_partition*> held_up;
  return std::find_if(sets.begin(), sets.end(), [&](const waiting_set& one) {
    const auto found = slots_.find(one.set.partition);
    if (found == slots_.end() || found->second.version != one.set.version) return true;  // to be dropped
    if (!is_wanted(found->second)) return false;
    const auto same = [&](const topic_partition* where) { return *where == one.set.partition; };
    if (!held_up.empty() && std::any_of(held_up.begin(), held_up.end(), same)) return false;
    if (is_there(one, helping)) return true;
    held_up.push_back(&one.set.partition);
    return false;
  });
}

bool consumer_engine::has_ready() const {
  if (!news_.empty() || refused_ || reached_end_) return true;
  return next_ready(sets_, helps_) != sets_.end();
}

std::optional<consumer_engine::waiting_set> consumer_engine::pop_ready(bool helping) {
  const std::lock_guard lock(mutex_);
  opening_.reset();
  const auto next = next_ready(sets_, helping);
  if (next == sets_.end()) return std::nullopt;
  waiting_set out = std::move(*next);
  sets_.erase(next);
  opening_ = out.set.partition;
  return out;
}

bool consumer_engine::begin_set(waiting_set& one, const slot& where, bool is_first,
                                std::vector<std::shared_ptr<unpacking>>& out) {
  const auto& batches = one.set.batches;
  one.begun = std::max(one.begun, one.next_batch);
  while (one.begun < batches.size()) {
    if (!unpacks(batches[one.begun])) {
      ++one.begun;
      continue;
    }
    std::size_t bytes = 0;
    std::size_t end = one.begun;
    while (end < batches.size() && bytes < task_bytes && unpacks(batches[end])) bytes += batches[end++].bytes().size();
    // What the next poll begins with is opened however much waits opened of others.
    const bool is_next = is_first && one.begun == one.next_batch;
    if (!is_next && !unpacker_->has_room(bytes)) return false;
    const auto at = [&](std::size_t index) { return batches.begin() + static_cast<std::ptrdiff_t>(index); };
    one.ahead.push_back(std::make_shared<unpacking>(
        unpacker_, set_origin{one.set.partition, where.topic, one.set.from_offset, one.set.charge}, one.begun,
        std::vector<protocol::record_batch>(at(one.begun), at(end))));
    out.push_back(one.ahead.back());
    one.begun = end;
  }
  return true;
}

void consumer_engine::unpack_ahead() {
  if (!unpacker_) return;
  std::vector<std::shared_ptr<unpacking>> begun;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(unbegun_, false)) return;
    bool is_first = true;
    for (waiting_set& one : sets_) {
      const slot* where = current(one.set);
      if (!where || !is_wanted(*where)) continue;
      if (!begin_set(one, *where, std::exchange(is_first, false), begun)) {
        unbegun_ = true;
        break;
      }
    }
  }
  for (const auto& one : begun) unpacker_->post(one);
}

std::function<void()> consumer_engine::call_waiter() {
  std::function<void()> again;
  bool awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (!has_ready()) return nullptr;
    awaited = somebody_waits();
    again = std::exchange(again_, nullptr);
  }
  if (awaited) bell_.ring();
  return again;
}

bool consumer_engine::reach(const waiting_set& from, bool helping) const {
  if (!is_there(from, helping)) return false;
  if (from.rest || from.ahead.empty() || from.next_batch < from.ahead.front()->first()) return true;
  unpacking& work = *from.ahead.front();
  if (work.now() == unpacking::state::done) return true;
  if (!work.claim()) return false;  // the executor has just begun
  work.run();
  return true;
}

error consumer_engine::open_next(waiting_set& from, const slot& where, record_chunk& out) {
  const std::size_t index = from.next_batch++;
  if (!from.ahead.empty() && index >= from.ahead.front()->first()) {
    error failure = from.ahead.front()->take(index, out);
    if (from.next_batch == from.ahead.front()->end()) from.ahead.erase(from.ahead.begin());
    return failure;
  }
  const protocol::record_batch& batch = from.set.batches[index];
  error failure =
      open_batch(batch, {from.set.partition, where.topic, from.set.from_offset, from.set.charge}, pool_, out);
  return failure ? cannot_open(batch, from.set.partition, failure) : failure;
}

void consumer_engine::cut(record_chunk& whole, std::size_t count, record_chunk& rest) {
  rest = whole;
  protocol::record_ref passed;
  for (std::size_t index = 0; index < count; ++index) (void)rest.cursor.next(passed);
  rest.count = whole.count - count;
  whole.count = count;
}

error consumer_engine::open(waiting_set& from, std::size_t& room, std::vector<record_chunk>& out) {
  const slot where = [&] {
    const std::lock_guard lock(mutex_);
    const slot* found = current(from.set);
    return found ? *found : slot{};
  }();
  if (!where.topic) return {};  // left by seek or assign
  while (room > 0 && (from.rest || from.next_batch < from.set.batches.size())) {
    if (!reach(from, helps_ && out.empty())) break;
    record_chunk chunk;
    if (from.rest) {
      chunk = std::move(*from.rest);
      from.rest.reset();
    } else if (error failure = open_next(from, where, chunk)) {
      advance_to(from, from.next_batch - 1);  // what lies before was handed out
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
    advance_to(from, from.next_batch);
  } else {
    advance(from.set, from.set.next_offset, from.set.next_epoch);
    return from.set.failure;
  }
  return {};
}

void consumer_engine::advance_to(const waiting_set& from, std::size_t batch) {
  // The epoch of what comes next is as good for a check of the position as that of what came before: it cannot end
  // before the position unless something before that is gone.
  const protocol::record_batch& next = from.set.batches[batch];
  advance(from.set, std::max(from.set.from_offset, next.base_offset()), next.header().partition_leader_epoch);
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

records consumer_engine::poll_now(error& failure, std::size_t records_max) {
  failure = {};
  begin_poll();
  tell_ends();
  std::vector<record_chunk> out;
  std::size_t room = std::min(records_max, config_.poll_records_max);
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
    unpack_ahead();
    std::optional<waiting_set> next = pop_ready(helps_ && out.empty());
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
  if (out.empty() && !failure) drop_unwanted();
  return records(std::move(out));
}

}  // namespace kafka::client
