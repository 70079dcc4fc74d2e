// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "net/stream_options.hpp"

namespace kafka::net {

/// The bytes of one connection, in both directions: over TCP now; what goes over TLS belongs behind the same names.
/// Used on the executor. Handlers are Asio's: void(error_code, std::size_t). At most one read and one write at a time.
class stream {
 public:
  explicit stream(const boost::asio::any_io_executor& executor) : socket_(executor) {}

  /// Connects anew; what was connected before is closed. `handler` is void(error_code).
  template <class Handler>
  void async_connect(const boost::asio::ip::tcp::endpoint& to, const stream_options& options, Handler&& handler) {
    close();
    boost::system::error_code failure;
    socket_.open(to.protocol(), failure);
    // A failure to open is met again, and reported, by async_connect.
    if (!failure) set_options(options);
    socket_.async_connect(to, std::forward<Handler>(handler));
  }

  /// Whether the "peer" is this very socket: a connect to a free ephemeral port of this host can meet itself.
  [[nodiscard]] bool is_own_peer() const noexcept {
    boost::system::error_code failure;
    const auto local = socket_.local_endpoint(failure);
    const auto remote = socket_.remote_endpoint(failure);
    return !failure && local == remote;
  }

  template <class Handler>
  void async_read_some(std::span<std::byte> into, Handler&& handler) {
    socket_.async_read_some(boost::asio::buffer(into.data(), into.size()), std::forward<Handler>(handler));
  }

  /// Writes what can be written without waiting; would_block if nothing can. `failure` is cleared or set.
  std::size_t write_now(std::span<const boost::asio::const_buffer> pieces, boost::system::error_code& failure) {
    return socket_.write_some(pieces, failure);
  }
  /// The pieces and what they point to must stay until the handler is called or destroyed.
  template <class Handler>
  void async_write_some(std::span<const boost::asio::const_buffer> pieces, Handler&& handler) {
    socket_.async_write_some(pieces, std::forward<Handler>(handler));
  }

  /// Pending operations end with operation_aborted.
  void close() noexcept {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  /// None of these is worth failing a connection for.
  void set_options(const stream_options& options) noexcept {
    using boost::asio::socket_base;
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_.set_option(socket_base::keep_alive(true), ignored);
    if (options.send_buffer_bytes >= 0) {
      socket_.set_option(socket_base::send_buffer_size(options.send_buffer_bytes), ignored);
    }
    if (options.receive_buffer_bytes >= 0) {
      socket_.set_option(socket_base::receive_buffer_size(options.receive_buffer_bytes), ignored);
    }
  }

  boost::asio::ip::tcp::socket socket_;
};

}  // namespace kafka::net
