// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct end_txn_response;

/// Commits or aborts a transaction; version 5 returns the next producer id and epoch (KIP-890).
struct end_txn_request {
  static constexpr const char* name = "EndTxnRequest";
  static constexpr api_spec api{.key = api_key::end_txn, .versions = {0, 5}, .flexible_since = 3};
  using response = end_txn_response;

  std::string transactional_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;  // false: abort
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("ProducerId", self.producer_id);
    visit("ProducerEpoch", self.producer_epoch);
    visit("Committed", self.committed);
  }
  bool operator==(const end_txn_request&) const = default;
};

struct end_txn_response {
  static constexpr const char* name = "EndTxnResponse";
  static constexpr api_spec api = end_txn_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;  // to use in the next transaction (KIP-890); -1: as before
  std::int16_t producer_epoch = -1;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ProducerId", self.producer_id, since(5), default_value(-1), ignorable);
    visit("ProducerEpoch", self.producer_epoch, since(5), default_value(-1), ignorable);
  }
  bool operator==(const end_txn_response&) const = default;
};

}  // namespace kafka::protocol
