// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct add_partitions_to_txn_response;

/// Adds partitions to a transaction; versions 4 and 5 are for brokers.
struct add_partitions_to_txn_request {
  static constexpr const char* name = "AddPartitionsToTxnRequest";
  static constexpr api_spec api{.key = api_key::add_partitions_to_txn, .versions = {0, 5}, .flexible_since = 3};
  using response = add_partitions_to_txn_response;

  struct add_partitions_to_txn_topic {
    std::string name;
    std::vector<std::int32_t> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const add_partitions_to_txn_topic&, const add_partitions_to_txn_topic&) = default;
  };

  struct add_partitions_to_txn_transaction {
    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<add_partitions_to_txn_topic> topics;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("TransactionalId", self.transactional_id, since(4));
      visit("ProducerId", self.producer_id, since(4));
      visit("ProducerEpoch", self.producer_epoch, since(4));
      visit("VerifyOnly", self.verify_only, since(4));
      visit("Topics", self.topics, since(4));
    }
    friend bool operator==(const add_partitions_to_txn_transaction&,
                           const add_partitions_to_txn_transaction&) = default;
  };

  std::vector<add_partitions_to_txn_transaction> transactions;
  std::string v3_and_below_transactional_id;
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<add_partitions_to_txn_topic> v3_and_below_topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Transactions", self.transactions, since(4));
    visit("V3AndBelowTransactionalId", self.v3_and_below_transactional_id, until(3));
    visit("V3AndBelowProducerId", self.v3_and_below_producer_id, until(3));
    visit("V3AndBelowProducerEpoch", self.v3_and_below_producer_epoch, until(3));
    visit("V3AndBelowTopics", self.v3_and_below_topics, until(3));
  }
  friend bool operator==(const add_partitions_to_txn_request&, const add_partitions_to_txn_request&) = default;
};

struct add_partitions_to_txn_response {
  static constexpr const char* name = "AddPartitionsToTxnResponse";
  static constexpr api_spec api = add_partitions_to_txn_request::api;

  struct add_partitions_to_txn_topic_result {
    std::string name;
    std::vector<add_partitions_to_txn_partition_result> results_by_partition;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("ResultsByPartition", self.results_by_partition);
    }
    friend bool operator==(const add_partitions_to_txn_topic_result&,
                           const add_partitions_to_txn_topic_result&) = default;
  };

  struct add_partitions_to_txn_partition_result {
    std::int32_t partition_index = 0;
    std::int16_t partition_error_code = 0;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("PartitionErrorCode", self.partition_error_code);
    }
    friend bool operator==(const add_partitions_to_txn_partition_result&,
                           const add_partitions_to_txn_partition_result&) = default;
  };

  struct add_partitions_to_txn_result {
    std::string transactional_id;
    std::vector<add_partitions_to_txn_topic_result> topic_results;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("TransactionalId", self.transactional_id, since(4));
      visit("TopicResults", self.topic_results, since(4));
    }
    friend bool operator==(const add_partitions_to_txn_result&, const add_partitions_to_txn_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<add_partitions_to_txn_result> results_by_transaction;
  std::vector<add_partitions_to_txn_topic_result> results_by_topic_v3_and_below;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code, since(4), ignorable);
    visit("ResultsByTransaction", self.results_by_transaction, since(4));
    visit("ResultsByTopicV3AndBelow", self.results_by_topic_v3_and_below, until(3));
  }
  friend bool operator==(const add_partitions_to_txn_response&, const add_partitions_to_txn_response&) = default;
};

}  // namespace kafka::protocol
