// SPDX-License-Identifier: Apache-2.0
// What the coordinator's answers mean. What the user does, and which request is due: member.cpp.
#include <algorithm>

#include "group/member.hpp"
#include "group/member_bytes.hpp"

namespace kafka::group {

namespace {

/// What no assignment may do. One of the user's own could.
error fault_of(const group_assignment& made, const std::vector<subscribed_member>& members) {
  std::set<topic_partition> given;
  for (const auto& [id, what] : made) {
    const auto member =
        std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.member_id == id; });
    for (const topic_partition& where : what.partitions) {
      if (!given.insert(where).second) {
        return {client_errc::invalid_argument, to_string(where) + " was given to two members"};
      }
      const bool subscribes = member != members.end() && std::find(member->topics.begin(), member->topics.end(),
                                                                   where.topic) != member->topics.end();
      if (!subscribes) {
        return {client_errc::invalid_argument,
                to_string(where) + " was given to " + id + ", which does not subscribe to it"};
      }
    }
  }
  return {};
}

}  // namespace

bool member::on_error(broker_errc code, error why, bool& coordinator_moved, steady_time now) {
  switch (code) {
    case broker_errc::not_coordinator:
    case broker_errc::coordinator_not_available:
      coordinator_moved = true;
      retry(now);
      return true;
    case broker_errc::coordinator_load_in_progress:
      retry(now);
      return true;
    case broker_errc::unknown_member_id:
    case broker_errc::illegal_generation:
      // Whatever we had may be another's by now.
      lose_all(why);
      forget_membership(code == broker_errc::illegal_generation);
      if (state_ == state::joining && failures_ > 0) {
        retry(now);  // not for the first time: something is wrong that may last
      } else if (state_ == state::joining) {
        ++failures_;
      } else {
        enter(state::joining, now);
      }
      return true;
    default:
      break;
  }
  if (is_retriable(code)) {
    retry(now);
    return true;
  }
  fail(std::move(why));
  return true;
}

bool member::on_join(const protocol::join_group_response& answer, const std::string& broker, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  bool moved = false;
  if (code == broker_errc::member_id_required) {
    member_id_ = answer.member_id;
    return false;  // once more at once, by that name (KIP-394)
  }
  if (code == broker_errc::rebalance_in_progress) {
    retry(now);
    return false;
  }
  if (code != broker_errc::none) {
    on_error(code, error(code, "JoinGroup " + settings_.group_id + " to " + broker), moved, now);
    return moved;
  }
  member_id_ = answer.member_id;
  generation_ = answer.generation_id;
  protocol_name_ = answer.protocol_name.value_or("");
  leader_ = answer.leader == member_id_;
  next_heartbeat_ = now + settings_.heartbeat_interval;
  members_.clear();
  assignments_.clear();
  watch_begins_ = false;
  if (!leader_ || answer.skip_assignment) {
    if (leader_) {  // a static leader that came back: the assignment stays, but its topics are still ours to watch
      for (const auto& one : answer.members) {
        members_.push_back(read_subscription(one.member_id, one.group_instance_id, one.metadata));
      }
      watch_begins_ = true;
    }
    enter(state::syncing, now);
    return false;
  }
  std::set<std::string> seen;
  for (const auto& one : answer.members) {
    if (!seen.insert(one.member_id).second) continue;
    members_.push_back(read_subscription(one.member_id, one.group_instance_id, one.metadata));
  }
  topics_complete_ = false;  // others may subscribe to what we never looked up
  enter(state::assigning, now);
  return false;
}

void member::assign_as_leader(steady_time now) {
  const auto used = std::find_if(settings_.assignors.begin(), settings_.assignors.end(),
                                 [&](const auto& one) { return one->name() == protocol_name_; });
  if (used == settings_.assignors.end()) {
    return fail({broker_errc::inconsistent_group_protocol,
                 "the group chose the assignor " + protocol_name_ + ", which this member does not have"});
  }
  topics_at_assignment_ = topics_;
  const group_assignment made = (*used)->assign(topics_, members_);
  if (error wrong = fault_of(made, members_)) return fail(wrong.with_context("assignor " + protocol_name_));
  assignments_.clear();
  for (const auto& [id, what] : made) assignments_.push_back({id, assignment_bytes(what), {}});
  enter(state::syncing, now);
}

bool member::on_sync(const protocol::sync_group_response& answer, const std::string& broker, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  bool moved = false;
  if (code == broker_errc::rebalance_in_progress) {
    begin_rejoin(now);
    return false;
  }
  if (code != broker_errc::none) {
    on_error(code, error(code, "SyncGroup " + settings_.group_id + " to " + broker), moved, now);
    return moved;
  }
  member_assignment got;
  if (error bad = read_assignment(answer.assignment, got)) {
    fail(std::move(bad));
    return false;
  }
  last_assigned_ = got.partitions;
  last_generation_ = generation_;
  for (const auto& one : settings_.assignors) {
    if (one->name() == protocol_name_) one->on_assignment(got, generation_);
  }
  next_heartbeat_ = now + settings_.heartbeat_interval;
  adopt({got.partitions.begin(), got.partitions.end()}, now);
  return false;
}

void member::adopt(std::set<topic_partition> target, steady_time now) {
  std::vector<topic_partition> added;
  std::vector<topic_partition> removed;
  std::set_difference(target.begin(), target.end(), owned_.begin(), owned_.end(), std::back_inserter(added));
  std::set_difference(owned_.begin(), owned_.end(), target.begin(), target.end(), std::back_inserter(removed));
  enter(state::stable, now);
  owned_.insert(added.begin(), added.end());
  // Told even if nothing came: whoever waits for the rebalance to be over learns of it.
  news_.push_back({membership_news::kind::assigned, std::move(added), {}});
  if (!removed.empty()) {
    // Cooperative: what goes to others is given up first, and the group then assigns it in another round (KIP-429).
    return announce_revoking(std::move(removed), state::joining);
  }
  if (rejoin_wanted_ || (topics_complete_ && topics_changed())) begin_rejoin(now);
}

bool member::on_heartbeat(const protocol::heartbeat_response& answer, const std::string& broker, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  next_heartbeat_ = now + settings_.heartbeat_interval;
  bool moved = false;
  if (code == broker_errc::none) {
    failures_ = 0;
  } else if (code == broker_errc::rebalance_in_progress) {
    if (state_ == state::stable) begin_rejoin(now);
  } else {
    on_error(code, error(code, "Heartbeat of " + settings_.group_id + " to " + broker), moved, now);
  }
  return moved;
}

void member::on_commit_refused(broker_errc code, steady_time now) {
  if (state_ != state::stable && state_ != state::revoking) return;
  if (code == broker_errc::rebalance_in_progress) {
    if (state_ == state::stable) begin_rejoin(now);
    return;
  }
  bool moved = false;
  if (in_flight_) drop_answer_ = true;
  on_error(code, error(code, "OffsetCommit of " + settings_.group_id), moved, now);
}

bool member::on_reply(const member_response& answer, const error& failure, const std::string& broker, steady_time now) {
  in_flight_ = false;
  seen_ = now;
  if (std::exchange(leave_asked_, false)) {  // whatever the answer: we do not come back by that name
    forget_membership(false);
    state_ = leaving_for_good_ ? state::gone : state::idle;
    return false;
  }
  if (std::exchange(drop_answer_, false)) {
    if (const auto* joined = std::get_if<protocol::join_group_response>(&answer)) {
      if (!joined->member_id.empty()) member_id_ = joined->member_id;
      if (joined->error_code == 0) generation_ = joined->generation_id;
    }
    return false;
  }
  if (failure) {
    retry(now);
    return true;
  }
  if (const auto* join = std::get_if<protocol::join_group_response>(&answer)) return on_join(*join, broker, now);
  if (const auto* sync = std::get_if<protocol::sync_group_response>(&answer)) return on_sync(*sync, broker, now);
  if (const auto* beat = std::get_if<protocol::heartbeat_response>(&answer)) return on_heartbeat(*beat, broker, now);
  return false;
}

}  // namespace kafka::group
