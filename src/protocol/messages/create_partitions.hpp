// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct create_partitions_response;

/// Raises the number of partitions of topics.
struct create_partitions_request {
  static constexpr const char* name = "CreatePartitionsRequest";
  static constexpr api_spec api{.key = api_key::create_partitions, .versions = {0, 3}, .flexible_since = 2};
  using response = create_partitions_response;

  struct assignment {
    std::vector<std::int32_t> broker_ids{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) { visit("BrokerIds", self.broker_ids); }
    bool operator==(const assignment&) const = default;
  };

  struct topic {
    std::string name{};
    std::int32_t count = 0;  // the new total
    // of the new partitions; null: by the broker
    std::optional<std::vector<assignment>> assignments = std::vector<assignment>{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Count", self.count);
      visit("Assignments", self.assignments, empty_by_default);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> topics{};
  std::int32_t timeout_ms = 0;
  bool validate_only = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms);
    visit("ValidateOnly", self.validate_only);
  }
  bool operator==(const create_partitions_request&) const = default;
};

struct create_partitions_response {
  static constexpr const char* name = "CreatePartitionsResponse";
  static constexpr api_spec api = create_partitions_request::api;

  struct result {
    std::string name{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
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
  bool operator==(const create_partitions_response&) const = default;
};

}  // namespace kafka::protocol
