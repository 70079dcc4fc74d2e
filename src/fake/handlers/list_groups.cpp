// SPDX-License-Identifier: Apache-2.0
// ListGroups, 0 to 5: the groups that the asked node coordinates. 4 filters by state (KIP-518), 5 by type (KIP-848);
// upper and lower case are the same in both.
#include "protocol/messages/list_groups.hpp"

#include <algorithm>
#include <cctype>

#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

bool passes(const std::vector<std::string>& filter, const std::string& value) {
  return filter.empty() ||
         std::any_of(filter.begin(), filter.end(), [&](const auto& one) { return lower(one) == lower(value); });
}

protocol::list_groups_response::group list(group_coordinator& groups, const std::string& name) {
  protocol::list_groups_response::group out;
  out.group_id = name;
  if (const classic_group* classic = groups.find_classic(name)) {
    out.protocol_type = classic->protocol_type();
    out.group_state = name_of(classic->phase());
    out.group_type = "classic";
  } else if (const consumer_group* consumer = groups.find_consumer(name)) {
    out.protocol_type = "consumer";
    out.group_state = consumer->phase_name();
    out.group_type = "consumer";
  }
  return out;
}

}  // namespace

void handle_list_groups(call& one) {
  const auto& request = *one.as<protocol::list_groups_request>();
  group_coordinator& groups = one.state().groups();
  protocol::list_groups_response response;
  response.error_code = number_of(one.forced_error());
  if (one.forced_error() != broker_errc::none) return one.answer(std::move(response));
  for (const auto& name : groups.names()) {
    const broker_errc refused = groups.check_node(name, one.node(), one.now());
    if (refused == broker_errc::not_coordinator) continue;
    if (refused != broker_errc::none) {
      // It cannot know them all yet.
      response.groups.clear();
      response.error_code = number_of(refused);
      break;
    }
    auto listed = list(groups, name);
    if (passes(request.states_filter, listed.group_state) && passes(request.types_filter, listed.group_type)) {
      response.groups.push_back(std::move(listed));
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
