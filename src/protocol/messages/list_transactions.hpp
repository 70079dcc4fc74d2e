// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct list_transactions_response;

/// Transactions a broker coordinates (KIP-664).
struct list_transactions_request {
  static constexpr const char* name = "ListTransactionsRequest";
  static constexpr api_spec api{.key = api_key::list_transactions, .versions = {0, 2}, .flexible_since = 0};
  using response = list_transactions_response;

  std::vector<std::string> state_filters{};               // empty: all
  std::vector<std::int64_t> producer_id_filters{};        // empty: all
  std::int64_t duration_filter = -1;                      // open for longer than this many ms (KIP-994); negative: all
  std::optional<std::string> transactional_id_pattern{};  // a RE2 expression (KIP-1152); null: all
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("StateFilters", self.state_filters);
    visit("ProducerIdFilters", self.producer_id_filters);
    visit("DurationFilter", self.duration_filter, since(1), default_value(-1));
    visit("TransactionalIdPattern", self.transactional_id_pattern, since(2));
  }
  bool operator==(const list_transactions_request&) const = default;
};

struct list_transactions_response {
  static constexpr const char* name = "ListTransactionsResponse";
  static constexpr api_spec api = list_transactions_request::api;

  struct transaction {
    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::string transaction_state{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("TransactionalId", self.transactional_id);
      visit("ProducerId", self.producer_id);
      visit("TransactionState", self.transaction_state);
    }
    bool operator==(const transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<std::string> unknown_state_filters{};  // of the request
  std::vector<transaction> transaction_states{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("UnknownStateFilters", self.unknown_state_filters);
    visit("TransactionStates", self.transaction_states);
  }
  bool operator==(const list_transactions_response&) const = default;
};

}  // namespace kafka::protocol
