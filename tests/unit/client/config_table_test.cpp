// SPDX-License-Identifier: Apache-2.0
#include "client/config_table.hpp"

#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include <kafka/properties.hpp>

#include "support/catch.hpp"

using namespace kafka;
using namespace std::chrono_literals;
using client::config_row;
using client::config_rows;

namespace {

/// Stands in for any member while the members of an aggregate are counted.
struct anything {
  template <class T>
  operator T() const {
    return T{};
  }
};

template <class Config, std::size_t... Index>
constexpr bool takes(std::index_sequence<Index...>) {
  return requires { Config{((void)Index, anything{})...}; };
}

/// How many members the aggregate has: the most initializers that it takes.
template <class Config, std::size_t Count = 1>
constexpr std::size_t member_count() {
  if constexpr (!takes<Config>(std::make_index_sequence<Count + 1>{})) {
    return Count;
  } else {
    return member_count<Config, Count + 1>();
  }
}

template <class Config>
std::set<const void*> addresses(const Config& config) {
  std::set<const void*> found;
  for (const config_row<Config>& row : config_rows<Config>()) {
    found.insert(std::visit([&](auto member) { return static_cast<const void*>(&(config.*member)); }, row.member));
  }
  return found;
}

producer_config good_producer() {
  return {.bootstrap_servers = "a:9092"};
}
consumer_config good_consumer() {
  return {.bootstrap_servers = "a:9092"};
}

template <class Config>
void check_round_trip() {
  for (const config_row<Config>& row : config_rows<Config>()) {
    if (row.key.empty()) continue;
    CAPTURE(row.key);
    Config config;
    const std::optional<std::string> text = client::member_text(row, config);
    REQUIRE(text);
    CHECK_FALSE(client::set_member(row, config, *text));
    CHECK(client::member_text(row, config) == text);
  }
}

}  // namespace

TEST_CASE("every member of every configuration has exactly one row") {
  STATIC_REQUIRE(member_count<std::pair<int, int>>() == 2);
  CHECK(addresses(connection_config{}).size() == member_count<connection_config>());
  CHECK(config_rows<connection_config>().size() == member_count<connection_config>());
  // The member `connection` has the rows of connection_config instead.
  CHECK(addresses(producer_config{}).size() + 1 == member_count<producer_config>());
  CHECK(config_rows<producer_config>().size() + 1 == member_count<producer_config>());
  CHECK(addresses(consumer_config{}).size() + 1 == member_count<consumer_config>());
  CHECK(config_rows<consumer_config>().size() + 1 == member_count<consumer_config>());
  CHECK(addresses(admin_config{}).size() + 1 == member_count<admin_config>());
  CHECK(config_rows<admin_config>().size() + 1 == member_count<admin_config>());
}

TEST_CASE("the text of every default can be set again") {
  check_round_trip<connection_config>();
  check_round_trip<producer_config>();
  check_round_trip<consumer_config>();
  check_round_trip<admin_config>();
}

TEST_CASE("defaults are valid once there is a broker") {
  CHECK_FALSE(client::validate(good_producer()));
  CHECK_FALSE(client::validate(good_consumer()));
  CHECK_FALSE(client::validate(admin_config{.bootstrap_servers = "a:9092"}));
  CHECK_FALSE(client::validate(connection_config{}));
}

TEST_CASE("a reset by duration is a word and a duration in one") {
  consumer_config config;
  const auto* row = client::find_config_row<consumer_config>("auto.offset.reset");
  REQUIRE(row);
  REQUIRE_FALSE(set_property(config, "auto.offset.reset", " by_duration:PT1H30M "));
  CHECK(config.offset_reset == offset_reset::by_duration);
  CHECK(config.offset_reset_duration == 90min);
  CHECK(client::member_text(*row, config) == "by_duration:PT1H30M");
  for (const char* bad : {"by_duration", "by_duration:", "by_duration:1h", "by_duration:-PT1H",
                          "by_duration:PnDTnHnMn.nS", "duration:PT1H"}) {
    CAPTURE(bad);
    const error failure = set_property(config, "auto.offset.reset", bad);
    CHECK(failure == client_errc::invalid_config);
    CHECK(failure.message().find("by_duration:PnDTnHnMn.nS") != std::string::npos);
  }
  CHECK(config.offset_reset_duration == 90min);
  REQUIRE_FALSE(set_property(config, "auto.offset.reset", "latest"));
  CHECK(client::member_text(*row, config) == "latest");
}

TEST_CASE("Java's names set the members") {
  producer_config config;
  REQUIRE_FALSE(set_property(config, "bootstrap.servers", "a:9092,b:9092"));
  REQUIRE_FALSE(set_property(config, "linger.ms", " 20 "));
  REQUIRE_FALSE(set_property(config, "acks", "1"));
  REQUIRE_FALSE(set_property(config, "compression.type", "ZSTD"));
  REQUIRE_FALSE(set_property(config, "compression.level", "-5"));
  REQUIRE_FALSE(set_property(config, "batch.size", "16384"));
  REQUIRE_FALSE(set_property(config, "request.timeout.ms", "1500"));
  REQUIRE_FALSE(set_property(config, "allow.auto.create.topics", "false"));
  CHECK(config.bootstrap_servers == "a:9092,b:9092");
  CHECK(config.linger == 20ms);
  CHECK(config.acks == acks::leader);
  CHECK(config.compression == compression::zstd);
  CHECK(config.compression_level == -5);
  CHECK(config.batch_bytes_max == 16384);
  CHECK(config.connection.request_timeout == 1500ms);
  CHECK_FALSE(config.allow_auto_create_topics);

  REQUIRE_FALSE(set_property(config, "acks", "all"));
  REQUIRE_FALSE(set_property(config, "compression.level", "default"));
  CHECK(config.acks == acks::all);
  CHECK_FALSE(config.compression_level);

  consumer_config consumer;
  REQUIRE_FALSE(set_property(consumer, "auto.offset.reset", "none"));
  REQUIRE_FALSE(set_property(consumer, "isolation.level", "read_committed"));
  CHECK(consumer.offset_reset == consumer_config::reset::none);
  CHECK(consumer.read_committed);
}

TEST_CASE("a group's protocol is set by Java's names, and what Java refuses with it is refused") {
  consumer_config config = good_consumer();
  config.group_id = std::string("g");
  REQUIRE_FALSE(set_property(config, "group.remote.assignor", "uniform"));
  CHECK(client::validate(config) == client_errc::invalid_config);
  REQUIRE_FALSE(set_property(config, "group.protocol", "CONSUMER"));
  CHECK(config.group_protocol == group_protocol::consumer);
  CHECK(config.remote_assignor == "uniform");
  CHECK_FALSE(client::validate(config));
  for (const auto& [key, value] : {std::pair{"session.timeout.ms", "6000"}, std::pair{"heartbeat.interval.ms", "1000"},
                                   std::pair{"partition.assignment.strategy", "range"}}) {
    consumer_config both = config;
    REQUIRE_FALSE(set_property(both, key, value));
    const error refused = client::validate(both);
    CHECK(refused == client_errc::invalid_config);
    CHECK(refused.message().find(key) != std::string::npos);
    REQUIRE_FALSE(set_property(both, "group.protocol", "automatic"));
    CHECK_FALSE(client::validate(both));
  }
}

TEST_CASE("acks=-1 is all, and is printed as all") {
  producer_config config;
  REQUIRE_FALSE(set_property(config, "acks", "-1"));
  CHECK(client::member_text(*client::find_config_row<producer_config>("acks"), config) == "all");
}

TEST_CASE("a value out of range is refused, names the key and changes nothing") {
  producer_config config;
  for (const char* value : {"-1", "2147483648", "99999999999999999999", "5ms", "", "0x10", "1.5"}) {
    CAPTURE(value);
    const error failure = set_property(config, "linger.ms", value);
    CHECK(failure == client_errc::invalid_config);
    CHECK_THAT(failure.cause(),
               Catch::Matchers::Contains("linger.ms") && Catch::Matchers::Contains("0 ... 2147483647"));
    CHECK(config.linger == 5ms);
  }
  const error failure = set_property(config, "acks", "2");
  CHECK(failure == client_errc::invalid_config);
  CHECK(failure.cause() == "acks: \"2\" is none of all, -1, 0, 1");
}

TEST_CASE("an unknown property is refused, with the one that was meant") {
  producer_config config;
  CHECK(set_property(config, "linger.sm", "1").cause() ==
        "linger.sm: no such property of a producer; did you mean linger.ms?");
  CHECK(set_property(config, "sasl.kerberos.kinit.cmd", "1").cause() ==
        "sasl.kerberos.kinit.cmd: no such property of a producer");
  CHECK(set_property(config, "", "1") == client_errc::invalid_config);
  CHECK(set_property(config, "fetch.min.bytes", "1") == client_errc::invalid_config);
  CHECK(has_property(consumer_config{}, "fetch.min.bytes"));
  CHECK_FALSE(has_property(config, "fetch.min.bytes"));
  CHECK_FALSE(has_property(config, ""));
}

TEST_CASE("validation finds a member out of range whichever way it was set") {
  producer_config config = good_producer();
  config.linger = -1ms;
  CHECK(client::validate(config) == client_errc::invalid_config);
  CHECK_THAT(client::validate(config).cause(), Catch::Matchers::StartsWith("linger.ms"));
  config = good_producer();
  config.acks = static_cast<acks>(7);
  CHECK_THAT(client::validate(config).cause(), Catch::Matchers::StartsWith("acks"));
  config = good_producer();
  config.connection.request_timeout = 0ms;
  CHECK_THAT(client::validate(config).cause(), Catch::Matchers::StartsWith("request.timeout.ms"));
  config = good_producer();
  config.buffer_memory = std::numeric_limits<std::size_t>::max();
  CHECK_THAT(client::validate(config).cause(), Catch::Matchers::StartsWith("buffer.memory"));
}

TEST_CASE("validation finds members that do not fit each other") {
  producer_config producer = good_producer();
  producer.linger = 10s;
  producer.delivery_timeout = 9s;
  CHECK_THAT(client::validate(producer).cause(), Catch::Matchers::StartsWith("delivery.timeout.ms"));
  consumer_config consumer = good_consumer();
  consumer.fetch_wait_max = 30s;
  CHECK_THAT(client::validate(consumer).cause(), Catch::Matchers::StartsWith("fetch.max.wait.ms"));
  consumer = good_consumer();
  consumer.connection.response_bytes_max = 1U << 20U;
  CHECK_THAT(client::validate(consumer).cause(), Catch::Matchers::StartsWith("fetch.max.bytes"));
}

TEST_CASE("a compression level must be one of the codec's") {
  producer_config config = good_producer();
  config.compression_level = 20;
  CHECK_FALSE(client::validate(config));  // without a codec it has no meaning
  config.compression = compression::zstd;
  CHECK_FALSE(client::validate(config));
  config.compression = compression::gzip;
  CHECK(client::validate(config).cause() == "compression.level: 20 is not in 1 ... 9, the levels of gzip");
}

TEST_CASE("bootstrap servers are host:port") {
  producer_config config;
  for (const char* good : {"a:1", "10.0.0.1:9092", "[::1]:9092", "a:9092, b:65535", "a:1,,b:2,"}) {
    CAPTURE(good);
    config.bootstrap_servers = good;
    CHECK_FALSE(client::validate(config));
  }
  for (const char* bad :
       {"", " ", ",", "a", "a:", ":9092", "a:0", "a:65536", "a:b", "::1:9092", "[]:9092", "a:1 b:2"}) {
    CAPTURE(bad);
    config.bootstrap_servers = bad;
    CHECK(client::validate(config) == client_errc::invalid_config);
    CHECK_THAT(client::validate(config).cause(), Catch::Matchers::StartsWith("bootstrap.servers"));
  }
}

TEST_CASE("docs/configuration.md is what the table says now") {
  std::ifstream file(std::string(KAFKA_SOURCE_DIR) + "/docs/configuration.md", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  INFO("write it anew: kafka-cli config-doc > docs/configuration.md");
  CHECK(page == configuration_markdown());
}

TEST_CASE("the configuration page has a line for every row") {
  const std::string page = configuration_markdown();
  CHECK_THAT(page, Catch::Matchers::Contains("| `linger.ms` | `linger` | `5` | 0 ... 2147483647 | "));
  CHECK_THAT(page, Catch::Matchers::Contains("| `request.timeout.ms` | `connection.request_timeout` | `30000` | "));
  CHECK_THAT(page, Catch::Matchers::Contains("| `acks` | `acks` | `all` | all, -1, 0, 1 | "));
}
