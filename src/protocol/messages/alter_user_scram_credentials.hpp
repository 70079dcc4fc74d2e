// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct alter_user_scram_credentials_response;

/// Creates and deletes SCRAM credentials (KIP-554).
struct alter_user_scram_credentials_request {
  static constexpr const char* name = "AlterUserScramCredentialsRequest";
  static constexpr api_spec api{.key = api_key::alter_user_scram_credentials, .versions = {0, 0}, .flexible_since = 0};
  using response = alter_user_scram_credentials_response;

  struct deletion {
    std::string name{};
    std::int8_t mechanism = 0;  // 1 SCRAM-SHA-256, 2 SCRAM-SHA-512
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Mechanism", self.mechanism);
    }
    bool operator==(const deletion&) const = default;
  };

  struct upsertion {
    std::string name{};
    std::int8_t mechanism = 0;  // 1 SCRAM-SHA-256, 2 SCRAM-SHA-512
    std::int32_t iterations = 0;
    shared_bytes salt{};
    shared_bytes salted_password{};  // computed by the client; the password itself is never sent
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Mechanism", self.mechanism);
      visit("Iterations", self.iterations);
      visit("Salt", self.salt);
      visit("SaltedPassword", self.salted_password);
    }
    bool operator==(const upsertion&) const = default;
  };

  std::vector<deletion> deletions{};
  std::vector<upsertion> upsertions{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Deletions", self.deletions);
    visit("Upsertions", self.upsertions);
  }
  bool operator==(const alter_user_scram_credentials_request&) const = default;
};

struct alter_user_scram_credentials_response {
  static constexpr const char* name = "AlterUserScramCredentialsResponse";
  static constexpr api_spec api = alter_user_scram_credentials_request::api;

  struct result {
    std::string user{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("User", self.user);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
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
  bool operator==(const alter_user_scram_credentials_response&) const = default;
};

}  // namespace kafka::protocol
