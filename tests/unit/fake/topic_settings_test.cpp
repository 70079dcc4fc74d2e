// SPDX-License-Identifier: Apache-2.0
#include "fake/topic_settings.hpp"

#include <algorithm>

#include "fake/broker_versions.hpp"
#include "support/catch.hpp"

namespace kafka::fake {
namespace {

TEST_CASE("topic configuration has valid defaults and sorted names") {
  const auto keys = topic_config_keys();
  REQUIRE(keys.size() > 20);
  CHECK(std::is_sorted(keys.begin(), keys.end(), [](auto& left, auto& right) { return left.name < right.name; }));
  for (const auto& key : keys) {
    INFO(key.name);
    CHECK_FALSE(key.documentation.empty());
    CHECK_FALSE(config_problem(key, key.standard));
  }
}

TEST_CASE("values that a broker refuses are refused") {
  const auto problem = [](std::string_view name, std::string_view value) {
    const config_key* key = find_topic_config(name);
    REQUIRE(key);
    return config_problem(*key, value).value_or("");
  };
  CHECK(problem("retention.ms", "abc").find("retention.ms") != std::string::npos);
  CHECK_FALSE(problem("retention.ms", "").empty());
  CHECK_FALSE(problem("retention.ms", "-2").empty());
  CHECK_FALSE(problem("retention.ms", "12x").empty());
  CHECK_FALSE(problem("max.message.bytes", "3000000000").empty());
  CHECK_FALSE(problem("min.cleanable.dirty.ratio", "1.5").empty());
  CHECK_FALSE(problem("preallocate", "yes").empty());
  CHECK_FALSE(problem("message.timestamp.type", "create").empty());
  CHECK_FALSE(problem("cleanup.policy", "compact,keep").empty());
  CHECK(problem("cleanup.policy", "compact,delete").empty());
  CHECK(problem("retention.ms", "-1").empty());
  CHECK(problem("follower.replication.throttled.replicas", "1:2,3:4").empty());
  CHECK_FALSE(find_topic_config("no.such.key"));
}

TEST_CASE("settings are read from the configuration, defaults otherwise") {
  const topic_settings standard{config_map{}};
  CHECK(standard.max_message_bytes == 1048588);
  CHECK(standard.retention_bytes == -1);
  CHECK_FALSE(standard.log_append_time);
  const topic_settings given(config_map{{"max.message.bytes", "100"},
                                        {"min.insync.replicas", "2"},
                                        {"retention.bytes", "5000"},
                                        {"message.timestamp.type", "LogAppendTime"},
                                        {"cleanup.policy", "compact"}});
  CHECK(given.max_message_bytes == 100);
  CHECK(given.min_insync_replicas == 2);
  CHECK(given.retention_bytes == 5000);
  CHECK(given.log_append_time);
  CHECK(given.compacted);
}

TEST_CASE("each broker version announces what it announced") {
  CHECK_FALSE(versions_like("9.9"));
  const auto v21 = versions_like("2.1");
  const auto v28 = versions_like("2.8");
  const auto v43 = versions_like("4.3");
  REQUIRE((v21 && v28 && v43));
  CHECK(v21->announced(api_key::produce) == protocol::version_range{0, 7});
  CHECK(v21->announced(api_key::fetch) == protocol::version_range{0, 10});
  CHECK_FALSE(v21->announced(api_key::describe_cluster));
  CHECK(v28->announced(api_key::metadata) == protocol::version_range{0, 11});
  // 4.x says 0 though it means 3 (KAFKA-18659).
  CHECK(v43->announced(api_key::produce) == protocol::version_range{0, 13});
  CHECK(v43->announced(api_key::fetch) == protocol::version_range{4, 18});
  CHECK(v43->announced(api_key::init_producer_id) == protocol::version_range{0, 5});
}

}  // namespace
}  // namespace kafka::fake
