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

  struct partition {
    std::int32_t partition_index = 0;
    std::optional<std::vector<std::int32_t>> replicas{};  // null: cancel the move under way
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("Replicas", self.replicas);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TimeoutMs", self.timeout_ms, default_value(60000));
    visit("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1), default_value(true));
    visit("Topics", self.topics);
  }
  bool operator==(const alter_partition_reassignments_request&) const = default;
};

struct alter_partition_reassignments_response {
  static constexpr const char* name = "AlterPartitionReassignmentsResponse";
  static constexpr api_spec api = alter_partition_reassignments_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<topic> responses{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1), default_value(true),
          ignorable);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Responses", self.responses);
  }
  bool operator==(const alter_partition_reassignments_response&) const = default;
};

}  // namespace kafka::protocol
