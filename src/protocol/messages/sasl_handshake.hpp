// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct sasl_handshake_response;

/// Names the SASL mechanism to come; never flexible.
struct sasl_handshake_request {
  static constexpr const char* name = "SaslHandshakeRequest";
  static constexpr api_spec api{.key = api_key::sasl_handshake, .versions = {0, 1}};
  using response = sasl_handshake_response;

  std::string mechanism{};

  static constexpr void fields(auto& self, auto& visit) { visit("Mechanism", self.mechanism); }
  bool operator==(const sasl_handshake_request&) const = default;
};

struct sasl_handshake_response {
  static constexpr const char* name = "SaslHandshakeResponse";
  static constexpr api_spec api = sasl_handshake_request::api;

  std::int16_t error_code = 0;
  std::vector<std::string> mechanisms{};  // that the broker offers

  static constexpr void fields(auto& self, auto& visit) {
    visit("ErrorCode", self.error_code);
    visit("Mechanisms", self.mechanisms);
  }
  bool operator==(const sasl_handshake_response&) const = default;
};

}  // namespace kafka::protocol
