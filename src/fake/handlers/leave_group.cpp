// SPDX-License-Identifier: Apache-2.0
// LeaveGroup, 0 to 5. 3 lets several members leave, static ones by their instance alone (KIP-345); 5 adds reasons.
#include "protocol/messages/leave_group.hpp"

#include <algorithm>

#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

namespace {

constexpr std::int16_t members_since = 3;

}  // namespace

void handle_leave_group(call& one) {
  const auto& request = *one.as<protocol::leave_group_request>();
  group_coordinator& groups = one.state().groups();
  protocol::leave_group_response response;
  broker_errc refused = refusal_of_group(one, request.group_id);
  if (refused == broker_errc::none && request.group_id.empty()) refused = broker_errc::invalid_group_id;
  response.error_code = number_of(refused);
  if (refused != broker_errc::none) return one.answer(std::move(response));
  if (one.version() < members_since) {
    const broker_errc code = groups.leave(request.group_id, {request.member_id, nullptr});
    response.error_code = number_of(code);
  }
  for (const auto& member : request.members) {
    const broker_errc code = groups.leave(request.group_id, {member.member_id, &member.group_instance_id});
    response.members.push_back({member.member_id, member.group_instance_id, number_of(code), {}});
  }
  const bool somebody_left = one.version() < members_since ? response.error_code == 0
                                                           : std::any_of(
                                                                 response.members.begin(), response.members.end(),
                                                                 [](auto& left) { return left.error_code == 0; });
  if (somebody_left) groups.after_leave(request.group_id, one.now());
  one.answer(std::move(response));
}

}  // namespace kafka::fake
