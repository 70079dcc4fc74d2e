// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.hpp"

#include <chrono>
#include <system_error>
#include <variant>
#include <vector>

#include "support/catch.hpp"
#include "unit/net/net_support.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;
using net::handshake;
using net::handshake_memory;

namespace {

const std::error_code reset = std::make_error_code(std::errc::connection_reset);

std::int16_t asked_version(const handshake::step& step) {
  REQUIRE(std::holds_alternative<handshake::question>(step));
  CHECK(std::get<handshake::question>(step).key == api_key::api_versions);
  return std::get<handshake::question>(step).version;
}

error failure(const handshake::step& step) {
  REQUIRE(std::holds_alternative<error>(step));
  return std::get<error>(step);
}

shared_bytes response(std::int16_t code, std::int16_t version,
                      std::vector<protocol::api_versions_response::api_version> keys = {}) {
  protocol::api_versions_response out;
  out.error_code = code;
  out.api_keys = std::move(keys);
  return shared_bytes::copy_of(encoded(out, version));
}

}  // namespace

TEST_CASE("the names of our software are made acceptable to brokers") {
  CHECK(net::sanitised_software_text("asio-kafka") == "asio-kafka");
  CHECK(net::sanitised_software_text("1.0.2-rc.1") == "1.0.2-rc.1");
  CHECK(net::sanitised_software_text(" my app/2 (beta)! ") == "my-app-2--beta");
  CHECK(net::sanitised_software_text("-.x.-") == "x");
  CHECK(net::sanitised_software_text("\xc3\xbc_") == "unknown");
  CHECK(net::sanitised_software_text("") == "unknown");
}

TEST_CASE("ApiVersions is asked in the highest version, with our name") {
  handshake_memory memory;
  handshake greeting("asio kafka", "0.1", memory);
  const auto step = greeting.start(start);
  REQUIRE(asked_version(step) == 4);
  protocol::api_versions_request request;
  REQUIRE_FALSE(protocol::decode(std::get<handshake::question>(step).body.flatten(), 4, request));
  CHECK(request.client_software_name == "asio-kafka");
  CHECK(request.client_software_version == "0.1");
}

TEST_CASE("an answer ends the handshake with what the broker speaks") {
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  const auto step = greeting.answered(shared_bytes::copy_of(encoded(spoken(), 4)), start);
  REQUIRE(std::holds_alternative<protocol::api_versions>(step));
  CHECK(std::get<protocol::api_versions>(step).range(api_key::fetch) == protocol::version_range{4, 17});
}

TEST_CASE("a broker that does not know the version names its highest in the form of version 0") {
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  const auto retry = greeting.answered(response(35, 0, {speaks(18, 0, 3)}), start);
  REQUIRE(asked_version(retry) == 3);
  const auto step = greeting.answered(shared_bytes::copy_of(encoded(spoken(), 3)), start);
  CHECK(std::holds_alternative<protocol::api_versions>(step));
}

TEST_CASE("only a strictly lower version is believed, anything else means version 0, and then it ends") {
  for (const std::int16_t hint : {std::int16_t{4}, std::int16_t{5}, std::int16_t{32767}, std::int16_t{-1}}) {
    handshake_memory memory;
    handshake greeting("a", "1", memory);
    (void)greeting.start(start);
    CHECK(asked_version(greeting.answered(response(35, 0, {speaks(18, 0, hint)}), start)) == 0);
    CHECK(failure(greeting.answered(response(35, 0), start)) == broker_errc::unsupported_version);
  }
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  CHECK(asked_version(greeting.answered(response(35, 0, {speaks(18, 0, 2)}), start)) == 2);
  CHECK(asked_version(greeting.answered(response(35, 0, {speaks(18, 0, 2)}), start)) == 0);
}

TEST_CASE("a broker that says nothing but error 35 is asked in version 0") {
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  // Error 35 alone, not even an array behind it.
  CHECK(asked_version(greeting.answered(shared_bytes::copy_of(std::string("\0\x23", 2)), start)) == 0);
  CHECK(std::holds_alternative<protocol::api_versions>(
      greeting.answered(shared_bytes::copy_of(encoded(spoken(), 0)), start)));
}

TEST_CASE("a broker that dislikes our software's name is asked in version 0, which has none") {
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  CHECK(asked_version(greeting.answered(response(42, 4), start)) == 0);
  CHECK(failure(greeting.answered(response(42, 0), start)) == broker_errc::invalid_request);
}

TEST_CASE("any other error ends the handshake and is told") {
  handshake_memory memory;
  handshake greeting("a", "1", memory);
  (void)greeting.start(start);
  CHECK(failure(greeting.answered(response(58, 4), start)) == broker_errc::sasl_authentication_failed);
}

TEST_CASE("an answer that breaks off anywhere is malformed") {
  const std::string whole = encoded(spoken(), 4);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    handshake_memory memory;
    handshake greeting("a", "1", memory);
    (void)greeting.start(start);
    const auto step = greeting.answered(shared_bytes::copy_of(whole.substr(0, size)), start);
    if (!(failure(step) == client_errc::malformed_response)) FAIL("cut at " << size);
  }
}

TEST_CASE("after two connections that were reset on the newest version the third asks in version 0") {
  handshake_memory memory;
  steady_time now = start;
  for (int attempt = 0; attempt < 2; ++attempt, now += 1s) {
    handshake greeting("a", "1", memory);
    CHECK(asked_version(greeting.start(now)) == 4);
    CHECK_FALSE(greeting.lost(reset, now).empty());
  }
  handshake third("a", "1", memory);
  CHECK(asked_version(third.start(now)) == 0);
  CHECK(
      std::holds_alternative<protocol::api_versions>(third.answered(shared_bytes::copy_of(encoded(spoken(), 0)), now)));
  CHECK(third.lost(reset, now).empty());

  SECTION("which is remembered for a while") {
    handshake fourth("a", "1", memory);
    CHECK(asked_version(fourth.start(now + 4min)) == 0);
    handshake later("a", "1", memory);
    CHECK(asked_version(later.start(now + 5min)) == 4);
  }
  SECTION("until version 0 fails too") {
    handshake fourth("a", "1", memory);
    CHECK(asked_version(fourth.start(now)) == 0);
    CHECK_FALSE(fourth.lost({}, now).empty());
    handshake fifth("a", "1", memory);
    CHECK(asked_version(fifth.start(now)) == 4);
  }
}

TEST_CASE("connections that one event reset together count once, and a good one between makes them forgotten") {
  handshake_memory memory;
  handshake one("a", "1", memory);
  handshake two("a", "1", memory);
  handshake three("a", "1", memory);
  for (handshake* each : {&one, &two, &three}) CHECK(asked_version(each->start(start)) == 4);
  for (handshake* each : {&one, &two, &three}) (void)each->lost(reset, start + 1s);
  CHECK(memory.resets == 1);

  handshake good("a", "1", memory);
  (void)good.start(start + 2s);
  (void)good.answered(shared_bytes::copy_of(encoded(spoken(), 4)), start + 2s);
  CHECK(memory.resets == 0);
  (void)good.lost(reset, start + 3s);
  CHECK(memory.resets == 0);
}

TEST_CASE("an end in the middle of ApiVersions is explained") {
  handshake_memory memory;
  handshake closed("a", "1", memory);
  (void)closed.start(start);
  CHECK(closed.lost({}, start).find("expects TLS") != std::string_view::npos);
  handshake broken("a", "1", memory);
  (void)broken.start(start);
  CHECK(broken.lost(reset, start).find("TLS") != std::string_view::npos);
  handshake unopened("a", "1", memory);
  CHECK(unopened.lost(reset, start).empty());
}
