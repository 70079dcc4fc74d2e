// SPDX-License-Identifier: Apache-2.0
#include "net/dialer.hpp"

#include <chrono>
#include <string>
#include <variant>

#include "support/catch.hpp"
#include "unit/net/net_support.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;
using net::dialer;

namespace {

const net::dial_options options{
    .peer = "b1:9092", .connect_timeout = 10s, .connect_timeout_max = 30s, .resolve_timeout = 20s};

std::string address(const dialer::step& step) {
  REQUIRE(std::holds_alternative<std::string>(step));
  return std::get<std::string>(step);
}

error failure(const dialer::step& step) {
  REQUIRE(std::holds_alternative<error>(step));
  return std::get<error>(step);
}

}  // namespace

TEST_CASE("every address of a name is tried in turn, and the error names each") {
  net::dial_memory memory;
  dialer dial(options, memory);
  dial.start(start);
  CHECK(address(dial.resolved({{"10.0.0.1", "::1"}, {}}, start)) == "10.0.0.1");
  CHECK(address(dial.connect_failed("Connection refused", start)) == "::1");
  const error why = failure(dial.connect_failed("Network is unreachable", start));
  CHECK(why == client_errc::connect_failed);
  CHECK(why.cause() == "b1:9092: 10.0.0.1: Connection refused; ::1: Network is unreachable");
  CHECK(dial.deadline() == never);
}

TEST_CASE("each address has its own time-out") {
  net::dial_memory memory;
  dialer dial(options, memory);
  dial.start(start);
  (void)dial.resolved({{"10.0.0.1", "10.0.0.2"}, {}}, start + 1s);
  CHECK(dial.deadline() == start + 11s);
  CHECK_FALSE(dial.tick(start + 11s - 1ns));
  const auto second = dial.tick(start + 11s);
  REQUIRE(second);
  CHECK(address(*second) == "10.0.0.2");
  CHECK(dial.deadline() == start + 21s);
  dial.connected();
  CHECK(dial.deadline() == never);
}

TEST_CASE("attempts that reach nothing stretch the time-out up to its maximum, one that connects resets it") {
  net::dial_memory memory;
  for (const auto expected : {10s, 20s, 30s, 30s}) {
    dialer dial(options, memory);
    dial.start(start);
    (void)dial.resolved({{"10.0.0.1"}, {}}, start);
    CHECK(dial.deadline() == start + expected);
    (void)dial.tick(start + expected);
  }
  dialer good(options, memory);
  (void)good.resolved({{"10.0.0.1"}, {}}, start);
  good.connected();
  dialer next(options, memory);
  (void)next.resolved({{"10.0.0.1"}, {}}, start);
  CHECK(next.deadline() == start + 10s);
}

TEST_CASE("a look-up that gives nothing, or takes too long, is told as such") {
  net::dial_memory memory;
  dialer dial(options, memory);
  dial.start(start);
  const error why = failure(dial.resolved({{}, "Name or service not known"}, start));
  CHECK(why == client_errc::resolve_failed);
  CHECK(why.cause() == "b1:9092: Name or service not known");

  dialer slow(options, memory);
  slow.start(start);
  CHECK(slow.deadline() == start + 20s);
  CHECK_FALSE(slow.tick(start + 19s));
  const auto late = slow.tick(start + 20s);
  REQUIRE(late);
  CHECK(failure(*late) == client_errc::resolve_failed);
}

TEST_CASE("the address that worked comes first next time, behind the one that did not begins the next attempt") {
  const net::resolution found{{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, {}};
  net::dial_memory memory;
  dialer first(options, memory);
  (void)first.resolved(found, start);
  CHECK(address(first.connect_failed("refused", start)) == "10.0.0.2");
  first.connected();

  dialer second(options, memory);
  CHECK(address(second.resolved(found, start)) == "10.0.0.2");
  second.connected();
  second.disappointed();

  dialer third(options, memory);
  CHECK(address(third.resolved(found, start)) == "10.0.0.3");
  CHECK(address(third.connect_failed("refused", start)) == "10.0.0.1");

  dialer moved(options, memory);
  CHECK(address(moved.resolved({{"10.9.9.9"}, {}}, start)) == "10.9.9.9");
}
