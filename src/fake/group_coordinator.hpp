// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <kafka/broker_errc.hpp>

#include "base/time.hpp"
#include "fake/classic_group.hpp"
#include "fake/consumer_group.hpp"
#include "fake/group_offsets.hpp"
#include "fake/group_settings.hpp"
#include "fake/refusal.hpp"

namespace kafka::fake {

class cluster_state;

/// The group coordinators of a cluster, all in one: which groups there are and of which protocol. As with
/// group.consumer.migration.policy=disabled, a group changes its protocol only while it is empty.
class group_coordinator {
 public:
  group_coordinator(cluster_state& state, const group_settings& settings) : state_(state), settings_(settings) {}

  [[nodiscard]] const group_settings& settings() const noexcept { return settings_; }

  // --- who coordinates

  /// Why `node` cannot answer for the group now: NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS.
  [[nodiscard]] broker_errc check_node(std::string_view group, std::int32_t node, instant now) const;
  /// Until then the group is being loaded.
  void set_loading(std::string_view group, steady_time until) { loading_.insert_or_assign(std::string(group), until); }
  /// Something about nodes changed: groups that have another coordinator now are loaded there.
  void coordinators_changed();

  // --- classic groups

  void join(const protocol::join_group_request& request, std::int16_t version, const std::string& client_id,
            const pending_join& pending, instant now);
  void sync(const protocol::sync_group_request& request, std::int16_t version, const pending_sync& pending,
            instant now);
  [[nodiscard]] broker_errc heartbeat(std::string_view group, const member_identity& who, std::int32_t generation,
                                      instant now);
  [[nodiscard]] broker_errc leave(std::string_view group, const member_identity& who);
  /// After leave() of one or more that was not refused.
  void after_leave(std::string_view group, instant now);

  // --- groups of the new protocol

  [[nodiscard]] refusal heartbeat(const protocol::consumer_group_heartbeat_request& request,
                                  const std::string& client_id, instant now,
                                  protocol::consumer_group_heartbeat_response& response);

  // --- offsets

  /// Whether the writer may commit offsets, by OffsetCommit of `version`; the group exists afterwards if so.
  [[nodiscard]] broker_errc commit(const std::string& group, const offset_writer& writer, std::int16_t version,
                                   instant now);
  /// The same for TxnOffsetCommit.
  [[nodiscard]] broker_errc commit_in_transaction(const std::string& group, const offset_writer& writer, instant now);
  /// Whether a member, if one is named, may ask for offsets.
  [[nodiscard]] broker_errc fetch(std::string_view group, const std::optional<std::string>& member_id,
                                  std::int32_t epoch);

  // --- administration

  /// Null if there is none of this name and protocol.
  [[nodiscard]] const classic_group* find_classic(std::string_view name);
  [[nodiscard]] const consumer_group* find_consumer(std::string_view name);
  /// The names of all groups, also of those that only store offsets.
  [[nodiscard]] std::set<std::string> names();
  [[nodiscard]] bool exists(std::string_view name) { return find(name) != nullptr; }
  [[nodiscard]] bool is_subscribed(std::string_view group, std::string_view topic);
  /// With its offsets; refused while it has members.
  [[nodiscard]] broker_errc remove(std::string_view name);

  // --- time

  [[nodiscard]] steady_time deadline() const noexcept { return due_.empty() ? never : due_.begin()->first; }
  void advance(instant now);

 private:
  struct entry {
    explicit entry(classic_group made) : group(std::move(made)) {}
    explicit entry(consumer_group made) : group(std::move(made)) {}

    std::variant<classic_group, consumer_group> group;
    std::int32_t node = -1;
    bool moved = false;
    steady_time due = never;

    [[nodiscard]] classic_group* classic() noexcept { return std::get_if<classic_group>(&group); }
    [[nodiscard]] consumer_group* consumer() noexcept { return std::get_if<consumer_group>(&group); }
    [[nodiscard]] bool is_empty() const noexcept {
      return std::visit([](const auto& one) { return one.is_empty(); }, group);
    }
  };

  /// Null if there is no such group. A group that has offsets is there.
  [[nodiscard]] entry* find(std::string_view name);
  [[nodiscard]] entry& make(const std::string& name, classic_group made);
  [[nodiscard]] entry& make(const std::string& name, consumer_group made);
  entry& place(const std::string& name, entry made);
  void erase(std::string_view name);
  void set_due(entry& one, steady_time at);
  /// After everything that may have changed the group's timers.
  void reschedule(entry& one);

  cluster_state& state_;
  group_settings settings_;
  std::map<std::string, entry, std::less<>> groups_;
  std::map<std::string, steady_time, std::less<>> loading_;
  std::set<std::pair<steady_time, entry*>> due_;
};

}  // namespace kafka::fake
