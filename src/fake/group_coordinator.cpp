// SPDX-License-Identifier: Apache-2.0
#include "fake/group_coordinator.hpp"

#include <algorithm>

#include "fake/classic_joiner.hpp"
#include "fake/cluster_state.hpp"
#include "fake/pending_answer.hpp"

namespace kafka::fake {

namespace {

/// Since this version of OffsetCommit a group that is not there has an error of its own (KIP-848).
constexpr std::int16_t group_not_found_since = 9;

}  // namespace

// --- groups ----------------------------------------------------------------------------------------------------------

group_coordinator::entry* group_coordinator::find(std::string_view name) {
  const auto found = groups_.find(name);
  if (found != groups_.end()) return &found->second;
  if (!state_.offsets().has_group(name)) return nullptr;
  return &make(std::string(name), classic_group(state_));
}

group_coordinator::entry& group_coordinator::make(const std::string& name, classic_group made) {
  return place(name, entry(std::move(made)));
}

group_coordinator::entry& group_coordinator::make(const std::string& name, consumer_group made) {
  return place(name, entry(std::move(made)));
}

group_coordinator::entry& group_coordinator::place(const std::string& name, entry made) {
  erase(name);
  entry& placed = groups_.emplace(name, std::move(made)).first->second;
  placed.node = state_.coordinator(coordinator_type::group, name);
  return placed;
}

void group_coordinator::erase(std::string_view name) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  set_due(found->second, never);
  groups_.erase(found);
}

void group_coordinator::set_due(entry& one, steady_time at) {
  if (one.due == at) return;
  if (one.due != never) due_.erase({one.due, &one});
  one.due = at;
  if (at != never) due_.emplace(at, &one);
}

void group_coordinator::reschedule(entry& one) {
  set_due(one,
          one.moved ? steady_time::min() : std::visit([](const auto& group) { return group.deadline(); }, one.group));
}

void group_coordinator::advance(instant now) {
  while (!due_.empty() && due_.begin()->first <= now.steady) {
    entry& one = *due_.begin()->second;
    const bool moved = std::exchange(one.moved, false);
    std::visit(
        [&](auto& group) {
          if (moved) {
            group.load(now);
          } else {
            group.advance(now);
          }
        },
        one.group);
    reschedule(one);
  }
}

// --- who coordinates -------------------------------------------------------------------------------------------------

broker_errc group_coordinator::check_node(std::string_view group, std::int32_t node, instant now) const {
  if (state_.coordinator(coordinator_type::group, group) != node) return broker_errc::not_coordinator;
  const auto loading = loading_.find(group);
  const bool loads = loading != loading_.end() && now.steady < loading->second;
  return loads ? broker_errc::coordinator_load_in_progress : broker_errc::none;
}

void group_coordinator::coordinators_changed() {
  for (auto& [name, one] : groups_) {
    const std::int32_t node = state_.coordinator(coordinator_type::group, name);
    if (node == one.node) continue;
    one.node = node;
    one.moved = true;
    if (one.classic()) one.classic()->unload();
    // Sessions begin anew when the group has been read, not before.
    const auto loading = loading_.find(name);
    set_due(one, loading == loading_.end() ? steady_time::min() : loading->second);
  }
}

// --- classic groups --------------------------------------------------------------------------------------------------

void group_coordinator::join(const protocol::join_group_request& request, std::int16_t version,
                             const std::string& client_id, const pending_join& pending, instant now) {
  const std::chrono::milliseconds session(request.session_timeout_ms);
  if (request.group_id.empty()) return pending->complete(failed_join(request.member_id, broker_errc::invalid_group_id));
  if (session < settings_.session_timeout_min || session > settings_.session_timeout_max) {
    return pending->complete(failed_join(request.member_id, broker_errc::invalid_session_timeout));
  }
  entry* group = find(request.group_id);
  if (group && group->consumer()) {
    if (!group->is_empty()) return pending->complete(failed_join({}, broker_errc::inconsistent_group_protocol));
    erase(request.group_id);
    group = nullptr;
  }
  // Only who has no id yet makes a group.
  if (!group && !request.member_id.empty())
    return pending->complete(failed_join(request.member_id, broker_errc::unknown_member_id));
  if (!group) group = &make(request.group_id, classic_group(state_));
  group->classic()->join(request, version, client_id, pending, now);
  reschedule(*group);
}

void group_coordinator::sync(const protocol::sync_group_request& request, std::int16_t version,
                             const pending_sync& pending, instant now) {
  if (request.group_id.empty()) return pending->complete(failed_sync(broker_errc::invalid_group_id));
  entry* group = find(request.group_id);
  if (!group || !group->classic()) return pending->complete(failed_sync(broker_errc::unknown_member_id));
  group->classic()->sync(request, version, pending, now);
  reschedule(*group);
}

broker_errc group_coordinator::heartbeat(std::string_view name, const member_identity& who, std::int32_t generation,
                                         instant now) {
  if (name.empty()) return broker_errc::invalid_group_id;
  entry* group = find(name);
  if (!group || !group->classic()) return broker_errc::unknown_member_id;
  const broker_errc code = group->classic()->heartbeat(who, generation, now);
  reschedule(*group);
  return code;
}

broker_errc group_coordinator::leave(std::string_view name, const member_identity& who) {
  entry* group = find(name);
  if (!group) return broker_errc::unknown_member_id;
  if (group->classic()) return group->classic()->leave(who);
  // Members of the new protocol leave by their heartbeat; only static ones can be removed by this API.
  if (!who.member_id.empty() || !who.is_static()) return broker_errc::unknown_member_id;
  return group->consumer()->remove_static(**who.instance_id);
}

void group_coordinator::after_leave(std::string_view name, instant now) {
  entry* group = find(name);
  if (!group) return;
  if (group->classic()) group->classic()->after_leave(now);
  reschedule(*group);
}

// --- groups of the new protocol --------------------------------------------------------------------------------------

refusal group_coordinator::heartbeat(const protocol::consumer_group_heartbeat_request& request,
                                     const std::string& client_id, instant now,
                                     protocol::consumer_group_heartbeat_response& response) {
  entry* group = find(request.group_id);
  const bool joins = request.member_epoch == 0;
  if (group && group->classic()) {
    if (!joins || !group->is_empty()) {
      return {broker_errc::group_id_not_found, "Group " + request.group_id + " is not a consumer group."};
    }
    group = nullptr;
  }
  if (!group && !joins) {
    return {broker_errc::group_id_not_found, "Consumer group " + request.group_id + " not found."};
  }
  if (!group) group = &make(request.group_id, consumer_group(state_));
  refusal refused = group->consumer()->heartbeat(request, client_id, now, response);
  reschedule(*group);
  return refused;
}

// --- offsets ---------------------------------------------------------------------------------------------------------

broker_errc group_coordinator::commit(const std::string& name, const offset_writer& writer, std::int16_t version,
                                      instant now) {
  entry* group = find(name);
  if (!group && writer.generation_id >= 0) {
    return version >= group_not_found_since ? broker_errc::group_id_not_found : broker_errc::illegal_generation;
  }
  if (!group) group = &make(name, classic_group(state_));
  if (group->consumer()) return group->consumer()->commit(writer, version, false);
  const broker_errc code = group->classic()->commit(writer, false, now);
  reschedule(*group);
  return code;
}

broker_errc group_coordinator::commit_in_transaction(const std::string& name, const offset_writer& writer,
                                                     instant now) {
  entry* group = find(name);
  if (!group && writer.generation_id >= 0) return broker_errc::illegal_generation;
  if (!group) group = &make(name, classic_group(state_));
  if (group->consumer()) return group->consumer()->commit(writer, 0, true);
  return group->classic()->commit(writer, true, now);
}

broker_errc group_coordinator::fetch(std::string_view name, const std::optional<std::string>& member_id,
                                     std::int32_t epoch) {
  entry* group = find(name);
  // A classic group's offsets are there for everybody.
  return group && group->consumer() ? group->consumer()->fetch(member_id, epoch) : broker_errc::none;
}

// --- administration --------------------------------------------------------------------------------------------------

const classic_group* group_coordinator::find_classic(std::string_view name) {
  entry* group = find(name);
  return group ? group->classic() : nullptr;
}

const consumer_group* group_coordinator::find_consumer(std::string_view name) {
  entry* group = find(name);
  return group ? group->consumer() : nullptr;
}

std::set<std::string> group_coordinator::names() {
  std::set<std::string> out;
  for (const auto& [name, group] : groups_) out.insert(name);
  for (auto& name : state_.offsets().group_names()) out.insert(std::move(name));
  return out;
}

bool group_coordinator::is_subscribed(std::string_view name, std::string_view topic) {
  entry* group = find(name);
  return group && std::visit([&](const auto& one) { return one.is_subscribed(topic); }, group->group);
}

broker_errc group_coordinator::remove(std::string_view name) {
  const entry* group = find(name);
  if (!group) return broker_errc::group_id_not_found;
  if (!group->is_empty()) return broker_errc::non_empty_group;
  erase(name);
  state_.offsets().forget_group(name);
  return broker_errc::none;
}

}  // namespace kafka::fake
