// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_share_group_offsets_response;

/// Start offsets of share groups (KIP-932).
struct describe_share_group_offsets_request {
  static constexpr const char* name = "DescribeShareGroupOffsetsRequest";
  static constexpr api_spec api{.key = api_key::describe_share_group_offsets, .versions = {0, 1}, .flexible_since = 0};
  using response = describe_share_group_offsets_response;

  struct describe_share_group_offsets_request_group {
    struct describe_share_group_offsets_request_topic {
      std::string topic_name;
      std::vector<std::int32_t> partitions;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("TopicName", self.topic_name);
        visit("Partitions", self.partitions);
      }
      friend bool operator==(const describe_share_group_offsets_request_topic&,
                             const describe_share_group_offsets_request_topic&) = default;
    };

    std::string group_id;
    std::optional<std::vector<describe_share_group_offsets_request_topic>> topics =
        std::vector<describe_share_group_offsets_request_topic>{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("Topics", self.topics, empty_by_default);
    }
    friend bool operator==(const describe_share_group_offsets_request_group&,
                           const describe_share_group_offsets_request_group&) = default;
  };

  std::vector<describe_share_group_offsets_request_group> groups;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) { visit("Groups", self.groups); }
  friend bool operator==(const describe_share_group_offsets_request&,
                         const describe_share_group_offsets_request&) = default;
};

struct describe_share_group_offsets_response {
  static constexpr const char* name = "DescribeShareGroupOffsetsResponse";
  static constexpr api_spec api = describe_share_group_offsets_request::api;

  struct describe_share_group_offsets_response_group {
    struct describe_share_group_offsets_response_topic {
      struct describe_share_group_offsets_response_partition {
        std::int32_t partition_index = 0;
        std::int64_t start_offset = 0;
        std::int32_t leader_epoch = 0;
        std::int64_t lag = -1;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("PartitionIndex", self.partition_index);
          visit("StartOffset", self.start_offset);
          visit("LeaderEpoch", self.leader_epoch);
          visit("Lag", self.lag, since(1), default_value(std::int64_t{-1}), ignorable);
          visit("ErrorCode", self.error_code);
          visit("ErrorMessage", self.error_message);
        }
        friend bool operator==(const describe_share_group_offsets_response_partition&,
                               const describe_share_group_offsets_response_partition&) = default;
      };

      std::string topic_name;
      uuid topic_id;
      std::vector<describe_share_group_offsets_response_partition> partitions;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("TopicName", self.topic_name);
        visit("TopicId", self.topic_id);
        visit("Partitions", self.partitions);
      }
      friend bool operator==(const describe_share_group_offsets_response_topic&,
                             const describe_share_group_offsets_response_topic&) = default;
    };

    std::string group_id;
    std::vector<describe_share_group_offsets_response_topic> topics;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("Topics", self.topics);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
    }
    friend bool operator==(const describe_share_group_offsets_response_group&,
                           const describe_share_group_offsets_response_group&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<describe_share_group_offsets_response_group> groups;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Groups", self.groups);
  }
  friend bool operator==(const describe_share_group_offsets_response&,
                         const describe_share_group_offsets_response&) = default;
};

}  // namespace kafka::protocol
