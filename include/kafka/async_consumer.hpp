// SPDX-License-Identifier: Apache-2.0
// The asynchronous consumer; include async.hpp. What its operations have in common is told in async_producer.hpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/async_producer.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/record.hpp>

namespace kafka::client {
class consumer_engine;
}

namespace kafka::async {

/// See kafka::consumer, whose contract this shares but for waiting. One operation or call at a time, except that others
/// may be called while an async_poll waits.
///
/// As a group's member: it joins with the first async_poll, and keeps its place as long as polls follow each other
/// within max_poll_interval (one that waits counts as polling) and the executor has a thread free for heartbeats: a
/// handler that blocks the only thread of a context for longer than session_timeout loses its partitions. Rebalances
/// are obeyed at the beginning of a poll and while it waits; the listener is called on the client's strand. What it
/// commits (async_commit with asio::detached) is still stored.
class consumer {
 public:
  /// Throws kafka::error (invalid_config).
  consumer(const boost::asio::any_io_executor& executor, consumer_config config);
  /// Compressed batches are opened on `unpack_on` (in the place of config.unpack_on), a thread pool's perhaps, ahead of
  /// the polls; otherwise by the polls, on the client's strand. The pool may be another, and end before the consumer
  /// only if no poll is to follow.
  consumer(const boost::asio::any_io_executor& executor, consumer_config config,
           const boost::asio::any_io_executor& unpack_on);
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  void assign(std::vector<assignment> partitions);
  /// Throws kafka::error (invalid_state) without a group_id.
  void subscribe(const std::vector<std::string>& topics);
  void unsubscribe() { subscribe({}); }
  [[nodiscard]] std::vector<topic_partition> assigned() const;
  [[nodiscard]] bool is_refused() const;
  [[nodiscard]] kafka::group_metadata group_metadata() const;

  void seek(const topic_partition& partition, position to);
  [[nodiscard]] std::optional<std::int64_t> position_of(const topic_partition& partition) const;
  [[nodiscard]] std::optional<std::int64_t> end_offset_of(const topic_partition& partition) const;
  void pause(const std::vector<topic_partition>& partitions);
  void resume(const std::vector<topic_partition>& partitions);

  /// Completes with the next records; waits for them as long as it takes. One at a time. Cancelling loses no record.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_poll(Token&& token = {}) {
    return poll(nullptr, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_poll(error& failure, Token&& token = {}) {
    return poll(&failure, std::forward<Token>(token));
  }

  /// Stores, for the group, where the records handed out so far end, or of these records or this one, or these offsets:
  /// what they are is taken note of at once. Waits for the coordinator as long as it takes. Commits are carried out in
  /// the order of the calls; one that is cancelled may be carried out all the same.
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(Token&& token = {}) {
    return commit(positions(), nullptr, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(error& failure, Token&& token = {}) {
    return commit(positions(), &failure, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(const records& processed, Token&& token = {}) {
    return commit(ends_of(processed), nullptr, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(const records& processed, error& failure, Token&& token = {}) {
    return commit(ends_of(processed), &failure, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(const record_view& processed, Token&& token = {}) {
    return commit(end_of(processed), nullptr, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(std::vector<group_offset> offsets, Token&& token = {}) {
    return commit(std::move(offsets), nullptr, std::forward<Token>(token));
  }
  template <boost::asio::completion_token_for<void(boost::system::error_code)> Token = boost::asio::use_awaitable_t<>>
  auto async_commit(std::vector<group_offset> offsets, error& failure, Token&& token = {}) {
    return commit(std::move(offsets), &failure, std::forward<Token>(token));
  }

  /// What the group has stored; partitions without an offset are left out. `failure` may be null.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_committed(std::vector<topic_partition> partitions, error* failure = nullptr, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::vector<group_offset>)>(
        [engine = engine_, failure](result_handler<std::vector<group_offset>> handler,
                                    std::vector<topic_partition> which) {
          start_committed(engine, std::move(which), failure, std::move(handler));
        },
        token, std::move(partitions));
  }

  /// As kafka::consumer::close; ends with timed_out if the group could not be left in time. A poll that waits ends with
  /// closed. Not to be cancelled.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_close(std::chrono::milliseconds timeout = std::chrono::seconds(30), Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [engine = engine_, timeout](plain_handler handler) { start_close(engine, timeout, std::move(handler)); },
        token);
  }

 private:
  using engine_ptr = std::shared_ptr<client::consumer_engine>;

  template <class Token>
  auto poll(error* failure, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, records)>(
        [engine = engine_, failure](result_handler<records> handler) {
          start_poll(engine, failure, std::move(handler));
        },
        token);
  }
  template <class Token>
  auto commit(std::vector<group_offset> offsets, error* failure, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [engine = engine_, failure](plain_handler handler, std::vector<group_offset> what) {
          start_commit(engine, what, failure, std::move(handler));
        },
        token, std::move(offsets));
  }
  [[nodiscard]] std::vector<group_offset> positions() const;
  [[nodiscard]] static std::vector<group_offset> ends_of(const records& processed);
  [[nodiscard]] static std::vector<group_offset> end_of(const record_view& processed);
  static void start_poll(const engine_ptr& engine, error* failure, result_handler<records> handler);
  static void start_commit(const engine_ptr& engine, const std::vector<group_offset>& offsets, error* failure,
                           plain_handler handler);
  static void start_committed(const engine_ptr& engine, const std::vector<topic_partition>& partitions, error* failure,
                              result_handler<std::vector<group_offset>> handler);
  static void start_close(const engine_ptr& engine, std::chrono::milliseconds timeout, plain_handler handler);

  engine_ptr engine_;
};

}  // namespace kafka::async
