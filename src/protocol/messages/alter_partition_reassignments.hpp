// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct alter_partition_reassignments_response;

/// Moves partitions to other brokers (KIP-455).
struct alter_partition_reassignments_request {
  static constexpr const char* name = "AlterPartitionReassignmentsRequest";
  static constexpr api_spec api{.key = api_key::alter_partition_reassignments, .versions = {0, 1}, .flexible_since = 0};
  using response = alter_partition_reassignments_response;

  struct reassignable_topic {
    struct reassignable_partition {
      std::int32_t partition_index = 0;
      std::optional<std::vector<std::int32_t>> replicas;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("Replicas", self.replicas);
      }
      friend bool operator==(const reassignable_partition&, const reassignable_partition&) = default;
    };

    std::string name;
    std::vector<reassignable_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const reassignable_topic&, const reassignable_topic&) = default;
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<reassignable_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("TimeoutMs", self.timeout_ms, default_value(std::int32_t{60000}));
    visit("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1), default_value(true));
    visit("Topics", self.topics);
  }
  friend bool operator==(const alter_partition_reassignments_request&,
                         const alter_partition_reassignments_request&) = default;
};

struct alter_partition_reassignments_response {
  static constexpr const char* name = "AlterPartitionReassignmentsResponse";
  static constexpr api_spec api = alter_partition_reassignments_request::api;

  struct reassignable_topic_response {
    struct reassignable_partition_response {
      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      std::optional<std::string> error_message = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
        visit("ErrorMessage", self.error_message, empty_by_default);
      }
      friend bool operator==(const reassignable_partition_response&, const reassignable_partition_response&) = default;
    };

    std::string name;
    std::vector<reassignable_partition_response> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const reassignable_topic_response&, const reassignable_topic_response&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<reassignable_topic_response> responses;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1), default_value(true),
          ignorable);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Responses", self.responses);
  }
  friend bool operator==(const alter_partition_reassignments_response&,
                         const alter_partition_reassignments_response&) = default;
};

}  // namespace kafka::protocol
