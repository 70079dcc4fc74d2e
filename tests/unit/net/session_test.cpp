// SPDX-License-Identifier: Apache-2.0
#include "net/session.hpp"

#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include "support/catch.hpp"
#include "support/heap_watch.hpp"
#include "unit/net/net_support.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;
using net::session;
using events = std::vector<session::event>;

namespace {

const std::error_code reset = std::make_error_code(std::errc::connection_reset);

session::event responded(net::request_id id, std::string_view body) {
  return session::response{id, shared_bytes::copy_of(body)};
}

session::request_failed failed(const session::event& event) {
  REQUIRE(std::holds_alternative<session::request_failed>(event));
  return std::get<session::request_failed>(event);
}

bool says(const error& why, std::string_view text) {
  return why.message().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a connection asks what the broker speaks, is ready, and answers go to their requests") {
  conversation with;
  with.session.opened(with.now);
  const auto greeting = with.written();
  REQUIRE(greeting.size() == 1);
  CHECK(greeting[0].key == api_key::api_versions);
  CHECK(greeting[0].version == 4);
  CHECK(greeting[0].client_id == "asio-kafka");
  with.receive(answer(greeting[0].correlation_id, encoded(spoken(), 4)));
  const auto first = with.event();
  REQUIRE(std::holds_alternative<session::ready>(first));
  CHECK(std::get<session::ready>(first).versions == protocol::api_versions(spoken()));
  CHECK(with.session.is_ready());

  with.session.send(fetch(100, "one"), with.now);
  with.session.send(fetch(200, "two"), with.now);
  const auto sent = with.written();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].body == "one");
  CHECK(sent[1].body == "two");
  with.receive(answer(sent[0].correlation_id, "first") + answer(sent[1].correlation_id, "second"));
  CHECK(with.events() == events{responded(100, "first"), responded(200, "second")});
}

TEST_CASE("answers are the same wherever the stream is split") {
  std::string stream;
  for (int at = 0; at < 4; ++at) stream += answer(2 + at, "answer " + std::string(static_cast<std::size_t>(at), 'x'));
  const events expected{responded(10, "answer "), responded(11, "answer x"), responded(12, "answer xx"),
                        responded(13, "answer xxx")};
  for (std::size_t split = 0; split <= stream.size() + 1; ++split) {
    conversation with;
    with.become_ready();
    for (net::request_id id = 10; id < 14; ++id) with.session.send(fetch(id), with.now);
    REQUIRE(with.written().size() == 4);
    if (split > stream.size()) {
      for (const char each : stream) with.receive({&each, 1});
    } else {
      with.receive(std::string_view(stream).substr(0, split));
      with.receive(std::string_view(stream).substr(split));
    }
    if (with.events() != expected) FAIL("split at " << split);
  }
}

TEST_CASE("a handshake's answer split anywhere, or one byte every 100 ms, makes the connection ready") {
  const std::string whole = answer(1, encoded(spoken(), 4));
  for (std::size_t split = 0; split <= whole.size(); ++split) {
    conversation with;
    with.session.opened(with.now);
    (void)with.written();
    with.receive(std::string_view(whole).substr(0, split));
    with.receive(std::string_view(whole).substr(split));
    if (!std::holds_alternative<session::ready>(with.event())) FAIL("split at " << split);
  }
  conversation slow;
  slow.session.opened(slow.now);
  (void)slow.written();
  for (const char each : whole) {
    slow.now += 100ms;
    slow.session.tick(slow.now);
    slow.receive({&each, 1});
  }
  CHECK(slow.session.is_ready());
}

TEST_CASE("every split of what is written gives the same requests") {
  std::string expected;
  for (std::size_t limit = 1; limit < 120; ++limit) {
    conversation with;
    with.session.opened(with.now);
    while (with.session.wants_write()) with.write(limit);
    with.receive(answer(1, encoded(spoken(), 4)));
    with.session.send(fetch(1, "one"), with.now);
    with.session.send(fetch(2, std::string(2000, 'x')), with.now);
    while (with.session.wants_write()) with.write(limit);
    if (expected.empty()) expected = with.on_the_wire;
    if (with.on_the_wire != expected) FAIL("limit " << limit);
    const auto sent = take_requests(with.on_the_wire);
    REQUIRE(sent.size() == 3);
    CHECK(sent[2].body == std::string(2000, 'x'));
  }
}

TEST_CASE("an answer with a wrong correlation id ends the connection") {
  for (const std::int32_t wrong : {1, 3, -1, 1'000'000}) {
    conversation with;
    with.become_ready();
    with.session.send(fetch(7), with.now);
    with.session.send(fetch(8), with.now);
    REQUIRE(with.written().size() == 2);
    with.receive(answer(wrong, "body"));
    const auto told = with.events();
    REQUIRE(told.size() == 3);
    CHECK(failed(told[0]).id == 7);
    CHECK(failed(told[0]).outcome == write_outcome::unknown);
    CHECK(failed(told[0]).why == client_errc::malformed_response);
    CHECK(failed(told[1]).id == 8);
    const error why = std::get<session::closed>(told[2]).why;
    CHECK(why == client_errc::malformed_response);
    CHECK(says(why, "expected was 2"));
  }
}

TEST_CASE("an answer that comes twice, or that nobody asked for, ends the connection") {
  conversation twice;
  twice.become_ready();
  twice.session.send(fetch(7), twice.now);
  (void)twice.written();
  twice.receive(answer(2, "body") + answer(2, "body"));
  CHECK(twice.event() == responded(7, "body"));
  CHECK(twice.closed() == client_errc::malformed_response);

  conversation unasked;
  unasked.become_ready();
  unasked.receive(answer(2, "body"));
  CHECK(says(unasked.closed(), "none was expected"));
}

TEST_CASE("a frame that belongs to nothing is refused at its correlation id, before memory is spent on it") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7), with.now);
  (void)with.written();
  with.receive(int32(90 << 20) + int32(99));
  CHECK(failed(with.event()).id == 7);
  CHECK(with.closed() == client_errc::malformed_response);
}

TEST_CASE("an answer whose header breaks off ends the connection") {
  conversation with;
  with.become_ready();
  net::request flexible = fetch(7);
  flexible.version = 12;
  with.session.send(std::move(flexible), with.now);
  (void)with.written();
  with.receive(answer(2, ""));
  CHECK(failed(with.event()).id == 7);
  CHECK(with.closed() == client_errc::malformed_response);
}

TEST_CASE("the header of an answer has the version that its request had") {
  conversation with;
  with.become_ready();
  net::request flexible = fetch(7);
  flexible.version = 12;
  with.session.send(std::move(flexible), with.now);
  with.session.send(fetch(8), with.now);
  (void)with.written();
  with.receive(answer(2, "flexible", 1) + answer(3, "old"));
  CHECK(with.events() == events{responded(7, "flexible"), responded(8, "old")});
}

TEST_CASE("half-open: without an answer the connection ends at the request's deadline") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7, "x", with.now + 30s), with.now);
  with.session.send(fetch(8, "x", with.now + 40s), with.now);
  (void)with.written();
  CHECK(with.session.deadline() == start + 30s);
  with.session.tick(start + 30s - 1ns);
  CHECK_FALSE(with.session.has_event());
  with.session.tick(start + 30s);
  const auto told = with.events();
  REQUIRE(told.size() == 3);
  CHECK(failed(told[0]).why == client_errc::request_timed_out);
  CHECK(failed(told[0]).outcome == write_outcome::unknown);
  CHECK(failed(told[1]).id == 8);
  const error why = std::get<session::closed>(told[2]).why;
  CHECK(why == client_errc::request_timed_out);
  CHECK(says(why, "b1:9092: Fetch version 4 got no answer in time"));
  CHECK(with.session.deadline() == never);
}

TEST_CASE("a request that could not be written in time fails alone, and certainly was not written") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7, std::string(100, 'a'), with.now + 60s), with.now);
  with.write(10);  // the peer does not read, the socket is full
  with.session.send(fetch(8, "x", with.now + 30s), with.now);
  with.session.tick(start + 30s);
  const auto told = with.events();
  REQUIRE(told.size() == 1);
  CHECK(failed(told[0]).id == 8);
  CHECK(failed(told[0]).outcome == write_outcome::not_written);
  CHECK(failed(told[0]).why == client_errc::request_timed_out);
  const auto sent = with.written();
  REQUIRE(sent.size() == 1);
  with.receive(answer(2, "seven"));
  CHECK(with.events() == events{responded(7, "seven")});
}

TEST_CASE("a request whose deadline has passed already is not sent") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7, "x", with.now), with.now);
  CHECK_FALSE(with.session.wants_write());
  const auto told = failed(with.event());
  CHECK(told.why == client_errc::request_timed_out);
  CHECK(told.outcome == write_outcome::not_written);
  CHECK_FALSE(with.session.is_closed());
}

TEST_CASE("a broker that accepts but never answers ApiVersions costs the handshake's time-out") {
  net::session_options options;
  options.handshake_timeout = 10s;
  conversation with(options);
  with.session.opened(with.now);
  (void)with.written();
  CHECK(with.session.deadline() == start + 10s);
  with.session.tick(start + 10s);
  const error why = with.closed();
  CHECK(why == client_errc::request_timed_out);
  CHECK(says(why, "ApiVersions"));

  conversation full(options);
  full.session.opened(full.now);
  full.session.tick(start + 10s);
  CHECK(full.closed() == client_errc::request_timed_out);
}

TEST_CASE("a fallback within the handshake does not buy more time") {
  net::session_options options;
  options.handshake_timeout = 10s;
  conversation with(options);
  with.session.opened(with.now);
  (void)with.written();
  with.now += 9s;
  protocol::api_versions_response old;
  old.error_code = 35;
  with.receive(answer(1, encoded(old, 0)));
  const auto again = with.written();
  REQUIRE(again.size() == 1);
  CHECK(again[0].version == 0);
  CHECK(with.session.deadline() == start + 10s);
  with.receive(answer(2, encoded(spoken(), 0)));
  CHECK(std::holds_alternative<session::ready>(with.event()));
}

TEST_CASE("a handshake that the broker refuses ends the connection with the broker's error") {
  conversation with;
  with.session.opened(with.now);
  (void)with.written();
  protocol::api_versions_response refusal;
  refusal.error_code = 31;
  with.receive(answer(1, encoded(refusal, 4)));
  const error why = with.closed();
  CHECK(why == broker_errc::cluster_authorization_failed);
  CHECK(says(why, "b1:9092"));
}

TEST_CASE("a peer that is no broker is named as what it is") {
  struct example {
    std::string bytes;
    std::string says;
  };
  for (const example& each : std::vector<example>{{"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"},
                                                  {std::string("\x15\x03\x03\x00\x02\x02\x46", 7), "TLS"},
                                                  {"SSH-2.0-OpenSSH_9.2\r\n", "SSH"},
                                                  {int32(0), "0 bytes"},
                                                  {int32(-1), "-1 bytes"},
                                                  {int32(INT32_MAX), "2147483647 bytes"},
                                                  {int32(40) + int32(0x00120004), "correlation id 1179652"}}) {
    conversation with;
    with.session.opened(with.now);
    (void)with.written();
    with.receive(each.bytes);
    const error why = with.closed();
    INFO(why.message());
    CHECK(why == client_errc::not_kafka);
    CHECK(says(why, each.says));
    CHECK(says(why, "b1:9092"));
  }
}

TEST_CASE("the end of the stream during ApiVersions is explained as a port that expects TLS") {
  conversation with;
  with.session.opened(with.now);
  (void)with.written();
  with.session.lost({}, with.now);
  const error why = with.closed();
  CHECK(why == client_errc::connection_lost);
  CHECK(says(why, "expects TLS"));
}

TEST_CASE("a reset in the middle of an answer fails what is in flight and says how far it came") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7), with.now);
  with.session.send(fetch(8), with.now);
  (void)with.written();
  with.session.send(fetch(9), with.now);
  with.receive(answer(2, "whole") + answer(3, "not whole").substr(0, 11));
  with.session.lost(reset, with.now);
  const auto told = with.events();
  REQUIRE(told.size() == 4);
  CHECK(told[0] == responded(7, "whole"));
  CHECK(failed(told[1]).id == 8);
  CHECK(failed(told[1]).outcome == write_outcome::unknown);
  CHECK(failed(told[1]).why.outcome() == write_outcome::unknown);
  CHECK(failed(told[2]).id == 9);
  CHECK(failed(told[2]).outcome == write_outcome::not_written);
  const error why = std::get<session::closed>(told[3]).why;
  CHECK(why == client_errc::connection_lost);
  CHECK(says(why, reset.message()));
  CHECK(says(why, "after 11 of 17 bytes of a response"));
}

TEST_CASE("an unacknowledged produce is done when written, and an end right after is told") {
  conversation with;
  with.become_ready();
  with.session.send(produce_unacknowledged(7), with.now);
  CHECK_FALSE(with.session.has_event());
  with.write(3);
  CHECK_FALSE(with.session.has_event());
  CHECK(with.written().size() == 1);
  CHECK(with.event() == session::event{session::written_out{7}});
  with.session.lost({}, with.now);
  CHECK(with.closed() == client_errc::connection_lost);
}

TEST_CASE("an abandoned request is not heard of again, whatever state it is in") {
  conversation with;
  with.become_ready();
  SECTION("answered but not told") {
    with.session.send(fetch(7), with.now);
    with.session.send(fetch(8), with.now);
    (void)with.written();
    with.receive(answer(2, "seven") + answer(3, "eight"));
    with.session.abandon(7);
    CHECK(with.events() == events{responded(8, "eight")});
  }
  SECTION("in flight") {
    with.session.send(fetch(7), with.now);
    (void)with.written();
    with.session.abandon(7);
    CHECK(with.session.requests() == 1);
    with.receive(answer(2, "seven"));
    CHECK(with.session.requests() == 0);
  }
  SECTION("waiting") {
    with.session.send(fetch(7), with.now);
    with.session.abandon(7);
    CHECK_FALSE(with.session.wants_write());
  }
  SECTION("failed with the connection") {
    with.session.send(fetch(7), with.now);
    (void)with.written();
    with.session.abandon(7);
    with.session.lost(reset, with.now);
    CHECK(with.closed() == client_errc::connection_lost);
  }
  SECTION("refused") {
    with.session.send(fetch(7, "x", with.now), with.now);
    with.session.abandon(7);
  }
  CHECK(with.events().empty());
}

TEST_CASE("an abandoned request that gets no answer still ends the connection at its deadline") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7, "x", with.now + 30s), with.now);
  (void)with.written();
  with.session.abandon(7);
  with.session.tick(start + 30s);
  CHECK(with.closed() == client_errc::request_timed_out);
}

TEST_CASE("requests are refused before the connection is ready, after its end, and beyond the bound") {
  net::session_options options;
  options.requests_max = 2;
  conversation with(options);
  with.session.send(fetch(1), with.now);
  CHECK(failed(with.event()).why == client_errc::invalid_argument);
  with.become_ready();
  for (net::request_id id = 2; id <= 4; ++id) with.session.send(fetch(id), with.now);
  const auto refused = failed(with.event());
  CHECK(refused.id == 4);
  CHECK(refused.why == client_errc::limit_exceeded);
  CHECK(refused.outcome == write_outcome::not_written);
  with.session.close(error(client_errc::closed, "by us"));
  with.session.send(fetch(5), with.now);
  const auto told = with.events();
  REQUIRE(told.size() == 4);
  CHECK(failed(told[2]).id == 5);
  CHECK(failed(told[2]).why == client_errc::closed);
  CHECK(std::holds_alternative<session::closed>(told[3]));
  with.session.send(fetch(6), with.now);
  CHECK(with.events().empty());
}

TEST_CASE("a connection is closed after the idle time, not before and not while a request is in flight") {
  net::session_options options;
  options.idle_timeout = 60s;
  conversation with(options);
  with.become_ready();
  CHECK(with.session.deadline() == start + 60s);
  with.now += 50s;
  with.session.send(fetch(7), with.now);
  (void)with.written();
  with.session.tick(start + 200s);
  CHECK_FALSE(with.session.has_event());
  with.now = start + 300s;
  with.receive(answer(2, "x"));
  (void)with.events();
  CHECK(with.session.deadline() == start + 360s);
  with.session.tick(start + 360s - 1ns);
  CHECK_FALSE(with.session.has_event());
  with.session.tick(start + 360s);
  CHECK_FALSE(with.closed());
}

TEST_CASE("bytes that a transport is writing stay where they are when the connection ends") {
  conversation with;
  with.become_ready();
  with.session.send(fetch(7, std::string(5000, 'x')), with.now);
  std::array<std::span<const std::byte>, 4> pieces;
  REQUIRE(with.session.gather(pieces) == 2);
  with.session.close({});
  CHECK(text_of(pieces[1]) == std::string(5000, 'x'));
  with.session.written(100, with.now);
  CHECK(with.session.gather(pieces) == 0);
  const auto told = with.events();
  REQUIRE(told.size() == 2);
  CHECK(failed(told[0]).outcome == write_outcome::unknown);
}

TEST_CASE("nothing is done after the end, and it is told once") {
  conversation with;
  with.become_ready();
  with.session.close(error(client_errc::closed));
  with.session.close(error(client_errc::cancelled));
  with.session.lost(reset, with.now);
  with.receive(answer(2, "late"));
  with.session.tick(start + 1h);
  with.session.opened(with.now);
  CHECK(with.closed() == client_errc::closed);
  CHECK_FALSE(with.session.has_event());
}

TEST_CASE("a response costs one allocation at most, several that come together one in all") {
  conversation with;
  with.become_ready();
  const auto round = [&](std::size_t count, std::int32_t first) {
    std::vector<net::request> batch;
    std::string stream;
    for (std::size_t at = 0; at < count; ++at) {
      batch.push_back(fetch(at));
      stream += answer(first + static_cast<std::int32_t>(at), "body");
    }
    std::array<std::span<const std::byte>, 64> pieces;
    session::event told;
    const support::heap_watch heap;
    for (net::request& each : batch) with.session.send(std::move(each), with.now);
    std::size_t bytes = 0;
    const std::size_t shown = with.session.gather(pieces);
    for (std::size_t at = 0; at < shown; ++at) bytes += pieces[at].size();
    with.session.written(bytes, with.now);
    with.session.receive(bytes_of(stream), with.now);
    while (with.session.next(told)) told = session::ready{};
    return heap.allocations();
  };
  // Every slot is used once before.
  (void)round(20, 2);
  (void)round(20, 22);
  CHECK(round(1, 42) == 1);
  CHECK(round(20, 43) == 1);
}
