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

  struct describe_configs_resource {
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("ConfigurationKeys", self.configuration_keys, empty_by_default);
    }
    friend bool operator==(const describe_configs_resource&, const describe_configs_resource&) = default;
  };

  std::vector<describe_configs_resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Resources", self.resources);
    visit("IncludeSynonyms", self.include_synonyms);
    visit("IncludeDocumentation", self.include_documentation, since(3));
  }
  friend bool operator==(const describe_configs_request&, const describe_configs_request&) = default;
};

struct describe_configs_response {
  static constexpr const char* name = "DescribeConfigsResponse";
  static constexpr api_spec api = describe_configs_request::api;

  struct describe_configs_result {
    struct describe_configs_resource_result {
      struct describe_configs_synonym {
        std::string name;
        std::optional<std::string> value = std::string{};
        std::int8_t source = 0;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("Name", self.name);
          visit("Value", self.value, empty_by_default);
          visit("Source", self.source);
        }
        friend bool operator==(const describe_configs_synonym&, const describe_configs_synonym&) = default;
      };

      std::string name;
      std::optional<std::string> value = std::string{};
      bool read_only = false;
      std::int8_t config_source = -1;
      bool is_sensitive = false;
      std::vector<describe_configs_synonym> synonyms;
      std::int8_t config_type = 0;
      std::optional<std::string> documentation = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name);
        visit("Value", self.value, empty_by_default);
        visit("ReadOnly", self.read_only);
        visit("ConfigSource", self.config_source, default_value(std::int8_t{-1}), ignorable);
        visit("IsSensitive", self.is_sensitive);
        visit("Synonyms", self.synonyms, ignorable);
        visit("ConfigType", self.config_type, since(3), ignorable);
        visit("Documentation", self.documentation, since(3), empty_by_default, ignorable);
      }
      friend bool operator==(const describe_configs_resource_result&,
                             const describe_configs_resource_result&) = default;
    };

    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<describe_configs_resource_result> configs;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("ResourceType", self.resource_type);
      visit("ResourceName", self.resource_name);
      visit("Configs", self.configs);
    }
    friend bool operator==(const describe_configs_result&, const describe_configs_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<describe_configs_result> results;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Results", self.results);
  }
  friend bool operator==(const describe_configs_response&, const describe_configs_response&) = default;
};

}  // namespace kafka::protocol
