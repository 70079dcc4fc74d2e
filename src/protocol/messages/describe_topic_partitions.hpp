// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_topic_partitions_response;

/// Partitions of topics, page by page (KIP-966).
struct describe_topic_partitions_request {
  static constexpr const char* name = "DescribeTopicPartitionsRequest";
  static constexpr api_spec api{.key = api_key::describe_topic_partitions, .versions = {0, 0}, .flexible_since = 0};
  using response = describe_topic_partitions_response;

  struct topic {
    std::string name{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) { visit("Name", self.name); }
    bool operator==(const topic&) const = default;
  };

  struct page_cursor {
    std::string topic_name{};
    std::int32_t partition_index = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("PartitionIndex", self.partition_index);
    }
    bool operator==(const page_cursor&) const = default;
  };

  std::vector<topic> topics{};
  std::int32_t response_partition_limit = 2000;  // of one page
  std::optional<page_cursor> cursor{};           // null: the first page
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("ResponsePartitionLimit", self.response_partition_limit, default_value(2000));
    visit("Cursor", self.cursor);
  }
  bool operator==(const describe_topic_partitions_request&) const = default;
};

struct describe_topic_partitions_response {
  static constexpr const char* name = "DescribeTopicPartitionsResponse";
  static constexpr api_spec api = describe_topic_partitions_request::api;

  struct partition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;      // -1: there is none now
    std::int32_t leader_epoch = -1;  // -1: not known
    std::vector<std::int32_t> replica_nodes{};
    std::vector<std::int32_t> isr_nodes{};
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas{};  // null: not known
    std::optional<std::vector<std::int32_t>> last_known_elr{};
    std::vector<std::int32_t> offline_replicas{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("PartitionIndex", self.partition_index);
      visit("LeaderId", self.leader_id);
      visit("LeaderEpoch", self.leader_epoch, default_value(-1), ignorable);
      visit("ReplicaNodes", self.replica_nodes);
      visit("IsrNodes", self.isr_nodes);
      visit("EligibleLeaderReplicas", self.eligible_leader_replicas);
      visit("LastKnownElr", self.last_known_elr);
      visit("OfflineReplicas", self.offline_replicas, ignorable);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = std::string{};
    uuid topic_id{};
    bool is_internal = false;
    std::vector<partition> partitions{};
    std::int32_t topic_authorized_operations = INT32_MIN;  // bits (KIP-430)
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("Name", self.name, empty_by_default);
      visit("TopicId", self.topic_id, ignorable);
      visit("IsInternal", self.is_internal, ignorable);
      visit("Partitions", self.partitions);
      visit("TopicAuthorizedOperations", self.topic_authorized_operations, default_value(INT32_MIN));
    }
    bool operator==(const topic&) const = default;
  };

  struct page_cursor {
    std::string topic_name{};
    std::int32_t partition_index = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("PartitionIndex", self.partition_index);
    }
    bool operator==(const page_cursor&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  std::optional<page_cursor> next_cursor{};  // null: the last page
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
    visit("NextCursor", self.next_cursor);
  }
  bool operator==(const describe_topic_partitions_response&) const = default;
};

}  // namespace kafka::protocol
