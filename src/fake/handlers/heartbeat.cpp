// SPDX-License-Identifier: Apache-2.0
// Heartbeat, 0 to 4. 3 names static members.
#include "protocol/messages/heartbeat.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

void handle_heartbeat(call& one) {
  const auto& request = *one.as<protocol::heartbeat_request>();
  broker_errc code = refusal_of_group(one, request.group_id);
  if (code == broker_errc::none) {
    code = one.state().groups().heartbeat(request.group_id, {request.member_id, &request.group_instance_id},
                                          request.generation_id, one.now());
  } else if (code == broker_errc::coordinator_load_in_progress && one.forced_error() == broker_errc::none) {
    // Sessions begin anew when the group is loaded: there is nothing to be afraid of.
    code = broker_errc::none;
  }
  protocol::heartbeat_response response;
  response.error_code = number_of(code);
  one.answer(std::move(response));
}

}  // namespace kafka::fake
