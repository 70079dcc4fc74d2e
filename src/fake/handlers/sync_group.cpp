// SPDX-License-Identifier: Apache-2.0
// SyncGroup, 0 to 5. Waits until the leader's has come. 3 names static members, 5 the protocol, both ways (KIP-559).
#include "protocol/messages/sync_group.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"
#include "fake/pending_answer.hpp"

namespace kafka::fake {

void handle_sync_group(call& one) {
  using response = protocol::sync_group_response;
  const auto& request = *one.as<protocol::sync_group_request>();
  const auto refuse = [](broker_errc code) {
    response out;
    out.error_code = number_of(code);
    return out;
  };
  if (one.forced_error() != broker_errc::none) return one.answer(refuse(one.forced_error()));
  answer_later<response>(one, [&](const pending_sync& pending) {
    const broker_errc refused = refusal_of_group(one, request.group_id);
    if (refused != broker_errc::none) return pending->complete(refuse(refused));
    one.state().groups().sync(request, one.version(), pending, one.now());
  });
}

}  // namespace kafka::fake
