// SPDX-License-Identifier: Apache-2.0
// What the user does, and which request is due. What the answers mean: member_answers.cpp.
#include "group/member.hpp"

#include <algorithm>

#include "group/member_bytes.hpp"

namespace kafka::group {

member::member(member_settings settings, std::uint64_t seed)
    : settings_(std::move(settings)), how_(rebalance_protocol::eager), random_(seed) {
  const auto cooperates = [](const auto& one) { return one->supports(rebalance_protocol::cooperative); };
  if (!settings_.assignors.empty() && std::all_of(settings_.assignors.begin(), settings_.assignors.end(), cooperates)) {
    how_ = rebalance_protocol::cooperative;
  }
}

void member::enter(state next, steady_time now) {
  state_ = next;
  failures_ = 0;
  retry_at_ = now;
}

void member::subscribe(std::set<std::string> topics, steady_time now) {
  if (state_ == state::gone || topics == subscribed_) return;
  subscribed_ = std::move(topics);
  if (subscribed_.empty()) {
    if (state_ == state::idle) return;
    announce_revoking({owned_.begin(), owned_.end()}, state::leaving);
    return;
  }
  if (state_ == state::idle) {
    if (ever_polled_) begin_rejoin(now);
  } else {
    rejoin_wanted_ = true;
    if (state_ == state::stable) begin_rejoin(now);
  }
}

void member::polled(steady_time now) {
  polled_at_ = now;
  ever_polled_ = true;
  if (state_ == state::idle && !subscribed_.empty()) begin_rejoin(now);
}

void member::begin_rejoin(steady_time now) {
  rejoin_wanted_ = false;
  if (how_ == rebalance_protocol::eager && !owned_.empty()) {
    return announce_revoking({owned_.begin(), owned_.end()}, state::joining);
  }
  // Topics that are no longer subscribed to are given up in any case.
  std::vector<topic_partition> unwanted;
  for (const topic_partition& one : owned_) {
    if (!subscribed_.contains(one.topic)) unwanted.push_back(one);
  }
  if (!unwanted.empty()) return announce_revoking(std::move(unwanted), state::joining);
  enter(state::joining, now);
}

void member::announce_revoking(std::vector<topic_partition> partitions, state then) {
  if (partitions.empty()) {
    enter(then, seen_);
    return;
  }
  after_revoking_ = then;
  to_revoke_ = partitions;
  state_ = state::revoking;
  news_.push_back({membership_news::kind::revoking, partitions, {}});
}

void member::revoked(steady_time now) {
  if (state_ != state::revoking) return;
  for (const topic_partition& one : std::exchange(to_revoke_, {})) owned_.erase(one);
  enter(after_revoking_, now);
}

void member::leave(steady_time now) {
  leaving_for_good_ = true;
  if (state_ == state::gone) return;
  if (state_ == state::idle || (state_ == state::leaving && !is_member())) {
    state_ = state::gone;
    return;
  }
  if (state_ == state::leaving) return;
  if (state_ == state::revoking) {
    after_revoking_ = state::leaving;
    return;
  }
  if (in_flight_) drop_answer_ = true;
  seen_ = now;
  announce_revoking({owned_.begin(), owned_.end()}, state::leaving);
}

void member::lose_all(const error& why) {
  if (owned_.empty()) return;
  news_.push_back({membership_news::kind::lost, {owned_.begin(), owned_.end()}, why});
  owned_.clear();
  to_revoke_.clear();
}

void member::forget_membership(bool keep_id) {
  generation_ = -1;
  if (!keep_id) member_id_.clear();
  leader_ = false;
}

void member::fail(error why) {
  lose_all(why);
  news_.push_back({membership_news::kind::failed, {}, std::move(why)});
  state_ = state::gone;
}

void member::retry(steady_time now) {
  const backoff pause{settings_.retry_backoff, settings_.retry_backoff_max};
  retry_at_ = now + pause.wait(failures_++, random_);
}

std::set<std::string> member::wanted_topics() const {
  std::set<std::string> out = subscribed_;
  for (const subscribed_member& one : members_) out.insert(one.topics.begin(), one.topics.end());
  return out;
}

bool member::topics_changed() const {
  if (!leader_ || watch_begins_) return false;
  // Racks are nothing to a group of which no member has one.
  const bool by_racks =
      std::any_of(members_.begin(), members_.end(), [](const auto& one) { return one.rack && !one.rack->empty(); });
  return !std::equal(topics_.begin(), topics_.end(), topics_at_assignment_.begin(), topics_at_assignment_.end(),
                     [by_racks](const auto& now, const auto& before) {
                       return now.first == before.first && now.second.partitions == before.second.partitions &&
                              (!by_racks || now.second.racks == before.second.racks);
                     });
}

void member::set_topics(std::map<std::string, assignor_topic> topics, bool complete, steady_time now) {
  topics_ = std::move(topics);
  topics_complete_ = complete;
  if (watch_begins_ && complete) {
    watch_begins_ = false;
    topics_at_assignment_ = topics_;
  }
  if (state_ == state::assigning && complete) assign_as_leader(now);
  if (state_ == state::stable && complete && topics_changed()) begin_rejoin(now);
}

protocol::join_group_request member::make_join() {
  protocol::join_group_request out;
  out.group_id = settings_.group_id;
  out.session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout.count());
  out.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.max_poll_interval.count());
  out.member_id = member_id_;
  out.group_instance_id = settings_.instance_id;
  out.protocol_type = "consumer";
  for (const auto& one : settings_.assignors) {
    subscribed_member self;
    self.topics = {subscribed_.begin(), subscribed_.end()};
    self.rack = settings_.rack;
    self.owned = {owned_.begin(), owned_.end()};
    self.generation = last_generation_;
    self.user_data = one->user_data({self.topics, last_assigned_, last_generation_});
    auto& offered = out.protocols.emplace_back();
    offered.name = one->name();
    offered.metadata = subscription_bytes(self);
  }
  return out;
}

protocol::sync_group_request member::make_sync() const {
  protocol::sync_group_request out;
  out.group_id = settings_.group_id;
  out.generation_id = generation_;
  out.member_id = member_id_;
  out.group_instance_id = settings_.instance_id;
  out.protocol_type = "consumer";
  out.protocol_name = protocol_name_;
  out.assignments = assignments_;
  return out;
}

steady_time member::expiry() const {
  if (state_ == state::idle || state_ == state::leaving || state_ == state::gone) return never;
  return polled_at_ + settings_.max_poll_interval;
}

void member::expire(steady_time now) {
  if (now < expiry()) return;
  lose_all({client_errc::timed_out, "no poll for max.poll.interval.ms: left the group"});
  drop_answer_ = in_flight_;
  enter(state::leaving, now);
}

std::optional<member_request> member::next_request(steady_time now) {
  seen_ = now;
  expire(now);
  if (in_flight_ || now < retry_at_) return std::nullopt;
  switch (state_) {
    case state::joining:
      in_flight_ = true;
      return make_join();
    case state::syncing:
      in_flight_ = true;
      return make_sync();
    case state::stable:
    case state::revoking:
    case state::assigning:
      if (!is_member() || now < next_heartbeat_) return std::nullopt;
      in_flight_ = true;
      return protocol::heartbeat_request{settings_.group_id, generation_, member_id_, settings_.instance_id, {}};
    case state::leaving:
      if (!is_member() || settings_.instance_id) {  // a static member's place is kept for its return
        forget_membership(true);
        state_ = leaving_for_good_ ? state::gone : state::idle;
        return std::nullopt;
      }
      in_flight_ = leave_asked_ = true;
      return protocol::leave_group_request{settings_.group_id, member_id_, {}, {}};
    case state::idle:
    case state::gone:
      break;
  }
  return std::nullopt;
}

steady_time member::deadline() const {
  if (state_ == state::idle || state_ == state::gone) return never;
  const steady_time first = expiry();
  if (in_flight_) return first;
  const bool beats = state_ == state::stable || state_ == state::revoking || state_ == state::assigning;
  if (beats && is_member()) return std::min(first, std::max(next_heartbeat_, retry_at_));
  return beats ? first : std::min(first, retry_at_);
}

}  // namespace kafka::group
