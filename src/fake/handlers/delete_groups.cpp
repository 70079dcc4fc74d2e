// SPDX-License-Identifier: Apache-2.0
// DeleteGroups, 0 to 2: groups of both protocols, with their offsets, if they have no members.
#include "protocol/messages/delete_groups.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

void handle_delete_groups(call& one) {
  const auto& request = *one.as<protocol::delete_groups_request>();
  protocol::delete_groups_response response;
  for (const auto& name : request.groups_names) {
    broker_errc code = refusal_of_group(one, name);
    if (code == broker_errc::none) code = one.state().groups().remove(name);
    response.results.push_back({name, number_of(code), {}});
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
