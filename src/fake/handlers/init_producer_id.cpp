// SPDX-License-Identifier: Apache-2.0
// InitProducerId, 0 to 5. Without a transactional id every call gives a new producer id with epoch 0, whatever id the
// request names. With one, the coordinator keeps the id and raises the epoch; 3 lets a producer name the id and epoch
// it has (KIP-360), and one that is older than what is known here is fenced (4 names that error PRODUCER_FENCED).
#include "protocol/messages/init_producer_id.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"

namespace kafka::fake {

namespace {

constexpr std::int32_t transaction_timeout_max_ms = 900'000;

/// Epochs up to here are given out; beyond, a producer gets a new id.
constexpr std::int16_t last_epoch = INT16_MAX - 1;

broker_errc init_transactional(call& one, const protocol::init_producer_id_request& request,
                               protocol::init_producer_id_response& response) {
  cluster_state& state = one.state();
  const std::string& id = *request.transactional_id;
  if (id.empty()) return broker_errc::invalid_request;
  if (state.coordinator(coordinator_type::transaction, id) != one.node()) return broker_errc::not_coordinator;
  if (request.transaction_timeout_ms <= 0 || request.transaction_timeout_ms > transaction_timeout_max_ms) {
    return broker_errc::invalid_transaction_timeout;
  }
  auto& known = state.transactional_producers()[id];
  if (request.producer_id >= 0 && (request.producer_id != known.producer_id || request.producer_epoch != known.epoch)) {
    return one.version() >= 4 ? broker_errc::producer_fenced : broker_errc::invalid_producer_epoch;
  }
  if (known.producer_id < 0 || known.epoch >= last_epoch) {
    known = {state.next_producer_id(), 0};
  } else {
    ++known.epoch;
  }
  response.producer_id = known.producer_id;
  response.producer_epoch = known.epoch;
  return broker_errc::none;
}

}  // namespace

void handle_init_producer_id(call& one) {
  const auto& request = *one.as<protocol::init_producer_id_request>();
  protocol::init_producer_id_response response;
  broker_errc code = one.forced_error();
  const bool half_given = (request.producer_id < 0) != (request.producer_epoch < 0);
  if (code == broker_errc::none && half_given) code = broker_errc::invalid_request;
  if (code == broker_errc::none && request.transactional_id) {
    code = init_transactional(one, request, response);
  } else if (code == broker_errc::none) {
    response.producer_id = one.state().next_producer_id();
    response.producer_epoch = 0;
  }
  if (code != broker_errc::none) response.producer_epoch = -1;
  response.error_code = static_cast<std::int16_t>(code);
  one.answer(std::move(response));
}

}  // namespace kafka::fake
