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

  struct user_name {
    std::string name;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) { visit("Name", self.name); }
    friend bool operator==(const user_name&, const user_name&) = default;
  };

  std::optional<std::vector<user_name>> users = std::vector<user_name>{};
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) { visit("Users", self.users, empty_by_default); }
  friend bool operator==(const describe_user_scram_credentials_request&,
                         const describe_user_scram_credentials_request&) = default;
};

struct describe_user_scram_credentials_response {
  static constexpr const char* name = "DescribeUserScramCredentialsResponse";
  static constexpr api_spec api = describe_user_scram_credentials_request::api;

  struct describe_user_scram_credentials_result {
    struct credential_info {
      std::int8_t mechanism = 0;
      std::int32_t iterations = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Mechanism", self.mechanism);
        visit("Iterations", self.iterations);
      }
      friend bool operator==(const credential_info&, const credential_info&) = default;
    };

    std::string user;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::vector<credential_info> credential_infos;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("User", self.user);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
      visit("CredentialInfos", self.credential_infos);
    }
    friend bool operator==(const describe_user_scram_credentials_result&,
                           const describe_user_scram_credentials_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<describe_user_scram_credentials_result> results;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Results", self.results);
  }
  friend bool operator==(const describe_user_scram_credentials_response&,
                         const describe_user_scram_credentials_response&) = default;
};

}  // namespace kafka::protocol
