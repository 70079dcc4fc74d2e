// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

/// Goes before every request; version by api_spec::request_header_version.
struct request_header {
  static constexpr const char* name = "RequestHeader";
  static constexpr api_spec api{.versions = {1, 2}, .flexible_since = 2};

  std::int16_t request_api_key = 0;
  std::int16_t request_api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = std::string{};  // a plain int16 string in every version
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("RequestApiKey", self.request_api_key);
    visit("RequestApiVersion", self.request_api_version);
    visit("CorrelationId", self.correlation_id);
    visit("ClientId", self.client_id, empty_by_default, never_flexible);
  }
  bool operator==(const request_header&) const = default;
};

/// Goes before every response; version by api_spec::response_header_version.
struct response_header {
  static constexpr const char* name = "ResponseHeader";
  static constexpr api_spec api{.versions = {0, 1}, .flexible_since = 1};

  std::int32_t correlation_id = 0;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("CorrelationId", self.correlation_id); }
  bool operator==(const response_header&) const = default;
};

}  // namespace kafka::protocol
