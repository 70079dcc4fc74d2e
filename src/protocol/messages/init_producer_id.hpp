// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct init_producer_id_response;

/// Gives a producer its id and epoch (KIP-98). Version 6 (two-phase commit, KIP-939) is unstable and never negotiated.
struct init_producer_id_request {
  static constexpr const char* name = "InitProducerIdRequest";
  static constexpr api_spec api{
      .key = api_key::init_producer_id, .versions = {0, 6}, .flexible_since = 2, .stable_max = 5};
  using response = init_producer_id_response;

  std::optional<std::string> transactional_id = std::string{};  // null: an idempotent producer only
  // after which the coordinator aborts; unused without a transactional id
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;     // of the epoch to bump (KIP-360); -1: none yet
  std::int16_t producer_epoch = -1;  // -1: none yet
  bool enable_2pc = false;           // never abort by time (KIP-939)
  bool keep_prepared_txn = false;    // take over a prepared transaction (KIP-939)
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id, empty_by_default);
    visit("TransactionTimeoutMs", self.transaction_timeout_ms);
    visit("ProducerId", self.producer_id, since(3), default_value(-1));
    visit("ProducerEpoch", self.producer_epoch, since(3), default_value(-1));
    visit("Enable2Pc", self.enable_2pc, since(6));
    visit("KeepPreparedTxn", self.keep_prepared_txn, since(6));
  }
  bool operator==(const init_producer_id_request&) const = default;
};

struct init_producer_id_response {
  static constexpr const char* name = "InitProducerIdResponse";
  static constexpr api_spec api = init_producer_id_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;  // -1: no prepared transaction
  std::int16_t ongoing_txn_producer_epoch = -1;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("ErrorCode", self.error_code);
    visit("ProducerId", self.producer_id, default_value(-1));
    visit("ProducerEpoch", self.producer_epoch);
    visit("OngoingTxnProducerId", self.ongoing_txn_producer_id, since(6), default_value(-1));
    visit("OngoingTxnProducerEpoch", self.ongoing_txn_producer_epoch, since(6), default_value(-1));
  }
  bool operator==(const init_producer_id_response&) const = default;
};

}  // namespace kafka::protocol
