// SPDX-License-Identifier: Apache-2.0
// The real driver on loopback: connecting, sending, receiving. How connections end is in connection_end_test.cpp.
#include "net/connection_pool.hpp"

#include <dirent.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/net/loopback.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;

namespace {

net::connection_options resolving_to(std::vector<std::string> addresses) {
  net::connection_options options;
  options.resolve = [addresses = std::move(addresses)](const std::string&) { return net::resolution{addresses, {}}; };
  return options;
}

std::size_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  REQUIRE(folder);
  std::size_t count = 0;
  while (::readdir(folder)) ++count;
  ::closedir(folder);
  return count;
}

/// Listens at an address without ever accepting, its queue full: a connect to it hangs.
class black_hole {
 public:
  black_hole(asio::io_context& io, const tcp::endpoint& at) : acceptor_(io) {
    acceptor_.open(at.protocol());
    acceptor_.bind(at);
    acceptor_.listen(0);
    for (int filler = 0; filler < 4; ++filler) {
      auto& socket = fillers_.emplace_back(io);
      socket.async_connect(at, [](boost::system::error_code) {});
    }
  }

 private:
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> fillers_;
};

}  // namespace

TEST_CASE("a connection opens, is ready, and answers come to their requests") {
  loopback with;
  with.open(1);
  with.run_until_told(1);
  with.send(1, fetch(10, "one"));
  with.send(1, fetch(11, std::string(3000, 'x')));
  with.run_until_told(3);
  CHECK(with.told == std::vector<std::string>{"ready 1", "response 10", "response 11"});
  CHECK(with.bodies[10].text() == "answer to one");
  CHECK(with.bodies[11].text() == "answer to " + std::string(3000, 'x'));
  CHECK(with.pool->size() == 1);
}

TEST_CASE("a thousand requests sent in one step are answered in their order") {
  loopback with;
  with.open_and_wait(1);
  for (net::request_id id = 0; id < 1000; ++id) with.send(1, fetch(id, "request " + std::to_string(id)));
  with.run_until_told(1001);
  for (net::request_id id = 0; id < 1000; ++id) {
    CHECK(with.told[id + 1] == "response " + std::to_string(id));
    CHECK(with.bodies[id].text() == "answer to request " + std::to_string(id));
  }
}

TEST_CASE("a request may be sent from inside a report") {
  loopback with;
  with.on_told = [&](const std::string& what) {
    if (what == "ready 1") with.send(1, fetch(0));
    if (what.starts_with("response") && with.bodies.size() < 50) with.send(1, fetch(with.bodies.size()));
  };
  with.open(1);
  with.run_until_told(51);
  CHECK(with.bodies.size() == 50);
}

TEST_CASE("a response of several megabytes comes through whole") {
  loopback with;
  std::string large(5'000'003, '\0');
  for (std::size_t at = 0; at < large.size(); ++at) large[at] = static_cast<char>(at * 31 + at / 999);
  with.open_and_wait(1);
  with.on_request = [&](peer& one, const heard& request) {
    if (request.body == "first") {
      one.write_later(answer(request.correlation_id, large) + answer(request.correlation_id + 1, "small"));
    }
  };
  with.send(1, fetch(10, "first"));
  with.send(1, fetch(11, "second"));
  with.run_until_told(3);
  CHECK((with.bodies[10].text() == large));
  CHECK(with.bodies[11].text() == "small");
}

TEST_CASE("a hundred megabytes in pieces of one are written whole and without a copy") {
  constexpr std::size_t piece_bytes = 1U << 20U;
  constexpr std::size_t pieces = 100;
  net::request large = fetch(10, "");
  large.body.pieces.clear();
  for (std::size_t at = 0; at < pieces; ++at) {
    std::string bytes(piece_bytes, '\0');
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) bytes[byte] = static_cast<char>(byte * 7 + byte / 251 + at);
    large.body.pieces.push_back(shared_bytes::copy_of(bytes));
  }
  std::vector<shared_bytes> expected = large.body.pieces;
  // Size, key, version, correlation id, client id.
  const std::string head = int32(2 + 2 + 4 + 2 + 10 + pieces * piece_bytes) + std::string("\0\1\0\4", 4) + int32(2) +
                           std::string("\0\12asio-kafka", 12);
  expected.insert(expected.begin(), shared_bytes::copy_of(head));

  loopback with;
  std::size_t right = 0;
  std::size_t wrong = 0;
  const auto compare = [&, piece = std::size_t{0}, at = std::size_t{0}](peer&,
                                                                        std::span<const std::byte> came) mutable {
    while (!came.empty() && piece < expected.size()) {
      const auto want = expected[piece].slice(at, came.size());
      const bool same = std::equal(want.data(), want.data() + want.size(), came.data());
      (same ? right : wrong) += want.size();
      came = came.subspan(want.size());
      at += want.size();
      if (at == expected[piece].size()) at = 0, ++piece;
    }
    wrong += came.size();
  };
  with.on_request = [&](peer& one, const heard& request) {
    answer_politely(one, request);
    one.on_bytes = compare;
  };
  with.open_and_wait(1);
  with.send(1, std::move(large));
  with.run_until([&] { return right + wrong >= head.size() + pieces * piece_bytes; });
  CHECK(right == head.size() + pieces * piece_bytes);
  CHECK(wrong == 0);
}

TEST_CASE("an unacknowledged produce is told when it is written, and the broker's close right after") {
  loopback with;
  with.open_and_wait(1);
  with.on_request = [](peer& one, const heard&) { one.close(); };
  with.send(1, produce_unacknowledged(10));
  with.run_until_told(3);
  CHECK(with.told == std::vector<std::string>{"ready 1", "written 10", "closed 1"});
  CHECK(with.ends[1] == client_errc::connection_lost);
}

TEST_CASE("an abandoned request is not reported, and the next one gets its own answer") {
  loopback with;
  with.open_and_wait(1);
  std::vector<std::int32_t> waiting;
  with.on_request = [&](peer& one, const heard& request) {
    waiting.push_back(request.correlation_id);
    if (waiting.size() == 1) return with.call([&] { with.pool->abandon(1, 10); });
    for (const std::int32_t each : waiting) one.write(answer(each, "answer " + std::to_string(each)));
  };
  with.send(1, fetch(10));
  with.send(1, fetch(11));
  with.run_until_told(2);
  CHECK(with.told == std::vector<std::string>{"ready 1", "response 11"});
  CHECK(with.bodies[11].text() == "answer 3");
}

TEST_CASE("literal addresses do not go to the resolver") {
  std::atomic<int> asked = 0;
  net::connection_options options;
  options.resolve = [&](const std::string&) {
    ++asked;
    return net::resolution{};
  };
  loopback with(options);
  with.open_and_wait(1);
  with.open(2, "[::1]");  // nobody listens there, if there is IPv6 at all
  with.run_until_told(2);
  CHECK(with.ends[2] == client_errc::connect_failed);
  CHECK(with.ends[2].cause().starts_with("[::1]:"));
  CHECK(asked == 0);
}

TEST_CASE("the next address is tried when the first refuses, and remembered") {
  loopback with(resolving_to({"127.0.0.2", "not an address", "127.0.0.1"}));
  for (net::connection_id id = 1; id <= 2; ++id) {
    with.open(id, "broker.test");
    with.run_until_told(id);
    CHECK(with.told.back() == "ready " + std::to_string(id));
  }
}

TEST_CASE("the next address is tried when the first does not answer") {
  auto options = resolving_to({"127.0.0.2", "127.0.0.1"});
  options.connect_timeout = 50ms;
  loopback with(options);
  const black_hole hole(with.io, {asio::ip::make_address("127.0.0.2"), static_cast<std::uint16_t>(with.port())});
  with.open(1, "broker.test");
  with.run_until_told(1);
  CHECK(with.told.back() == "ready 1");
}

TEST_CASE("when no address accepts, each is named with its reason") {
  auto options = resolving_to({"127.0.0.2", "127.0.0.3"});
  options.connect_timeout = 50ms;
  loopback with(options);
  const black_hole hole(with.io, {asio::ip::make_address("127.0.0.2"), static_cast<std::uint16_t>(with.port())});
  with.open(1, "broker.test");
  with.run_until_told(1);
  CHECK(with.ends[1] == client_errc::connect_failed);
  CHECK(with.ends[1].cause() ==
        "broker.test:" + std::to_string(with.port()) + ": 127.0.0.2: no answer in time; 127.0.0.3: Connection refused");
  CHECK(with.pool->size() == 0);
}

TEST_CASE("a name is looked up again for each connection") {
  std::atomic<int> asked = 0;
  net::connection_options options;
  options.resolve = [&](const std::string&) { return net::resolution{{++asked == 1 ? "127.0.0.2" : "127.0.0.1"}, {}}; };
  loopback with(options);
  with.open(1, "broker.test");
  with.run_until_told(1);
  with.open(2, "broker.test");
  with.run_until_told(2);
  CHECK(with.told == std::vector<std::string>{"closed 1", "ready 2"});
  CHECK(asked == 2);
}

TEST_CASE("a name without an address, a host without a name, and ports that are none are told as such") {
  net::connection_options options;
  options.resolve = [](const std::string&) { return net::resolution{{}, "Name or service not known"}; };
  loopback with(options);
  with.open(1, "nowhere.test");
  with.open(2, "");
  with.call([&] { with.pool->open(3, "127.0.0.1", 0); });
  with.call([&] { with.pool->open(4, "127.0.0.1", 65536); });
  with.call([&] { with.pool->open(5, "127.0.0.1", -1); });
  with.run_until_told(5);
  CHECK(with.ends[1] == client_errc::resolve_failed);
  CHECK(with.ends[1].cause().find("Name or service not known") != std::string::npos);
  for (net::connection_id id = 2; id <= 5; ++id) CHECK(with.ends[id] == client_errc::connect_failed);
  CHECK(with.ends[4].cause().find("127.0.0.1:65536") != std::string::npos);
}

TEST_CASE("ten thousand connections leave no descriptor behind") {
  loopback with;
  with.open_and_wait(0);
  const std::size_t before = open_descriptors();
  for (net::connection_id id = 1; id <= 10'000; ++id) {
    const std::size_t told = with.told.size();
    with.on_request = answer_politely;
    if (id % 4 == 0) with.on_request = [](peer& one, const heard&) { one.reset(); };
    with.open(id);
    if (id % 4 == 1) with.close(id);  // before it is connected
    if (id % 4 == 2) {
      with.run_until_told(told + 1);
      with.close(id);
    }
    if (id % 4 == 3) {
      with.run_until_told(told + 1);
      with.peers.back()->reset();
    }
    with.run_until([&] { return with.ends.contains(id); });
    with.told.clear();
  }
  with.settle();
  CHECK(open_descriptors() <= before + 1);
  CHECK(with.ends.size() == 10'000);
  CHECK(with.pool->size() == 1);
}
