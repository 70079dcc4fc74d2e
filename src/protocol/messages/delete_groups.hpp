// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct delete_groups_response;

/// Deletes empty groups and their offsets.
struct delete_groups_request {
  static constexpr const char* name = "DeleteGroupsRequest";
  static constexpr api_spec api{.key = api_key::delete_groups, .versions = {0, 2}, .flexible_since = 2};
  using response = delete_groups_response;

  std::vector<std::string> groups_names{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("GroupsNames", self.groups_names); }
  bool operator==(const delete_groups_request&) const = default;
};

struct delete_groups_response {
  static constexpr const char* name = "DeleteGroupsResponse";
  static constexpr api_spec api = delete_groups_request::api;

  struct result {
    std::string group_id{};
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<result> results{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Results", self.results);
  }
  bool operator==(const delete_groups_response&) const = default;
};

}  // namespace kafka::protocol
