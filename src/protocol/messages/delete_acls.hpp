// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct delete_acls_response;

/// Deletes access control entries that match filters.
struct delete_acls_request {
  static constexpr const char* name = "DeleteAclsRequest";
  static constexpr api_spec api{.key = api_key::delete_acls, .versions = {1, 3}, .flexible_since = 2};
  using response = delete_acls_response;

  struct filter {
    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = std::string{};  // null: any
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = std::string{};  // null: any
    std::optional<std::string> host_filter = std::string{};       // null: any
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceTypeFilter", self.resource_type_filter);
      visit("ResourceNameFilter", self.resource_name_filter, empty_by_default);
      visit("PatternTypeFilter", self.pattern_type_filter, default_value(3));
      visit("PrincipalFilter", self.principal_filter, empty_by_default);
      visit("HostFilter", self.host_filter, empty_by_default);
      visit("Operation", self.operation);
      visit("PermissionType", self.permission_type);
    }
    bool operator==(const filter&) const = default;
  };

  std::vector<filter> filters{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Filters", self.filters); }
  bool operator==(const delete_acls_request&) const = default;
};

struct delete_acls_response {
  static constexpr const char* name = "DeleteAclsResponse";
  static constexpr api_spec api = delete_acls_request::api;

  struct matching_acl {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t pattern_type = 3;
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("PatternType", self.pattern_type, default_value(3));
      visit("Principal", self.principal);
      visit("Host", self.host);
      visit("Operation", self.operation);
      visit("PermissionType", self.permission_type);
    }
    bool operator==(const matching_acl&) const = default;
  };

  struct filter_result {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::vector<matching_acl> matching_acls{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("MatchingAcls", self.matching_acls);
    }
    bool operator==(const filter_result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<filter_result> filter_results{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("FilterResults", self.filter_results);
  }
  bool operator==(const delete_acls_response&) const = default;
};

}  // namespace kafka::protocol
