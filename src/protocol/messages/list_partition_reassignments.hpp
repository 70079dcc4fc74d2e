// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct list_partition_reassignments_response;

/// Partition moves under way (KIP-455).
struct list_partition_reassignments_request {
  static constexpr const char* name = "ListPartitionReassignmentsRequest";
  static constexpr api_spec api{.key = api_key::list_partition_reassignments, .versions = {0, 0}, .flexible_since = 0};
  using response = list_partition_reassignments_response;

  struct topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("PartitionIndexes", self.partition_indexes);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<topic>> topics{};  // null: all
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TimeoutMs", self.timeout_ms, default_value(60000));
    visit("Topics", self.topics);
  }
  bool operator==(const list_partition_reassignments_request&) const = default;
};

struct list_partition_reassignments_response {
  static constexpr const char* name = "ListPartitionReassignmentsResponse";
  static constexpr api_spec api = list_partition_reassignments_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas{};
    std::vector<std::int32_t> adding_replicas{};
    std::vector<std::int32_t> removing_replicas{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("Replicas", self.replicas);
      visit("AddingReplicas", self.adding_replicas);
      visit("RemovingReplicas", self.removing_replicas);
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
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message, empty_by_default);
    visit("Topics", self.topics);
  }
  bool operator==(const list_partition_reassignments_response&) const = default;
};

}  // namespace kafka::protocol
