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

  struct create_partitions_topic {
    struct create_partitions_assignment {
      std::vector<std::int32_t> broker_ids;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) { visit("BrokerIds", self.broker_ids); }
      friend bool operator==(const create_partitions_assignment&, const create_partitions_assignment&) = default;
    };

    std::string name;
    std::int32_t count = 0;
    std::optional<std::vector<create_partitions_assignment>> assignments = std::vector<create_partitions_assignment>{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Count", self.count);
      visit("Assignments", self.assignments, empty_by_default);
    }
    friend bool operator==(const create_partitions_topic&, const create_partitions_topic&) = default;
  };

  std::vector<create_partitions_topic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms);
    visit("ValidateOnly", self.validate_only);
  }
  friend bool operator==(const create_partitions_request&, const create_partitions_request&) = default;
};

struct create_partitions_response {
  static constexpr const char* name = "CreatePartitionsResponse";
  static constexpr api_spec api = create_partitions_request::api;

  struct create_partitions_topic_result {
    std::string name;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
    }
    friend bool operator==(const create_partitions_topic_result&, const create_partitions_topic_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<create_partitions_topic_result> results;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Results", self.results);
  }
  friend bool operator==(const create_partitions_response&, const create_partitions_response&) = default;
};

}  // namespace kafka::protocol
