// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct txn_offset_commit_response;

/// Stores a group's offsets inside a transaction.
struct txn_offset_commit_request {
  static constexpr const char* name = "TxnOffsetCommitRequest";
  static constexpr api_spec api{.key = api_key::txn_offset_commit, .versions = {0, 5}, .flexible_since = 3};
  using response = txn_offset_commit_response;

  struct txn_offset_commit_request_topic {
    struct txn_offset_commit_request_partition {
      std::int32_t partition_index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> committed_metadata = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("CommittedOffset", self.committed_offset);
        visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(2), default_value(std::int32_t{-1}),
              ignorable);
        visit("CommittedMetadata", self.committed_metadata, empty_by_default);
      }
      friend bool operator==(const txn_offset_commit_request_partition&,
                             const txn_offset_commit_request_partition&) = default;
    };

    std::string name;
    std::vector<txn_offset_commit_request_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const txn_offset_commit_request_topic&, const txn_offset_commit_request_topic&) = default;
  };

  std::string transactional_id;
  std::string group_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<txn_offset_commit_request_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("GroupId", self.group_id);
    visit("ProducerId", self.producer_id);
    visit("ProducerEpoch", self.producer_epoch);
    visit("GenerationId", self.generation_id, since(3), default_value(std::int32_t{-1}));
    visit("MemberId", self.member_id, since(3));
    visit("GroupInstanceId", self.group_instance_id, since(3));
    visit("Topics", self.topics);
  }
  friend bool operator==(const txn_offset_commit_request&, const txn_offset_commit_request&) = default;
};

struct txn_offset_commit_response {
  static constexpr const char* name = "TxnOffsetCommitResponse";
  static constexpr api_spec api = txn_offset_commit_request::api;

  struct txn_offset_commit_response_topic {
    struct txn_offset_commit_response_partition {
      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
      }
      friend bool operator==(const txn_offset_commit_response_partition&,
                             const txn_offset_commit_response_partition&) = default;
    };

    std::string name;
    std::vector<txn_offset_commit_response_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const txn_offset_commit_response_topic&, const txn_offset_commit_response_topic&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<txn_offset_commit_response_topic> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Topics", self.topics);
  }
  friend bool operator==(const txn_offset_commit_response&, const txn_offset_commit_response&) = default;
};

}  // namespace kafka::protocol
