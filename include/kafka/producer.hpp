// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/metrics.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

namespace kafka {

namespace client {
class producer_engine;
class producer_facade;
struct completed_batch;
}  // namespace client

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

/// What became of one batch: one call instead of one for each record. Borrows; valid during the call.
class delivery_batch {
 public:
  [[nodiscard]] std::string_view topic() const noexcept;
  [[nodiscard]] std::int32_t partition() const noexcept;
  /// No error: all records are acknowledged.
  [[nodiscard]] const kafka::error& error() const noexcept;
  [[nodiscard]] explicit operator bool() const noexcept { return !error(); }
  /// The offset of the first record; the others follow without a gap. -1 where the broker does not say.
  [[nodiscard]] std::int64_t base_offset() const noexcept;
  /// The broker's timestamp of all records where the topic uses log-append time, else -1.
  [[nodiscard]] timestamp_ms log_append_time() const noexcept;
  [[nodiscard]] std::size_t count() const noexcept;
  /// message::opaque of each record, in offset order.
  [[nodiscard]] std::span<const std::uint64_t> opaques() const noexcept;
  /// The records themselves, decoded from the batch: what to do with those that failed is the caller's choice. Offsets
  /// count from 0. Empty if the batch cannot be read back.
  [[nodiscard]] records content() const;

 private:
  friend class client::producer_engine;
  explicit delivery_batch(client::completed_batch& batch) : batch_(&batch) {}
  client::completed_batch* batch_;
};

/// In the place of a callback: the outcome is told by producer_config::on_delivery, or by the next flush.
struct detached_t {};
inline constexpr detached_t detached{};

/// What purge gives up.
enum class purge : std::uint8_t {
  queued = 1,     ///< Records that were not sent yet: certainly not written.
  in_flight = 2,  ///< Records whose answer is outstanding: their error says unknown.
  all = 3,
};

/// Called once for each record, on the producer's IO thread; must not block and must not throw.
using delivery_callback = std::function<void(const delivery_result& result)>;

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

  /// The same without a callback.
  void send(const message& record, detached_t);
  /// The same for many at once; cheaper than one by one. Throws kafka::error at the first record that is not accepted;
  /// those before it were.
  void send(std::span<const message> records);

  /// Never blocks: false if the topic is not known yet (it is being looked up from now on) or there is no room. Throws
  /// kafka::error for a record that can never be sent.
  bool try_send(const message& record, delivery_callback done = {});
  /// How many of the records were taken, in order.
  std::size_t try_send(std::span<const message> records);

  /// Sends every open batch now and waits until each record sent before is acknowledged or given up. Returns an error
  /// (timed_out) if `timeout` passes before that; otherwise the first failure, since the last flush or the end of a
  /// transaction, of a record that was sent without a callback while there is no on_delivery. Never throws.
  error flush(std::chrono::milliseconds timeout = std::chrono::minutes(3));

  /// Gives records up now. Their callbacks are called soon, on the IO thread, with client_errc::cancelled.
  void purge(kafka::purge what);

  /// Flushes for at most `timeout`, then ends the producer; records not acknowledged by then fail with
  /// client_errc::closed. Every callback has returned when this does, unless it is called from inside one: then the end
  /// follows when that has returned. An open transaction is left to be aborted by its coordinator. Calls after that
  /// fail with closed.
  error close(std::chrono::milliseconds timeout = std::chrono::minutes(3));

  // --- transactions (KIP-98, KIP-447, KIP-890): with transactional_id only. One thread at a time. What an error asks
  // for is told by its severity(): abortable, that the transaction be ended by abort(); fatal, that another producer
  // take over (one with the same transactional id has come, or the coordinator ended the transaction by time);
  // retriable (timed_out), that the same call be made again: its outcome is open, and nothing else is accepted.

  /// To be called once, first: fences older producers of the same id and waits until their transactions are ended.
  void init_transactions(std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void init_transactions(error& failure, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Records sent from here on belong to the transaction.
  void begin();
  void begin(error& failure);
  /// The group's offsets become part of the transaction.
  void send_offsets(std::span<const group_offset> offsets, const group_metadata& group,
                    std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void send_offsets(std::span<const group_offset> offsets, const group_metadata& group, error& failure,
                    std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Flushes, then makes the transaction's records and offsets visible, all of them or, on an error, none yet.
  void commit(std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void commit(error& failure, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Gives queued records up, and takes back what was written.
  void abort(std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void abort(error& failure, std::chrono::milliseconds timeout = std::chrono::minutes(1));

  [[nodiscard]] producer_metrics metrics() const;

 private:
  std::shared_ptr<client::producer_facade> facade_;
};

}  // namespace kafka
