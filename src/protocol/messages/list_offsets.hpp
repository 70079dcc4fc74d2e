// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct list_offsets_response;

/// Looks offsets up by timestamp; negative timestamps mean latest (-1), earliest (-2), max timestamp (-3) and more.
struct list_offsets_request {
  static constexpr const char* name = "ListOffsetsRequest";
  static constexpr api_spec api{.key = api_key::list_offsets, .versions = {1, 11}, .flexible_since = 6};
  using response = list_offsets_response;

  struct list_offsets_topic {
    struct list_offsets_partition {
      std::int32_t partition_index = 0;
      std::int32_t current_leader_epoch = -1;
      std::int64_t timestamp = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("CurrentLeaderEpoch", self.current_leader_epoch, since(4), default_value(std::int32_t{-1}), ignorable);
        visit("Timestamp", self.timestamp);
      }
      friend bool operator==(const list_offsets_partition&, const list_offsets_partition&) = default;
    };

    std::string name;
    std::vector<list_offsets_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const list_offsets_topic&, const list_offsets_topic&) = default;
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<list_offsets_topic> topics;
  std::int32_t timeout_ms = 0;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ReplicaId", self.replica_id);
    visit("IsolationLevel", self.isolation_level, since(2));
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms, since(10), ignorable);
  }
  friend bool operator==(const list_offsets_request&, const list_offsets_request&) = default;
};

struct list_offsets_response {
  static constexpr const char* name = "ListOffsetsResponse";
  static constexpr api_spec api = list_offsets_request::api;

  struct list_offsets_topic_response {
    struct list_offsets_partition_response {
      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      std::int64_t timestamp = -1;
      std::int64_t offset = -1;
      std::int32_t leader_epoch = -1;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
        visit("Timestamp", self.timestamp, default_value(std::int64_t{-1}));
        visit("Offset", self.offset, default_value(std::int64_t{-1}));
        visit("LeaderEpoch", self.leader_epoch, since(4), default_value(std::int32_t{-1}));
      }
      friend bool operator==(const list_offsets_partition_response&, const list_offsets_partition_response&) = default;
    };

    std::string name;
    std::vector<list_offsets_partition_response> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const list_offsets_topic_response&, const list_offsets_topic_response&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<list_offsets_topic_response> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const list_offsets_response&, const list_offsets_response&) = default;
};

}  // namespace kafka::protocol
