// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "net/request.hpp"
#include "net/resolve.hpp"
#include "net/session.hpp"
#include "net/stream_options.hpp"

namespace kafka::net {

struct connection_options {
  /// Its `peer` is filled in by the pool, and so is `buffers` if it is null.
  session_options session;
  /// For each address of a broker, doubled by each attempt that reached none, up to the maximum (KIP-601).
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds connect_timeout_max{30'000};
  /// For the look-up of a name.
  std::chrono::milliseconds resolve_timeout{30'000};
  stream_options stream;
  /// Looks names up; literal addresses do not come here.
  resolve_function resolve = resolve_by_system;
};

/// All connections of one client. Every call, the destructor too, is made on the executor (a strand, or an io_context
/// that one thread runs) that was given, and so are all calls of the observer. Must be destroyed before the execution
/// context; that never blocks, and the observer is not called afterwards.
class connection_pool {
 public:
  /// `observer` must outlive the pool.
  connection_pool(boost::asio::any_io_executor executor, connection_options options, connection_observer& observer);
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;
  ~connection_pool();

  /// Between hold and release, which are not called from inside a call of the observer, what was asked for is
  /// collected, and done at release: sooner than at the executor's next turn, and still together.
  void hold();
  void release();

  /// Starts to connect: looks the name up, tries its addresses in turn, does the handshake, then on_ready; or on_closed
  /// with resolve_failed, connect_failed or what the handshake met. `connection` must never have been used.
  void open(connection_id connection, std::string host, std::int32_t port);
  /// Sends a request after on_ready; the bytes are held until they were written or the socket is gone. Requests sent in
  /// one step of the executor leave together. Ignored for a connection whose on_closed was delivered.
  void send(connection_id connection, request what);
  /// Nothing more will be reported of the request; see session::abandon.
  void abandon(connection_id connection, request_id id);
  /// Ends a connection at once; on_closed follows. No error in `why`: on purpose.
  void close(connection_id connection, const error& why);

  /// Connections whose on_closed was not delivered yet.
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kafka::net
