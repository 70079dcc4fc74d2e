// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct incremental_alter_configs_response;

/// Changes single configuration entries (KIP-339).
struct incremental_alter_configs_request {
  static constexpr const char* name = "IncrementalAlterConfigsRequest";
  static constexpr api_spec api{.key = api_key::incremental_alter_configs, .versions = {0, 1}, .flexible_since = 1};
  using response = incremental_alter_configs_response;

  struct config {
    std::string name{};
    std::int8_t config_operation = 0;  // 0 set, 1 delete, 2 append, 3 subtract (the last two for lists)
    std::optional<std::string> value = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("ConfigOperation", self.config_operation);
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
  bool operator==(const incremental_alter_configs_request&) const = default;
};

struct incremental_alter_configs_response {
  static constexpr const char* name = "IncrementalAlterConfigsResponse";
  static constexpr api_spec api = incremental_alter_configs_request::api;

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
  bool operator==(const incremental_alter_configs_response&) const = default;
};

}  // namespace kafka::protocol
