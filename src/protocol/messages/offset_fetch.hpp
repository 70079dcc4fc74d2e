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

  struct offset_fetch_request_topic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(7));
      visit("PartitionIndexes", self.partition_indexes, until(7));
    }
    friend bool operator==(const offset_fetch_request_topic&, const offset_fetch_request_topic&) = default;
  };

  struct offset_fetch_request_group {
    struct offset_fetch_request_topics {
      std::string name;
      uuid topic_id;
      std::vector<std::int32_t> partition_indexes;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name, since(8), until(9), ignorable);
        visit("TopicId", self.topic_id, since(10), ignorable);
        visit("PartitionIndexes", self.partition_indexes, since(8));
      }
      friend bool operator==(const offset_fetch_request_topics&, const offset_fetch_request_topics&) = default;
    };

    std::string group_id;
    std::optional<std::string> member_id;
    std::int32_t member_epoch = -1;
    std::optional<std::vector<offset_fetch_request_topics>> topics = std::vector<offset_fetch_request_topics>{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id, since(8));
      visit("MemberId", self.member_id, since(9), ignorable);
      visit("MemberEpoch", self.member_epoch, since(9), default_value(std::int32_t{-1}), ignorable);
      visit("Topics", self.topics, since(8), empty_by_default);
    }
    friend bool operator==(const offset_fetch_request_group&, const offset_fetch_request_group&) = default;
  };

  std::string group_id;
  std::optional<std::vector<offset_fetch_request_topic>> topics = std::vector<offset_fetch_request_topic>{};
  std::vector<offset_fetch_request_group> groups;
  bool require_stable = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id, until(7));
    visit("Topics", self.topics, until(7), nullable_since(2), empty_by_default);
    visit("Groups", self.groups, since(8));
    visit("RequireStable", self.require_stable, since(7));
  }
  friend bool operator==(const offset_fetch_request&, const offset_fetch_request&) = default;
};

struct offset_fetch_response {
  static constexpr const char* name = "OffsetFetchResponse";
  static constexpr api_spec api = offset_fetch_request::api;

  struct offset_fetch_response_topic {
    struct offset_fetch_response_partition {
      std::int32_t partition_index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> metadata = std::string{};
      std::int16_t error_code = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index, until(7));
        visit("CommittedOffset", self.committed_offset, until(7));
        visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(5), until(7), default_value(std::int32_t{-1}),
              ignorable);
        visit("Metadata", self.metadata, until(7), empty_by_default);
        visit("ErrorCode", self.error_code, until(7));
      }
      friend bool operator==(const offset_fetch_response_partition&, const offset_fetch_response_partition&) = default;
    };

    std::string name;
    std::vector<offset_fetch_response_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(7));
      visit("Partitions", self.partitions, until(7));
    }
    friend bool operator==(const offset_fetch_response_topic&, const offset_fetch_response_topic&) = default;
  };

  struct offset_fetch_response_group {
    struct offset_fetch_response_topics {
      struct offset_fetch_response_partitions {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata = std::string{};
        std::int16_t error_code = 0;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("PartitionIndex", self.partition_index, since(8));
          visit("CommittedOffset", self.committed_offset, since(8));
          visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(8), default_value(std::int32_t{-1}),
                ignorable);
          visit("Metadata", self.metadata, since(8), empty_by_default);
          visit("ErrorCode", self.error_code, since(8));
        }
        friend bool operator==(const offset_fetch_response_partitions&,
                               const offset_fetch_response_partitions&) = default;
      };

      std::string name;
      uuid topic_id;
      std::vector<offset_fetch_response_partitions> partitions;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name, since(8), until(9), ignorable);
        visit("TopicId", self.topic_id, since(10), ignorable);
        visit("Partitions", self.partitions, since(8));
      }
      friend bool operator==(const offset_fetch_response_topics&, const offset_fetch_response_topics&) = default;
    };

    std::string group_id;
    std::vector<offset_fetch_response_topics> topics;
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id, since(8));
      visit("Topics", self.topics, since(8));
      visit("ErrorCode", self.error_code, since(8));
    }
    friend bool operator==(const offset_fetch_response_group&, const offset_fetch_response_group&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<offset_fetch_response_topic> topics;
  std::int16_t error_code = 0;
  std::vector<offset_fetch_response_group> groups;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
    visit("Topics", self.topics, until(7));
    visit("ErrorCode", self.error_code, since(2), until(7), ignorable);
    visit("Groups", self.groups, since(8));
  }
  friend bool operator==(const offset_fetch_response&, const offset_fetch_response&) = default;
};

}  // namespace kafka::protocol
