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

  struct topic {
    std::string topic_name{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  struct group {
    std::string group_id{};
    std::optional<std::vector<topic>> topics = std::vector<topic>{};  // null: all
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("Topics", self.topics, empty_by_default);
    }
    bool operator==(const group&) const = default;
  };

  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Groups", self.groups); }
  bool operator==(const describe_share_group_offsets_request&) const = default;
};

struct describe_share_group_offsets_response {
  static constexpr const char* name = "DescribeShareGroupOffsetsResponse";
  static constexpr api_spec api = describe_share_group_offsets_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t start_offset = 0;  // -1: not known
    std::int32_t leader_epoch = 0;
    std::int64_t lag = -1;  // -1: not known (KIP-1226)
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("StartOffset", self.start_offset);
      visit("LeaderEpoch", self.leader_epoch);
      visit("Lag", self.lag, since(1), default_value(-1), ignorable);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string topic_name{};
    uuid topic_id{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("TopicId", self.topic_id);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  struct group {
    std::string group_id{};
    std::vector<topic> topics{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("GroupId", self.group_id);
      visit("Topics", self.topics);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
    }
    bool operator==(const group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<group> groups{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Groups", self.groups);
  }
  bool operator==(const describe_share_group_offsets_response&) const = default;
};

}  // namespace kafka::protocol
