// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct sync_group_response;

/// Hands the leader's assignments to the members of a classic group.
struct sync_group_request {
  static constexpr const char* name = "SyncGroupRequest";
  static constexpr api_spec api{.key = api_key::sync_group, .versions = {0, 5}, .flexible_since = 4};
  using response = sync_group_response;

  struct member_assignment {
    std::string member_id{};
    shared_bytes assignment{};  // consumer_protocol_assignment
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("Assignment", self.assignment);
    }
    bool operator==(const member_assignment&) const = default;
  };

  std::string group_id{};
  std::int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};  // static membership (KIP-345)
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  std::vector<member_assignment> assignments{};  // from the leader only
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("GenerationId", self.generation_id);
    visit("MemberId", self.member_id);
    visit("GroupInstanceId", self.group_instance_id, since(3));
    visit("ProtocolType", self.protocol_type, since(5), ignorable);
    visit("ProtocolName", self.protocol_name, since(5), ignorable);
    visit("Assignments", self.assignments);
  }
  bool operator==(const sync_group_request&) const = default;
};

struct sync_group_response {
  static constexpr const char* name = "SyncGroupResponse";
  static constexpr api_spec api = sync_group_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  shared_bytes assignment{};  // consumer_protocol_assignment
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("ErrorCode", self.error_code);
    visit("ProtocolType", self.protocol_type, since(5), ignorable);
    visit("ProtocolName", self.protocol_name, since(5), ignorable);
    visit("Assignment", self.assignment);
  }
  bool operator==(const sync_group_response&) const = default;
};

}  // namespace kafka::protocol
