// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct share_group_heartbeat_response;

/// Joins, keeps alive and reconciles a member of a share group (KIP-932). Nulls stand for: unchanged since the last
/// one.
struct share_group_heartbeat_request {
  static constexpr const char* name = "ShareGroupHeartbeatRequest";
  static constexpr api_spec api{.key = api_key::share_group_heartbeat, .versions = {1, 1}, .flexible_since = 0};
  using response = share_group_heartbeat_response;

  std::string group_id{};
  std::string member_id{};
  std::int32_t member_epoch = 0;  // 0 to join, -1 to leave
  std::optional<std::string> rack_id{};
  std::optional<std::vector<std::string>> subscribed_topic_names{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("MemberId", self.member_id);
    visit("MemberEpoch", self.member_epoch);
    visit("RackId", self.rack_id);
    visit("SubscribedTopicNames", self.subscribed_topic_names);
  }
  bool operator==(const share_group_heartbeat_request&) const = default;
};

struct share_group_heartbeat_response {
  static constexpr const char* name = "ShareGroupHeartbeatResponse";
  static constexpr api_spec api = share_group_heartbeat_request::api;

  struct topic {
    uuid topic_id{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  struct member_assignment {
    std::vector<topic> topic_partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) { visit("TopicPartitions", self.topic_partitions); }
    bool operator==(const member_assignment&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message{};
  std::optional<std::string> member_id{};
  std::int32_t member_epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<member_assignment> assignment{};  // null: unchanged
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message);
    visit("MemberId", self.member_id);
    visit("MemberEpoch", self.member_epoch);
    visit("HeartbeatIntervalMs", self.heartbeat_interval_ms);
    visit("Assignment", self.assignment);
  }
  bool operator==(const share_group_heartbeat_response&) const = default;
};

}  // namespace kafka::protocol
