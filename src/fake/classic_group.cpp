// SPDX-License-Identifier: Apache-2.0
#include "fake/classic_group.hpp"

#include <algorithm>

#include "fake/classic_joiner.hpp"
#include "fake/cluster_state.hpp"
#include "fake/pending_answer.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/consumer_protocol.hpp"

namespace kafka::fake {

namespace {

/// Since this version of JoinGroup a new dynamic member is first told its id, so that a client that tries again does
/// not leave a member behind with each attempt (KIP-394).
constexpr std::int16_t member_id_required_since = 4;
/// Since this one a static leader that returns is told to leave the assignment as it is (KIP-814).
constexpr std::int16_t skips_assignment_since = 9;
/// Since this version SyncGroup names the protocol that the member believes in (KIP-559).
constexpr std::int16_t sync_names_protocol_since = 5;

bool contradicts(const std::optional<std::string>& said, std::string_view known) noexcept {
  return said && !known.empty() && *said != known;
}

}  // namespace

std::string_view name_of(classic_phase phase) noexcept {
  switch (phase) {
    case classic_phase::empty:
      return "Empty";
    case classic_phase::preparing_rebalance:
      return "PreparingRebalance";
    case classic_phase::completing_rebalance:
      return "CompletingRebalance";
    case classic_phase::stable:
      return "Stable";
    case classic_phase::dead:
      return "Dead";
  }
  return "Unknown";
}

bool classic_member::supports(std::string_view protocol) const noexcept {
  return std::any_of(supported.begin(), supported.end(), [&](const auto& one) { return one.name == protocol; });
}

shared_bytes classic_member::metadata(std::string_view protocol) const {
  const auto found =
      std::find_if(supported.begin(), supported.end(), [&](const auto& one) { return one.name == protocol; });
  return found == supported.end() ? shared_bytes() : found->metadata;
}

// --- JoinGroup -------------------------------------------------------------------------------------------------------

void classic_group::join(const join_request& request, std::int16_t version, const std::string& client_id,
                         const pending_join& pending, instant now) {
  const joiner from{request, version, client_id, pending, now};
  if (!accepts(request.member_id)) {
    remove(request.member_id);
    return pending->complete(failed_join({}, broker_errc::group_max_size_reached));
  }
  if (!supports(request)) {
    return pending->complete(failed_join(request.member_id, broker_errc::inconsistent_group_protocol));
  }
  if (request.member_id.empty()) return join_new(from);
  join_known(from);
}

void classic_group::join_new(const joiner& from) {
  const auto& instance = from.request.group_instance_id;
  const std::string id = (instance ? *instance : from.client_id) + "-" + state_.random_uuid().str();
  if (instance) {
    const auto known = static_ids_.find(*instance);
    if (known != static_ids_.end()) return join_static(from, known->second, id);
    return add(from, id);
  }
  if (from.version < member_id_required_since) return add(from, id);
  pending_.insert_or_assign(id, from.now.steady + from.session_timeout());
  from.pending->complete(failed_join(id, broker_errc::member_id_required));
}

void classic_group::join_known(const joiner& from) {
  const std::string& id = from.request.member_id;
  if (pending_.contains(id) && !from.request.group_instance_id) return add(from, id);
  const broker_errc refused = check_member({id, &from.request.group_instance_id});
  if (refused != broker_errc::none) return from.pending->complete(failed_join(id, refused));
  classic_member& member = *find(id);
  const bool same = member.supported == from.request.protocols;
  switch (phase_) {
    case classic_phase::preparing_rebalance:
      return update_and_rebalance(member, from);
    case classic_phase::completing_rebalance:
      // The same again: the answer to the first one was lost.
      if (same) return from.pending->complete(current(member));
      return update_and_rebalance(member, from);
    case classic_phase::stable:
      // The leader begins a rebalance whenever it asks: it alone sees that topics changed.
      if (id != leader_ && same) {
        auto answer = current(member);
        answer.members.clear();
        return from.pending->complete(answer);
      }
      return update_and_rebalance(member, from);
    default:
      return from.pending->complete(failed_join(id, broker_errc::unknown_member_id));
  }
}

void classic_group::join_static(const joiner& from, const std::string& old_id, const std::string& new_id) {
  const std::string old_leader = leader_;
  auto moved = members_.extract(old_id);
  moved.key() = new_id;
  classic_member& member = members_.insert(std::move(moved)).position->second;
  // Whoever still waits with the old id is fenced at once.
  if (member.joining) member.joining->complete(failed_join(old_id, broker_errc::fenced_instance_id));
  if (member.syncing) member.syncing->complete(failed_sync(broker_errc::fenced_instance_id));
  member.joining.reset();
  member.syncing.reset();
  member.id = new_id;
  if (leader_ == old_id) leader_ = new_id;
  if (unsynced_.erase(old_id) > 0) unsynced_.insert(new_id);
  static_ids_.insert_or_assign(*from.request.group_instance_id, new_id);
  member.expires = from.now.steady + member.session_timeout;
  update(member, from);
  if (phase_ == classic_phase::completing_rebalance) {
    // The leader may have the old id already, and would assign nothing to the new one.
    return prepare_rebalance(from.now);
  }
  if (phase_ != classic_phase::stable) return complete_if_all_joined(from.now);
  if (protocol_ != select_protocol()) return rebalance_or_complete(from.now);
  auto answer = current(member);
  if (from.version >= skips_assignment_since) {
    answer.skip_assignment = leader_ == new_id;
  } else {
    // Told who led before, it does not take itself for the leader and asks for its old assignment.
    answer.members.clear();
    answer.leader = old_leader;
  }
  store();
  std::exchange(member.joining, nullptr)->complete(answer);
}

void classic_group::add(const joiner& from, const std::string& id) {
  if (members_.empty()) protocol_type_ = from.request.protocol_type;
  pending_.erase(id);
  classic_member& member = members_[id];
  member.id = id;
  member.instance_id = from.request.group_instance_id;
  member.client_id = from.client_id;
  member.is_new = true;
  update(member, from);
  if (leader_.empty()) leader_ = id;
  if (member.instance_id) static_ids_.insert_or_assign(*member.instance_id, id);
  if (phase_ == classic_phase::preparing_rebalance && previous_ == classic_phase::empty) member_came_ = true;
  // It cannot send heartbeats before it is answered, so that its session is not what counts now.
  member.expires = from.now.steady + new_member_timeout;
  rebalance_or_complete(from.now);
}

void classic_group::update(classic_member& member, const joiner& from) {
  member.supported = from.request.protocols;
  // Not a piece of the request's bytes, which would keep all of them.
  for (auto& one : member.supported) one.metadata = shared_bytes::copy_of(one.metadata.span());
  member.rebalance_timeout = from.rebalance_timeout();
  member.session_timeout = from.session_timeout();
  member.joining = from.pending;
}

void classic_group::update_and_rebalance(classic_member& member, const joiner& from) {
  update(member, from);
  rebalance_or_complete(from.now);
}

classic_group::join_response classic_group::current(const classic_member& member) const {
  join_response out;
  out.member_id = member.id;
  out.generation_id = generation_;
  out.protocol_type = protocol_type_;
  out.protocol_name = protocol_;
  out.leader = leader_;
  if (member.id != leader_) return out;
  for (const auto& [id, one] : members_) {
    out.members.push_back({id, one.instance_id, one.metadata(protocol_.value_or("")), {}});
  }
  return out;
}

// --- SyncGroup and the others ----------------------------------------------------------------------------------------

void classic_group::sync(const protocol::sync_group_request& request, std::int16_t version, const pending_sync& pending,
                         instant now) {
  broker_errc refused = check_member({request.member_id, &request.group_instance_id});
  if (is_empty()) refused = broker_errc::unknown_member_id;
  const bool names_nothing = version >= sync_names_protocol_since && !(request.protocol_type && request.protocol_name);
  if (refused == broker_errc::none && request.generation_id != generation_) refused = broker_errc::illegal_generation;
  if (refused == broker_errc::none && (contradicts(request.protocol_type, protocol_type_) ||
                                       contradicts(request.protocol_name, protocol_.value_or("")))) {
    refused = broker_errc::inconsistent_group_protocol;
  }
  if (names_nothing) refused = broker_errc::inconsistent_group_protocol;
  if (refused == broker_errc::none && phase_ == classic_phase::preparing_rebalance) {
    refused = broker_errc::rebalance_in_progress;
  }
  if (refused != broker_errc::none) return pending->complete(failed_sync(refused));
  classic_member& member = *find(request.member_id);
  unsynced_.erase(member.id);
  if (unsynced_.empty()) sync_due_ = never;
  member.syncing = pending;
  if (phase_ == classic_phase::stable) {
    member.syncing = nullptr;
    protocol::sync_group_response answer;
    answer.protocol_type = protocol_type_;
    answer.protocol_name = protocol_;
    answer.assignment = member.assignment;
    return pending->complete(answer);
  }
  if (member.id == leader_) assign(request, now);
}

void classic_group::assign(const protocol::sync_group_request& request, instant now) {
  for (auto& [id, member] : members_) member.assignment = {};
  for (const auto& one : request.assignments) {
    if (classic_member* member = find(one.member_id)) {
      member->assignment = shared_bytes::copy_of(one.assignment.span());
    }
  }
  answer_syncs(broker_errc::none, now);
  set_phase(classic_phase::stable);
  store();
}

void classic_group::answer_syncs(broker_errc code, instant now) {
  for (auto& [id, member] : members_) {
    const pending_sync pending = std::exchange(member.syncing, nullptr);
    if (!pending) continue;
    protocol::sync_group_response answer = failed_sync(code);
    if (code == broker_errc::none) {
      answer.protocol_type = protocol_type_;
      answer.protocol_name = protocol_;
      answer.assignment = member.assignment;
    }
    member.expires = now.steady + member.session_timeout;
    pending->complete(answer);
  }
}

broker_errc classic_group::heartbeat(const member_identity& who, std::int32_t generation, instant now) {
  const broker_errc refused = check_member(who);
  if (refused != broker_errc::none) return refused;
  if (generation != generation_) return broker_errc::illegal_generation;
  classic_member& member = *find(who.member_id);
  member.expires = now.steady + member.session_timeout;
  return phase_ == classic_phase::preparing_rebalance ? broker_errc::rebalance_in_progress : broker_errc::none;
}

broker_errc classic_group::leave(const member_identity& who) {
  std::string id(who.member_id);
  if (id.empty()) {
    // Whoever administers the group knows a static member by its instance alone.
    const auto known = who.is_static() ? static_ids_.find(**who.instance_id) : static_ids_.end();
    if (known == static_ids_.end()) return broker_errc::unknown_member_id;
    id = known->second;
  } else if (!pending_.contains(id)) {
    const broker_errc refused = check_member(who);
    if (refused != broker_errc::none) return refused;
  }
  if (classic_member* member = find(id); member && member->joining) {
    std::exchange(member->joining, nullptr)->complete(failed_join({}, broker_errc::unknown_member_id));
  }
  remove(id);
  return broker_errc::none;
}

void classic_group::after_leave(instant now) {
  if (phase_ == classic_phase::stable || phase_ == classic_phase::completing_rebalance) return prepare_rebalance(now);
  complete_if_all_joined(now);
}

broker_errc classic_group::commit(const offset_writer& writer, bool transactional, instant now) {
  if (writer.generation_id < 0 && is_empty()) return broker_errc::none;
  const bool names_member =
      writer.generation_id >= 0 || !writer.member_id.empty() || (writer.instance_id && *writer.instance_id);
  if (names_member) {
    const broker_errc refused = check_member({writer.member_id, writer.instance_id});
    if (refused != broker_errc::none) return refused;
    if (writer.generation_id != generation_) return broker_errc::illegal_generation;
  } else if (!transactional && !is_empty()) {
    return broker_errc::unknown_member_id;
  }
  if (transactional) return broker_errc::none;
  if (phase_ == classic_phase::completing_rebalance) return broker_errc::rebalance_in_progress;
  if (classic_member* member = find(writer.member_id)) member->expires = now.steady + member->session_timeout;
  return broker_errc::none;
}

// --- questions -------------------------------------------------------------------------------------------------------

broker_errc classic_group::check_member(const member_identity& who) const {
  if (who.is_static()) {
    const auto known = static_ids_.find(**who.instance_id);
    if (known == static_ids_.end()) return broker_errc::unknown_member_id;
    if (known->second != who.member_id) return broker_errc::fenced_instance_id;
  }
  return members_.contains(who.member_id) ? broker_errc::none : broker_errc::unknown_member_id;
}

/// Whether there is room for the member.
bool classic_group::accepts(std::string_view id) const {
  const std::size_t size_max = state_.groups().settings().size_max;
  const auto known = members_.find(id);
  switch (phase_) {
    case classic_phase::preparing_rebalance: {
      // Those that joined again count, so that of too many the last ones are left out.
      const auto joined = std::count_if(members_.begin(), members_.end(), [](auto& one) { return one.second.joining; });
      return (known != members_.end() && known->second.joining) || static_cast<std::size_t>(joined) < size_max;
    }
    case classic_phase::completing_rebalance:
    case classic_phase::stable:
      return known != members_.end() || members_.size() < size_max;
    default:
      return true;
  }
}

bool classic_group::supports(const join_request& request) const {
  if (is_empty()) return !request.protocol_type.empty() && !request.protocols.empty();
  if (request.protocol_type != protocol_type_) return false;
  return std::any_of(request.protocols.begin(), request.protocols.end(), [&](const auto& offered) {
    return std::all_of(members_.begin(), members_.end(),
                       [&](const auto& one) { return one.second.supports(offered.name); });
  });
}

bool classic_group::all_joined() const noexcept {
  return pending_.empty() &&
         std::all_of(members_.begin(), members_.end(), [](const auto& one) { return one.second.joining != nullptr; });
}

/// Of the protocols that all support, the one that most members prefer.
std::string classic_group::select_protocol() const {
  std::map<std::string, std::size_t> votes;
  for (const auto& [id, member] : members_) {
    const auto vote = std::find_if(member.supported.begin(), member.supported.end(), [&](const auto& candidate) {
      return std::all_of(members_.begin(), members_.end(),
                         [&](const auto& one) { return one.second.supports(candidate.name); });
    });
    if (vote != member.supported.end()) ++votes[vote->name];
  }
  const auto most = std::max_element(votes.begin(), votes.end(),
                                     [](const auto& left, const auto& right) { return left.second < right.second; });
  return most == votes.end() ? std::string() : most->first;
}

std::chrono::milliseconds classic_group::rebalance_timeout() const noexcept {
  std::chrono::milliseconds longest{0};
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

classic_member* classic_group::find(std::string_view id) noexcept {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

bool classic_group::is_subscribed(std::string_view topic) const {
  if (!is_of_consumers() || members_.empty()) return false;
  for (const auto& [id, member] : members_) {
    // A version leads the bytes; version 0 is the beginning of all others.
    const shared_bytes metadata = member.metadata(protocol_.value_or(""));
    protocol::consumer_protocol_subscription subscription;
    std::size_t consumed = 0;
    if (metadata.size() < 2 || protocol::decode_prefix(metadata.slice(2), 0, subscription, consumed)) return true;
    const auto& topics = subscription.topics;
    if (std::find(topics.begin(), topics.end(), topic) != topics.end()) return true;
  }
  return false;
}

}  // namespace kafka::fake
