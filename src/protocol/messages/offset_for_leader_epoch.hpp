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

  struct partition_data {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;  // -1: not known
    std::int32_t leader_epoch = 0;           // the epoch in question
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Partition", self.partition);
      visit("CurrentLeaderEpoch", self.current_leader_epoch, default_value(-1), ignorable);
      visit("LeaderEpoch", self.leader_epoch);
    }
    bool operator==(const partition_data&) const = default;
  };

  struct topic_data {
    std::string topic{};
    std::vector<partition_data> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::int32_t replica_id = -2;  // -1: a consumer; -2: did not say
  std::vector<topic_data> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ReplicaId", self.replica_id, since(3), default_value(-2), ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_for_leader_epoch_request&) const = default;
};

struct offset_for_leader_epoch_response {
  static constexpr const char* name = "OffsetForLeaderEpochResponse";
  static constexpr api_spec api = offset_for_leader_epoch_request::api;

  struct partition_data {
    std::int16_t error_code = 0;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;  // the largest one that is not above the one asked for; -1: not known
    std::int64_t end_offset = -1;    // of that epoch; -1: not known
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("Partition", self.partition);
      visit("LeaderEpoch", self.leader_epoch, default_value(-1), ignorable);
      visit("EndOffset", self.end_offset, default_value(-1));
    }
    bool operator==(const partition_data&) const = default;
  };

  struct topic_data {
    std::string topic{};
    std::vector<partition_data> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic_data> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_for_leader_epoch_response&) const = default;
};

}  // namespace kafka::protocol
