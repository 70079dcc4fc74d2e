// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct metadata_response;

/// Brokers, controller, topics and their partitions. Topic ids since 10, lookup by id since 12 (KIP-516).
struct metadata_request {
  static constexpr const char* name = "MetadataRequest";
  static constexpr api_spec api{.key = api_key::metadata, .versions = {0, 13}, .flexible_since = 9};
  using response = metadata_response;

  struct topic {
    uuid topic_id{};
    std::optional<std::string> name = std::string{};  // null: look up by id
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("Name", self.name, nullable_since(10), empty_by_default);
    }
    bool operator==(const topic&) const = default;
  };

  // null: all topics, empty: none; in version 0 empty: all topics
  std::optional<std::vector<topic>> topics = std::vector<topic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics, nullable_since(1), empty_by_default);
    visit("AllowAutoTopicCreation", self.allow_auto_topic_creation, since(4), default_value(true));
    visit("IncludeClusterAuthorizedOperations", self.include_cluster_authorized_operations, since(8), until(10));
    visit("IncludeTopicAuthorizedOperations", self.include_topic_authorized_operations, since(8));
  }
  bool operator==(const metadata_request&) const = default;
};

struct metadata_response {
  static constexpr const char* name = "MetadataResponse";
  static constexpr api_spec api = metadata_request::api;

  struct broker {
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("NodeId", self.node_id);
      visit("Host", self.host);
      visit("Port", self.port);
      visit("Rack", self.rack, since(1), ignorable);
    }
    bool operator==(const broker&) const = default;
  };

  struct partition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;      // -1: there is none now
    std::int32_t leader_epoch = -1;  // -1: not known
    std::vector<std::int32_t> replica_nodes{};
    std::vector<std::int32_t> isr_nodes{};
    std::vector<std::int32_t> offline_replicas{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("PartitionIndex", self.partition_index);
      visit("LeaderId", self.leader_id);
      visit("LeaderEpoch", self.leader_epoch, since(7), default_value(-1), ignorable);
      visit("ReplicaNodes", self.replica_nodes);
      visit("IsrNodes", self.isr_nodes);
      visit("OfflineReplicas", self.offline_replicas, since(5), ignorable);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = std::string{};  // null: an id nobody knows
    uuid topic_id{};
    bool is_internal = false;
    std::vector<partition> partitions{};
    std::int32_t topic_authorized_operations = INT32_MIN;  // bits (KIP-430); INT32_MIN: not asked for
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("Name", self.name, nullable_since(12), empty_by_default);
      visit("TopicId", self.topic_id, since(10), ignorable);
      visit("IsInternal", self.is_internal, since(1), ignorable);
      visit("Partitions", self.partitions);
      visit("TopicAuthorizedOperations", self.topic_authorized_operations, since(8), default_value(INT32_MIN));
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<broker> brokers{};
  std::optional<std::string> cluster_id{};
  std::int32_t controller_id = -1;  // -1: not known
  std::vector<topic> topics{};
  std::int32_t cluster_authorized_operations = INT32_MIN;  // bits (KIP-430); INT32_MIN: not asked for
  std::int16_t error_code = 0;                             // rebootstrap required (KIP-1102)
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
    visit("Brokers", self.brokers);
    visit("ClusterId", self.cluster_id, since(2), ignorable);
    visit("ControllerId", self.controller_id, since(1), default_value(-1), ignorable);
    visit("Topics", self.topics);
    visit("ClusterAuthorizedOperations", self.cluster_authorized_operations, since(8), until(10),
          default_value(INT32_MIN));
    visit("ErrorCode", self.error_code, since(13), ignorable);
  }
  bool operator==(const metadata_response&) const = default;
};

}  // namespace kafka::protocol
