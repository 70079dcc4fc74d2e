// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct fetch_response;

/// Reads record batches from partitions; long-polls. Sessions since 7 (KIP-227), topic ids since 13 (KIP-516).
struct fetch_request {
  static constexpr const char* name = "FetchRequest";
  static constexpr api_spec api{.key = api_key::fetch, .versions = {4, 18}, .flexible_since = 12};
  using response = fetch_response;

  struct replica_state_data {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ReplicaId", self.replica_id, since(15), default_value(std::int32_t{-1}));
      visit("ReplicaEpoch", self.replica_epoch, since(15), default_value(std::int64_t{-1}));
    }
    friend bool operator==(const replica_state_data&, const replica_state_data&) = default;
  };

  struct fetch_topic {
    struct fetch_partition {
      std::int32_t partition = 0;
      std::int32_t current_leader_epoch = -1;
      std::int64_t fetch_offset = 0;
      std::int32_t last_fetched_epoch = -1;
      std::int64_t log_start_offset = -1;
      std::int32_t partition_max_bytes = 0;
      uuid replica_directory_id;
      std::int64_t high_watermark = INT64_MAX;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Partition", self.partition);
        visit("CurrentLeaderEpoch", self.current_leader_epoch, since(9), default_value(std::int32_t{-1}), ignorable);
        visit("FetchOffset", self.fetch_offset);
        visit("LastFetchedEpoch", self.last_fetched_epoch, since(12), default_value(std::int32_t{-1}));
        visit("LogStartOffset", self.log_start_offset, since(5), default_value(std::int64_t{-1}), ignorable);
        visit("PartitionMaxBytes", self.partition_max_bytes);
        visit("ReplicaDirectoryId", self.replica_directory_id, since(17), tagged(0), ignorable);
        visit("HighWatermark", self.high_watermark, since(18), tagged(1), default_value(std::int64_t{INT64_MAX}),
              ignorable);
      }
      friend bool operator==(const fetch_partition&, const fetch_partition&) = default;
    };

    std::string topic;
    uuid topic_id;
    std::vector<fetch_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const fetch_topic&, const fetch_topic&) = default;
  };

  struct forgotten_topic {
    std::string topic;
    uuid topic_id;
    std::vector<std::int32_t> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, since(7), until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions, since(7));
    }
    friend bool operator==(const forgotten_topic&, const forgotten_topic&) = default;
  };

  std::optional<std::string> cluster_id;
  std::int32_t replica_id = -1;
  replica_state_data replica_state;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = INT32_MAX;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<fetch_topic> topics;
  std::vector<forgotten_topic> forgotten_topics_data;
  std::string rack_id;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ClusterId", self.cluster_id, since(12), tagged(0), ignorable);
    visit("ReplicaId", self.replica_id, until(14), default_value(std::int32_t{-1}));
    visit("ReplicaState", self.replica_state, since(15), tagged(1));
    visit("MaxWaitMs", self.max_wait_ms);
    visit("MinBytes", self.min_bytes);
    visit("MaxBytes", self.max_bytes, default_value(std::int32_t{INT32_MAX}), ignorable);
    visit("IsolationLevel", self.isolation_level, ignorable);
    visit("SessionId", self.session_id, since(7), ignorable);
    visit("SessionEpoch", self.session_epoch, since(7), default_value(std::int32_t{-1}), ignorable);
    visit("Topics", self.topics);
    visit("ForgottenTopicsData", self.forgotten_topics_data, since(7));
    visit("RackId", self.rack_id, since(11), ignorable);
  }
  friend bool operator==(const fetch_request&, const fetch_request&) = default;
};

struct fetch_response {
  static constexpr const char* name = "FetchResponse";
  static constexpr api_spec api = fetch_request::api;

  struct fetchable_topic_response {
    struct partition_data {
      struct epoch_end_offset {
        std::int32_t epoch = -1;
        std::int64_t end_offset = -1;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("Epoch", self.epoch, since(12), default_value(std::int32_t{-1}));
          visit("EndOffset", self.end_offset, since(12), default_value(std::int64_t{-1}));
        }
        friend bool operator==(const epoch_end_offset&, const epoch_end_offset&) = default;
      };

      struct leader_id_and_epoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("LeaderId", self.leader_id, since(12), default_value(std::int32_t{-1}));
          visit("LeaderEpoch", self.leader_epoch, since(12), default_value(std::int32_t{-1}));
        }
        friend bool operator==(const leader_id_and_epoch&, const leader_id_and_epoch&) = default;
      };

      struct snapshot_id_data {
        std::int64_t end_offset = -1;
        std::int32_t epoch = -1;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("EndOffset", self.end_offset, default_value(std::int64_t{-1}));
          visit("Epoch", self.epoch, default_value(std::int32_t{-1}));
        }
        friend bool operator==(const snapshot_id_data&, const snapshot_id_data&) = default;
      };

      struct aborted_transaction {
        std::int64_t producer_id = 0;
        std::int64_t first_offset = 0;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("ProducerId", self.producer_id);
          visit("FirstOffset", self.first_offset);
        }
        friend bool operator==(const aborted_transaction&, const aborted_transaction&) = default;
      };

      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      std::int64_t high_watermark = 0;
      std::int64_t last_stable_offset = -1;
      std::int64_t log_start_offset = -1;
      epoch_end_offset diverging_epoch;
      leader_id_and_epoch current_leader;
      snapshot_id_data snapshot_id;
      std::optional<std::vector<aborted_transaction>> aborted_transactions = std::vector<aborted_transaction>{};
      std::int32_t preferred_read_replica = -1;
      std::optional<shared_bytes> records;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
        visit("HighWatermark", self.high_watermark);
        visit("LastStableOffset", self.last_stable_offset, default_value(std::int64_t{-1}), ignorable);
        visit("LogStartOffset", self.log_start_offset, since(5), default_value(std::int64_t{-1}), ignorable);
        visit("DivergingEpoch", self.diverging_epoch, since(12), tagged(0));
        visit("CurrentLeader", self.current_leader, since(12), tagged(1));
        visit("SnapshotId", self.snapshot_id, since(12), tagged(2));
        visit("AbortedTransactions", self.aborted_transactions, empty_by_default, ignorable);
        visit("PreferredReadReplica", self.preferred_read_replica, since(11), default_value(std::int32_t{-1}));
        visit("Records", self.records);
      }
      friend bool operator==(const partition_data&, const partition_data&) = default;
    };

    std::string topic;
    uuid topic_id;
    std::vector<partition_data> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const fetchable_topic_response&, const fetchable_topic_response&) = default;
  };

  struct node_endpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("NodeId", self.node_id, since(16));
      visit("Host", self.host, since(16));
      visit("Port", self.port, since(16));
      visit("Rack", self.rack, since(16));
    }
    friend bool operator==(const node_endpoint&, const node_endpoint&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t session_id = 0;
  std::vector<fetchable_topic_response> responses;
  std::vector<node_endpoint> node_endpoints;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("ErrorCode", self.error_code, since(7), ignorable);
    visit("SessionId", self.session_id, since(7));
    visit("Responses", self.responses);
    visit("NodeEndpoints", self.node_endpoints, since(16), tagged(0));
  }
  friend bool operator==(const fetch_response&, const fetch_response&) = default;
};

}  // namespace kafka::protocol
