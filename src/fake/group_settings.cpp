// SPDX-License-Identifier: Apache-2.0
#include "fake/group_settings.hpp"

#include <algorithm>
#include <stdexcept>

namespace kafka::fake {

namespace {

using enum config_type;

constexpr config_key keys[] = {
    {"group.consumer.heartbeat.interval.ms", "", "5000", int32, "", 1,
     "How often members of new-protocol groups send heartbeats."},
    {"group.consumer.max.size", "", "2147483647", int32, "", 1, "How many members a new-protocol group has at most."},
    {"group.consumer.session.timeout.ms", "", "45000", int32, "", 1,
     "After which silence a member of a new-protocol group is removed."},
    {"group.initial.rebalance.delay.ms", "", "3000", int32, "", 0,
     "How long an empty classic group waits for more members before its first rebalance."},
    {"group.max.session.timeout.ms", "", "1800000", int32, "", 1,
     "The longest session timeout that members of classic groups may ask for."},
    {"group.max.size", "", "2147483647", int32, "", 1, "How many members a classic group has at most."},
    {"group.min.session.timeout.ms", "", "6000", int32, "", 1,
     "The shortest session timeout that members of classic groups may ask for."},
    // Of the brokers themselves: see cluster_state::preferred_replica.
    {"replica.selector.class", "", "", string, "", INT64_MIN, "Who chooses the replica that a consumer reads from."},
};

}  // namespace

std::span<const config_key> group_config_keys() noexcept {
  return keys;
}

group_settings::group_settings(const std::map<std::string, std::string>& configs) {
  for (const auto& [name, value] : configs) {
    const auto* key = std::find_if(std::begin(keys), std::end(keys), [&](auto& one) { return one.name == name; });
    if (key == std::end(keys)) throw std::invalid_argument("fake cluster: no broker configuration '" + name + "'");
    if (auto problem = config_problem(*key, value)) throw std::invalid_argument("fake cluster: " + *problem);
  }
  const auto number = [&](const char* name, std::int64_t otherwise) {
    const auto found = configs.find(name);
    return found == configs.end() ? otherwise : std::stoll(found->second);
  };
  const auto time = [&](const char* name, std::chrono::milliseconds& into) {
    into = std::chrono::milliseconds(number(name, into.count()));
  };
  time("group.initial.rebalance.delay.ms", initial_rebalance_delay);
  time("group.min.session.timeout.ms", session_timeout_min);
  time("group.max.session.timeout.ms", session_timeout_max);
  time("group.consumer.session.timeout.ms", consumer_session_timeout);
  time("group.consumer.heartbeat.interval.ms", consumer_heartbeat_interval);
  size_max = static_cast<std::size_t>(number("group.max.size", 2147483647));
  consumer_size_max = static_cast<std::size_t>(number("group.consumer.max.size", 2147483647));
}

}  // namespace kafka::fake
