// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct create_acls_response;

/// Creates access control entries.
struct create_acls_request {
  static constexpr const char* name = "CreateAclsRequest";
  static constexpr api_spec api{.key = api_key::create_acls, .versions = {1, 3}, .flexible_since = 2};
  using response = create_acls_response;

  struct acl {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t resource_pattern_type = 3;  // 3 literal, 4 prefixed
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("ResourcePatternType", self.resource_pattern_type, default_value(3));
      visit("Principal", self.principal);
      visit("Host", self.host);
      visit("Operation", self.operation);
      visit("PermissionType", self.permission_type);
    }
    bool operator==(const acl&) const = default;
  };

  std::vector<acl> creations{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Creations", self.creations); }
  bool operator==(const create_acls_request&) const = default;
};

struct create_acls_response {
  static constexpr const char* name = "CreateAclsResponse";
  static constexpr api_spec api = create_acls_request::api;

  struct result {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
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
  bool operator==(const create_acls_response&) const = default;
};

}  // namespace kafka::protocol
