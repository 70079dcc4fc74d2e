// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_user_scram_credentials_response;

/// SCRAM credentials of users, without secrets (KIP-554).
struct describe_user_scram_credentials_request {
  static constexpr const char* name = "DescribeUserScramCredentialsRequest";
  static constexpr api_spec api{
      .key = api_key::describe_user_scram_credentials, .versions = {0, 0}, .flexible_since = 0};
  using response = describe_user_scram_credentials_response;

  struct user {
    std::string name{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) { visit("Name", self.name); }
    bool operator==(const user&) const = default;
  };

  std::optional<std::vector<user>> users = std::vector<user>{};  // null or empty: all
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Users", self.users, empty_by_default); }
  bool operator==(const describe_user_scram_credentials_request&) const = default;
};

struct describe_user_scram_credentials_response {
  static constexpr const char* name = "DescribeUserScramCredentialsResponse";
  static constexpr api_spec api = describe_user_scram_credentials_request::api;

  struct credential_info {
    std::int8_t mechanism = 0;  // 1 SCRAM-SHA-256, 2 SCRAM-SHA-512
    std::int32_t iterations = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Mechanism", self.mechanism);
      visit("Iterations", self.iterations);
    }
    bool operator==(const credential_info&) const = default;
  };

  struct result {
    std::string user{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::vector<credential_info> credential_infos{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("User", self.user);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("CredentialInfos", self.credential_infos);
    }
    bool operator==(const result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<result> results{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Results", self.results);
  }
  bool operator==(const describe_user_scram_credentials_response&) const = default;
};

}  // namespace kafka::protocol
