// SPDX-License-Identifier: Apache-2.0
#include "client/broker_directory.hpp"

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using state = broker_directory::state;

constexpr steady_time start = steady_time(1h);

std::vector<node> two_servers() {
  return {{-1, "a", 1, {}}, {-2, "b", 2, {}}};
}

struct fixture {
  broker_directory directory{{}, two_servers(), 7};
  broker_directory::actions out;

  connection_id connect(std::int32_t node_id, lane on, steady_time now) {
    REQUIRE(directory.acquire(node_id, on, now, out) == state::connecting);
    return std::get<action::open_connection>(out.back()).connection;
  }
};

TEST_CASE("bootstrap servers are host and port, comma separated, with brackets around IPv6 addresses") {
  std::vector<node> out;
  REQUIRE_FALSE(parse_bootstrap_servers("one:9092, 10.0.0.1:1 ,[::1]:65535,", out));
  REQUIRE(out == std::vector<node>{{-1, "one", 9092, {}}, {-2, "10.0.0.1", 1, {}}, {-3, "::1", 65535, {}}});
}

TEST_CASE("a bootstrap server that cannot be one is refused by name") {
  std::vector<node> out;
  for (const char* bad : {"", " , ", "host", "host:", ":9092", "host:0", "host:65536", "host:9x", "::1:9092"}) {
    const error failure = parse_bootstrap_servers(bad, out);
    INFO(bad << " gives " << failure.message());
    REQUIRE(failure == client_errc::invalid_config);
    REQUIRE(failure.message().find("bootstrap.servers") != std::string::npos);
  }
}

TEST_CASE_METHOD(fixture, "each lane of a node has a connection of its own") {
  const connection_id control = connect(-1, lane::control, start);
  const connection_id fetch = connect(-1, lane::fetch, start);
  REQUIRE(control != fetch);
  REQUIRE(directory.acquire(-1, lane::control, start, out) == state::connecting);
  REQUIRE(out.size() == 2);
  directory.ready(control, {}, out);
  REQUIRE(directory.acquire(-1, lane::control, start, out) == state::ready);
  REQUIRE(directory.acquire(-1, lane::fetch, start, out) == state::connecting);
}

TEST_CASE_METHOD(fixture, "a broker that cannot be reached is tried again after growing pauses of at most a second") {
  steady_time now = start;
  auto pause = 0ms;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const connection_id made = connect(-1, lane::control, now);
    REQUIRE(directory.closed(made, error(client_errc::connect_failed), now, out));
    REQUIRE(directory.acquire(-1, lane::control, now, out) == state::waiting);
    pause = std::chrono::duration_cast<std::chrono::milliseconds>(directory.retry_at(-1, lane::control) - now);
    REQUIRE(pause >= 40ms);
    REQUIRE(pause <= 1200ms);
    now = directory.retry_at(-1, lane::control);
  }
  REQUIRE(pause >= 800ms);
}

TEST_CASE_METHOD(fixture, "failures of one broker are logged once until it can be reached again") {
  steady_time now = start;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const connection_id made = connect(-1, lane::control, now);
    (void)directory.closed(made, error(client_errc::connect_failed), now, out);
    now = directory.retry_at(-1, lane::control);
  }
  directory.ready(connect(-1, lane::control, now), {}, out);
  std::vector<log_level> levels;
  for (const auto& one : out) {
    if (const auto* line = std::get_if<action::write_log>(&one)) levels.push_back(line->level);
  }
  REQUIRE(levels == std::vector{log_level::warning, log_level::info});
}

TEST_CASE_METHOD(fixture, "an idle connection that ends is no failure and may be opened again at once") {
  const connection_id made = connect(-1, lane::control, start);
  directory.ready(made, {}, out);
  (void)directory.closed(made, error(client_errc::connection_lost), start, out);
  REQUIRE(directory.acquire(-1, lane::control, start, out) == state::connecting);
  REQUIRE_FALSE(directory.last_failure());
}

TEST_CASE_METHOD(fixture, "that somebody is no broker is not forgotten when it then says nothing") {
  steady_time now = start;
  for (const client_errc each : {client_errc::not_kafka, client_errc::request_timed_out}) {
    (void)directory.closed(connect(-1, lane::control, now), error(each), now, out);
    now = directory.retry_at(-1, lane::control);
    REQUIRE(directory.last_failure() == client_errc::not_kafka);
  }
  (void)directory.closed(connect(-1, lane::control, now), error(client_errc::connect_failed), now, out);
  REQUIRE(directory.last_failure() == client_errc::connect_failed);
}

TEST_CASE_METHOD(fixture, "a broker that moved gets a new connection and loses the old one") {
  directory.update({{1, "x", 1, {}}}, out);
  const connection_id made = connect(1, lane::produce, start);
  directory.ready(made, {}, out);
  out.clear();
  directory.update({{1, "x", 2, {}}}, out);
  REQUIRE(out.size() == 1);
  REQUIRE(std::get<action::close_connection>(out[0]).connection == made);
  REQUIRE_FALSE(directory.find(made));
  REQUIRE(directory.acquire(1, lane::produce, start, out) == state::connecting);
  REQUIRE(std::get<action::open_connection>(out.back()).port == 2);
}

TEST_CASE_METHOD(fixture, "an answer without brokers forgets none") {
  directory.update({{1, "x", 1, {}}}, out);
  directory.update({}, out);
  REQUIRE(directory.choose(lane::control, start) == 1);
}

TEST_CASE_METHOD(fixture, "any broker means a connected one, then a known one, then a bootstrap server") {
  REQUIRE(directory.choose(lane::control, start).value() < 0);
  directory.update({{1, "x", 1, {}}, {2, "y", 2, {}}}, out);
  REQUIRE(directory.choose(lane::control, start).value() > 0);
  directory.ready(connect(-2, lane::control, start), {}, out);
  REQUIRE(directory.choose(lane::control, start) == -2);
}

TEST_CASE_METHOD(fixture, "when every known broker is gone the bootstrap servers are the way back") {
  directory.update({{1, "x", 1, {}}}, out);
  (void)directory.closed(connect(1, lane::control, start), error(client_errc::connect_failed), start, out);
  REQUIRE(directory.choose(lane::control, start).value() < 0);
}

TEST_CASE_METHOD(fixture, "there is no choice while all back off, and it says when there will be") {
  for (const std::int32_t id : {-1, -2}) {
    (void)directory.closed(connect(id, lane::control, start), error(client_errc::connect_failed), start, out);
  }
  REQUIRE_FALSE(directory.choose(lane::control, start));
  const steady_time next = directory.next_retry(lane::control);
  REQUIRE(next > start);
  REQUIRE(directory.choose(lane::control, next));
}

TEST_CASE_METHOD(fixture, "a node that metadata does not name is unknown") {
  REQUIRE(directory.acquire(42, lane::control, start, out) == state::unknown);
}

}  // namespace
}  // namespace kafka::client
