// SPDX-License-Identifier: Apache-2.0
// How a classic group goes from one generation to the next, and what its timers do.
#include <algorithm>

#include "fake/classic_group.hpp"
#include "fake/classic_joiner.hpp"
#include "fake/cluster_state.hpp"
#include "fake/pending_answer.hpp"

namespace kafka::fake {

void classic_group::set_phase(classic_phase phase) noexcept {
  previous_ = phase_;
  phase_ = phase;
}

void classic_group::rebalance_or_complete(instant now) {
  if (phase_ != classic_phase::preparing_rebalance) return prepare_rebalance(now);
  complete_if_all_joined(now);
}

void classic_group::prepare_rebalance(instant now) {
  if (phase_ == classic_phase::completing_rebalance) {
    for (auto& [id, member] : members_) member.assignment = {};
    answer_syncs(broker_errc::rebalance_in_progress, now);
  }
  unsynced_.clear();
  sync_due_ = never;
  is_initial_ = phase_ == classic_phase::empty;
  set_phase(classic_phase::preparing_rebalance);
  if (!is_initial_) {
    if (all_joined()) return complete_join(now);
    join_due_ = now.steady + rebalance_timeout();
    return;
  }
  // Most members of a new group start at about the same time: waiting a little spares them a rebalance each.
  initial_delay_ = state_.groups().settings().initial_rebalance_delay;
  initial_left_ = std::max(rebalance_timeout() - initial_delay_, std::chrono::milliseconds(0));
  member_came_ = false;
  join_due_ = now.steady + initial_delay_;
}

/// The first delay is over; while members keep coming it begins again, up to the rebalance timeout.
void classic_group::complete_initial(instant now) {
  if (!member_came_ || initial_left_.count() == 0) return complete_join(now);
  member_came_ = false;
  const auto before = initial_delay_;
  initial_delay_ = std::min(state_.groups().settings().initial_rebalance_delay, initial_left_);
  initial_left_ = std::max(initial_left_ - before, std::chrono::milliseconds(0));
  join_due_ = now.steady + initial_delay_;
}

void classic_group::complete_if_all_joined(instant now) {
  if (phase_ == classic_phase::preparing_rebalance && previous_ != classic_phase::empty && all_joined()) {
    complete_join(now);
  }
}

void classic_group::complete_join(instant now) {
  join_due_ = never;
  is_initial_ = false;
  // Static members may be away for a while; dynamic ones that did not come again are gone.
  std::vector<std::string> missing;
  for (const auto& [id, member] : members_) {
    if (!member.joining && !member.instance_id) missing.push_back(id);
  }
  for (const std::string& id : missing) remove(id);
  if (!members_.empty() && !elect_leader()) {
    // Nobody came at all. Their sessions decide.
    join_due_ = now.steady + std::max(rebalance_timeout(), std::chrono::milliseconds(1));
    return;
  }
  ++generation_;
  if (members_.empty()) {
    protocol_.reset();
    set_phase(classic_phase::empty);
    return store();
  }
  protocol_ = select_protocol();
  set_phase(classic_phase::completing_rebalance);
  unsynced_.clear();
  for (auto& [id, member] : members_) {
    const pending_join pending = std::exchange(member.joining, nullptr);
    member.expires = now.steady + member.session_timeout;
    member.is_new = false;
    unsynced_.insert(id);
    if (pending) pending->complete(current(member));
  }
  sync_due_ = now.steady + rebalance_timeout();
}

bool classic_group::elect_leader() {
  const classic_member* leader = find(leader_);
  if (leader && leader->joining) return true;
  const auto joined =
      std::find_if(members_.begin(), members_.end(), [](const auto& one) { return one.second.joining != nullptr; });
  if (joined == members_.end()) return false;
  leader_ = joined->first;
  return true;
}

void classic_group::remove(std::string_view id) {
  const auto found = members_.find(id);
  if (found != members_.end()) {
    const classic_member& member = found->second;
    if (member.instance_id) static_ids_.erase(*member.instance_id);
    if (member.syncing) member.syncing->complete(failed_sync(broker_errc::unknown_member_id));
    const bool was_leader = leader_ == id;
    // `id` may be a view of what goes here.
    const std::string removed(id);
    members_.erase(found);
    unsynced_.erase(removed);
    if (was_leader) leader_ = members_.empty() ? std::string() : members_.begin()->first;
    return;
  }
  const auto pending = pending_.find(id);
  if (pending != pending_.end()) pending_.erase(pending);
}

// --- time ------------------------------------------------------------------------------------------------------------

steady_time classic_group::deadline() const noexcept {
  steady_time first = std::min(join_due_, sync_due_);
  for (const auto& [id, member] : members_) first = std::min(first, member.expires);
  for (const auto& [id, at] : pending_) first = std::min(first, at);
  return first;
}

void classic_group::advance(instant now) {
  std::vector<std::string> expired;
  for (const auto& [id, member] : members_) {
    if (member.expires <= now.steady) expired.push_back(id);
  }
  for (const auto& [id, at] : pending_) {
    if (at <= now.steady) expired.push_back(id);
  }
  for (const std::string& id : expired) expire_member(id, now);
  if (join_due_ <= now.steady) {
    join_due_ = never;
    if (is_initial_) {
      complete_initial(now);
    } else {
      complete_join(now);
    }
  }
  if (sync_due_ <= now.steady) expire_syncs(now);
}

void classic_group::expire_member(const std::string& id, instant now) {
  classic_member* member = find(id);
  if (member && member->expires > now.steady) return;  // the expiry of another one began a rebalance
  if (member && !member->is_new && (member->joining || member->syncing)) {
    // Who waits for a rebalance is alive; the answer begins the session anew.
    member->expires = never;
    return;
  }
  if (member && member->joining) {
    std::exchange(member->joining, nullptr)->complete(failed_join({}, broker_errc::unknown_member_id));
  }
  remove(id);
  if (phase_ == classic_phase::preparing_rebalance) {
    if (all_joined()) complete_join(now);
  } else if (member && phase_ != classic_phase::empty) {
    prepare_rebalance(now);
  }
}

/// Members that joined and never asked for their assignment are gone.
void classic_group::expire_syncs(instant now) {
  sync_due_ = never;
  const auto missing = std::exchange(unsynced_, {});
  if (missing.empty()) return;
  for (const std::string& id : missing) remove(id);
  prepare_rebalance(now);
}

// --- coordinators ----------------------------------------------------------------------------------------------------

void classic_group::store() {
  stored_ = {generation_, protocol_type_, protocol_, leader_, {}};
  for (const auto& [id, member] : members_) {
    classic_member& kept = stored_.members.emplace_back(member);
    kept.joining.reset();
    kept.syncing.reset();
    kept.is_new = false;
    // Only what was said for the chosen protocol is written down.
    std::erase_if(kept.supported, [&](const auto& one) { return one.name != protocol_; });
  }
}

void classic_group::unload() {
  for (auto& [id, member] : members_) {
    if (member.joining) member.joining->complete(failed_join({}, broker_errc::not_coordinator));
    if (member.syncing) member.syncing->complete(failed_sync(broker_errc::not_coordinator));
    member.joining.reset();
    member.syncing.reset();
  }
}

void classic_group::load(instant now) {
  members_.clear();
  static_ids_.clear();
  pending_.clear();
  unsynced_.clear();
  join_due_ = sync_due_ = never;
  is_initial_ = member_came_ = false;
  generation_ = stored_.generation;
  protocol_type_ = stored_.protocol_type;
  protocol_ = stored_.protocol;
  leader_ = stored_.leader;
  phase_ = previous_ = stored_.members.empty() ? classic_phase::empty : classic_phase::stable;
  for (const classic_member& kept : stored_.members) {
    classic_member& member = members_.emplace(kept.id, kept).first->second;
    if (member.instance_id) static_ids_.emplace(*member.instance_id, member.id);
    member.expires = now.steady + member.session_timeout;
  }
}

}  // namespace kafka::fake
