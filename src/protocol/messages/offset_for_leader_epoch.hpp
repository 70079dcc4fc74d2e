// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct offset_for_leader_epoch_response;

/// The end offset of a leader epoch, to find out where logs diverge (KIP-320).
struct offset_for_leader_epoch_request {
  static constexpr const char* name = "OffsetForLeaderEpochRequest";
  static constexpr api_spec api{.key = api_key::offset_for_leader_epoch, .versions = {2, 4}, .flexible_since = 4};
  using response = offset_for_leader_epoch_response;

  struct offset_for_leader_topic {
    struct offset_for_leader_partition {
      std::int32_t partition = 0;
      std::int32_t current_leader_epoch = -1;
      std::int32_t leader_epoch = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Partition", self.partition);
        visit("CurrentLeaderEpoch", self.current_leader_epoch, default_value(std::int32_t{-1}), ignorable);
        visit("LeaderEpoch", self.leader_epoch);
      }
      friend bool operator==(const offset_for_leader_partition&, const offset_for_leader_partition&) = default;
    };

    std::string topic;
    std::vector<offset_for_leader_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const offset_for_leader_topic&, const offset_for_leader_topic&) = default;
  };

  std::int32_t replica_id = -2;
  std::vector<offset_for_leader_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ReplicaId", self.replica_id, since(3), default_value(std::int32_t{-2}), ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const offset_for_leader_epoch_request&, const offset_for_leader_epoch_request&) = default;
};

struct offset_for_leader_epoch_response {
  static constexpr const char* name = "OffsetForLeaderEpochResponse";
  static constexpr api_spec api = offset_for_leader_epoch_request::api;

  struct offset_for_leader_topic_result {
    struct epoch_end_offset {
      std::int16_t error_code = 0;
      std::int32_t partition = 0;
      std::int32_t leader_epoch = -1;
      std::int64_t end_offset = -1;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("ErrorCode", self.error_code);
        visit("Partition", self.partition);
        visit("LeaderEpoch", self.leader_epoch, default_value(std::int32_t{-1}), ignorable);
        visit("EndOffset", self.end_offset, default_value(std::int64_t{-1}));
      }
      friend bool operator==(const epoch_end_offset&, const epoch_end_offset&) = default;
    };

    std::string topic;
    std::vector<epoch_end_offset> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const offset_for_leader_topic_result&, const offset_for_leader_topic_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<offset_for_leader_topic_result> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const offset_for_leader_epoch_response&, const offset_for_leader_epoch_response&) = default;
};

}  // namespace kafka::protocol
