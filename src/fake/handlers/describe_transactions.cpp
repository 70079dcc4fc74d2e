// SPDX-License-Identifier: Apache-2.0
// DescribeTransactions, 0 (KIP-664). Groups whose offsets are part of a transaction are partitions of
// __consumer_offsets to a real coordinator; there is no such topic here, and they are not told.
#include "protocol/messages/describe_transactions.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

using described_transaction = protocol::describe_transactions_response::transaction;

described_transaction describe(call& one, const std::string& id) {
  described_transaction out;
  out.transactional_id = id;
  const auto refuse = [&](broker_errc code) {
    out.error_code = static_cast<std::int16_t>(code);
    return out;
  };
  if (one.forced_error() != broker_errc::none) return refuse(one.forced_error());
  if (id.empty()) return refuse(broker_errc::invalid_request);
  if (is_elsewhere(one, id)) return refuse(broker_errc::not_coordinator);
  const transaction* known = one.state().transactions().find(id);
  if (!known) return refuse(broker_errc::transactional_id_not_found);
  out.transaction_state = name_of(known->phase);
  out.transaction_timeout_ms = static_cast<std::int32_t>(known->timeout.count());
  out.transaction_start_time_ms = known->started ? known->started->wall.time_since_epoch().count() : -1;
  out.producer_id = known->producer_id;
  out.producer_epoch = known->epoch;
  for (const auto& [topic, partition] : known->members.partitions) {
    if (out.topics.empty() || out.topics.back().topic != topic) out.topics.emplace_back().topic = topic;
    out.topics.back().partitions.push_back(partition);
  }
  return out;
}

}  // namespace

void handle_describe_transactions(call& one) {
  protocol::describe_transactions_response response;
  for (const auto& id : one.as<protocol::describe_transactions_request>()->transactional_ids) {
    response.transaction_states.push_back(describe(one, id));
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
