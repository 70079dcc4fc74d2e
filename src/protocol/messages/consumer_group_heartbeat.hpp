// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct consumer_group_heartbeat_response;

/// Joins, keeps alive and reconciles a member of a new-protocol group (KIP-848). Nulls stand for: unchanged since the
/// last one.
struct consumer_group_heartbeat_request {
  static constexpr const char* name = "ConsumerGroupHeartbeatRequest";
  static constexpr api_spec api{.key = api_key::consumer_group_heartbeat, .versions = {0, 1}, .flexible_since = 0};
  using response = consumer_group_heartbeat_response;

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

  std::string group_id{};
  std::string member_id{};        // chosen by the member since 1 (KIP-1082)
  std::int32_t member_epoch = 0;  // 0 to join, -1 to leave, -2 for a static member that will return
  std::optional<std::string> instance_id{};
  std::optional<std::string> rack_id{};
  std::int32_t rebalance_timeout_ms = -1;  // -1: unchanged
  std::optional<std::vector<std::string>> subscribed_topic_names{};
  std::optional<std::string> subscribed_topic_regex{};
  std::optional<std::string> server_assignor{};
  std::optional<std::vector<topic>> topic_partitions{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("MemberId", self.member_id);
    visit("MemberEpoch", self.member_epoch);
    visit("InstanceId", self.instance_id);
    visit("RackId", self.rack_id);
    visit("RebalanceTimeoutMs", self.rebalance_timeout_ms, default_value(-1));
    visit("SubscribedTopicNames", self.subscribed_topic_names);
    visit("SubscribedTopicRegex", self.subscribed_topic_regex, since(1));
    visit("ServerAssignor", self.server_assignor);
    visit("TopicPartitions", self.topic_partitions);
  }
  bool operator==(const consumer_group_heartbeat_request&) const = default;
};

struct consumer_group_heartbeat_response {
  static constexpr const char* name = "ConsumerGroupHeartbeatResponse";
  static constexpr api_spec api = consumer_group_heartbeat_request::api;

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
  std::optional<std::string> member_id{};  // null: unchanged
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
  bool operator==(const consumer_group_heartbeat_response&) const = default;
};

}  // namespace kafka::protocol
