// SPDX-License-Identifier: Apache-2.0
// EndTxn, 0 to 5. 2 names PRODUCER_FENCED, 4 allows TRANSACTION_ABORTABLE. Since 5 each end gives the producer the next
// epoch, or a new id when the epochs are used up (KIP-890).
#include "protocol/messages/end_txn.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

constexpr std::int16_t fenced_since = 2;
constexpr std::int16_t bumps_since = 5;

producer_identity end(call& one, const protocol::end_txn_request& request) {
  if (one.forced_error() != broker_errc::none) return {.code = one.forced_error()};
  if (request.transactional_id.empty()) return {.code = broker_errc::invalid_request};
  if (is_elsewhere(one, request.transactional_id)) return {.code = broker_errc::not_coordinator};
  producer_identity out =
      one.state().transactions().end(request.transactional_id, request.producer_id, request.producer_epoch,
                                     request.committed, one.version() >= bumps_since, one.now());
  out.code = fenced_as_known_to(out.code, one.version(), fenced_since);
  return out;
}

}  // namespace

void handle_end_txn(call& one) {
  const producer_identity next = end(one, *one.as<protocol::end_txn_request>());
  protocol::end_txn_response response;
  response.error_code = static_cast<std::int16_t>(next.code);
  response.producer_id = next.producer_id;
  response.producer_epoch = next.epoch;
  one.answer(std::move(response));
}

}  // namespace kafka::fake
