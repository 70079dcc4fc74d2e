// SPDX-License-Identifier: Apache-2.0
// FindCoordinator, 0 to 6. 1 adds transactional ids beside groups, 4 asks for several keys at once (KIP-699), 6 adds
// share groups, whose keys are `group:topicId:partition`.
#include "protocol/messages/find_coordinator.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"

namespace kafka::fake {

namespace {

using coordinator = protocol::find_coordinator_response::coordinator;

coordinator find(call& one, std::int8_t type, const std::string& key) {
  cluster_state& state = one.state();
  coordinator out;
  out.key = key;
  out.node_id = -1;
  out.port = -1;
  const auto refuse = [&](broker_errc code, std::string message) {
    out.error_code = static_cast<std::int16_t>(code);
    out.error_message = std::move(message);
    return out;
  };
  if (one.forced_error() != broker_errc::none) return refuse(one.forced_error(), {});
  const bool known_type = type >= 0 && type <= (one.version() >= 6 ? 2 : one.version() >= 1 ? 1 : 0);
  if (!known_type) return refuse(broker_errc::invalid_request, "Unknown coordinator type " + std::to_string(type));
  const node_state* node = state.find_node(state.coordinator(static_cast<coordinator_type>(type), key));
  if (!node) return refuse(broker_errc::coordinator_not_available, "No broker is running.");
  out.node_id = node->id;
  out.host = node->host;
  out.port = node->port;
  out.error_message.reset();
  return out;
}

}  // namespace

void handle_find_coordinator(call& one) {
  const auto& request = *one.as<protocol::find_coordinator_request>();
  protocol::find_coordinator_response response;
  if (one.version() >= 4) {
    for (const auto& key : request.coordinator_keys) response.coordinators.push_back(find(one, request.key_type, key));
    return one.answer(std::move(response));
  }
  coordinator found = find(one, request.key_type, request.key);
  response.error_code = found.error_code;
  response.error_message = std::move(found.error_message);
  response.node_id = found.node_id;
  response.host = std::move(found.host);
  response.port = found.port;
  one.answer(std::move(response));
}

}  // namespace kafka::fake
