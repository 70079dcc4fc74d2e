// SPDX-License-Identifier: Apache-2.0
// ListTransactions, 0 to 2: the transactional ids that the asked node coordinates (KIP-664). 1 filters by how long a
// transaction has been open (KIP-994), 2 by a pattern that the whole id must match (KIP-1152).
#include <algorithm>
#include <regex>

#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"
#include "protocol/messages/list_transactions.hpp"

namespace kafka::fake {

namespace {

using protocol::list_transactions_request;

template <class T>
bool passes(const std::vector<T>& filters, const T& value) {
  return filters.empty() || std::find(filters.begin(), filters.end(), value) != filters.end();
}

bool is_wanted(const list_transactions_request& request, const transaction& one, instant now) {
  if (!passes(request.producer_id_filters, one.producer_id)) return false;
  if (!passes(request.state_filters, std::string(name_of(one.phase)))) return false;
  if (request.duration_filter < 0) return true;
  // A transaction that never began counts as begun at -1, as Kafka has it.
  const std::int64_t started = one.started ? one.started->wall.time_since_epoch().count() : -1;
  return now.wall.time_since_epoch().count() - started > request.duration_filter;
}

/// Throws std::regex_error.
std::vector<protocol::list_transactions_response::transaction> list(call& one,
                                                                    const list_transactions_request& request) {
  std::vector<protocol::list_transactions_response::transaction> out;
  const auto& text = request.transactional_id_pattern;
  const auto pattern = text && !text->empty() ? std::optional(std::regex(*text)) : std::nullopt;
  for (const auto& [id, known] : one.state().transactions().all()) {
    if (is_elsewhere(one, id) || !is_wanted(request, known, one.now())) continue;
    if (pattern && !std::regex_match(id, *pattern)) continue;
    out.push_back({id, known.producer_id, std::string(name_of(known.phase)), {}});
  }
  return out;
}

}  // namespace

void handle_list_transactions(call& one) {
  const auto& request = *one.as<list_transactions_request>();
  protocol::list_transactions_response response;
  response.error_code = static_cast<std::int16_t>(one.forced_error());
  if (one.forced_error() != broker_errc::none) return one.answer(std::move(response));
  for (const auto& name : request.state_filters) {
    if (!is_phase_name(name)) response.unknown_state_filters.push_back(name);
  }
  try {
    response.transaction_states = list(one, request);
  } catch (const std::regex_error&) {
    // A pattern that makes no sense, or is more than can be matched.
    response.error_code = static_cast<std::int16_t>(broker_errc::invalid_regular_expression);
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
