// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_acls_response;

/// Access control entries that match a filter.
struct describe_acls_request {
  static constexpr const char* name = "DescribeAclsRequest";
  static constexpr api_spec api{.key = api_key::describe_acls, .versions = {1, 3}, .flexible_since = 2};
  using response = describe_acls_response;

  // 1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user
  std::int8_t resource_type_filter = 0;
  std::optional<std::string> resource_name_filter = std::string{};  // null: any
  std::int8_t pattern_type_filter = 3;                              // 1 any, 2 match, 3 literal, 4 prefixed (KIP-290)
  std::optional<std::string> principal_filter = std::string{};      // null: any
  std::optional<std::string> host_filter = std::string{};           // null: any
  std::int8_t operation = 0;                                        // 1 any, 2 all, 3 read, 4 write, 5 create, ...
  std::int8_t permission_type = 0;                                  // 1 any, 2 deny, 3 allow
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
  bool operator==(const describe_acls_request&) const = default;
};

struct describe_acls_response {
  static constexpr const char* name = "DescribeAclsResponse";
  static constexpr api_spec api = describe_acls_request::api;

  struct acl {
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Principal", self.principal);
      visit("Host", self.host);
      visit("Operation", self.operation);
      visit("PermissionType", self.permission_type);
    }
    bool operator==(const acl&) const = default;
  };

  struct resource {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t pattern_type = 3;  // 3 literal, 4 prefixed
    std::vector<acl> acls{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("PatternType", self.pattern_type, default_value(3));
      visit("Acls", self.acls);
    }
    bool operator==(const resource&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<resource> resources{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Resources", self.resources);
  }
  bool operator==(const describe_acls_response&) const = default;
};

}  // namespace kafka::protocol
