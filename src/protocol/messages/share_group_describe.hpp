// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct share_group_describe_response;

/// State and members of share groups (KIP-932).
struct share_group_describe_request {
  static constexpr const char* name = "ShareGroupDescribeRequest";
  static constexpr api_spec api{.key = api_key::share_group_describe, .versions = {1, 1}, .flexible_since = 0};
  using response = share_group_describe_response;

  std::vector<std::string> group_ids{};
  bool include_authorized_operations = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupIds", self.group_ids);
    visit("IncludeAuthorizedOperations", self.include_authorized_operations);
  }
  bool operator==(const share_group_describe_request&) const = default;
};

struct share_group_describe_response {
  static constexpr const char* name = "ShareGroupDescribeResponse";
  static constexpr api_spec api = share_group_describe_request::api;

  struct topic {
    uuid topic_id{};
    std::string topic_name{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id);
      visit("TopicName", self.topic_name);
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

  struct member {
    std::string member_id{};
    std::optional<std::string> rack_id{};
    std::int32_t member_epoch = 0;
    std::string client_id{};
    std::string client_host{};
    std::vector<std::string> subscribed_topic_names{};
    member_assignment assignment{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("RackId", self.rack_id);
      visit("MemberEpoch", self.member_epoch);
      visit("ClientId", self.client_id);
      visit("ClientHost", self.client_host);
      visit("SubscribedTopicNames", self.subscribed_topic_names);
      visit("Assignment", self.assignment);
    }
    bool operator==(const member&) const = default;
  };

  struct group {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    std::string assignor_name{};
    std::vector<member> members{};
    std::int32_t authorized_operations = INT32_MIN;  // bits (KIP-430); INT32_MIN: not asked for
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
      visit("GroupId", self.group_id);
      visit("GroupState", self.group_state);
      visit("GroupEpoch", self.group_epoch);
      visit("AssignmentEpoch", self.assignment_epoch);
      visit("AssignorName", self.assignor_name);
      visit("Members", self.members);
      visit("AuthorizedOperations", self.authorized_operations, default_value(INT32_MIN));
    }
    bool operator==(const group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Groups", self.groups);
  }
  bool operator==(const share_group_describe_response&) const = default;
};

}  // namespace kafka::protocol
