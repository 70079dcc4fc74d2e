// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/leaders.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

struct share_fetch_response;

/// Acquires records of a share group (KIP-932).
struct share_fetch_request {
  static constexpr const char* name = "ShareFetchRequest";
  static constexpr api_spec api{.key = api_key::share_fetch, .versions = {1, 2}, .flexible_since = 0};
  using response = share_fetch_response;

  struct acknowledgement_batch {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    // 0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for all or one a record
    std::vector<std::int8_t> acknowledge_types{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("FirstOffset", self.first_offset);
      visit("LastOffset", self.last_offset);
      visit("AcknowledgeTypes", self.acknowledge_types);
    }
    bool operator==(const acknowledgement_batch&) const = default;
  };

  struct partition {
    std::int32_t partition_index = 0;
    std::vector<acknowledgement_batch> acknowledgement_batches{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("AcknowledgementBatches", self.acknowledgement_batches);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    uuid topic_id{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  struct forgotten_topic {
    uuid topic_id{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id);
      visit("Partitions", self.partitions);
    }
    bool operator==(const forgotten_topic&) const = default;
  };

  std::optional<std::string> group_id{};
  std::optional<std::string> member_id = std::string{};
  std::int32_t share_session_epoch = 0;  // 0 opens a session, -1 closes it
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = INT32_MAX;
  std::int32_t max_records = 0;
  std::int32_t batch_size = 0;         // the wished size of acquired ranges
  std::int8_t share_acquire_mode = 0;  // 0 whole batches, 1 at most max_records (KIP-1206)
  bool is_renew_ack = false;           // KIP-1222
  std::vector<topic> topics{};
  std::vector<forgotten_topic> forgotten_topics_data{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("MemberId", self.member_id, empty_by_default);
    visit("ShareSessionEpoch", self.share_session_epoch);
    visit("MaxWaitMs", self.max_wait_ms);
    visit("MinBytes", self.min_bytes);
    visit("MaxBytes", self.max_bytes, default_value(INT32_MAX));
    visit("MaxRecords", self.max_records);
    visit("BatchSize", self.batch_size);
    visit("ShareAcquireMode", self.share_acquire_mode, since(2), ignorable);
    visit("IsRenewAck", self.is_renew_ack, since(2));
    visit("Topics", self.topics);
    visit("ForgottenTopicsData", self.forgotten_topics_data);
  }
  bool operator==(const share_fetch_request&) const = default;
};

struct share_fetch_response {
  static constexpr const char* name = "ShareFetchResponse";
  static constexpr api_spec api = share_fetch_request::api;

  struct leader_id_and_epoch {
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("LeaderId", self.leader_id);
      visit("LeaderEpoch", self.leader_epoch);
    }
    bool operator==(const leader_id_and_epoch&) const = default;
  };

  struct acquired_range {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::int16_t delivery_count = 0;  // how often these records were handed out
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("FirstOffset", self.first_offset);
      visit("LastOffset", self.last_offset);
      visit("DeliveryCount", self.delivery_count);
    }
    bool operator==(const acquired_range&) const = default;
  };

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::int16_t acknowledge_error_code = 0;
    std::optional<std::string> acknowledge_error_message{};
    leader_id_and_epoch current_leader{};
    shared_bytes records{};
    std::vector<acquired_range> acquired_records{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
      visit("AcknowledgeErrorCode", self.acknowledge_error_code);
      visit("AcknowledgeErrorMessage", self.acknowledge_error_message);
      visit("CurrentLeader", self.current_leader);
      visit("Records", self.records);
      visit("AcquiredRecords", self.acquired_records);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    uuid topic_id{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TopicId", self.topic_id);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message{};
  std::int32_t acquisition_lock_timeout_ms = 0;  // after which acquired records go to somebody else
  std::vector<topic> responses{};
  std::vector<node_endpoint> node_endpoints{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message);
    visit("AcquisitionLockTimeoutMs", self.acquisition_lock_timeout_ms);
    visit("Responses", self.responses);
    visit("NodeEndpoints", self.node_endpoints);
  }
  bool operator==(const share_fetch_response&) const = default;
};

}  // namespace kafka::protocol
