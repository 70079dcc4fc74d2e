// SPDX-License-Identifier: Apache-2.0
// The real driver on loopback: all the ways in which a connection ends, the destruction of the pool among them.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/connection_pool.hpp"
#include "support/catch.hpp"
#include "unit/net/loopback.hpp"

using namespace kafka;
using namespace kafka::net_test;
using namespace std::chrono_literals;

namespace {

/// A look-up that hangs until it is let go, on whatever threads it is called.
class hanging_resolver {
 public:
  [[nodiscard]] net::resolve_function function() const {
    return [state = state_](const std::string&) {
      std::unique_lock lock(state->mutex);
      ++state->inside;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->released; });
      --state->inside;
      ++state->left;
      state->changed.notify_all();
      return net::resolution{{"127.0.0.1"}, {}};
    };
  }
  void wait_until_inside() {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->inside > 0; });
  }
  /// Lets all go; gives how many calls there were.
  int release() {
    std::unique_lock lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [&] { return state_->inside == 0; });
    return state_->left;
  }

 private:
  struct shared {
    std::mutex mutex;
    std::condition_variable changed;
    int inside = 0;
    int left = 0;
    bool released = false;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

/// Bytes that tell when the last owner let go.
shared_bytes watched(std::size_t size, bool& released) {
  base::block* block = base::allocate_block(size);
  static void (*free_it)(base::block*) noexcept = block->release;
  block->owner = &released;
  block->release = [](base::block* self) noexcept {
    *static_cast<bool*>(self->owner) = true;
    free_it(self);
  };
  unique_buffer buffer(block);
  std::fill_n(buffer.data(), size, std::byte{'x'});
  return std::move(buffer).freeze(size);
}

}  // namespace

TEST_CASE("a refused connection is told as one") {
  loopback with;
  const std::int32_t port = with.port();
  with.acceptor.close();
  with.call([&] { with.pool->open(1, "127.0.0.1", port); });
  with.run_until_told(1);
  CHECK(with.ends[1] == client_errc::connect_failed);
  CHECK(with.ends[1].cause().find("Connection refused") != std::string::npos);
}

TEST_CASE("a reset in the middle of a response fails the request and tells how far it came") {
  loopback with;
  with.open_and_wait(1);
  with.on_request = [&](peer& one, const heard& request) {
    one.write(answer(request.correlation_id, std::string(5000, 'x')).substr(0, 100));
    // Only when these bytes were read, since a RST overtakes them.
    asio::post(with.io, [&] { asio::post(with.io, [&] { one.reset(); }); });
  };
  with.send(1, fetch(10));
  with.run_until_told(3);
  CHECK(with.told == std::vector<std::string>{"ready 1", "failed 10 unknown", "closed 1"});
  CHECK(with.ends[1] == client_errc::connection_lost);
  CHECK(with.ends[1].cause().find("Connection reset") != std::string::npos);
}

TEST_CASE("an idle connection that the broker closes is told at once") {
  loopback with;
  with.open_and_wait(1);
  with.peers.back()->close();
  with.run_until_told(2);
  CHECK(with.told.back() == "closed 1");
  CHECK(with.ends[1].cause().find("closed the connection") != std::string::npos);
}

TEST_CASE("a request without an answer ends the connection at its deadline") {
  loopback with;
  with.open_and_wait(1);
  with.on_request = [](peer&, const heard&) {};
  const auto begin = std::chrono::steady_clock::now();
  with.send(1, fetch(10, "x", begin + 1h));
  with.send(1, fetch(11, "x", begin + 50ms));
  with.run_until_told(4);
  CHECK(std::chrono::steady_clock::now() >= begin + 50ms);
  CHECK(with.told == std::vector<std::string>{"ready 1", "failed 10 unknown", "failed 11 unknown", "closed 1"});
  CHECK(with.ends[1] == client_errc::request_timed_out);
}

TEST_CASE("a broker that accepts and says nothing costs the handshake's time-out") {
  net::connection_options options;
  options.session.handshake_timeout = 50ms;
  loopback with(options);
  with.on_request = [](peer&, const heard&) {};
  with.open(1);
  with.run_until_told(1);
  CHECK(with.ends[1] == client_errc::request_timed_out);
}

TEST_CASE("what is not Kafka is named even if it hangs up while we write") {
  loopback with;
  with.on_accept = [](peer& one) {
    one.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    one.close();
  };
  with.open(1);
  with.run_until_told(1);
  CHECK(with.ends[1] == client_errc::not_kafka);
  CHECK(with.ends[1].cause().find("HTTP") != std::string::npos);
}

TEST_CASE("a port that hangs up on ApiVersions is explained, and version 0 is tried at the third connection") {
  loopback with;
  std::vector<std::int16_t> versions;
  with.on_request = [&](peer& one, const heard& request) {
    versions.push_back(request.version);
    if (request.version == 0) return answer_politely(one, request);
    one.reset();
  };
  for (net::connection_id id = 1; id <= 3; ++id) {
    with.open(id);
    with.run_until_told(id);
  }
  CHECK(with.told == std::vector<std::string>{"closed 1", "closed 2", "ready 3"});
  CHECK(with.ends[1].cause().find("TLS") != std::string::npos);
  CHECK(versions == std::vector<std::int16_t>{4, 4, 0});
}

TEST_CASE("close fails what is in flight and tells the end with its reason") {
  loopback with;
  with.open_and_wait(1);
  with.on_request = [](peer&, const heard&) {};
  with.send(1, fetch(10));
  with.settle();
  with.send(1, fetch(11));
  with.close(1, error(client_errc::malformed_response, "no sense"));
  with.send(1, fetch(12));
  with.run_until_told(5);
  CHECK(with.told == std::vector<std::string>{"ready 1", "failed 10 unknown", "failed 11 not written",
                                              "failed 12 not written", "closed 1"});
  CHECK(with.ends[1] == client_errc::malformed_response);
  with.send(1, fetch(13));
  with.close(1);
  with.io.poll();
  CHECK(with.told.size() == 5);
}

TEST_CASE("a look-up that hangs holds up neither close nor the other names") {
  hanging_resolver hanging;
  net::connection_options options;
  options.resolve = [hang = hanging.function()](const std::string& host) {
    return host == "hangs.test" ? hang(host) : net::resolution{{"127.0.0.1"}, {}};
  };
  loopback with(options);
  for (net::connection_id id = 1; id <= 20; ++id) with.open(id, "hangs.test");
  hanging.wait_until_inside();
  with.open(100, "works.test");
  with.run_until_told(1);
  CHECK(with.told == std::vector<std::string>{"ready 100"});
  for (net::connection_id id = 1; id <= 19; ++id) with.close(id);
  with.run_until_told(20);
  CHECK(with.pool->size() == 2);
  // One thread for the name, whose late result still serves the one that waits.
  CHECK(hanging.release() == 1);
  with.run_until_told(21);
  CHECK(with.told.back() == "ready 20");
}

TEST_CASE("a look-up that hangs ends by its time-out") {
  hanging_resolver hanging;
  net::connection_options options;
  options.resolve = hanging.function();
  options.resolve_timeout = 30ms;
  loopback with(options);
  with.open(1, "hangs.test");
  with.run_until_told(1);
  CHECK(with.ends[1] == client_errc::resolve_failed);
  hanging.wait_until_inside();
  hanging.release();
}

TEST_CASE("pool and context are destroyed while a look-up hangs") {
  hanging_resolver hanging;
  {
    net::connection_options options;
    options.resolve = hanging.function();
    loopback with(options);
    with.open(1, "hangs.test");
    hanging.wait_until_inside();
    with.pool.reset();
  }
  CHECK(hanging.release() == 1);
}

TEST_CASE("the pool may be destroyed inside any report, after which nothing is reported") {
  for (const std::string victim : {"ready 1", "response 10", "written 11", "failed 12 unknown", "closed 1"}) {
    loopback with;
    with.on_request = [](peer& one, const heard& request) {
      if (request.body == "die") return one.reset();
      answer_politely(one, request);
    };
    with.on_told = [&](const std::string& what) {
      if (what == "ready 1") {
        with.send(1, fetch(10));
        with.send(1, produce_unacknowledged(11));
      }
      if (what == "response 10") {
        with.send(1, fetch(12, "die"));
        with.send(1, fetch(13));
      }
      if (what == victim) with.pool.reset();
    };
    with.open(1);
    with.run_until([&] { return !with.pool; });
    with.on_told = {};
    const std::size_t told = with.told.size();
    with.settle();
    CHECK(with.told.size() == told);
    CHECK(with.told.back() == victim);
  }
}

TEST_CASE("the pool may be destroyed at any moment, and the context right after it") {
  // One handler more each time, until everything has happened before the end.
  std::size_t told = 0;
  for (int handlers = 0; told < 4; ++handlers) {
    REQUIRE(handlers < 1000);
    loopback with;
    with.on_told = [&](const std::string& what) {
      if (what == "ready 1") {
        with.send(1, fetch(10, std::string(100'000, 'x')));
        with.send(1, produce_unacknowledged(11));
      }
    };
    with.on_request = [](peer& one, const heard& request) {
      answer_politely(one, request);
      if (request.key == api_key::produce) one.close();
    };
    with.open(1);
    for (int handler = 0; handler < handlers; ++handler) {
      with.io.restart();
      with.io.run_one_for(1s);
    }
    with.pool.reset();
    told = with.told.size();
    with.run_at_end = handlers % 2 == 0;
    CHECK(with.told.size() == told);
  }
}

TEST_CASE("bytes are held while they are being written, and let go when the socket is gone") {
  bool released = false;
  loopback with;
  with.open_and_wait(1);
  net::request large = fetch(10, "");
  // The broker stops reading, so that this is far more than the sockets take.
  with.peers.back()->on_bytes = [](peer& one, std::span<const std::byte>) { one.stop(); };
  large.body.pieces = {watched(50U << 20U, released)};
  with.send(1, std::move(large));
  with.settle();
  CHECK_FALSE(released);
  SECTION("by close") {
    with.close(1);
    with.run_until_told(3);
  }
  SECTION("by destruction") {
    with.pool.reset();
  }
  with.run_until([&] { return released; });
  CHECK(released);
}

TEST_CASE("bytes that were written are let go before their answer comes") {
  bool released = false;
  loopback with;
  with.open_and_wait(1);
  with.on_request = [](peer&, const heard&) {};
  net::request request = fetch(10, "");
  request.body.pieces = {watched(1000, released)};
  with.send(1, std::move(request));
  with.run_until([&] { return released; });
  CHECK(with.told.size() == 1);
}
