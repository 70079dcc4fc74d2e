// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/leaders.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

struct fetch_response;

/// Reads record batches from partitions; long-polls. Sessions since 7 (KIP-227), followers since 11 (KIP-392), topic
/// ids instead of names since 13 (KIP-516), current leaders in the response since 16 (KIP-951).
struct fetch_request {
  static constexpr const char* name = "FetchRequest";
  static constexpr api_spec api{.key = api_key::fetch, .versions = {4, 18}, .flexible_since = 12};
  using response = fetch_response;

  struct replica {
    std::int32_t replica_id = -1;  // -1: a consumer, no follower
    std::int64_t replica_epoch = -1;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ReplicaId", self.replica_id, default_value(-1));
      visit("ReplicaEpoch", self.replica_epoch, default_value(-1));
    }
    bool operator==(const replica&) const = default;
  };

  struct partition_data {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;  // -1: not known
    std::int64_t fetch_offset = 0;
    // -1: not known; else the broker looks for divergence (KIP-595)
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;    // of a follower
    std::int32_t partition_max_bytes = 0;  // the first batch may exceed it
    uuid replica_directory_id{};
    std::int64_t high_watermark = INT64_MAX;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Partition", self.partition);
      visit("CurrentLeaderEpoch", self.current_leader_epoch, since(9), default_value(-1), ignorable);
      visit("FetchOffset", self.fetch_offset);
      visit("LastFetchedEpoch", self.last_fetched_epoch, since(12), default_value(-1));
      visit("LogStartOffset", self.log_start_offset, since(5), default_value(-1), ignorable);
      visit("PartitionMaxBytes", self.partition_max_bytes);
      visit("ReplicaDirectoryId", self.replica_directory_id, since(17), tagged(0), ignorable);
      visit("HighWatermark", self.high_watermark, since(18), tagged(1), default_value(INT64_MAX), ignorable);
    }
    bool operator==(const partition_data&) const = default;
  };

  struct topic_data {
    std::string topic{};
    uuid topic_id{};
    std::vector<partition_data> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  struct forgotten_topic {
    std::string topic{};
    uuid topic_id{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const forgotten_topic&) const = default;
  };

  std::optional<std::string> cluster_id{};
  std::int32_t replica_id = -1;  // -1: a consumer, no follower
  replica replica_state{};
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = INT32_MAX;  // the first batch may exceed it (KIP-74)
  std::int8_t isolation_level = 0;     // 0 read uncommitted, 1 read committed
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;  // -1: no session; 0: open one
  std::vector<topic_data> topics{};
  std::vector<forgotten_topic> forgotten_topics_data{};  // to drop from the session
  std::string rack_id{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ClusterId", self.cluster_id, since(12), tagged(0), ignorable);
    visit("ReplicaId", self.replica_id, until(14), default_value(-1));
    visit("ReplicaState", self.replica_state, since(15), tagged(1));
    visit("MaxWaitMs", self.max_wait_ms);
    visit("MinBytes", self.min_bytes);
    visit("MaxBytes", self.max_bytes, default_value(INT32_MAX), ignorable);
    visit("IsolationLevel", self.isolation_level, ignorable);
    visit("SessionId", self.session_id, since(7), ignorable);
    visit("SessionEpoch", self.session_epoch, since(7), default_value(-1), ignorable);
    visit("Topics", self.topics);
    visit("ForgottenTopicsData", self.forgotten_topics_data, since(7));
    visit("RackId", self.rack_id, since(11), ignorable);
  }
  bool operator==(const fetch_request&) const = default;
};

struct fetch_response {
  static constexpr const char* name = "FetchResponse";
  static constexpr api_spec api = fetch_request::api;

  struct epoch_end_offset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Epoch", self.epoch, default_value(-1));
      visit("EndOffset", self.end_offset, default_value(-1));
    }
    bool operator==(const epoch_end_offset&) const = default;
  };

  struct snapshot {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("EndOffset", self.end_offset, default_value(-1));
      visit("Epoch", self.epoch, default_value(-1));
    }
    bool operator==(const snapshot&) const = default;
  };

  struct aborted_transaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ProducerId", self.producer_id);
      visit("FirstOffset", self.first_offset);
    }
    bool operator==(const aborted_transaction&) const = default;
  };

  struct partition_data {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;  // -1: not known
    std::int64_t log_start_offset = -1;    // -1: not known
    epoch_end_offset diverging_epoch{};    // set: truncate or reset to below its end offset (KIP-595)
    leader_id_and_epoch current_leader{};
    snapshot snapshot_id{};  // for followers only
    // null: read uncommitted
    std::optional<std::vector<aborted_transaction>> aborted_transactions = std::vector<aborted_transaction>{};
    std::int32_t preferred_read_replica = -1;  // -1: keep reading from the leader (KIP-392)
    std::optional<shared_bytes> records{};     // whole batches, the last one possibly cut off
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
      visit("HighWatermark", self.high_watermark);
      visit("LastStableOffset", self.last_stable_offset, default_value(-1), ignorable);
      visit("LogStartOffset", self.log_start_offset, since(5), default_value(-1), ignorable);
      visit("DivergingEpoch", self.diverging_epoch, since(12), tagged(0));
      visit("CurrentLeader", self.current_leader, since(12), tagged(1));
      visit("SnapshotId", self.snapshot_id, since(12), tagged(2));
      visit("AbortedTransactions", self.aborted_transactions, empty_by_default, ignorable);
      visit("PreferredReadReplica", self.preferred_read_replica, since(11), default_value(-1));
      visit("Records", self.records);
    }
    bool operator==(const partition_data&) const = default;
  };

  struct topic_data {
    std::string topic{};
    uuid topic_id{};
    std::vector<partition_data> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t session_id = 0;  // 0: no session
  std::vector<topic_data> responses{};
  std::vector<node_endpoint> node_endpoints{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("ErrorCode", self.error_code, since(7), ignorable);
    visit("SessionId", self.session_id, since(7));
    visit("Responses", self.responses);
    visit("NodeEndpoints", self.node_endpoints, since(16), tagged(0));
  }
  bool operator==(const fetch_response&) const = default;
};

}  // namespace kafka::protocol
