// SPDX-License-Identifier: Apache-2.0
#include "net/inflight.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "support/catch.hpp"
#include "support/heap_watch.hpp"
#include "unit/net/net_support.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;
using net::inflight;
using net::request_state;

namespace {

void push(inflight& requests, net::request what, bool internal = false) {
  const auto& api = *protocol::find_api(what.key);
  REQUIRE(requests.push(std::move(what), api, internal));
}

/// Writes at most `limit` bytes of one gather of at most `pieces` pieces.
std::string write(inflight& requests, std::size_t limit = SIZE_MAX, std::size_t pieces = 8) {
  std::vector<std::span<const std::byte>> shown(pieces);
  shown.resize(requests.gather(shown));
  std::string out;
  for (const auto piece : shown) out += text_of(piece);
  out.resize(std::min(out.size(), limit));
  std::vector<net::request_id> completed;
  requests.written(out.size(), completed);
  return out;
}

std::vector<request_state> states(const inflight& requests) {
  std::vector<request_state> out;
  requests.for_each_pending([&](const inflight::entry& entry) { out.push_back(entry.state); });
  return out;
}

}  // namespace

TEST_CASE("a request waits, is staged when shown, written when taken, and done when answered") {
  inflight requests("c");
  push(requests, fetch(1));
  CHECK(states(requests) == std::vector{request_state::waiting});
  CHECK_FALSE(requests.expected());
  std::array<std::span<const std::byte>, 4> shown;
  REQUIRE(requests.gather(shown) == 1);
  CHECK(states(requests) == std::vector{request_state::staged});
  std::vector<net::request_id> completed;
  requests.written(3, completed);
  CHECK(states(requests) == std::vector{request_state::staged});
  requests.written(shown[0].size() - 3, completed);
  CHECK(states(requests) == std::vector{request_state::written});
  REQUIRE(requests.expected());
  CHECK(requests.expected()->id == 1);
  CHECK(requests.expected()->correlation_id == 1);
  requests.answered();
  CHECK(requests.size() == 0);
  CHECK_FALSE(requests.expected());
  CHECK(completed.empty());
}

TEST_CASE("what was shown but certainly not taken waits again") {
  inflight requests("c");
  for (net::request_id id = 1; id <= 3; ++id) push(requests, fetch(id));
  std::array<std::span<const std::byte>, 4> shown;
  REQUIRE(requests.gather(shown) == 3);
  std::vector<net::request_id> completed;
  requests.written(shown[0].size() + 1, completed);
  CHECK(states(requests) == std::vector{request_state::written, request_state::staged, request_state::waiting});
}

TEST_CASE("any partial writes and any number of pieces give the same bytes") {
  const auto make = [] {
    inflight requests("client");
    push(requests, fetch(1, "small"));
    net::request large = fetch(2, std::string(600, 'a'));
    large.body.pieces.push_back(shared_bytes{});
    large.body.pieces.push_back(shared_bytes::copy_of(std::string(900, 'b')));
    large.body.size = 1500;
    push(requests, std::move(large));
    push(requests, produce_unacknowledged(3, std::string(513, 'c')));
    push(requests, fetch(4, ""));
    return requests;
  };
  inflight whole = make();
  const std::string expected = write(whole);
  CHECK_FALSE(whole.wants_write());
  for (const std::size_t pieces : {1U, 2U, 3U, 8U}) {
    for (std::size_t limit = 1; limit <= 700; limit += 3) {
      inflight requests = make();
      std::string got;
      while (requests.wants_write()) got += write(requests, limit, pieces);
      if (got != expected) FAIL("pieces " << pieces << " limit " << limit);
      CHECK(requests.size() == 3);
    }
  }
}

TEST_CASE("a request without an answer is done when its last byte is written, between others that wait") {
  inflight requests("c");
  push(requests, fetch(1));
  push(requests, produce_unacknowledged(2));
  push(requests, fetch(3));
  std::array<std::span<const std::byte>, 4> shown;
  REQUIRE(requests.gather(shown) == 3);
  std::vector<net::request_id> completed;
  requests.written(shown[0].size() + shown[1].size() - 1, completed);
  CHECK(completed.empty());
  requests.written(1 + shown[2].size(), completed);
  CHECK(completed == std::vector<net::request_id>{2});
  CHECK(requests.expected()->id == 1);
  requests.answered();
  CHECK(requests.expected()->id == 3);
  CHECK(requests.expected()->correlation_id == 3);
  requests.answered();
  CHECK(requests.size() == 0);
}

TEST_CASE("an answer may come before the transport told that its request was written") {
  inflight requests("c");
  push(requests, fetch(1));
  push(requests, fetch(2));
  std::array<std::span<const std::byte>, 4> shown;
  REQUIRE(requests.gather(shown) == 2);
  REQUIRE(requests.expected()->id == 1);
  requests.answered();
  REQUIRE(requests.expected()->id == 2);
  std::vector<net::request_id> completed;
  requests.written(shown[0].size() + shown[1].size(), completed);
  CHECK(completed.empty());
  requests.answered();
  CHECK(requests.size() == 0);
  CHECK_FALSE(requests.wants_write());
}

TEST_CASE("a request that is abandoned before it was shown is never written, wherever it stands") {
  for (const net::request_id victim : {1U, 2U, 3U}) {
    inflight requests("c");
    for (net::request_id id = 1; id <= 3; ++id) push(requests, fetch(id, "body" + std::to_string(id)));
    CHECK(requests.abandon(victim));
    CHECK_FALSE(requests.abandon(victim));
    const std::string got = write(requests);
    for (net::request_id id = 1; id <= 3; ++id) {
      CHECK((got.find("body" + std::to_string(id)) == std::string::npos) == (id == victim));
    }
    CHECK_FALSE(requests.wants_write());
    for (net::request_id id = 1; id <= 3; ++id) {
      if (id == victim) continue;
      REQUIRE(requests.expected());
      CHECK(requests.expected()->correlation_id == static_cast<std::int32_t>(id));
      requests.answered();
    }
    CHECK(requests.size() == 0);
  }
  inflight alone("c");
  push(alone, fetch(1));
  CHECK(alone.abandon(1));
  CHECK_FALSE(alone.wants_write());
  CHECK_FALSE(alone.abandon(99));
}

TEST_CASE("a request that is abandoned after it was shown still consumes its answer") {
  inflight requests("c");
  push(requests, fetch(1));
  push(requests, fetch(2));
  (void)write(requests, 5);
  CHECK(requests.abandon(1));
  (void)write(requests);
  REQUIRE(requests.expected());
  CHECK(requests.expected()->id == 1);
  CHECK(requests.expected()->abandoned);
  requests.answered();
  CHECK(requests.expected()->id == 2);
  CHECK_FALSE(requests.expected()->abandoned);
}

TEST_CASE("of overdue requests those that still wait are dropped and one that may have left is named") {
  inflight requests("c");
  push(requests, fetch(1, "x", start + 5s));
  push(requests, fetch(2, "x", start + 3s));
  (void)write(requests);
  push(requests, fetch(3, "x", start + 1s));
  push(requests, fetch(4, "x", start + 9s));
  CHECK(requests.deadline() == start + 1s);
  std::vector<inflight::entry> dropped;
  CHECK_FALSE(requests.expire(start + 999ms, dropped));
  CHECK_FALSE(requests.expire(start + 1s, dropped));
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].id == 3);
  CHECK(requests.deadline() == start + 3s);
  const auto overdue = requests.expire(start + 3s, dropped);
  REQUIRE(overdue);
  CHECK(overdue->id == 2);
  CHECK(requests.deadline() == start + 5s);
}

TEST_CASE("correlation ids wrap within what is not negative, and growing keeps the order") {
  inflight requests("c");
  for (net::request_id id = 1; id <= 5; ++id) push(requests, fetch(id));
  (void)write(requests);
  for (int done = 0; done < 3; ++done) requests.answered();
  for (net::request_id id = 6; id <= 100; ++id) push(requests, fetch(id));
  while (requests.wants_write()) (void)write(requests, 1000, 3);
  for (net::request_id id = 4; id <= 100; ++id) {
    REQUIRE(requests.expected());
    CHECK(requests.expected()->id == id);
    requests.answered();
  }
  CHECK(requests.capacity() == 128);
}

TEST_CASE("in steady state a request costs no allocation in the bookkeeping") {
  inflight requests("client");
  std::array<std::span<const std::byte>, 64> shown;
  std::vector<net::request_id> completed;
  const auto round = [&](std::vector<net::request>& batch) {
    for (net::request& each : batch) push(requests, std::move(each));
    std::size_t bytes = 0;
    const std::size_t count = requests.gather(shown);
    for (std::size_t at = 0; at < count; ++at) bytes += shown[at].size();
    requests.written(bytes, completed);
    while (requests.expected()) requests.answered();
    completed.clear();
  };
  const auto make = [] {
    std::vector<net::request> batch;
    for (net::request_id id = 0; id < 20; ++id) batch.push_back(fetch(id, std::string(id * 40, 'x')));
    batch.push_back(produce_unacknowledged(20));
    return batch;
  };
  for (int warm = 0; warm < 4; ++warm) {
    auto batch = make();
    round(batch);
  }
  auto batch = make();
  const support::heap_watch heap;
  round(batch);
  CHECK(heap.allocations() == 0);
}
