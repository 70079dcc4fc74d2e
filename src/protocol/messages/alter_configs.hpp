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

  struct config {
    std::string name{};
    std::optional<std::string> value = std::string{};  // null: back to the default
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Value", self.value, empty_by_default);
    }
    bool operator==(const config&) const = default;
  };

  struct resource {
    std::int8_t resource_type = 0;  // 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group
    std::string resource_name{};
    std::vector<config> configs{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("Configs", self.configs);
    }
    bool operator==(const resource&) const = default;
  };

  std::vector<resource> resources{};
  bool validate_only = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Resources", self.resources);
    visit("ValidateOnly", self.validate_only);
  }
  bool operator==(const alter_configs_request&) const = default;
};

struct alter_configs_response {
  static constexpr const char* name = "AlterConfigsResponse";
  static constexpr api_spec api = alter_configs_request::api;

  struct resource {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
    }
    bool operator==(const resource&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<resource> responses{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Responses", self.responses);
  }
  bool operator==(const alter_configs_response&) const = default;
};

}  // namespace kafka::protocol
