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

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;         // of the next record to read
    std::int32_t committed_leader_epoch = -1;  // -1: not known
    std::optional<std::string> committed_metadata = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("CommittedOffset", self.committed_offset);
      visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(6), default_value(-1), ignorable);
      visit("CommittedMetadata", self.committed_metadata, empty_by_default);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    uuid topic_id{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::string group_id{};
  std::int32_t generation_id_or_member_epoch = -1;  // -1: not a member, a plain store of offsets
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::int64_t retention_time_ms = -1;  // -1: as long as the broker's configuration says
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("GenerationIdOrMemberEpoch", self.generation_id_or_member_epoch, default_value(-1), ignorable);
    visit("MemberId", self.member_id, ignorable);
    visit("GroupInstanceId", self.group_instance_id, since(7));
    visit("RetentionTimeMs", self.retention_time_ms, until(4), default_value(-1), ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_commit_request&) const = default;
};

struct offset_commit_response {
  static constexpr const char* name = "OffsetCommitResponse";
  static constexpr api_spec api = offset_commit_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    uuid topic_id{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_commit_response&) const = default;
};

}  // namespace kafka::protocol
