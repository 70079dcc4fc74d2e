// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct alter_client_quotas_response;

/// Changes client quotas (KIP-546).
struct alter_client_quotas_request {
  static constexpr const char* name = "AlterClientQuotasRequest";
  static constexpr api_spec api{.key = api_key::alter_client_quotas, .versions = {0, 1}, .flexible_since = 1};
  using response = alter_client_quotas_response;

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

  struct operation {
    std::string key{};
    double value = 0;
    bool remove = false;  // drop the value instead of setting it
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Key", self.key);
      visit("Value", self.value);
      visit("Remove", self.remove);
    }
    bool operator==(const operation&) const = default;
  };

  struct entry {
    std::vector<entity_data> entity{};
    std::vector<operation> ops{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Entity", self.entity);
      visit("Ops", self.ops);
    }
    bool operator==(const entry&) const = default;
  };

  std::vector<entry> entries{};
  bool validate_only = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Entries", self.entries);
    visit("ValidateOnly", self.validate_only);
  }
  bool operator==(const alter_client_quotas_request&) const = default;
};

struct alter_client_quotas_response {
  static constexpr const char* name = "AlterClientQuotasResponse";
  static constexpr api_spec api = alter_client_quotas_request::api;

  struct entity_data {
    std::string entity_type{};
    std::optional<std::string> entity_name = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("EntityType", self.entity_type);
      visit("EntityName", self.entity_name, empty_by_default);
    }
    bool operator==(const entity_data&) const = default;
  };

  struct entry {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::vector<entity_data> entity{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("Entity", self.entity);
    }
    bool operator==(const entry&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<entry> entries{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Entries", self.entries);
  }
  bool operator==(const alter_client_quotas_response&) const = default;
};

}  // namespace kafka::protocol
