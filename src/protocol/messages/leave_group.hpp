// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct leave_group_response;

/// Leaves a classic group at once; several static members since 3 (KIP-345).
struct leave_group_request {
  static constexpr const char* name = "LeaveGroupRequest";
  static constexpr api_spec api{.key = api_key::leave_group, .versions = {0, 5}, .flexible_since = 4};
  using response = leave_group_response;

  struct member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::optional<std::string> reason{};  // for the log of the broker (KIP-800)
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("GroupInstanceId", self.group_instance_id);
      visit("Reason", self.reason, since(5), ignorable);
    }
    bool operator==(const member&) const = default;
  };

  std::string group_id{};
  std::string member_id{};
  std::vector<member> members{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("MemberId", self.member_id, until(2));
    visit("Members", self.members, since(3));
  }
  bool operator==(const leave_group_request&) const = default;
};

struct leave_group_response {
  static constexpr const char* name = "LeaveGroupResponse";
  static constexpr api_spec api = leave_group_request::api;

  struct member {
    std::string member_id{};
    std::optional<std::string> group_instance_id = std::string{};
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("GroupInstanceId", self.group_instance_id, empty_by_default);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const member&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<member> members{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("ErrorCode", self.error_code);
    visit("Members", self.members, since(3));
  }
  bool operator==(const leave_group_response&) const = default;
};

}  // namespace kafka::protocol
