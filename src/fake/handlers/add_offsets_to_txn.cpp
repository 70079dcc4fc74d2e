// SPDX-License-Identifier: Apache-2.0
// AddOffsetsToTxn, 0 to 4: a group's offsets will be part of the transaction. 2 names PRODUCER_FENCED; 4 allows
// TRANSACTION_ABORTABLE (KIP-890).
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

constexpr std::int16_t fenced_since = 2;

broker_errc add(call& one, const protocol::add_offsets_to_txn_request& request) {
  if (one.forced_error() != broker_errc::none) return one.forced_error();
  if (request.transactional_id.empty()) return broker_errc::invalid_request;
  if (is_elsewhere(one, request.transactional_id)) return broker_errc::not_coordinator;
  const broker_errc code = one.state().transactions().add(
      request.transactional_id, request.producer_id, request.producer_epoch, {.groups = {request.group_id}}, one.now());
  return fenced_as_known_to(code, one.version(), fenced_since);
}

}  // namespace

void handle_add_offsets_to_txn(call& one) {
  protocol::add_offsets_to_txn_response response;
  response.error_code = static_cast<std::int16_t>(add(one, *one.as<protocol::add_offsets_to_txn_request>()));
  one.answer(std::move(response));
}

}  // namespace kafka::fake
