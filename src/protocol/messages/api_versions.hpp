// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct api_versions_response;

/// Which APIs and versions a broker speaks, and the features of its cluster (KIP-511, KIP-584).
struct api_versions_request {
  static constexpr const char* name = "ApiVersionsRequest";
  static constexpr api_spec api{.key = api_key::api_versions, .versions = {0, 4}, .flexible_since = 3};
  using response = api_versions_response;

  std::string client_software_name{};  // letters, digits, dots and dashes only, else INVALID_REQUEST
  std::string client_software_version{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ClientSoftwareName", self.client_software_name, since(3), ignorable);
    visit("ClientSoftwareVersion", self.client_software_version, since(3), ignorable);
  }
  bool operator==(const api_versions_request&) const = default;
};

struct api_versions_response {
  static constexpr const char* name = "ApiVersionsResponse";
  static constexpr api_spec api = api_versions_request::api;

  struct api_version {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ApiKey", self.api_key);
      visit("MinVersion", self.min_version);
      visit("MaxVersion", self.max_version);
    }
    bool operator==(const api_version&) const = default;
  };

  struct supported_feature {
    std::string name{};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("MinVersion", self.min_version);
      visit("MaxVersion", self.max_version);
    }
    bool operator==(const supported_feature&) const = default;
  };

  struct finalized_feature {
    std::string name{};
    std::int16_t max_version_level = 0;  // the level in force
    std::int16_t min_version_level = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("MaxVersionLevel", self.max_version_level);
      visit("MinVersionLevel", self.min_version_level);
    }
    bool operator==(const finalized_feature&) const = default;
  };

  std::int16_t error_code = 0;
  std::vector<api_version> api_keys{};
  std::int32_t throttle_time_ms = 0;
  std::vector<supported_feature> supported_features{};
  std::int64_t finalized_features_epoch = -1;  // -1: not known
  std::vector<finalized_feature> finalized_features{};
  bool zk_migration_ready = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ErrorCode", self.error_code);
    visit("ApiKeys", self.api_keys);
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("SupportedFeatures", self.supported_features, since(3), tagged(0), ignorable);
    visit("FinalizedFeaturesEpoch", self.finalized_features_epoch, since(3), tagged(1), default_value(-1), ignorable);
    visit("FinalizedFeatures", self.finalized_features, since(3), tagged(2), ignorable);
    visit("ZkMigrationReady", self.zk_migration_ready, since(3), tagged(3), ignorable);
  }
  bool operator==(const api_versions_response&) const = default;
};

}  // namespace kafka::protocol
