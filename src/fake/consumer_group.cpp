// SPDX-License-Identifier: Apache-2.0
#include "fake/consumer_group.hpp"

#include <algorithm>
#include <regex>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

namespace {

/// Since this version of ConsumerGroupHeartbeat members choose their id (KIP-1082).
constexpr std::int16_t client_chooses_id_since = 1;
/// Members must say an epoch, which OffsetCommit carries since this version.
constexpr std::int16_t commits_epoch_since = 9;
/// A longer pattern is refused: matching it could take a backtracking matcher for ever.
constexpr std::size_t regex_length_max = 256;

using heartbeat_request = consumer_group::heartbeat_request;
using owned_topics = consumer_group::owned_topics;

refusal invalid(std::string why) {
  return {broker_errc::invalid_request, std::move(why)};
}

bool is_empty_text(const std::optional<std::string>& text) noexcept {
  return text && text->find_first_not_of(' ') == std::string::npos;
}

refusal check_first(const heartbeat_request& request) {
  if (request.rebalance_timeout_ms == -1) return invalid("RebalanceTimeoutMs must be provided in first request.");
  if (!request.topic_partitions || !request.topic_partitions->empty()) {
    return invalid("TopicPartitions must be empty when (re-)joining.");
  }
  if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
    return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
  }
  return {};
}

refusal check_regex(const std::optional<std::string>& pattern) {
  if (!pattern || pattern->empty()) return {};
  const auto refused = [&](const char* why) {
    return refusal{broker_errc::invalid_regular_expression,
                   "SubscribedTopicRegex `" + *pattern + "` is not a valid regular expression: " + why + "."};
  };
  if (pattern->size() > regex_length_max) return refused("it is too long");
  try {
    const std::regex compiled(*pattern);
  } catch (const std::regex_error& problem) {
    return refused(problem.what());
  }
  return {};
}

/// Whether a member owns one of these partitions still, by what it says; it may, if it says nothing.
bool owns_any(const owned_topics& owned, const partition_set& partitions) {
  if (!owned) return true;
  for (const auto& topic : *owned) {
    for (const std::int32_t index : topic.partitions) {
      if (partitions.contains({topic.topic_id, index})) return true;
    }
  }
  return false;
}

bool owns_only(const owned_topics& owned, const partition_set& partitions) {
  if (!owned) return false;
  for (const auto& topic : *owned) {
    for (const std::int32_t index : topic.partitions) {
      if (!partitions.contains({topic.topic_id, index})) return false;
    }
  }
  return true;
}

consumer_group::heartbeat_response::member_assignment as_assignment(const partition_set& partitions) {
  consumer_group::heartbeat_response::member_assignment out;
  for (const auto& [topic, index] : partitions) {
    auto& topics = out.topic_partitions;
    if (topics.empty() || topics.back().topic_id != topic) topics.emplace_back().topic_id = topic;
    topics.back().partitions.push_back(index);
  }
  return out;
}

}  // namespace

// --- heartbeats ------------------------------------------------------------------------------------------------------

refusal consumer_group::check(const heartbeat_request& request, std::int16_t version) {
  if (request.group_id.find_first_not_of(' ') == std::string::npos) return invalid("GroupId can't be empty.");
  if (is_empty_text(request.instance_id)) return invalid("InstanceId can't be empty.");
  if (is_empty_text(request.rack_id)) return invalid("RackId can't be empty.");
  if (request.member_epoch < leaving_for_a_while) return invalid("MemberEpoch is invalid.");
  if (request.member_id.empty() && (version >= client_chooses_id_since || request.member_epoch != 0)) {
    return invalid("MemberId can't be empty.");
  }
  if (request.member_epoch == leaving_for_a_while && !request.instance_id) {
    return invalid("InstanceId can't be null.");
  }
  if (request.member_epoch == 0) {
    if (refusal refused = check_first(request)) return refused;
  }
  if (request.server_assignor && !is_server_assignor(*request.server_assignor)) {
    std::string names;
    for (const auto& name : server_assignor_names()) names += (names.empty() ? "" : ", ") + name;
    return {broker_errc::unsupported_assignor,
            "ServerAssignor " + *request.server_assignor + " is not supported. Supported assignors: " + names + "."};
  }
  return check_regex(request.subscribed_topic_regex);
}

refusal consumer_group::heartbeat(const heartbeat_request& request, const std::string& client_id, instant now,
                                  heartbeat_response& response) {
  if (request.member_epoch < 0) return leave(request, response);
  const std::string id = request.member_id.empty() ? state_.random_uuid().str() : request.member_id;
  if (members_.size() >= state_.groups().settings().consumer_size_max && !members_.contains(id)) {
    return {broker_errc::group_max_size_reached, "The consumer group has reached its maximum capacity of " +
                                                     std::to_string(state_.groups().settings().consumer_size_max) +
                                                     " members."};
  }
  consumer_member* member = nullptr;
  if (refusal refused = admit(request, id, member)) return refused;
  const partition_set before = member->assigned;
  bool changed = update(*member, request, client_id);
  if (changed || topics_version_ != state_.topics_version()) changed = refresh_topics() || changed;
  if (changed) ++epoch_;
  if (epoch_ > assignment_epoch_) update_target();
  reconcile(*member, request.topic_partitions, now);
  member->expires = now.steady + state_.groups().settings().consumer_session_timeout;

  response.member_id = member->id;
  response.member_epoch = member->epoch;
  response.heartbeat_interval_ms =
      static_cast<std::int32_t>(state_.groups().settings().consumer_heartbeat_interval.count());
  const bool is_full =
      request.member_epoch == 0 || (request.rebalance_timeout_ms != -1 && request.topic_partitions &&
                                    (request.subscribed_topic_names || request.subscribed_topic_regex));
  if (is_full || member->assigned != before) response.assignment = as_assignment(member->assigned);
  return {};
}

refusal consumer_group::leave(const heartbeat_request& request, heartbeat_response& response) {
  const auto found = members_.find(request.member_id);
  if (request.instance_id) {
    const auto owner = static_ids_.find(*request.instance_id);
    if (owner == static_ids_.end()) {
      return {broker_errc::unknown_member_id, "Instance id " + *request.instance_id + " is unknown."};
    }
    if (owner->second != request.member_id) {
      return {broker_errc::fenced_instance_id, "Static member " + request.member_id + " with instance id " +
                                                   *request.instance_id + " was fenced by member " + owner->second +
                                                   "."};
    }
  } else if (found == members_.end()) {
    return {broker_errc::unknown_member_id, "Member " + request.member_id + " is not a member of group."};
  }
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  if (request.member_epoch == leaving) {
    remove(request.member_id);
  } else {
    // It keeps its partitions until it returns or its session ends.
    consumer_member& member = found->second;
    member.previous_epoch = std::exchange(member.epoch, leaving_for_a_while);
    member.pending_revocation.clear();
    member.revocation_due = never;
  }
  return {};
}

refusal consumer_group::admit(const heartbeat_request& request, const std::string& id, consumer_member*& member) {
  if (request.instance_id) return admit_static(request, id, member);
  const auto found = members_.find(id);
  if (found == members_.end()) {
    if (request.member_epoch != 0) {
      return {broker_errc::unknown_member_id, "Member " + id + " is not a member of group " + request.group_id + "."};
    }
    member = &members_[id];
    member->id = id;
    return {};
  }
  if (refusal refused = check_epoch(found->second, request.member_epoch, request.topic_partitions)) return refused;
  member = &found->second;
  return {};
}

refusal consumer_group::admit_static(const heartbeat_request& request, const std::string& id,
                                     consumer_member*& member) {
  const auto owner = static_ids_.find(*request.instance_id);
  if (request.member_epoch == 0) {
    if (owner == static_ids_.end()) {
      member = &members_[id];
      member->id = id;
    } else {
      const consumer_member& former = members_.at(owner->second);
      if (former.epoch != leaving_for_a_while) {
        return {broker_errc::unreleased_instance_id,
                "Static member " + id + " with instance id " + *request.instance_id +
                    " cannot join the group because the instance id is owned by " + former.id + " member."};
      }
      // The one that returns gets what the former one had.
      auto moved = members_.extract(owner->second);
      auto target = targets_.extract(owner->second);
      moved.key() = id;
      member = &members_.insert(std::move(moved)).position->second;
      if (!target.empty()) {
        target.key() = id;
        targets_.insert(std::move(target));
      }
      member->id = id;
      member->epoch = member->previous_epoch = 0;
    }
    static_ids_.insert_or_assign(*request.instance_id, id);
    return {};
  }
  if (owner == static_ids_.end()) {
    return {broker_errc::unknown_member_id, "Instance id " + *request.instance_id + " is unknown."};
  }
  if (owner->second != id) {
    return {broker_errc::fenced_instance_id, "Static member " + id + " with instance id " + *request.instance_id +
                                                 " was fenced by member " + owner->second + "."};
  }
  member = &members_.at(id);
  return check_epoch(*member, request.member_epoch, request.topic_partitions);
}

refusal consumer_group::check_epoch(const consumer_member& member, std::int32_t epoch, const owned_topics& owned) {
  const auto fenced = [&](const char* how) {
    return refusal{broker_errc::fenced_member_epoch,
                   "The consumer group member has a " + std::string(how) + " member epoch (" + std::to_string(epoch) +
                       ") than the one known by the group coordinator (" + std::to_string(member.epoch) +
                       "). The member must abandon all its partitions and rejoin."};
  };
  if (epoch > member.epoch) return fenced("greater");
  // The answer with the new epoch may have been lost.
  const bool missed_one = epoch == member.previous_epoch && owns_only(owned, member.assigned);
  if (epoch < member.epoch && !missed_one) return fenced("smaller");
  return {};
}

bool consumer_group::update(consumer_member& member, const heartbeat_request& request, const std::string& client_id) {
  const auto topics = member.topics;
  const auto regex = member.regex;
  const bool is_new = !targets_.contains(member.id);
  if (request.instance_id) member.instance_id = request.instance_id;
  if (request.rack_id) member.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms != -1) {
    member.rebalance_timeout = std::chrono::milliseconds(std::max(0, request.rebalance_timeout_ms));
  }
  if (request.server_assignor) member.assignor = request.server_assignor;
  if (request.subscribed_topic_names) {
    member.topics = {request.subscribed_topic_names->begin(), request.subscribed_topic_names->end()};
  }
  if (request.subscribed_topic_regex) member.regex = *request.subscribed_topic_regex;
  member.client_id = client_id;
  return is_new || topics != member.topics || regex != member.regex;
}

// --- target and reconciliation ---------------------------------------------------------------------------------------

void consumer_group::resolve(consumer_member& member) const {
  member.resolved.clear();
  const auto pattern = member.regex.empty() ? std::nullopt : std::optional(std::regex(member.regex));
  for (const auto& [name, topic] : state_.topics()) {
    if (member.topics.contains(name) || (pattern && std::regex_match(name, *pattern))) member.resolved.insert(name);
  }
}

bool consumer_group::refresh_topics() {
  topics_version_ = state_.topics_version();
  std::map<std::string, std::pair<uuid, std::int32_t>> found;
  for (auto& [id, member] : members_) {
    resolve(member);
    for (const auto& name : member.resolved) {
      const topic_state& topic = state_.topics().find(name)->second;
      found.insert_or_assign(name, std::pair(topic.id, static_cast<std::int32_t>(topic.partitions.size())));
    }
  }
  const bool changed = found != topics_;
  topics_ = std::move(found);
  return changed;
}

std::string consumer_group::assignor() const {
  std::map<std::string, std::size_t> votes;
  for (const auto& [id, member] : members_) {
    if (member.assignor) ++votes[*member.assignor];
  }
  const auto most = std::max_element(votes.begin(), votes.end(),
                                     [](const auto& left, const auto& right) { return left.second < right.second; });
  return most == votes.end() ? server_assignor_names().front() : most->first;
}

void consumer_group::update_target() {
  assignment_question question;
  for (const auto& [name, topic] : topics_) question.partition_counts.emplace(topic.first, topic.second);
  for (const auto& [id, member] : members_) {
    auto& asked = question.members[id];
    asked.order = member.instance_id.value_or(id);
    for (const auto& name : member.resolved) asked.topics.insert(topics_.at(name).first);
    asked.owned = target(id);
  }
  targets_ = assign_partitions(assignor(), question);
  assignment_epoch_ = epoch_;
}

void consumer_group::reconcile(consumer_member& member, const owned_topics& owned, instant now) {
  const consumer_member before = member;
  switch (member.stage) {
    case consumer_stage::stable:
      if (member.epoch == assignment_epoch_) return;
      move_on(member, member.epoch, owned);
      break;
    case consumer_stage::unrevoked_partitions:
      if (owns_any(owned, member.pending_revocation)) return;
      move_on(member, member.epoch + 1, owned);
      break;
    case consumer_stage::unreleased_partitions:
      move_on(member, member.epoch, owned);
      break;
  }
  if (member.stage != consumer_stage::unrevoked_partitions) {
    member.revocation_due = never;
  } else if (!(member == before)) {
    member.revocation_due = now.steady + member.rebalance_timeout;
  }
}

void consumer_group::move_on(consumer_member& member, std::int32_t epoch, const owned_topics& owned) {
  const partition_set target = this->target(member.id);
  partition_set kept;
  partition_set revoked;
  for (const auto& partition : member.assigned) (target.contains(partition) ? kept : revoked).insert(partition);
  if (!revoked.empty() && owns_any(owned, revoked)) {
    member.stage = consumer_stage::unrevoked_partitions;
    member.previous_epoch = std::exchange(member.epoch, epoch);
    member.assigned = std::move(kept);
    member.pending_revocation = std::move(revoked);
    return;
  }
  bool waits = false;
  partition_set given;
  for (const auto& partition : target) {
    if (kept.contains(partition)) continue;
    if (is_owned(partition)) {
      waits = true;
    } else {
      given.insert(partition);
    }
  }
  member.stage = waits ? consumer_stage::unreleased_partitions : consumer_stage::stable;
  member.previous_epoch = std::exchange(member.epoch, assignment_epoch_);
  kept.merge(given);
  member.assigned = std::move(kept);
  member.pending_revocation.clear();
}

bool consumer_group::is_owned(const partition_set::value_type& partition) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& one) {
    return one.second.assigned.contains(partition) || one.second.pending_revocation.contains(partition);
  });
}

partition_set consumer_group::target(const std::string& member_id) const {
  const auto found = targets_.find(member_id);
  return found == targets_.end() ? partition_set() : found->second;
}

// --- members go ------------------------------------------------------------------------------------------------------

void consumer_group::remove(const std::string& id) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  const std::string removed = id;
  if (found->second.instance_id) static_ids_.erase(*found->second.instance_id);
  members_.erase(found);
  targets_.erase(removed);
  ++epoch_;
  // What it alone subscribed to counts no more.
  (void)refresh_topics();
}

broker_errc consumer_group::remove_static(std::string_view instance_id) {
  const auto owner = static_ids_.find(instance_id);
  if (owner == static_ids_.end()) return broker_errc::unknown_member_id;
  remove(std::string(owner->second));
  return broker_errc::none;
}

steady_time consumer_group::deadline() const noexcept {
  steady_time first = never;
  for (const auto& [id, member] : members_) first = std::min({first, member.expires, member.revocation_due});
  return first;
}

void consumer_group::advance(instant now) {
  std::vector<std::string> expired;
  for (const auto& [id, member] : members_) {
    if (std::min(member.expires, member.revocation_due) <= now.steady) expired.push_back(id);
  }
  for (const std::string& id : expired) remove(id);
}

void consumer_group::load(instant now) {
  for (auto& [id, member] : members_) {
    member.expires = now.steady + state_.groups().settings().consumer_session_timeout;
    if (member.revocation_due != never) member.revocation_due = now.steady + member.rebalance_timeout;
  }
}

// --- questions -------------------------------------------------------------------------------------------------------

broker_errc consumer_group::commit(const offset_writer& writer, std::int16_t version, bool transactional) const {
  if (writer.generation_id < 0 && is_empty()) return broker_errc::none;
  const auto member = members_.find(writer.member_id);
  if (member == members_.end()) return broker_errc::unknown_member_id;
  if (!transactional && version < commits_epoch_since) return broker_errc::unsupported_version;
  if (writer.generation_id == member->second.epoch) return broker_errc::none;
  return transactional ? broker_errc::illegal_generation : broker_errc::stale_member_epoch;
}

broker_errc consumer_group::fetch(const std::optional<std::string>& member_id, std::int32_t epoch) const {
  if (!member_id && epoch < 0) return broker_errc::none;
  const auto member = members_.find(member_id.value_or(""));
  if (member == members_.end()) return broker_errc::unknown_member_id;
  return epoch == member->second.epoch ? broker_errc::none : broker_errc::stale_member_epoch;
}

std::string_view consumer_group::phase_name() const noexcept {
  if (members_.empty()) return "Empty";
  if (epoch_ > assignment_epoch_) return "Assigning";
  const bool is_stable = std::all_of(members_.begin(), members_.end(), [&](const auto& one) {
    return one.second.stage == consumer_stage::stable && one.second.epoch == assignment_epoch_;
  });
  return is_stable ? "Stable" : "Reconciling";
}

bool consumer_group::is_subscribed(std::string_view topic) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& one) {
    return one.second.resolved.contains(std::string(topic)) || one.second.topics.contains(std::string(topic));
  });
}

}  // namespace kafka::fake
