// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_groups_response;

/// State and members of classic groups.
struct describe_groups_request {
  static constexpr const char* name = "DescribeGroupsRequest";
  static constexpr api_spec api{.key = api_key::describe_groups, .versions = {0, 6}, .flexible_since = 5};
  using response = describe_groups_response;

  std::vector<std::string> groups{};
  bool include_authorized_operations = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Groups", self.groups);
    visit("IncludeAuthorizedOperations", self.include_authorized_operations, since(3));
  }
  bool operator==(const describe_groups_request&) const = default;
};

struct describe_groups_response {
  static constexpr const char* name = "DescribeGroupsResponse";
  static constexpr api_spec api = describe_groups_request::api;

  struct member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    shared_bytes member_metadata{};    // consumer_protocol_subscription
    shared_bytes member_assignment{};  // consumer_protocol_assignment
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("GroupInstanceId", self.group_instance_id, since(4), ignorable);
      visit("ClientId", self.client_id);
      visit("ClientHost", self.client_host);
      visit("MemberMetadata", self.member_metadata);
      visit("MemberAssignment", self.member_assignment);
    }
    bool operator==(const member&) const = default;
  };

  struct group {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    std::string protocol_type{};
    std::string protocol_data{};  // the assignor
    std::vector<member> members{};
    std::int32_t authorized_operations = INT32_MIN;  // bits (KIP-430); INT32_MIN: not asked for
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, since(6));
      visit("GroupId", self.group_id);
      visit("GroupState", self.group_state);
      visit("ProtocolType", self.protocol_type);
      visit("ProtocolData", self.protocol_data);
      visit("Members", self.members);
      visit("AuthorizedOperations", self.authorized_operations, since(3), default_value(INT32_MIN));
    }
    bool operator==(const group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("Groups", self.groups);
  }
  bool operator==(const describe_groups_response&) const = default;
};

}  // namespace kafka::protocol
