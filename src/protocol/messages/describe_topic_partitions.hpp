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

  struct topic_request {
    std::string name;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) { visit("Name", self.name); }
    friend bool operator==(const topic_request&, const topic_request&) = default;
  };

  struct cursor_data {
    std::string topic_name;
    std::int32_t partition_index = 0;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("PartitionIndex", self.partition_index);
    }
    friend bool operator==(const cursor_data&, const cursor_data&) = default;
  };

  std::vector<topic_request> topics;
  std::int32_t response_partition_limit = 2000;
  std::optional<cursor_data> cursor;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("ResponsePartitionLimit", self.response_partition_limit, default_value(std::int32_t{2000}));
    visit("Cursor", self.cursor);
  }
  friend bool operator==(const describe_topic_partitions_request&, const describe_topic_partitions_request&) = default;
};

struct describe_topic_partitions_response {
  static constexpr const char* name = "DescribeTopicPartitionsResponse";
  static constexpr api_spec api = describe_topic_partitions_request::api;

  struct describe_topic_partitions_response_topic {
    struct describe_topic_partitions_response_partition {
      std::int16_t error_code = 0;
      std::int32_t partition_index = 0;
      std::int32_t leader_id = 0;
      std::int32_t leader_epoch = -1;
      std::vector<std::int32_t> replica_nodes;
      std::vector<std::int32_t> isr_nodes;
      std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
      std::optional<std::vector<std::int32_t>> last_known_elr;
      std::vector<std::int32_t> offline_replicas;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("ErrorCode", self.error_code);
        visit("PartitionIndex", self.partition_index);
        visit("LeaderId", self.leader_id);
        visit("LeaderEpoch", self.leader_epoch, default_value(std::int32_t{-1}), ignorable);
        visit("ReplicaNodes", self.replica_nodes);
        visit("IsrNodes", self.isr_nodes);
        visit("EligibleLeaderReplicas", self.eligible_leader_replicas);
        visit("LastKnownElr", self.last_known_elr);
        visit("OfflineReplicas", self.offline_replicas, ignorable);
      }
      friend bool operator==(const describe_topic_partitions_response_partition&,
                             const describe_topic_partitions_response_partition&) = default;
    };

    std::int16_t error_code = 0;
    std::optional<std::string> name = std::string{};
    uuid topic_id;
    bool is_internal = false;
    std::vector<describe_topic_partitions_response_partition> partitions;
    std::int32_t topic_authorized_operations = INT32_MIN;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("Name", self.name, empty_by_default);
      visit("TopicId", self.topic_id, ignorable);
      visit("IsInternal", self.is_internal, ignorable);
      visit("Partitions", self.partitions);
      visit("TopicAuthorizedOperations", self.topic_authorized_operations, default_value(std::int32_t{INT32_MIN}));
    }
    friend bool operator==(const describe_topic_partitions_response_topic&,
                           const describe_topic_partitions_response_topic&) = default;
  };

  struct cursor {
    std::string topic_name;
    std::int32_t partition_index = 0;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicName", self.topic_name);
      visit("PartitionIndex", self.partition_index);
    }
    friend bool operator==(const cursor&, const cursor&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<describe_topic_partitions_response_topic> topics;
  std::optional<cursor> next_cursor;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
    visit("NextCursor", self.next_cursor);
  }
  friend bool operator==(const describe_topic_partitions_response&,
                         const describe_topic_partitions_response&) = default;
};

}  // namespace kafka::protocol
