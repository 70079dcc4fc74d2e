// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct sasl_authenticate_response;

/// One step of a SASL exchange; session lifetime since 1 (KIP-368).
struct sasl_authenticate_request {
  static constexpr const char* name = "SaslAuthenticateRequest";
  static constexpr api_spec api{.key = api_key::sasl_authenticate, .versions = {0, 2}, .flexible_since = 2};
  using response = sasl_authenticate_response;

  shared_bytes auth_bytes{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("AuthBytes", self.auth_bytes); }
  bool operator==(const sasl_authenticate_request&) const = default;
};

struct sasl_authenticate_response {
  static constexpr const char* name = "SaslAuthenticateResponse";
  static constexpr api_spec api = sasl_authenticate_request::api;

  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  shared_bytes auth_bytes{};
  std::int64_t session_lifetime_ms = 0;  // 0: no limit
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("AuthBytes", self.auth_bytes);
    visit("SessionLifetimeMs", self.session_lifetime_ms, since(1), ignorable);
  }
  bool operator==(const sasl_authenticate_response&) const = default;
};

}  // namespace kafka::protocol
