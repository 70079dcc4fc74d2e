// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct offset_fetch_response;

/// A group's stored offsets; several groups at once since 8 (KIP-709), topic ids since 10.
struct offset_fetch_request {
  static constexpr const char* name = "OffsetFetchRequest";
  static constexpr api_spec api{.key = api_key::offset_fetch, .versions = {1, 10}, .flexible_since = 6};
  using response = offset_fetch_response;

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

  struct group_topic {
    std::string name{};
    uuid topic_id{};
    std::vector<std::int32_t> partition_indexes{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("PartitionIndexes", self.partition_indexes);
    }
    bool operator==(const group_topic&) const = default;
  };

  struct group {
    std::string group_id{};
    std::optional<std::string> member_id{};
    std::int32_t member_epoch = -1;  // -1: not a member of a new-protocol group
    // null: all topics of the group
    std::optional<std::vector<group_topic>> topics = std::vector<group_topic>{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("MemberId", self.member_id, since(9), ignorable);
      visit("MemberEpoch", self.member_epoch, since(9), default_value(-1), ignorable);
      visit("Topics", self.topics, empty_by_default);
    }
    bool operator==(const group&) const = default;
  };

  std::string group_id{};
  std::optional<std::vector<topic>> topics = std::vector<topic>{};  // null: all topics of the group
  std::vector<group> groups{};
  bool require_stable = false;  // wait out pending transactions (KIP-447)
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id, until(7));
    visit("Topics", self.topics, until(7), nullable_since(2), empty_by_default);
    visit("Groups", self.groups, since(8));
    visit("RequireStable", self.require_stable, since(7));
  }
  bool operator==(const offset_fetch_request&) const = default;
};

struct offset_fetch_response {
  static constexpr const char* name = "OffsetFetchResponse";
  static constexpr api_spec api = offset_fetch_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;         // -1: nothing committed
    std::int32_t committed_leader_epoch = -1;  // -1: not known
    std::optional<std::string> metadata = std::string{};
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("CommittedOffset", self.committed_offset);
      visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(5), default_value(-1), ignorable);
      visit("Metadata", self.metadata, empty_by_default);
      visit("ErrorCode", self.error_code);
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

  struct group_partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;         // -1: nothing committed
    std::int32_t committed_leader_epoch = -1;  // -1: not known
    std::optional<std::string> metadata = std::string{};
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("CommittedOffset", self.committed_offset);
      visit("CommittedLeaderEpoch", self.committed_leader_epoch, default_value(-1), ignorable);
      visit("Metadata", self.metadata, empty_by_default);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const group_partition&) const = default;
  };

  struct group_topic {
    std::string name{};
    uuid topic_id{};
    std::vector<group_partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(9), ignorable);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const group_topic&) const = default;
  };

  struct group {
    std::string group_id{};
    std::vector<group_topic> topics{};
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("Topics", self.topics);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  std::int16_t error_code = 0;
  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
    visit("Topics", self.topics, until(7));
    visit("ErrorCode", self.error_code, since(2), until(7), ignorable);
    visit("Groups", self.groups, since(8));
  }
  bool operator==(const offset_fetch_response&) const = default;
};

}  // namespace kafka::protocol
