// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/broker_errc.hpp>

#include "base/time.hpp"
#include "fake/group_offsets.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/sync_group.hpp"

namespace kafka::fake {

class cluster_state;
template <class Response>
class pending_answer;

enum class classic_phase : std::uint8_t { empty, preparing_rebalance, completing_rebalance, stable, dead };

/// The phase as DescribeGroups and ListGroups name it.
[[nodiscard]] std::string_view name_of(classic_phase phase) noexcept;

using pending_join = std::shared_ptr<pending_answer<protocol::join_group_response>>;
using pending_sync = std::shared_ptr<pending_answer<protocol::sync_group_response>>;

struct classic_member {
  using protocols = std::vector<protocol::join_group_request::protocol>;

  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::chrono::milliseconds rebalance_timeout{0};
  std::chrono::milliseconds session_timeout{0};
  protocols supported;
  shared_bytes assignment;
  /// Joined since the last rebalance: it cannot send heartbeats before it knows its id.
  bool is_new = false;
  /// Requests that wait; null if none does.
  pending_join joining;
  pending_sync syncing;
  steady_time expires = never;

  [[nodiscard]] bool supports(std::string_view protocol) const noexcept;
  /// What it said about itself for this protocol; empty if it does not support it.
  [[nodiscard]] shared_bytes metadata(std::string_view protocol) const;
};

/// What a member says of itself with a request.
struct member_identity {
  std::string_view member_id{};
  const std::optional<std::string>* instance_id = nullptr;

  [[nodiscard]] bool is_static() const noexcept { return instance_id && *instance_id; }
};

/// A group of the classic protocol, as its coordinator keeps it (KIP-62, KIP-134, KIP-345, KIP-394, KIP-814). Knows
/// nothing of nodes: the handlers see to it that requests come to the right one.
class classic_group {
 public:
  explicit classic_group(cluster_state& state) : state_(state) {}

  // --- requests

  void join(const protocol::join_group_request& request, std::int16_t version, const std::string& client_id,
            const pending_join& pending, instant now);
  void sync(const protocol::sync_group_request& request, std::int16_t version, const pending_sync& pending,
            instant now);
  [[nodiscard]] broker_errc heartbeat(const member_identity& who, std::int32_t generation, instant now);
  [[nodiscard]] broker_errc leave(const member_identity& who);
  /// After leave() of one or more: begins or ends the rebalance that this leads to.
  void after_leave(instant now);
  /// Whether this writer may commit offsets; a commit also counts as a heartbeat.
  [[nodiscard]] broker_errc commit(const offset_writer& writer, bool transactional, instant now);

  // --- time and coordinators

  [[nodiscard]] steady_time deadline() const noexcept;
  void advance(instant now);
  /// The node does not coordinate the group any more: whoever waits is told, and what was not stored is forgotten.
  void unload();
  /// Another node has read what was stored; sessions begin anew.
  void load(instant now);

  // --- what is there

  [[nodiscard]] classic_phase phase() const noexcept { return phase_; }
  [[nodiscard]] std::int32_t generation() const noexcept { return generation_; }
  /// Empty for a group that only stores offsets.
  [[nodiscard]] const std::string& protocol_type() const noexcept { return protocol_type_; }
  [[nodiscard]] const std::optional<std::string>& protocol() const noexcept { return protocol_; }
  [[nodiscard]] const std::string& leader() const noexcept { return leader_; }
  [[nodiscard]] const std::map<std::string, classic_member, std::less<>>& members() const noexcept { return members_; }
  [[nodiscard]] bool is_empty() const noexcept { return phase_ == classic_phase::empty; }
  /// Whether the members subscribe to the topic, as far as can be told from what they said.
  [[nodiscard]] bool is_subscribed(std::string_view topic) const;
  /// Whether these members speak Kafka's protocol for consumers.
  [[nodiscard]] bool is_of_consumers() const noexcept { return protocol_type_ == "consumer"; }

 private:
  using join_request = protocol::join_group_request;
  using join_response = protocol::join_group_response;
  struct joiner;
  /// What survives a move to another coordinator.
  struct stored_state {
    std::int32_t generation = 0;
    std::string protocol_type;
    std::optional<std::string> protocol;
    std::string leader;
    std::vector<classic_member> members;
  };

  void join_new(const joiner& from);
  void join_known(const joiner& from);
  void join_static(const joiner& from, const std::string& old_id, const std::string& new_id);
  void add(const joiner& from, const std::string& id);
  void update(classic_member& member, const joiner& from);
  void update_and_rebalance(classic_member& member, const joiner& from);
  void answer_current(classic_member& member, instant now);
  [[nodiscard]] join_response current(const classic_member& member) const;

  [[nodiscard]] broker_errc check_member(const member_identity& who) const;
  [[nodiscard]] bool accepts(std::string_view member_id) const;
  [[nodiscard]] bool supports(const join_request& request) const;
  [[nodiscard]] bool all_joined() const noexcept;
  [[nodiscard]] std::string select_protocol() const;
  [[nodiscard]] std::chrono::milliseconds rebalance_timeout() const noexcept;
  [[nodiscard]] classic_member* find(std::string_view id) noexcept;
  /// Whether the group's leader joins; if not, makes another one that does the leader.
  [[nodiscard]] bool elect_leader();

  void set_phase(classic_phase phase) noexcept;
  void rebalance_or_complete(instant now);
  void prepare_rebalance(instant now);
  void complete_initial(instant now);
  void complete_if_all_joined(instant now);
  void complete_join(instant now);
  void assign(const protocol::sync_group_request& request, instant now);
  void answer_syncs(broker_errc code, instant now);
  void expire_member(const std::string& id, instant now);
  void expire_syncs(instant now);
  void remove(std::string_view id);
  void store();

  cluster_state& state_;
  classic_phase phase_ = classic_phase::empty;
  classic_phase previous_ = classic_phase::empty;
  std::int32_t generation_ = 0;
  std::string protocol_type_;
  std::optional<std::string> protocol_;
  std::string leader_;
  std::map<std::string, classic_member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>> static_ids_;  // member ids by instance id
  std::map<std::string, steady_time, std::less<>> pending_;     // ids that were given out, and when they expire
  std::set<std::string, std::less<>> unsynced_;                 // members whose SyncGroup has not come

  steady_time join_due_ = never;
  steady_time sync_due_ = never;
  /// How much longer the first rebalance may be put off, and whether somebody came since the last time.
  std::chrono::milliseconds initial_left_{0};
  std::chrono::milliseconds initial_delay_{0};
  bool member_came_ = false;
  bool is_initial_ = false;
  stored_state stored_;
};

}  // namespace kafka::fake
