// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "fake/group_offsets.hpp"
#include "fake/refusal.hpp"
#include "fake/server_assignor.hpp"
#include "protocol/messages/consumer_group_heartbeat.hpp"

namespace kafka::fake {

class cluster_state;

/// How far a member is from what it should have.
enum class consumer_stage : std::uint8_t {
  stable,
  /// It has to give up partitions first.
  unrevoked_partitions,
  /// Others have not given up yet what it gets.
  unreleased_partitions,
};

struct consumer_member {
  std::string id;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::chrono::milliseconds rebalance_timeout{0};
  std::set<std::string> topics;
  /// Empty: none.
  std::string regex;
  std::optional<std::string> assignor;
  std::int32_t epoch = 0;
  std::int32_t previous_epoch = -1;
  consumer_stage stage = consumer_stage::stable;
  partition_set assigned;
  partition_set pending_revocation;
  /// What `topics` and `regex` come to, of the topics that there are.
  std::set<std::string> resolved{};
  steady_time expires = never;
  /// When it must have given up what it is to give up.
  steady_time revocation_due = never;

  friend bool operator==(const consumer_member&, const consumer_member&) = default;
};

/// A group of the protocol of KIP-848, as its coordinator keeps it. The group epoch grows with every change of members,
/// subscriptions and topics; each has a target assignment, and members follow it one by one: first they give up what
/// others get, then their epoch grows, then they get what others gave up.
class consumer_group {
 public:
  using heartbeat_request = protocol::consumer_group_heartbeat_request;
  using heartbeat_response = protocol::consumer_group_heartbeat_response;
  using owned_topics = std::optional<std::vector<heartbeat_request::topic>>;

  static constexpr std::int32_t leaving = -1;
  static constexpr std::int32_t leaving_for_a_while = -2;

  explicit consumer_group(cluster_state& state) : state_(state) {}

  /// What is wrong with the request as such, whatever the group.
  [[nodiscard]] static refusal check(const heartbeat_request& request, std::int16_t version);
  /// A request that is right as such. `response` is untouched if it is refused.
  [[nodiscard]] refusal heartbeat(const heartbeat_request& request, const std::string& client_id, instant now,
                                  heartbeat_response& response);
  /// LeaveGroup for a static member, by whoever administers the group.
  [[nodiscard]] broker_errc remove_static(std::string_view instance_id);
  /// Whether this writer may commit offsets, by OffsetCommit of `version` or TxnOffsetCommit.
  [[nodiscard]] broker_errc commit(const offset_writer& writer, std::int16_t version, bool transactional) const;
  /// Whether this member may ask for offsets.
  [[nodiscard]] broker_errc fetch(const std::optional<std::string>& member_id, std::int32_t epoch) const;

  [[nodiscard]] steady_time deadline() const noexcept;
  void advance(instant now);
  /// Another node coordinates the group now: everything was stored, only sessions begin anew.
  void load(instant now);

  /// As ConsumerGroupDescribe names it.
  [[nodiscard]] std::string_view phase_name() const noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return members_.empty(); }
  [[nodiscard]] std::int32_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::int32_t assignment_epoch() const noexcept { return assignment_epoch_; }
  [[nodiscard]] const std::map<std::string, consumer_member, std::less<>>& members() const noexcept { return members_; }
  [[nodiscard]] partition_set target(const std::string& member_id) const;
  /// The one that most members ask for.
  [[nodiscard]] std::string assignor() const;
  [[nodiscard]] bool is_subscribed(std::string_view topic) const;

 private:
  [[nodiscard]] refusal leave(const heartbeat_request& request, heartbeat_response& response);
  /// The member that speaks, as it was before; made if it joins. The second is null if the request is refused.
  [[nodiscard]] refusal admit(const heartbeat_request& request, const std::string& id, consumer_member*& member);
  [[nodiscard]] refusal admit_static(const heartbeat_request& request, const std::string& id, consumer_member*& member);
  [[nodiscard]] static refusal check_epoch(const consumer_member& member, std::int32_t epoch,
                                           const owned_topics& owned);
  /// Takes over what the request says; whether that changes what the member subscribes to.
  bool update(consumer_member& member, const heartbeat_request& request, const std::string& client_id);
  /// Looks at the topics again; whether they changed for this group.
  bool refresh_topics();
  void resolve(consumer_member& member) const;
  void update_target();
  void reconcile(consumer_member& member, const owned_topics& owned, instant now);
  void move_on(consumer_member& member, std::int32_t epoch, const owned_topics& owned);
  [[nodiscard]] bool is_owned(const partition_set::value_type& partition) const;
  void remove(const std::string& id);

  cluster_state& state_;
  std::int32_t epoch_ = 0;
  std::int32_t assignment_epoch_ = 0;
  std::map<std::string, consumer_member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>> static_ids_;  // member ids by instance id
  assignment_answer targets_;
  /// The topics that members subscribe to: their ids and numbers of partitions.
  std::map<std::string, std::pair<uuid, std::int32_t>> topics_;
  std::uint64_t topics_version_ = 0;
};

}  // namespace kafka::fake
