// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct list_groups_response;

/// Groups a broker coordinates, filtered by state since 4 (KIP-518) and type since 5 (KIP-848).
struct list_groups_request {
  static constexpr const char* name = "ListGroupsRequest";
  static constexpr api_spec api{.key = api_key::list_groups, .versions = {0, 5}, .flexible_since = 3};
  using response = list_groups_response;

  std::vector<std::string> states_filter{};  // empty: all
  std::vector<std::string> types_filter{};   // empty: all
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("StatesFilter", self.states_filter, since(4));
    visit("TypesFilter", self.types_filter, since(5));
  }
  bool operator==(const list_groups_request&) const = default;
};

struct list_groups_response {
  static constexpr const char* name = "ListGroupsResponse";
  static constexpr api_spec api = list_groups_request::api;

  struct group {
    std::string group_id{};
    std::string protocol_type{};
    std::string group_state{};
    std::string group_type{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("ProtocolType", self.protocol_type);
      visit("GroupState", self.group_state, since(4), ignorable);
      visit("GroupType", self.group_type, since(5), ignorable);
    }
    bool operator==(const group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("ErrorCode", self.error_code);
    visit("Groups", self.groups);
  }
  bool operator==(const list_groups_response&) const = default;
};

}  // namespace kafka::protocol
