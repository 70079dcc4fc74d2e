// SPDX-License-Identifier: Apache-2.0
// A scripted broker on loopback and the pool that talks to it, both on one io_context that the test runs: no threads,
// no sleeping.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/connection_pool.hpp"
#include "support/catch.hpp"
#include "unit/net/net_support.hpp"

namespace kafka::net_test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// The broker's end of one connection.
class peer : public std::enable_shared_from_this<peer> {
 public:
  explicit peer(tcp::socket socket) : socket_(std::move(socket)) { socket_.set_option(tcp::no_delay(true)); }

  /// Called with each whole request; not called while on_bytes is set.
  std::function<void(peer&, const heard&)> on_request;
  /// Called with whatever came.
  std::function<void(peer&, std::span<const std::byte>)> on_bytes;
  bool ended = false;

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](boost::system::error_code failure, std::size_t count) {
                              if (failure) return self->end();
                              self->take(std::span(self->buffer_).first(count));
                              if (self->reading_ && self->socket_.is_open()) self->read();
                            });
  }
  void write(const std::string& bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
  }
  /// For more than the sockets' buffers hold.
  void write_later(std::string bytes) {
    auto kept = std::make_shared<const std::string>(std::move(bytes));
    asio::async_write(socket_, asio::buffer(*kept), [kept](boost::system::error_code, std::size_t) {});
  }
  /// Reads no more.
  void stop() { reading_ = false; }
  void close() { socket_.close(); }
  /// Ends the connection with a RST.
  void reset() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
  }

 private:
  void take(std::span<const std::byte> bytes) {
    if (on_bytes) return on_bytes(*this, bytes);
    unread_ += text_of(bytes);
    for (const heard& each : take_requests(unread_)) on_request(*this, each);
  }
  void end() {
    ended = true;
    // Whoever closed first keeps its port for a minute, unless the other side answers with a RST.
    if (socket_.is_open()) reset();
  }

  tcp::socket socket_;
  std::array<std::byte, 1U << 16U> buffer_{};
  std::string unread_;
  bool reading_ = true;
};

/// What answers a request: "answer to <body>", and ApiVersions properly.
inline void answer_politely(peer& to, const heard& request) {
  if (request.key == api_key::api_versions) {
    to.write(answer(request.correlation_id, encoded(spoken(), request.version)));
  } else if (request.key != api_key::produce) {
    to.write(answer(request.correlation_id, "answer to " + request.body));
  }
}

/// Everything that a test needs: the context, the broker, the pool, and what the pool reported.
class loopback : public net::connection_observer {
 public:
  explicit loopback(net::connection_options options = {})
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        pool(std::make_unique<net::connection_pool>(io.get_executor(), std::move(options), *this)) {
    accept();
  }
  ~loopback() {
    pool.reset();
    acceptor.close();
    for (auto& each : peers) each->close();
    io.restart();
    if (run_at_end) io.run();
  }
  loopback(const loopback&) = delete;
  loopback& operator=(const loopback&) = delete;

  [[nodiscard]] std::int32_t port() const { return acceptor.local_endpoint().port(); }

  void open(net::connection_id id, const std::string& host = "127.0.0.1") {
    call([&] { pool->open(id, host, port()); });
  }
  void send(net::connection_id id, net::request what) {
    call([&] { pool->send(id, std::move(what)); });
  }
  void close(net::connection_id id, const error& why = {}) {
    call([&] { pool->close(id, why); });
  }
  /// Nothing may be reported from inside a call.
  template <class Function>
  void call(Function function) {
    const bool outer = std::exchange(inside_call, true);
    function();
    inside_call = outer;
  }

  /// Runs until `done`, which must come within ten seconds.
  template <class Predicate>
  void run_until(Predicate done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      io.restart();
      io.run_one_until(end);
      if (std::chrono::steady_clock::now() >= end) FAIL("waited in vain; told: " << story());
    }
  }
  /// Runs what can run now.
  void settle() {
    do io.restart();
    while (io.poll() != 0);
  }
  void run_until_told(std::size_t count) {
    run_until([&] { return told.size() >= count; });
  }
  void open_and_wait(net::connection_id id) {
    open(id);
    run_until([&] { return std::find(told.begin(), told.end(), "ready " + std::to_string(id)) != told.end(); });
  }
  [[nodiscard]] std::string story() const {
    std::string out;
    for (const std::string& each : told) out += each + "; ";
    return out;
  }

  void on_ready(net::connection_id connection, const protocol::api_versions& versions) override {
    CHECK(versions.range(api_key::fetch) == protocol::version_range{4, 17});
    tell("ready " + std::to_string(connection));
  }
  void on_response(net::connection_id, net::request_id id, shared_bytes body) override {
    bodies[id] = body;
    tell("response " + std::to_string(id));
  }
  void on_written(net::connection_id, net::request_id id) override { tell("written " + std::to_string(id)); }
  void on_request_failed(net::connection_id, net::request_id id, const error& why, write_outcome outcome) override {
    CHECK(why.outcome() == outcome);
    tell("failed " + std::to_string(id) + (outcome == write_outcome::not_written ? " not written" : " unknown"));
  }
  void on_closed(net::connection_id connection, const error& why) override {
    ends[connection] = why;
    tell("closed " + std::to_string(connection));
  }

  asio::io_context io;
  tcp::acceptor acceptor;
  std::vector<std::shared_ptr<peer>> peers;
  std::function<void(peer&)> on_accept = [](peer& one) { one.read(); };
  std::function<void(peer&, const heard&)> on_request = answer_politely;
  std::unique_ptr<net::connection_pool> pool;
  /// What was reported, in words; and called with each.
  std::vector<std::string> told;
  std::function<void(const std::string&)> on_told;
  std::map<net::request_id, shared_bytes> bodies;
  std::map<net::connection_id, error> ends;
  bool inside_call = false;
  /// Whether what is pending at the end still runs, or is destroyed with the context.
  bool run_at_end = true;

 private:
  void accept() {
    acceptor.async_accept([this](boost::system::error_code failure, tcp::socket socket) {
      if (failure == asio::error::operation_aborted) return;
      if (!failure) {
        std::erase_if(peers, [](const auto& each) { return each->ended; });
        peers.push_back(std::make_shared<peer>(std::move(socket)));
        peers.back()->on_request = [this](peer& one, const heard& request) { on_request(one, request); };
        on_accept(*peers.back());
      }
      accept();
    });
  }
  void tell(const std::string& what) {
    CHECK_FALSE(inside_call);
    told.push_back(what);
    if (on_told) on_told(what);
  }
};

}  // namespace kafka::net_test
