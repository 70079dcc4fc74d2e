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

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;         // of the next record to read
    std::int32_t committed_leader_epoch = -1;  // -1: not known
    std::optional<std::string> committed_metadata = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("CommittedOffset", self.committed_offset);
      visit("CommittedLeaderEpoch", self.committed_leader_epoch, since(2), default_value(-1), ignorable);
      visit("CommittedMetadata", self.committed_metadata, empty_by_default);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::string transactional_id{};
  std::string group_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;  // -1: not a member
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("GroupId", self.group_id);
    visit("ProducerId", self.producer_id);
    visit("ProducerEpoch", self.producer_epoch);
    visit("GenerationId", self.generation_id, since(3), default_value(-1));
    visit("MemberId", self.member_id, since(3));
    visit("GroupInstanceId", self.group_instance_id, since(3));
    visit("Topics", self.topics);
  }
  bool operator==(const txn_offset_commit_request&) const = default;
};

struct txn_offset_commit_response {
  static constexpr const char* name = "TxnOffsetCommitResponse";
  static constexpr api_spec api = txn_offset_commit_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Topics", self.topics);
  }
  bool operator==(const txn_offset_commit_response&) const = default;
};

}  // namespace kafka::protocol
