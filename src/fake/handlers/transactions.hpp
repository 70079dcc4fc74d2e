// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

/// Whether another node than the one that was asked coordinates this transactional id.
[[nodiscard]] inline bool is_elsewhere(const call& one, std::string_view transactional_id) {
  return one.state().coordinator(coordinator_type::transaction, transactional_id) != one.node();
}

/// What a version of a transaction API from before PRODUCER_FENCED calls that error (KIP-588).
[[nodiscard]] inline broker_errc fenced_as_known_to(broker_errc code, std::int16_t version,
                                                    std::int16_t fenced_since) noexcept {
  const bool renamed = code == broker_errc::producer_fenced && version < fenced_since;
  return renamed ? broker_errc::invalid_producer_epoch : code;
}

/// How a leader asks the transaction coordinator about a partition before it appends to it.
enum class transaction_check : std::uint8_t {
  none,       ///< Before Kafka 3.6: not at all.
  plain,      ///< For clients that do not know TRANSACTION_ABORTABLE.
  abortable,  ///< For those that do.
  adds,       ///< The leader adds the partition itself (KIP-890, transaction.version 2).
};

/// Asks it, and tells the answer as the leader passes it on.
[[nodiscard]] inline broker_errc ask_coordinator(cluster_state& state, transaction_check how,
                                                 std::string_view transactional_id, std::int64_t producer_id,
                                                 std::int16_t epoch, const transaction_members& asked, instant now) {
  if (how == transaction_check::none) return broker_errc::none;
  const broker_errc code = how == transaction_check::adds
                               ? state.transactions().add(transactional_id, producer_id, epoch, asked, now)
                               : state.transactions().verify(transactional_id, producer_id, epoch, asked);
  if (code == broker_errc::producer_fenced) return broker_errc::invalid_producer_epoch;
  if (code == broker_errc::transaction_abortable && how == transaction_check::plain) {
    return broker_errc::invalid_txn_state;
  }
  return code;
}

}  // namespace kafka::fake
