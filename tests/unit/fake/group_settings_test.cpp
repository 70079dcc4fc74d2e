// SPDX-License-Identifier: Apache-2.0
#include "fake/group_settings.hpp"

#include <stdexcept>

#include "support/catch.hpp"

namespace kafka::fake {
namespace {

bool is_refused(const std::string& name, const std::string& value) {
  try {
    const group_settings made(std::map<std::string, std::string>{{name, value}});
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

TEST_CASE("what is not said has Kafka's defaults, in the table as in the struct") {
  const group_settings settings;
  std::map<std::string, std::string> standards;
  for (const auto& key : group_config_keys()) standards.emplace(key.name, key.standard);
  const group_settings told(standards);
  CHECK(settings.initial_rebalance_delay == told.initial_rebalance_delay);
  CHECK(settings.session_timeout_min == told.session_timeout_min);
  CHECK(settings.session_timeout_max == told.session_timeout_max);
  CHECK(settings.size_max == told.size_max);
  CHECK(settings.consumer_session_timeout == told.consumer_session_timeout);
  CHECK(settings.consumer_heartbeat_interval == told.consumer_heartbeat_interval);
  CHECK(settings.consumer_size_max == told.consumer_size_max);
}

TEST_CASE("each key reaches its setting") {
  const group_settings settings({{"group.initial.rebalance.delay.ms", "1"},
                                 {"group.min.session.timeout.ms", "2"},
                                 {"group.max.session.timeout.ms", "3"},
                                 {"group.max.size", "4"},
                                 {"group.consumer.session.timeout.ms", "5"},
                                 {"group.consumer.heartbeat.interval.ms", "6"},
                                 {"group.consumer.max.size", "7"}});
  CHECK(settings.initial_rebalance_delay.count() == 1);
  CHECK(settings.session_timeout_min.count() == 2);
  CHECK(settings.session_timeout_max.count() == 3);
  CHECK(settings.size_max == 4);
  CHECK(settings.consumer_session_timeout.count() == 5);
  CHECK(settings.consumer_heartbeat_interval.count() == 6);
  CHECK(settings.consumer_size_max == 7);
}

TEST_CASE("unknown keys and bad values are refused") {
  CHECK(is_refused("group.unknown", "1"));
  CHECK(is_refused("group.max.size", "many"));
  CHECK(is_refused("group.max.size", "0"));
  CHECK(is_refused("group.initial.rebalance.delay.ms", "-1"));
}

}  // namespace
}  // namespace kafka::fake
