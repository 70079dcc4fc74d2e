// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_transactions_response;

/// State of transactions (KIP-664).
struct describe_transactions_request {
  static constexpr const char* name = "DescribeTransactionsRequest";
  static constexpr api_spec api{.key = api_key::describe_transactions, .versions = {0, 0}, .flexible_since = 0};
  using response = describe_transactions_response;

  std::vector<std::string> transactional_ids{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("TransactionalIds", self.transactional_ids); }
  bool operator==(const describe_transactions_request&) const = default;
};

struct describe_transactions_response {
  static constexpr const char* name = "DescribeTransactionsResponse";
  static constexpr api_spec api = describe_transactions_request::api;

  struct topic_data {
    std::string topic{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  struct transaction {
    std::int16_t error_code = 0;
    std::string transactional_id{};
    std::string transaction_state{};
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t transaction_start_time_ms = 0;  // -1: not started
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<topic_data> topics{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("TransactionalId", self.transactional_id);
      visit("TransactionState", self.transaction_state);
      visit("TransactionTimeoutMs", self.transaction_timeout_ms);
      visit("TransactionStartTimeMs", self.transaction_start_time_ms);
      visit("ProducerId", self.producer_id);
      visit("ProducerEpoch", self.producer_epoch);
      visit("Topics", self.topics);
    }
    bool operator==(const transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<transaction> transaction_states{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("TransactionStates", self.transaction_states);
  }
  bool operator==(const describe_transactions_response&) const = default;
};

}  // namespace kafka::protocol
