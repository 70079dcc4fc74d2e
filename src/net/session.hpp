// SPDX-License-Identifier: Apache-2.0
// The whole conversation of one connection, without a socket or a clock: frames, handshake, requests in flight. A
// driver moves the bytes, tells the time, and delivers the events.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include <kafka/error.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "net/handshake.hpp"
#include "net/inflight.hpp"
#include "net/request.hpp"
#include "protocol/api.hpp"
#include "protocol/frame.hpp"

namespace kafka::net {

struct session_options {
  /// How the broker is called in the texts of errors: "b1:9092 (id 1)".
  std::string peer;
  /// Goes with every request.
  std::string client_id = "asio-kafka";
  /// What brokers are told that we are (KIP-511); made acceptable where it is not.
  std::string software_name = "asio-kafka";
  std::string software_version = "unknown";
  /// From opened() until the handshake is done.
  std::chrono::milliseconds handshake_timeout{30'000};
  /// Without traffic and requests for so long, the connection is closed (without an error); zero: never.
  std::chrono::milliseconds idle_timeout{540'000};
  /// The largest response that is accepted.
  std::size_t frame_bytes_max = 100U << 20U;
  /// Requests that may wait for an answer, abandoned ones included; more are refused with limit_exceeded.
  std::size_t requests_max = 10'000;
  /// Where the blocks of large responses come from; null: the heap.
  std::shared_ptr<buffer_pool> buffers = {};
};

/// Pure and single-threaded. How a driver uses it: opened() once the transport is connected; then read into prepare(),
/// tell commit(); write what gather() shows, tell written(); after each call deliver what next() gives, write what
/// there is to write, and call tick() at deadline().
class session {
 public:
  /// The handshake is done.
  struct ready {
    protocol::api_versions versions;
    friend bool operator==(const ready&, const ready&) = default;
  };
  /// The body of an answer, a slice of the frame it came in.
  struct response {
    request_id id = 0;
    shared_bytes body;
    friend bool operator==(const response&, const response&) = default;
  };
  /// The last byte of a request that expects no response was written.
  struct written_out {
    request_id id = 0;
    friend bool operator==(const written_out&, const written_out&) = default;
  };
  /// The request will get no answer. not_written only if certainly no byte of it left.
  struct request_failed {
    request_id id = 0;
    error why;
    write_outcome outcome = write_outcome::unknown;
    friend bool operator==(const request_failed&, const request_failed&) = default;
  };
  /// The last event; the transport is to be closed (at is_closed(), if not before). No error: closed on purpose or
  /// idle.
  struct closed {
    error why;
    friend bool operator==(const closed&, const closed&) = default;
  };
  using event = std::variant<ready, response, written_out, request_failed, closed>;

  /// `memory` belongs to the endpoint, is shared by its connections and must outlive this.
  session(session_options options, handshake_memory& memory);

  /// The transport is connected: the handshake starts.
  void opened(steady_time now);

  /// Where to read to; never empty, valid until the next prepare() or commit() and as long as this lives.
  [[nodiscard]] std::span<std::byte> prepare() { return frames_.prepare(); }
  /// `count` bytes were read into what prepare() gave.
  void commit(std::size_t count, steady_time now);
  /// prepare() and commit() for bytes that are already somewhere else.
  void receive(std::span<const std::byte> bytes, steady_time now);

  /// Sends a request; refused (request_failed, not_written) before `ready` and after the end.
  void send(request what, steady_time now);
  /// Nothing more is reported of the request. If any byte of it may have left, its answer is awaited and dropped, else
  /// it is not sent.
  void abandon(request_id id);

  /// Whether gather() has something to give.
  [[nodiscard]] bool wants_write() const noexcept;
  /// Fills `out` with the next bytes to write, in order, at most out.size() pieces; gives how many. They stay valid
  /// until written() is told, also when the session is closed, as long as this lives. One write at a time: no gather()
  /// until the last one's written().
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> out);
  /// Of what the last gather() gave, exactly `count` bytes were taken by the transport; the rest certainly was not.
  void written(std::size_t count, steady_time now);

  /// Time has passed: deadlines are looked at.
  void tick(steady_time now);
  /// When tick() is wanted; it may be early (then tick does nothing but move it), never late.
  [[nodiscard]] steady_time deadline() const noexcept;

  /// The transport ended; `reason` is empty when the peer closed it in order.
  void lost(std::error_code reason, steady_time now);
  /// Ends the conversation for a reason of our own: a failed connect, a response that the client could not decode, no
  /// error for a close on purpose.
  void close(const error& why);

  /// The next event; false if there is none.
  [[nodiscard]] bool next(event& out);
  [[nodiscard]] bool has_event() const noexcept {
    return event_at_ != events_.size() || (why_closed_ && !told_closed_);
  }

  [[nodiscard]] bool is_closed() const noexcept { return why_closed_.has_value(); }
  [[nodiscard]] bool is_ready() const noexcept { return was_ready() && !is_closed(); }
  /// The handshake was completed, whatever came later.
  [[nodiscard]] bool was_ready() const noexcept { return state_ == state::ready; }
  /// Requests whose answers are awaited or that wait to be written, abandoned ones included.
  [[nodiscard]] std::size_t requests() const noexcept { return inflight_.size(); }

 private:
  enum class state : std::uint8_t { unopened, handshaking, ready };

  void take_frames(steady_time now);
  void take_frame(const shared_bytes& frame, steady_time now);
  void take_step(handshake::step step, steady_time now);
  void end(error why);
  void fail(request_id id, const error& why, write_outcome outcome);
  [[nodiscard]] error why_refused(const request& what, steady_time now) const;
  [[nodiscard]] error wrong_correlation_id(std::int32_t got) const;
  [[nodiscard]] bool is_idle() const noexcept;
  [[nodiscard]] std::string how_lost(std::error_code reason, steady_time now);

  session_options options_;
  handshake handshake_;
  inflight inflight_;
  protocol::frame_reader frames_;
  state state_ = state::unopened;
  steady_time handshake_deadline_ = never;
  steady_time last_activity_{};
  std::vector<event> events_;  // those before event_at_ were given out
  std::size_t event_at_ = 0;
  std::vector<request_id> completed_;  // room that is used again
  std::optional<error> why_closed_;
  bool told_closed_ = false;
};

}  // namespace kafka::net
