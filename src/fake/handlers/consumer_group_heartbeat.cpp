// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupHeartbeat, 0 and 1 (KIP-848). 1 has members choose their id (KIP-1082) and adds patterns of topics.
#include "protocol/messages/consumer_group_heartbeat.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

void handle_consumer_group_heartbeat(call& one) {
  const auto& request = *one.as<protocol::consumer_group_heartbeat_request>();
  protocol::consumer_group_heartbeat_response response;
  refusal refused{refusal_of_group(one, request.group_id), {}};
  if (!refused) refused = consumer_group::check(request, one.version());
  if (!refused) refused = one.state().groups().heartbeat(request, one.header().client_id, one.now(), response);
  response.error_code = number_of(refused.code);
  if (!refused.message.empty()) response.error_message = std::move(refused.message);
  one.answer(std::move(response));
}

}  // namespace kafka::fake
