// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct elect_leaders_response;

/// Elects preferred or unclean leaders.
struct elect_leaders_request {
  static constexpr const char* name = "ElectLeadersRequest";
  static constexpr api_spec api{.key = api_key::elect_leaders, .versions = {0, 2}, .flexible_since = 2};
  using response = elect_leaders_response;

  struct topic_data {
    std::string topic{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  // 0 preferred, 1 unclean
  std::int8_t election_type = 0;
  std::optional<std::vector<topic_data>> topic_partitions = std::vector<topic_data>{};  // null: all
  std::int32_t timeout_ms = 60000;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ElectionType", self.election_type, since(1));
    visit("TopicPartitions", self.topic_partitions, empty_by_default);
    visit("TimeoutMs", self.timeout_ms, default_value(60000));
  }
  bool operator==(const elect_leaders_request&) const = default;
};

struct elect_leaders_response {
  static constexpr const char* name = "ElectLeadersResponse";
  static constexpr api_spec api = elect_leaders_request::api;

  struct partition {
    std::int32_t partition_id = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionId", self.partition_id);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic_data {
    std::string topic{};
    std::vector<partition> partition_result{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("PartitionResult", self.partition_result);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<topic_data> replica_election_results{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code, since(1));
    visit("ReplicaElectionResults", self.replica_election_results);
  }
  bool operator==(const elect_leaders_response&) const = default;
};

}  // namespace kafka::protocol
