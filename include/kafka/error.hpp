// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <iosfwd>
#include <string>
#include <string_view>
#include <system_error>

#include <kafka/broker_errc.hpp>

namespace kafka {

/// What can go wrong on this side of the wire. What a broker answers is broker_errc.
enum class client_errc {
  ok = 0,
  // Use of the library.
  invalid_argument,     ///< A value the call cannot take; the message names it.
  invalid_config,       ///< A configuration value out of its range; the message names the key.
  closed,               ///< The client was closed before or while the operation ran.
  would_deadlock,       ///< A blocking call from inside one of the client's own callbacks.
  invalid_state,        ///< The call does not fit what went before (a transaction that was not begun).
  cancelled,            ///< The caller cancelled the operation.
  buffer_full,          ///< No room in buffer_memory within max_block (or at once, for try_ calls).
  record_too_large,     ///< The record cannot fit a batch or a request.
  unsupported_feature,  ///< Built without it: a codec, TLS. The message names the build option.
  unsupported_version,  ///< The broker speaks no version of the API that can carry this request.
  no_such_offset,       ///< The position is outside the log and the reset policy is none.
  log_truncated,        ///< Records that were read are gone: another leader went on without them (KIP-320).
  topic_recreated,      ///< The topic was deleted and made again: the positions in it mean nothing any more.
  // Time.
  timed_out,          ///< The operation's own deadline passed; the cause text holds the last error met on the way.
  request_timed_out,  ///< One request got no answer within request_timeout.
  // Connection.
  resolve_failed,         ///< The host name could not be resolved.
  connect_failed,         ///< No address of the broker accepted a connection.
  connection_lost,        ///< The connection ended while requests were waiting on it.
  not_kafka,              ///< The peer does not speak the Kafka protocol; the message says what it looks like.
  no_brokers,             ///< No bootstrap server could be reached; the cause names the last attempt.
  authentication_failed,  ///< The broker refused our credentials.
  // Bytes.
  malformed_response,   ///< A response that breaks its schema; the connection is closed.
  corrupt_batch,        ///< A record batch whose CRC or structure is wrong.
  limit_exceeded,       ///< A size, count or decompressed volume over its limit.
  value_not_encodable,  ///< A field has a value that the negotiated version cannot carry.
};

/// The category of client_errc; `name()` is "kafka.client".
[[nodiscard]] const std::error_category& client_category() noexcept;
[[nodiscard]] std::error_code make_error_code(client_errc code) noexcept;

/// What the application can do about an error.
enum class error_class : std::uint8_t {
  retriable,  ///< Trying again may help; the client itself has given up only because of a deadline.
  abortable,  ///< The transaction must be aborted; the producer stays usable.
  fatal,      ///< Trying the same again will not help.
};

/// For an error about a record: is it in the log?
enum class write_outcome : std::uint8_t {
  not_written,  ///< Certainly not.
  unknown,      ///< It may be: the request was sent and no definite answer came.
  written,      ///< It is (some later step failed).
};

/// An error with its cause. Default-constructed: no error (converts to false). Thrown by value by the throwing calls
/// and filled by their `kafka::error&` overloads. The text never holds a secret.
class error : public std::exception {
 public:
  error() noexcept = default;
  /// `cause` names broker, request and whatever came before, in one line.
  explicit error(std::error_code code, std::string cause = {});
  error(std::error_code code, std::string cause, error_class severity,
        write_outcome outcome = write_outcome::not_written);
  error(client_errc code, std::string cause = {}) : error(make_error_code(code), std::move(cause)) {}
  error(broker_errc code, std::string cause = {}) : error(make_error_code(code), std::move(cause)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(code_); }
  [[nodiscard]] const std::error_code& code() const noexcept { return code_; }
  [[nodiscard]] error_class severity() const noexcept { return severity_; }
  [[nodiscard]] bool retriable() const noexcept { return severity_ == error_class::retriable; }
  [[nodiscard]] write_outcome outcome() const noexcept { return outcome_; }
  /// One line: the code's name and sentence, then the cause.
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] const std::string& message() const noexcept { return text_; }
  [[nodiscard]] const std::string& cause() const noexcept { return cause_; }

  /// This error with `context` put in front of its cause ("produce to orders-3 at b1:9092 (id 1)").
  [[nodiscard]] error with_context(std::string_view context) const;
  [[nodiscard]] error with_outcome(write_outcome outcome) const;

  friend bool operator==(const error& left, const error& right) noexcept {
    return left.code_ == right.code_ && left.severity_ == right.severity_ && left.outcome_ == right.outcome_ &&
           left.cause_ == right.cause_;
  }
  friend bool operator==(const error& left, client_errc right) noexcept { return left.code_ == make_error_code(right); }
  friend bool operator==(const error& left, broker_errc right) noexcept { return left.code_ == make_error_code(right); }

 private:
  std::error_code code_;
  error_class severity_ = error_class::fatal;
  write_outcome outcome_ = write_outcome::not_written;
  std::string cause_;
  std::string text_;
};

std::ostream& operator<<(std::ostream& out, const error& value);

}  // namespace kafka

template <>
struct std::is_error_code_enum<kafka::client_errc> : std::true_type {};
