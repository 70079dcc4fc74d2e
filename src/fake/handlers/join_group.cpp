// SPDX-License-Identifier: Apache-2.0
// JoinGroup, 0 to 9. Waits until the group has a new generation.
// - 1 has a timeout for rebalances beside the one for sessions, 4 tells new members their id first (KIP-394).
// - 5 adds static members (KIP-345), 7 the type of protocol in the answer (KIP-559), 8 a reason, 9 skip_assignment.
#include "protocol/messages/join_group.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"
#include "fake/pending_answer.hpp"

namespace kafka::fake {

void handle_join_group(call& one) {
  using response = protocol::join_group_response;
  const auto& request = *one.as<protocol::join_group_request>();
  const auto refuse = [&](broker_errc code) {
    response out;
    out.error_code = number_of(code);
    out.member_id = request.member_id;
    return out;
  };
  if (one.forced_error() != broker_errc::none) return one.answer(refuse(one.forced_error()));
  answer_later<response>(one, [&](const pending_join& pending) {
    const broker_errc refused = refusal_of_group(one, request.group_id);
    if (refused != broker_errc::none) return pending->complete(refuse(refused));
    one.state().groups().join(request, one.version(), one.header().client_id, pending, one.now());
  });
}

}  // namespace kafka::fake
