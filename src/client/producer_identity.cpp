// SPDX-License-Identifier: Apache-2.0
#include "client/producer_identity.hpp"

#include <utility>

namespace kafka::client {

void producer_identity::step(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  if (!wanted() || now < retry_at_) return;
  protocol::init_producer_id_request request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
  outgoing sent;
  sent.from = owner::producer;
  sent.id = asked_ = next_id++;
  sent.request = std::move(request);
  sent.deadline = now + config_.request_timeout;
  out.push_back(std::move(sent));
}

bool producer_identity::on_reply(reply& answer, steady_time now) {
  if (answer.id != asked_ || asked_ == 0) return false;
  asked_ = 0;
  const auto* response = std::get_if<protocol::init_producer_id_response>(&answer.response);
  error why = answer.failure;
  if (!why && !response) why = {client_errc::malformed_response, "InitProducerId to " + answer.broker};
  if (!why && response->error_code != 0) {
    why = {static_cast<broker_errc>(response->error_code), "InitProducerId to " + answer.broker};
  }
  if (!why) {
    set(response->producer_id, response->producer_epoch);
    failures_ = 0;
    last_error_ = {};
  } else if (why.retriable()) {
    const backoff pause{config_.retry_backoff, config_.retry_backoff_max};
    retry_at_ = now + pause.wait(failures_++, random_);
    last_error_ = std::move(why);
  } else if (why == client_errc::unsupported_version) {
    failure_ = why.with_context("the broker knows no idempotent producers; enable.idempotence=false does without");
  } else {
    failure_ = std::move(why);
  }
  return true;
}

steady_time producer_identity::deadline() const noexcept {
  return wanted() ? retry_at_ : never;
}

}  // namespace kafka::client
