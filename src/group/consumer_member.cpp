// SPDX-License-Identifier: Apache-2.0
// What the user does, the way to the target, and which heartbeat is due. What the answers mean:
// consumer_member_answers.cpp.
#include "group/consumer_member.hpp"

#include <algorithm>

namespace kafka::group {

namespace {

constexpr std::int32_t joining_epoch = 0;
constexpr std::int32_t leaving_epoch = -1;
constexpr std::int32_t leaving_for_a_while_epoch = -2;  // a static member that will come back

/// A random UUID (version 4) in Kafka's spelling; not one that looks like an option on a command line.
std::string made_up_id(random_source& random) {
  std::string out;
  do {
    uuid made;
    for (std::uint8_t& byte : made.bytes) byte = static_cast<std::uint8_t>(random.next() >> 56U);
    made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | 0x40U);
    made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3FU) | 0x80U);
    out = made.str();
  } while (out.front() == '-');
  return out;
}

}  // namespace

consumer_member::consumer_member(member_settings settings, std::uint64_t seed)
    : settings_(std::move(settings)), random_(seed), member_id_(made_up_id(random_)) {}

void consumer_member::enter(state next, steady_time now) {
  state_ = next;
  failures_ = 0;
  retry_at_ = now;
}

void consumer_member::retry(steady_time now) {
  const backoff pause{settings_.retry_backoff, settings_.retry_backoff_max};
  retry_at_ = now + pause.wait(failures_++, random_);
}

// --- the user --------------------------------------------------------------------------------------------------------

void consumer_member::subscribe(std::set<std::string> topics, steady_time now) {
  if (state_ == state::gone || (pattern_.empty() && topics == topics_)) return;
  topics_ = std::move(topics);
  pattern_.clear();
  subscription_changed(now);
}

bool consumer_member::subscribe_matching(const std::string& pattern, steady_time now) {
  if (state_ == state::gone || pattern == pattern_) return true;
  topics_.clear();
  pattern_ = pattern;
  subscription_changed(now);
  return true;
}

void consumer_member::subscription_changed(steady_time now) {
  tell_subscription_ = true;
  if (state_ == state::idle) {
    if (is_subscribed() && ever_polled_) enter(state::joining, now);
    return;
  }
  if (is_subscribed()) {
    if (state_ == state::revoking && after_revoking_ == state::leaving && after_leaving_ != state::gone) {
      after_revoking_ = state::stable;
    }
    return;
  }
  if (after_leaving_ != state::gone) after_leaving_ = state::idle;
  if (state_ == state::leaving) return;
  if (state_ == state::revoking) {
    after_revoking_ = state::leaving;
    return;
  }
  if (in_flight_) drop_answer_ = true;
  retry_at_ = now;
  announce_revoking(owned_, state::leaving);
}

void consumer_member::polled(steady_time now) {
  polled_at_ = now;
  ever_polled_ = true;
  if (state_ == state::idle && is_subscribed()) enter(state::joining, now);
}

void consumer_member::announce_revoking(std::set<id_partition> partitions, state then) {
  if (partitions.empty()) {
    failures_ = 0;
    state_ = then;
    return;
  }
  membership_news news;
  news.what = membership_news::kind::revoking;
  for (const auto& [topic, index] : partitions) news.partitions.push_back({names_.at(topic), index});
  std::sort(news.partitions.begin(), news.partitions.end());
  news_.push_back(std::move(news));
  to_revoke_ = std::move(partitions);
  after_revoking_ = then;
  state_ = state::revoking;
}

void consumer_member::revoked(steady_time now) {
  if (state_ != state::revoking) return;
  for (const id_partition& one : std::exchange(to_revoke_, {})) {
    owned_.erase(one);
    assigned_.erase({names_.at(one.first), one.second});
  }
  if (after_revoking_ == state::leaving && !owned_.empty()) return announce_revoking(owned_, state::leaving);
  enter(after_revoking_, now);
  tell_owned_ = true;
  reconcile();
}

void consumer_member::leave(steady_time now) {
  after_leaving_ = state::gone;
  switch (state_) {
    case state::gone:
      return;
    case state::idle:
      state_ = state::gone;
      return;
    case state::leaving:
      return;
    case state::revoking:
      after_revoking_ = state::leaving;
      return;
    case state::joining:
    case state::stable:
      if (in_flight_) drop_answer_ = true;
      retry_at_ = now;
      return announce_revoking(owned_, state::leaving);
  }
}

void consumer_member::lose_all(const error& why) {
  set_target({});
  to_revoke_.clear();
  if (owned_.empty()) return;
  owned_.clear();
  membership_news news;
  news.what = membership_news::kind::lost;
  news.partitions.assign(assigned_.begin(), assigned_.end());
  news.why = why;
  news_.push_back(std::move(news));
  assigned_.clear();
}

void consumer_member::fail(error why) {
  lose_all(why);
  news_.push_back({membership_news::kind::failed, {}, std::move(why)});
  state_ = state::gone;
  epoch_ = -1;
}

steady_time consumer_member::expiry() const {
  if (state_ == state::idle || state_ == state::leaving || state_ == state::gone) return never;
  return polled_at_ + settings_.max_poll_interval;
}

void consumer_member::expire(steady_time now) {
  if (now < expiry()) return;
  lose_all({client_errc::timed_out, "no poll for max.poll.interval.ms: left the group"});
  drop_answer_ = in_flight_;
  epoch_ = -1;
  enter(state::leaving, now);
}

// --- the target ------------------------------------------------------------------------------------------------------

void consumer_member::set_target(std::set<id_partition> target) {
  target_ = std::move(target);
  unknown_.clear();
  for (const auto& [topic, index] : target_) {
    if (!names_.contains(topic)) unknown_.insert(topic);
  }
}

void consumer_member::set_names(const std::map<uuid, std::string>& names) {
  names_.insert(names.begin(), names.end());
  std::erase_if(unknown_, [this](const uuid& topic) { return names_.contains(topic); });
  reconcile();
}

void consumer_member::reconcile() {
  if (state_ != state::stable) return;  // one step after the other: revoked() goes on
  std::set<id_partition> removed;
  std::set_difference(owned_.begin(), owned_.end(), target_.begin(), target_.end(),
                      std::inserter(removed, removed.end()));
  if (!removed.empty()) return announce_revoking(std::move(removed), state::stable);
  membership_news news;
  news.what = membership_news::kind::assigned;
  for (const id_partition& one : target_) {
    const auto name = names_.find(one.first);
    if (name != names_.end() && owned_.insert(one).second) {
      assigned_.insert({name->second, one.second});
      news.partitions.push_back({name->second, one.second});
    }
  }
  if (!news.partitions.empty()) tell_owned_ = true;
  if (!news.partitions.empty() || (tell_user_ && unknown_.empty())) {
    // Told even if nothing came: whoever waits for the rebalance to be over learns of it.
    tell_user_ = false;
    std::sort(news.partitions.begin(), news.partitions.end());
    news_.push_back(std::move(news));
  }
}

// --- heartbeats ------------------------------------------------------------------------------------------------------

protocol::consumer_group_heartbeat_request consumer_member::make_heartbeat() {
  const bool joins = state_ == state::joining;
  const bool all = joins || tell_all_;
  protocol::consumer_group_heartbeat_request out;
  out.group_id = settings_.group_id;
  out.member_id = member_id_;
  out.member_epoch = joins ? joining_epoch : epoch_;
  out.instance_id = settings_.instance_id;
  if (all) {
    out.rack_id = settings_.rack;
    out.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.max_poll_interval.count());
    out.server_assignor = settings_.remote_assignor;
  }
  if (all || tell_subscription_) {
    out.subscribed_topic_names.emplace(topics_.begin(), topics_.end());
    if (!pattern_.empty() || told_pattern_) out.subscribed_topic_regex = pattern_;
    told_pattern_ = told_pattern_ || !pattern_.empty();
  }
  if (all || tell_owned_) {
    auto& owned = out.topic_partitions.emplace();
    for (const auto& [topic, index] : owned_) {
      if (owned.empty() || owned.back().topic_id != topic) owned.emplace_back().topic_id = topic;
      owned.back().partitions.push_back(index);
    }
  }
  known_to_coordinator_ = true;
  tell_all_ = tell_subscription_ = tell_owned_ = false;
  return out;
}

protocol::consumer_group_heartbeat_request consumer_member::make_leave() const {
  protocol::consumer_group_heartbeat_request out;
  out.group_id = settings_.group_id;
  out.member_id = member_id_;
  out.member_epoch = settings_.instance_id ? leaving_for_a_while_epoch : leaving_epoch;
  out.instance_id = settings_.instance_id;
  return out;
}

std::optional<member_request> consumer_member::next_request(steady_time now) {
  expire(now);
  if (in_flight_ || now < retry_at_) return std::nullopt;
  switch (state_) {
    case state::joining:
      in_flight_ = true;
      return make_heartbeat();
    case state::stable:
    case state::revoking: {
      const bool at_once = state_ == state::stable && (tell_owned_ || tell_subscription_);
      if (!at_once && now < next_heartbeat_) return std::nullopt;
      in_flight_ = true;
      return make_heartbeat();
    }
    case state::leaving:
      if (!known_to_coordinator_) {
        on_left(nullptr, {}, now);
        return std::nullopt;
      }
      in_flight_ = true;
      return make_leave();
    case state::idle:
    case state::gone:
      break;
  }
  return std::nullopt;
}

steady_time consumer_member::deadline() const {
  if (state_ == state::idle || state_ == state::gone) return never;
  const steady_time first = expiry();
  if (in_flight_) return first;
  if (state_ != state::stable && state_ != state::revoking) return std::min(first, retry_at_);
  const bool at_once = state_ == state::stable && (tell_owned_ || tell_subscription_);
  return std::min(first, at_once ? retry_at_ : std::max(next_heartbeat_, retry_at_));
}

}  // namespace kafka::group
