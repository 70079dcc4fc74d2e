// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct list_offsets_response;

/// Looks offsets up by time. Negative timestamps ask for: -1 latest, -2 earliest, -3 the largest timestamp (since 7,
/// KIP-734), -4 the earliest local (since 8, KIP-405), -5 the latest tiered (since 9), -6 the earliest that is not yet
/// uploaded (since 11).
struct list_offsets_request {
  static constexpr const char* name = "ListOffsetsRequest";
  static constexpr api_spec api{.key = api_key::list_offsets, .versions = {1, 11}, .flexible_since = 6};
  using response = list_offsets_response;

  struct partition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;  // -1: not known
    std::int64_t timestamp = 0;              // ms since 1970, or -1 to -6 as above
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("CurrentLeaderEpoch", self.current_leader_epoch, since(4), default_value(-1), ignorable);
      visit("Timestamp", self.timestamp);
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

  std::int32_t replica_id = 0;      // -1: a consumer
  std::int8_t isolation_level = 0;  // 1: latest means the last stable offset
  std::vector<topic> topics{};
  std::int32_t timeout_ms = 0;  // for what lies in tiered storage
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ReplicaId", self.replica_id);
    visit("IsolationLevel", self.isolation_level, since(2));
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms, since(10), ignorable);
  }
  bool operator==(const list_offsets_request&) const = default;
};

struct list_offsets_response {
  static constexpr const char* name = "ListOffsetsResponse";
  static constexpr api_spec api = list_offsets_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t timestamp = -1;     // of the record found; -1: none
    std::int64_t offset = -1;        // -1: no such record
    std::int32_t leader_epoch = -1;  // -1: not known
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
      visit("Timestamp", self.timestamp, default_value(-1));
      visit("Offset", self.offset, default_value(-1));
      visit("LeaderEpoch", self.leader_epoch, since(4), default_value(-1));
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
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const list_offsets_response&) const = default;
};

}  // namespace kafka::protocol
