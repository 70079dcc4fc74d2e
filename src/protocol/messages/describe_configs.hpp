// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_configs_response;

/// Configuration of topics, brokers, groups and more.
struct describe_configs_request {
  static constexpr const char* name = "DescribeConfigsRequest";
  static constexpr api_spec api{.key = api_key::describe_configs, .versions = {1, 4}, .flexible_since = 4};
  using response = describe_configs_response;

  struct resource {
    std::int8_t resource_type = 0;  // 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group
    std::string resource_name{};    // of a broker: its id
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};  // null: all
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("ConfigurationKeys", self.configuration_keys, empty_by_default);
    }
    bool operator==(const resource&) const = default;
  };

  std::vector<resource> resources{};
  bool include_synonyms = false;
  bool include_documentation = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Resources", self.resources);
    visit("IncludeSynonyms", self.include_synonyms);
    visit("IncludeDocumentation", self.include_documentation, since(3));
  }
  bool operator==(const describe_configs_request&) const = default;
};

struct describe_configs_response {
  static constexpr const char* name = "DescribeConfigsResponse";
  static constexpr api_spec api = describe_configs_request::api;

  struct synonym {
    std::string name{};
    std::optional<std::string> value = std::string{};  // null: secret, or not set
    std::int8_t source = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Value", self.value, empty_by_default);
      visit("Source", self.source);
    }
    bool operator==(const synonym&) const = default;
  };

  struct config {
    std::string name{};
    std::optional<std::string> value = std::string{};  // null: secret, or not set
    bool read_only = false;
    // 1 topic, 2 broker, 3 default of brokers, 4 file, 5 default, 6 logger, 7 client metrics, 8 group
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<synonym> synonyms{};  // where the value comes from, the strongest first
    // KIP-569: 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Value", self.value, empty_by_default);
      visit("ReadOnly", self.read_only);
      visit("ConfigSource", self.config_source, default_value(-1), ignorable);
      visit("IsSensitive", self.is_sensitive);
      visit("Synonyms", self.synonyms, ignorable);
      visit("ConfigType", self.config_type, since(3), ignorable);
      visit("Documentation", self.documentation, since(3), empty_by_default, ignorable);
    }
    bool operator==(const config&) const = default;
  };

  struct result {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<config> configs{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("Configs", self.configs);
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
  bool operator==(const describe_configs_response&) const = default;
};

}  // namespace kafka::protocol
