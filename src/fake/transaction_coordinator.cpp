// SPDX-License-Identifier: Apache-2.0
#include "fake/transaction_coordinator.hpp"

#include <algorithm>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

namespace {

using enum broker_errc;

/// In the order of transaction_phase; the last two are Kafka's alone.
constexpr std::string_view phase_names[] = {"Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
                                            "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};

/// The last epoch is left for the coordinator to fence with; a producer that would get it gets a new id instead.
constexpr bool is_exhausted(std::int16_t epoch) noexcept {
  return epoch >= INT16_MAX - 1;
}

void raise(std::int16_t& epoch) noexcept {
  if (epoch < INT16_MAX) ++epoch;
}

producer_identity refused(broker_errc code) {
  return {code, -1, -1};
}

}  // namespace

std::string_view name_of(transaction_phase phase) noexcept {
  return phase_names[static_cast<std::size_t>(phase)];
}

bool is_phase_name(std::string_view name) noexcept {
  return std::find(std::begin(phase_names), std::end(phase_names), name) != std::end(phase_names);
}

bool transaction_members::contains(const transaction_members& others) const {
  return std::includes(partitions.begin(), partitions.end(), others.partitions.begin(), others.partitions.end()) &&
         std::includes(groups.begin(), groups.end(), others.groups.begin(), others.groups.end());
}

const transaction* transaction_coordinator::find(std::string_view id) const {
  const auto found = transactions_.find(id);
  return found == transactions_.end() ? nullptr : &found->second;
}

transaction* transaction_coordinator::find(std::string_view id) {
  const auto found = transactions_.find(id);
  return found == transactions_.end() ? nullptr : &found->second;
}

// --- InitProducerId --------------------------------------------------------------------------------------------------

producer_identity transaction_coordinator::init_producer(const std::string& id, std::chrono::milliseconds timeout,
                                                         const std::optional<producer_identity>& expected,
                                                         instant now) {
  if (id.empty()) return refused(invalid_request);
  if (timeout.count() <= 0 || timeout > timeout_max) return refused(invalid_transaction_timeout);
  const auto [found, is_new] = transactions_.try_emplace(id);
  transaction& one = found->second;
  if (is_new) one.producer_id = state_.next_producer_id();
  if (one.is_ending()) return refused(concurrent_transactions);
  // A producer that names another id than the current one is old, unless it sends a request again that gave a new id.
  const bool may_be_retry =
      expected && expected->producer_id == one.previous_producer_id && is_exhausted(expected->epoch);
  if (expected && one.epoch >= 0 && expected->producer_id != one.producer_id && !may_be_retry) {
    return refused(producer_fenced);
  }
  if (one.phase == transaction_phase::ongoing) {
    fence(one, now);
    return refused(concurrent_transactions);
  }
  const bool is_current = !expected || one.epoch < 0 || expected->epoch == one.epoch;
  const bool is_retry = expected && !is_current && expected->epoch == one.last_epoch;
  if (!is_current && !is_retry) return refused(producer_fenced);
  if (is_current) new_epoch(one, expected);
  one.timeout = timeout;
  one.phase = transaction_phase::empty;
  one.started.reset();
  return {none, one.producer_id, one.epoch};
}

void transaction_coordinator::new_epoch(transaction& one, const std::optional<producer_identity>& expected) {
  const std::int16_t before = one.epoch;
  const std::int64_t id_before = one.producer_id;
  if (const auto chosen = state_.take_chosen_producer()) {
    one.producer_id = chosen->producer_id;
    one.epoch = chosen->epoch;
  } else if (is_exhausted(one.epoch)) {
    one.producer_id = state_.next_producer_id();
    one.epoch = 0;
  } else {
    raise(one.epoch);
  }
  one.previous_producer_id = id_before;
  one.last_epoch = expected ? before : std::int16_t{-1};
}

// --- what belongs to a transaction -----------------------------------------------------------------------------------

broker_errc transaction_coordinator::add(std::string_view id, std::int64_t producer_id, std::int16_t epoch,
                                         const transaction_members& added, instant now) {
  if (id.empty()) return invalid_request;
  transaction* one = find(id);
  if (!one) return invalid_producer_id_mapping;
  // First of all: while the epochs of an id are used up, the producer may use the id that it gets when this is over.
  if (one->is_ending()) return concurrent_transactions;
  if (one->producer_id != producer_id) return invalid_producer_id_mapping;
  if (one->epoch != epoch) return producer_fenced;
  if (one->phase != transaction_phase::ongoing) {
    one->phase = transaction_phase::ongoing;
    one->members = {};
    one->started = now;
    set_due(*one, now.steady + one->timeout);
  }
  one->members.partitions.insert(added.partitions.begin(), added.partitions.end());
  one->members.groups.insert(added.groups.begin(), added.groups.end());
  return none;
}

broker_errc transaction_coordinator::verify(std::string_view id, std::int64_t producer_id, std::int16_t epoch,
                                            const transaction_members& asked) const {
  if (id.empty()) return invalid_request;
  const transaction* one = find(id);
  if (!one || one->producer_id != producer_id) return invalid_producer_id_mapping;
  if (one->epoch != epoch) return producer_fenced;
  if (one->is_ending()) return concurrent_transactions;
  return one->members.contains(asked) ? none : transaction_abortable;
}

// --- the end ---------------------------------------------------------------------------------------------------------

producer_identity transaction_coordinator::end(std::string_view id, std::int64_t producer_id, std::int16_t epoch,
                                               bool committed, bool bumps_epoch, instant now) {
  if (id.empty()) return refused(invalid_request);
  transaction* one = find(id);
  if (!one) return refused(invalid_producer_id_mapping);
  return bumps_epoch ? end_with_bump(*one, producer_id, epoch, committed, now)
                     : end_without_bump(*one, producer_id, epoch, committed, now);
}

producer_identity transaction_coordinator::end_without_bump(transaction& one, std::int64_t producer_id,
                                                            std::int16_t epoch, bool committed, instant now) {
  if (one.producer_id != producer_id) return refused(invalid_producer_id_mapping);
  if (one.epoch != epoch) return refused(producer_fenced);
  switch (one.phase) {
    case transaction_phase::ongoing:
      return prepare(one, committed, false, now);
    case transaction_phase::complete_commit:
    case transaction_phase::complete_abort:
      // The same again is a request that was sent again.
      if (committed == (one.phase == transaction_phase::complete_commit)) return {none, producer_id, epoch};
      return refused(invalid_txn_state);
    case transaction_phase::prepare_commit:
    case transaction_phase::prepare_abort:
      return refused(concurrent_transactions);
    default:
      return refused(invalid_txn_state);
  }
}

producer_identity transaction_coordinator::end_with_bump(transaction& one, std::int64_t producer_id, std::int16_t epoch,
                                                         bool committed, instant now) {
  if (one.is_ending()) return refused(concurrent_transactions);
  // The request may come again after the first one bumped the epoch, or gave a new id as there was no epoch left.
  const bool again_after_bump = one.epoch == epoch + 1;
  const bool again_after_new_id = one.previous_producer_id == producer_id && epoch == INT16_MAX - 1 && one.epoch == 0;
  const bool is_complete =
      one.phase == transaction_phase::complete_commit || one.phase == transaction_phase::complete_abort;
  const bool is_retry = is_complete && (again_after_bump || again_after_new_id);
  if (one.producer_id != producer_id && !again_after_new_id) return refused(invalid_producer_id_mapping);
  if (one.epoch != epoch && !is_retry) return refused(producer_fenced);
  if (is_retry) {
    const bool same = committed == (one.phase == transaction_phase::complete_commit);
    return same ? producer_identity{none, one.producer_id, one.epoch} : refused(invalid_txn_state);
  }
  // A producer may abort what has not begun, for what it sent may still be on its way: that fences it off.
  if (one.phase != transaction_phase::ongoing && committed) return refused(invalid_txn_state);
  if (one.phase != transaction_phase::ongoing) {
    one.members = {};
    one.started = now;
  }
  return prepare(one, committed, true, now);
}

producer_identity transaction_coordinator::prepare(transaction& one, bool committed, bool bumps_epoch, instant now) {
  one.phase = committed ? transaction_phase::prepare_commit : transaction_phase::prepare_abort;
  one.bumped = bumps_epoch;
  if (bumps_epoch) {
    if (is_exhausted(one.epoch)) one.next_producer_id = state_.next_producer_id();
    one.last_epoch = one.epoch;
    raise(one.epoch);
  }
  const producer_identity next = one.next_producer_id >= 0 ? producer_identity{none, one.next_producer_id, 0}
                                                           : producer_identity{none, one.producer_id, one.epoch};
  set_due(one, now.steady + marker_delay_);
  if (marker_delay_.count() <= 0) write_markers(one, now);
  return next;
}

void transaction_coordinator::fence(transaction& one, instant now) {
  raise(one.epoch);
  one.last_epoch = -1;
  prepare(one, false, false, now);
}

void transaction_coordinator::write_markers(transaction& one, instant now) {
  const bool committed = one.phase == transaction_phase::prepare_commit;
  std::erase_if(one.members.partitions, [&](const auto& member) {
    topic_state* topic = state_.find_topic(std::string_view(member.first));
    partition_state* partition = topic ? topic->find_partition(member.second) : nullptr;
    if (!partition) return true;
    if (partition->leader < 0) return false;
    state_.append_marker(*topic, *partition, {.producer_id = one.producer_id, .producer_epoch = one.epoch}, committed,
                         now);
    return true;
  });
  for (const auto& group : one.members.groups) state_.offsets().end(group, one.producer_id, one.epoch, committed);
  one.members.groups.clear();
  set_due(one, never);
  if (one.members.partitions.empty()) {
    complete(one);
  } else {
    leaderless_.insert(&one);
  }
}

void transaction_coordinator::complete(transaction& one) {
  one.phase = one.phase == transaction_phase::prepare_commit ? transaction_phase::complete_commit
                                                             : transaction_phase::complete_abort;
  if (!one.bumped) return;
  one.last_epoch = one.epoch;
  one.previous_producer_id = one.producer_id;
  if (one.next_producer_id < 0) return;
  one.producer_id = std::exchange(one.next_producer_id, -1);
  one.epoch = 0;
}

// --- time ------------------------------------------------------------------------------------------------------------

void transaction_coordinator::set_due(transaction& one, steady_time at) {
  if (one.due != never) due_.erase({one.due, &one});
  one.due = at;
  if (at != never) due_.emplace(at, &one);
}

void transaction_coordinator::advance(instant now) {
  while (deadline() <= now.steady) {
    transaction& one = *due_.begin()->second;
    if (one.is_ending()) {
      write_markers(one, now);
    } else {
      fence(one, now);
    }
  }
}

void transaction_coordinator::retry_markers() {
  for (transaction* one : leaderless_) set_due(*one, steady_time::min());
  leaderless_.clear();
}

}  // namespace kafka::fake
