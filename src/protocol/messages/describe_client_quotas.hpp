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

  struct component_data {
    std::string entity_type;
    std::int8_t match_type = 0;
    std::optional<std::string> match = std::string{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("EntityType", self.entity_type);
      visit("MatchType", self.match_type);
      visit("Match", self.match, empty_by_default);
    }
    friend bool operator==(const component_data&, const component_data&) = default;
  };

  std::vector<component_data> components;
  bool strict = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Components", self.components);
    visit("Strict", self.strict);
  }
  friend bool operator==(const describe_client_quotas_request&, const describe_client_quotas_request&) = default;
};

struct describe_client_quotas_response {
  static constexpr const char* name = "DescribeClientQuotasResponse";
  static constexpr api_spec api = describe_client_quotas_request::api;

  struct entry_data {
    struct entity_data {
      std::string entity_type;
      std::optional<std::string> entity_name = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("EntityType", self.entity_type);
        visit("EntityName", self.entity_name, empty_by_default);
      }
      friend bool operator==(const entity_data&, const entity_data&) = default;
    };

    struct value_data {
      std::string key;
      double value = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Key", self.key);
        visit("Value", self.value);
      }
      friend bool operator==(const value_data&, const value_data&) = default;
    };

    std::vector<entity_data> entity;
    std::vector<value_data> values;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Entity", self.entity);
      visit("Values", self.values);
    }
    friend bool operator==(const entry_data&, const entry_data&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::optional<std::vector<entry_data>> entries = std::vector<entry_data>{};
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Entries", self.entries, empty_by_default);
  }
  friend bool operator==(const describe_client_quotas_response&, const describe_client_quotas_response&) = default;
};

}  // namespace kafka::protocol
