// SPDX-License-Identifier: Apache-2.0
// InitProducerId, 0 to 5. Without a transactional id every call gives a new producer id with epoch 0, whatever id the
// request names. With one, the coordinator keeps the id and raises the epoch; 3 lets a producer name the id and epoch
// it has (KIP-360), and one that is older than what is known here is fenced (4 names that error PRODUCER_FENCED). An
// ongoing transaction is aborted first, and the client told to come again.
#include "protocol/messages/init_producer_id.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

constexpr std::int16_t fenced_since = 4;

producer_identity init_transactional(call& one, const protocol::init_producer_id_request& request) {
  const std::string& id = *request.transactional_id;
  if (!id.empty() && is_elsewhere(one, id)) return {.code = broker_errc::not_coordinator};
  std::optional<producer_identity> expected;
  if (request.producer_id >= 0) expected = {broker_errc::none, request.producer_id, request.producer_epoch};
  const std::chrono::milliseconds timeout(request.transaction_timeout_ms);
  producer_identity out = one.state().transactions().init_producer(id, timeout, expected, one.now());
  out.code = fenced_as_known_to(out.code, one.version(), fenced_since);
  return out;
}

producer_identity init(call& one, const protocol::init_producer_id_request& request) {
  if (one.forced_error() != broker_errc::none) return {.code = one.forced_error()};
  if ((request.producer_id < 0) != (request.producer_epoch < 0)) return {.code = broker_errc::invalid_request};
  if (request.transactional_id) return init_transactional(one, request);
  if (const auto chosen = one.state().take_chosen_producer()) return *chosen;
  return {broker_errc::none, one.state().next_producer_id(), 0};
}

}  // namespace

void handle_init_producer_id(call& one) {
  const producer_identity made = init(one, *one.as<protocol::init_producer_id_request>());
  protocol::init_producer_id_response response;
  response.error_code = static_cast<std::int16_t>(made.code);
  response.producer_id = made.producer_id;
  response.producer_epoch = made.epoch;
  one.answer(std::move(response));
}

}  // namespace kafka::fake
