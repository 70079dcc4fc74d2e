// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// Where a record went.
struct delivery {
  std::int32_t partition = -1;
  /// -1 with acks::none, which brokers do not answer.
  std::int64_t offset = -1;
  /// The record's timestamp: the broker's where the topic uses log-append time, else the one it was sent with.
  timestamp_ms timestamp = -1;

  friend bool operator==(const delivery&, const delivery&) = default;
};

/// A delivery or the error that prevented it. `error().outcome()` says whether the record may be in the log all the
/// same.
class delivery_result {
 public:
  delivery_result(const kafka::delivery& delivered) : delivery_(delivered) {}
  delivery_result(kafka::error failure) : error_(std::move(failure)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return !error_; }
  [[nodiscard]] const kafka::error& error() const noexcept { return error_; }
  [[nodiscard]] const kafka::delivery& delivery() const noexcept { return delivery_; }

 private:
  kafka::delivery delivery_;
  kafka::error error_;
};

/// Called once for each record, on the producer's IO thread; must not block and must not throw.
using delivery_callback = std::function<void(const delivery_result& result)>;

namespace client {
class producer_facade;
}

/// Sends records. Records are gathered into batches per partition, batches into requests per broker.
///
/// Thread-safe: any number of threads may send at once. Owns one IO thread. After fork() the child must not use it, nor
/// destroy it: the IO thread exists in the parent alone. Destroying a producer is close with a deadline of zero: what
/// is not acknowledged by then fails with client_errc::closed, through its callback.
class producer {
 public:
  /// Starts the IO thread; connects in the background. Throws kafka::error (invalid_config) for a value out of range.
  explicit producer(producer_config config);
  producer(producer&&) noexcept;
  producer& operator=(producer&&) noexcept;
  ~producer();

  /// Sends one record and waits for its acknowledgement: at most max_block for metadata and room, then at most
  /// delivery_timeout. Throws kafka::error; its outcome() says whether the record may have been written.
  delivery send(const message& record);
  delivery send(std::string_view topic, bytes_view key, bytes_view value) {
    return send({.topic = topic, .key = key, .value = value});
  }
  /// As above, but sets `failure` (cleared first) instead of throwing.
  delivery send(const message& record, error& failure);

  /// Appends the record to its batch and returns; `done` is called once, when it is acknowledged or given up. Blocks at
  /// most max_block, for metadata of a new topic or for room. Throws kafka::error if the record was not accepted;
  /// `done` is then never called.
  void send(const message& record, delivery_callback done);

  /// Sends every open batch now and waits until each record sent before is acknowledged or given up. Returns an error
  /// (timed_out) if `timeout` passes before that; never throws for a failed record, whose callback has told.
  error flush(std::chrono::milliseconds timeout = std::chrono::minutes(3));

  /// Flushes for at most `timeout`, then ends the producer; records not acknowledged by then fail with
  /// client_errc::closed. Every callback has returned when this does. Calls after that fail with closed.
  error close(std::chrono::milliseconds timeout = std::chrono::minutes(3));

 private:
  std::shared_ptr<client::producer_facade> facade_;
};

}  // namespace kafka
