// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct offset_commit_response;

/// Stores a group's offsets; topic ids since 10 (KIP-848).
struct offset_commit_request {
  static constexpr const char* name = "OffsetCommitRequest";
  static constexpr api_spec api{.key = api_key::offset_commit, .versions = {2, 10}, .flexible_since = 8};
  using response = offset_commit_response;

  struct offset_commit_request_topic {
    struct offset_commit_request_partition {
      std::int32_t partition_index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> committed_metadata = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("CommittedOffset", self.committed_offset);
        visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(6), default_value(std::int32_t{-1}),
              ignorable);
        visit("CommittedMetadata", self.committed_metadata, empty_by_default);
      }
      friend bool operator==(const offset_commit_request_partition&, const offset_commit_request_partition&) = default;
    };

    std::string name;
    uuid topic_id;
    std::vector<offset_commit_request_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const offset_commit_request_topic&, const offset_commit_request_topic&) = default;
  };

  std::string group_id;
  std::int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::int64_t retention_time_ms = -1;
  std::vector<offset_commit_request_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("GenerationIdOrMemberEpoch", self.generation_id_or_member_epoch, default_value(std::int32_t{-1}), ignorable);
    visit("MemberId", self.member_id, ignorable);
    visit("GroupInstanceId", self.group_instance_id, since(7));
    visit("RetentionTimeMs", self.retention_time_ms, until(4), default_value(std::int64_t{-1}), ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const offset_commit_request&, const offset_commit_request&) = default;
};

struct offset_commit_response {
  static constexpr const char* name = "OffsetCommitResponse";
  static constexpr api_spec api = offset_commit_request::api;

  struct offset_commit_response_topic {
    struct offset_commit_response_partition {
      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
      }
      friend bool operator==(const offset_commit_response_partition&,
                             const offset_commit_response_partition&) = default;
    };

    std::string name;
    uuid topic_id;
    std::vector<offset_commit_response_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const offset_commit_response_topic&, const offset_commit_response_topic&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<offset_commit_response_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const offset_commit_response&, const offset_commit_response&) = default;
};

}  // namespace kafka::protocol
