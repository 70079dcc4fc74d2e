// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <kafka/api_key.hpp>
#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "protocol/api.hpp"
#include "protocol/codec.hpp"

namespace kafka::net {

/// Names a connection for its whole life; never used again.
using connection_id = std::uint64_t;
/// Names a request of one client for its whole life; unlike the correlation id on the wire it is unique over
/// connections.
using request_id = std::uint64_t;

/// What a connection is given to send: an encoded body; the connection adds size and header.
struct request {
  request_id id = 0;
  api_key key{};
  std::int16_t version = 0;
  protocol::encoded_message body = {};
  /// When the answer must be there; the connection is closed when it is not, since what follows on it would be late
  /// too.
  steady_time deadline = never;
  /// False for Produce with acks 0: the request is done when its last byte was written.
  bool expects_response = true;
};

/// What a connection reports. Calls come on the connection's strand, one at a time, never from inside one of the
/// connection's own calls.
class connection_observer {
 public:
  /// The handshake is done: requests may be sent, in the versions that the broker speaks.
  virtual void on_ready(connection_id connection, const protocol::api_versions& versions) = 0;
  /// The body of an answer (its header removed), a slice of the frame it came in.
  virtual void on_response(connection_id connection, request_id id, shared_bytes body) = 0;
  /// The last byte of a request without a response was written.
  virtual void on_written(connection_id connection, request_id id) = 0;
  /// The request will get no answer. `outcome` is not_written only when no byte of it left this process.
  virtual void on_request_failed(connection_id connection, request_id id, const error& why, write_outcome outcome) = 0;
  /// The connection is over, after on_request_failed for each request that was waiting on it. Nothing follows. No error
  /// in `why`: it was closed on purpose, or because it was idle.
  virtual void on_closed(connection_id connection, const error& why) = 0;

 protected:
  ~connection_observer() = default;
};

}  // namespace kafka::net
