// SPDX-License-Identifier: Apache-2.0
// What the coordinator's answers mean. What the user does, and which heartbeat is due: consumer_member.cpp.
#include <algorithm>

#include "group/consumer_member.hpp"

namespace kafka::group {

namespace {

/// A member that goes tries so often to say so. The group finds out by itself when its session has ended.
constexpr unsigned leaves_max = 3;

}  // namespace

void consumer_member::rejoin(const error& why, steady_time now) {
  lose_all(why);
  epoch_ = -1;
  maybe_joined_ = true;
  if (state_ == state::joining) {
    retry(now);  // not for the first time: something is wrong that may last
  } else {
    enter(state::joining, now);
  }
}

void consumer_member::leave_first(steady_time now) {
  // The coordinator has a former self of ours, of which nobody will hear again. It is let go before we join.
  after_leaving_ = state::joining;
  state_ = state::leaving;
  retry(now);
}

void consumer_member::on_accepted(const protocol::consumer_group_heartbeat_response& answer, steady_time now) {
  failures_ = 0;
  maybe_joined_ = false;
  if (state_ == state::joining) {
    enter(state::stable, now);
    tell_user_ = true;
  }
  if (answer.member_id && !answer.member_id->empty()) member_id_ = *answer.member_id;
  epoch_ = answer.member_epoch;
  if (answer.heartbeat_interval_ms > 0) interval_ = std::chrono::milliseconds(answer.heartbeat_interval_ms);
  next_heartbeat_ = now + interval_;
  if (answer.assignment) {
    std::set<id_partition> target;
    for (const auto& topic : answer.assignment->topic_partitions) {
      for (const std::int32_t index : topic.partitions) {
        if (index >= 0) target.insert({topic.topic_id, index});
      }
    }
    // Also what was never owned and is taken away again must be said not to be owned: the group waits for it.
    if (target != target_) tell_owned_ = true;
    set_target(std::move(target));
  }
  reconcile();
}

bool consumer_member::on_refused(broker_errc code, error why, steady_time now) {
  tell_all_ = true;
  const bool joins = state_ == state::joining;
  switch (code) {
    case broker_errc::not_coordinator:
    case broker_errc::coordinator_not_available:
      retry(now);
      return true;
    case broker_errc::fenced_member_epoch:
      if (joins) {
        leave_first(now);
      } else {
        rejoin(why, now);
      }
      return false;
    case broker_errc::unknown_member_id:
      rejoin(why, now);
      return false;
    case broker_errc::group_id_not_found:
      if (joins) break;  // it is one of the classic protocol, and shall stay so
      rejoin(why, now);
      return false;
    case broker_errc::unreleased_instance_id:
      if (!joins || !maybe_joined_) break;
      // It may be our own: the join whose answer never came.
      maybe_joined_ = false;
      refused_join_ = std::move(why);
      leave_first(now);
      return false;
    default:
      if (is_retriable(code)) {
        retry(now);
        return false;
      }
  }
  fail(std::move(why));
  return false;
}

void consumer_member::on_left(const protocol::consumer_group_heartbeat_response* answer, const error& failure,
                              steady_time now) {
  const auto code = answer ? static_cast<broker_errc>(answer->error_code) : broker_errc::none;
  if (failure || is_retriable(code)) {
    retry(now);
    if (failures_ < leaves_max) return;
  }
  const error refused = std::exchange(refused_join_, {});
  epoch_ = -1;
  known_to_coordinator_ = false;
  if (after_leaving_ == state::joining && refused && (failure || code != broker_errc::none)) return fail(refused);
  state_ = after_leaving_;
  if (state_ != state::gone) after_leaving_ = state::idle;
}

void consumer_member::on_commit_refused(broker_errc code, steady_time now) {
  if (!is_stable()) return;
  error why(code, "OffsetCommit of " + settings_.group_id);
  switch (code) {
    case broker_errc::stale_member_epoch:
      next_heartbeat_ = now;  // which tells the new epoch
      return;
    case broker_errc::unknown_member_id:
    case broker_errc::group_id_not_found:
    case broker_errc::illegal_generation:
      if (in_flight_) drop_answer_ = true;
      return rejoin(why, now);
    case broker_errc::fenced_instance_id:
      if (in_flight_) drop_answer_ = true;
      return fail(std::move(why));
    default:
      return;
  }
}

bool consumer_member::on_reply(const member_response& answer, const error& failure, const std::string& broker,
                               steady_time now) {
  in_flight_ = false;
  const auto* beat = std::get_if<protocol::consumer_group_heartbeat_response>(&answer);
  if (std::exchange(drop_answer_, false)) {
    tell_all_ = true;  // which makes the coordinator tell all, too
    return false;
  }
  const auto code = beat ? static_cast<broker_errc>(beat->error_code) : broker_errc::none;
  if (state_ == state::leaving) {
    on_left(beat, failure, now);
    return static_cast<bool>(failure) || code == broker_errc::not_coordinator ||
           code == broker_errc::coordinator_not_available;
  }
  if (state_ == state::idle || state_ == state::gone) return false;
  if (failure == client_errc::value_not_encodable && !pattern_.empty()) {
    // A broker before 4.0 cannot match. Whoever does it instead subscribes to names.
    pattern_.clear();
    told_pattern_ = tell_subscription_ = false;
    if (state_ == state::joining) state_ = state::idle;
    next_heartbeat_ = now;
    return false;
  }
  if (failure == client_errc::unsupported_version) {
    fail(failure);
    return false;
  }
  if (failure || !beat) {
    tell_all_ = true;
    if (state_ == state::joining) maybe_joined_ = true;
    retry(now);
    return true;
  }
  if (code == broker_errc::none) {
    on_accepted(*beat, now);
    return false;
  }
  std::string context = "ConsumerGroupHeartbeat of " + settings_.group_id + " to " + broker;
  if (beat->error_message && !beat->error_message->empty()) context += ": " + *beat->error_message;
  return on_refused(code, error(code, std::move(context)), now);
}

}  // namespace kafka::group
