// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct alter_configs_response;

/// Replaces whole configurations; incremental_alter_configs is the safer one.
struct alter_configs_request {
  static constexpr const char* name = "AlterConfigsRequest";
  static constexpr api_spec api{.key = api_key::alter_configs, .versions = {0, 2}, .flexible_since = 2};
  using response = alter_configs_response;

  struct alter_configs_resource {
    struct alterable_config {
      std::string name;
      std::optional<std::string> value = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name);
        visit("Value", self.value, empty_by_default);
      }
      friend bool operator==(const alterable_config&, const alterable_config&) = default;
    };

    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<alterable_config> configs;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("Configs", self.configs);
    }
    friend bool operator==(const alter_configs_resource&, const alter_configs_resource&) = default;
  };

  std::vector<alter_configs_resource> resources;
  bool validate_only = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Resources", self.resources);
    visit("ValidateOnly", self.validate_only);
  }
  friend bool operator==(const alter_configs_request&, const alter_configs_request&) = default;
};

struct alter_configs_response {
  static constexpr const char* name = "AlterConfigsResponse";
  static constexpr api_spec api = alter_configs_request::api;

  struct alter_configs_resource_response {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
    }
    friend bool operator==(const alter_configs_resource_response&, const alter_configs_resource_response&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<alter_configs_resource_response> responses;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Responses", self.responses);
  }
  friend bool operator==(const alter_configs_response&, const alter_configs_response&) = default;
};

}  // namespace kafka::protocol
