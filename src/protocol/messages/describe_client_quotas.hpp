// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_client_quotas_response;

/// Client quotas that match a filter (KIP-546).
struct describe_client_quotas_request {
  static constexpr const char* name = "DescribeClientQuotasRequest";
  static constexpr api_spec api{.key = api_key::describe_client_quotas, .versions = {0, 1}, .flexible_since = 1};
  using response = describe_client_quotas_response;

  struct component {
    std::string entity_type{};                         // "user", "client-id" or "ip"
    std::int8_t match_type = 0;                        // 0 exact, 1 the default, 2 any that is given
    std::optional<std::string> match = std::string{};  // for an exact match only
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("EntityType", self.entity_type);
      visit("MatchType", self.match_type);
      visit("Match", self.match, empty_by_default);
    }
    bool operator==(const component&) const = default;
  };

  std::vector<component> components{};
  bool strict = false;  // leave out entities with more parts than asked for
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Components", self.components);
    visit("Strict", self.strict);
  }
  bool operator==(const describe_client_quotas_request&) const = default;
};

struct describe_client_quotas_response {
  static constexpr const char* name = "DescribeClientQuotasResponse";
  static constexpr api_spec api = describe_client_quotas_request::api;

  struct entity_data {
    std::string entity_type{};
    std::optional<std::string> entity_name = std::string{};  // null: the default
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("EntityType", self.entity_type);
      visit("EntityName", self.entity_name, empty_by_default);
    }
    bool operator==(const entity_data&) const = default;
  };

  struct value_data {
    std::string key{};
    double value = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Key", self.key);
      visit("Value", self.value);
    }
    bool operator==(const value_data&) const = default;
  };

  struct entry {
    std::vector<entity_data> entity{};
    std::vector<value_data> values{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Entity", self.entity);
      visit("Values", self.values);
    }
    bool operator==(const entry&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::optional<std::vector<entry>> entries = std::vector<entry>{};  // null: an error
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Entries", self.entries, empty_by_default);
  }
  bool operator==(const describe_client_quotas_response&) const = default;
};

}  // namespace kafka::protocol
