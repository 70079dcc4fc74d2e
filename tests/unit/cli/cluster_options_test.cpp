// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_options.hpp"

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using namespace std::chrono_literals;

TEST_CASE("brokers without a port get Kafka's own") {
  CHECK(with_ports("a") == "a:9092");
  CHECK(with_ports("a:1,b,10.0.0.1") == "a:1,b:9092,10.0.0.1:9092");
  CHECK(with_ports("[::1],[::1]:5") == "[::1]:9092,[::1]:5");
  CHECK(with_ports(",a,,") == "a:9092");
  CHECK(with_ports("").empty());
}

TEST_CASE("without brokers there is one on this machine") {
  CHECK(make_admin_config({}).bootstrap_servers == "127.0.0.1:9092");
  CHECK(make_producer_config({.brokers = "b"}).bootstrap_servers == "b:9092");
}

TEST_CASE("a property wins over what the command sets by itself") {
  cluster_options options;
  options.timeout = 3s;
  CHECK(make_admin_config(options).api_timeout == 3s);
  CHECK(make_producer_config(options).max_block == 3s);
  CHECK(make_consumer_config(options).offset_reset == consumer_config::reset::none);
  options.brokers += "a";
  options.properties = {"max.block.ms=7", "auto.offset.reset=earliest", "bootstrap.servers=c:1", "linger.ms=1",
                        "linger.ms=2"};
  CHECK(make_producer_config(options).max_block == 7ms);
  CHECK(make_producer_config(options).linger == 2ms);
  CHECK(make_consumer_config(options).offset_reset == consumer_config::reset::earliest);
  CHECK(make_consumer_config(options).bootstrap_servers == "c:1");
}

TEST_CASE("properties that would have no effect are refused") {
  cluster_options options;
  options.properties = {"fetch.min.bytes=5"};
  CHECK_NOTHROW(check_properties(options, false, true));
  CHECK_THROWS_WITH(check_properties(options, true, false), Catch::Matchers::Contains("fetch.min.bytes"));
  CHECK_THROWS_AS(check_properties(options, false, false), usage_error);
  options.properties = {"request.timeout.ms=5"};
  CHECK_NOTHROW(check_properties(options, false, false));
  options.properties = {"=5"};
  CHECK_THROWS_AS(check_properties(options, true, true), usage_error);
}

TEST_CASE("a bad value and an unreadable file are usage errors") {
  cluster_options options;
  options.properties = {"linger.ms=soon"};
  CHECK_THROWS_WITH(make_producer_config(options), Catch::Matchers::Contains("linger.ms: \"soon\""));
  CHECK_NOTHROW(make_admin_config(options));
  cluster_options with_file;
  with_file.properties_file = "/no/such/file";
  CHECK_THROWS_WITH(make_admin_config(with_file), Catch::Matchers::Contains("/no/such/file"));
}

TEST_CASE("the log is written only from the level that was asked for") {
  CHECK_FALSE(make_admin_config({}).log);
  CHECK(make_admin_config({.log_level = "warning"}).log);
}
