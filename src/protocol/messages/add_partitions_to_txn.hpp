// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct add_partitions_to_txn_response;

/// Adds partitions to a transaction. Versions 4 and 5 take many transactions at once and are sent by brokers only.
struct add_partitions_to_txn_request {
  static constexpr const char* name = "AddPartitionsToTxnRequest";
  static constexpr api_spec api{.key = api_key::add_partitions_to_txn, .versions = {0, 5}, .flexible_since = 3};
  using response = add_partitions_to_txn_response;

  struct topic {
    std::string name{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  struct transaction {
    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;  // ask whether they were added
    std::vector<topic> topics{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TransactionalId", self.transactional_id);
      visit("ProducerId", self.producer_id);
      visit("ProducerEpoch", self.producer_epoch);
      visit("VerifyOnly", self.verify_only);
      visit("Topics", self.topics);
    }
    bool operator==(const transaction&) const = default;
  };

  std::vector<transaction> transactions{};
  std::string v3_and_below_transactional_id{};
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<topic> v3_and_below_topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Transactions", self.transactions, since(4));
    visit("V3AndBelowTransactionalId", self.v3_and_below_transactional_id, until(3));
    visit("V3AndBelowProducerId", self.v3_and_below_producer_id, until(3));
    visit("V3AndBelowProducerEpoch", self.v3_and_below_producer_epoch, until(3));
    visit("V3AndBelowTopics", self.v3_and_below_topics, until(3));
  }
  bool operator==(const add_partitions_to_txn_request&) const = default;
};

struct add_partitions_to_txn_response {
  static constexpr const char* name = "AddPartitionsToTxnResponse";
  static constexpr api_spec api = add_partitions_to_txn_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t partition_error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("PartitionErrorCode", self.partition_error_code);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> results_by_partition{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("ResultsByPartition", self.results_by_partition);
    }
    bool operator==(const topic&) const = default;
  };

  struct transaction {
    std::string transactional_id{};
    std::vector<topic> topic_results{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TransactionalId", self.transactional_id);
      visit("TopicResults", self.topic_results);
    }
    bool operator==(const transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<transaction> results_by_transaction{};
  std::vector<topic> results_by_topic_v3_and_below{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code, since(4), ignorable);
    visit("ResultsByTransaction", self.results_by_transaction, since(4));
    visit("ResultsByTopicV3AndBelow", self.results_by_topic_v3_and_below, until(3));
  }
  bool operator==(const add_partitions_to_txn_response&) const = default;
};

}  // namespace kafka::protocol
