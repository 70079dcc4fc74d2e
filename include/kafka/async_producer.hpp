// SPDX-License-Identifier: Apache-2.0
// The asynchronous producer; include async.hpp.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>
#include <kafka/record.hpp>

namespace kafka::client {
class producer_engine;
}

/// Common to all operations here:
/// - The signature is `void(boost::system::error_code, T)`, so that every token behaves as Asio users know it. The code
/// is
///   of kafka's categories, or asio::error::operation_aborted. An optional `kafka::error&` in front of the token
///   receives the whole error, with its cause; it must live until completion.
/// - The completion handler runs on its associated executor, by default the client's; never inside the initiating call.
/// - An operation can be cancelled through its cancellation slot (terminal, partial or total); a record that was
/// already
///   taken is sent all the same, and its error then says `unknown`.
/// - Destroying a client ends its operations with client_errc::closed. The client may be used from several threads if
///   its executor's context is run by several; the executor's context must outlive it.
namespace kafka::async {

template <class Result>
using result_handler = boost::asio::any_completion_handler<void(boost::system::error_code, Result)>;
using plain_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;

/// See kafka::producer, whose contract this shares but for waiting.
class producer {
 public:
  /// Throws kafka::error (invalid_config).
  producer(const boost::asio::any_io_executor& executor, producer_config config);
  producer(producer&&) noexcept;
  producer& operator=(producer&&) noexcept;
  ~producer();

  /// Appends a record if its topic is known and there is room: the cheap path, no operation a record. False: wait with
  /// async_room and try again. Throws kafka::error for a record that can never be sent. The outcome is told by
  /// producer_config::on_delivery, or by the next async_flush.
  bool try_send(const message& record);
  /// How many of the records were taken, in order.
  std::size_t try_send(std::span<const message> records);
  /// The same with a callback for the outcome, called on the client's strand; it must not block.
  bool try_send(const message& record, delivery_callback done);
  /// Completes when trying again makes sense: the topic that try_send asked for may be known, or there is room. Ends
  /// with timed_out after max_block.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_room(Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [engine = engine_](plain_handler handler) { start_room(engine, std::move(handler)); }, token);
  }

  /// Sends one record; completes when it is acknowledged or given up, after waiting at most max_block for its topic and
  /// for room. What the record points to must live until the operation begins (for use_awaitable: at the co_await).
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_send(const message& record, Token&& token = {}) {
    return send(record, nullptr, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_send(const message& record, error& failure, Token&& token = {}) {
    return send(record, &failure, std::forward<Token>(token));
  }

  /// Sends what lingers and completes when every record sent before is acknowledged; with the first failure among those
  /// of try_send without a callback since the last flush, if there was one.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_flush(Token&& token = {}) {
    return flush(nullptr, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_flush(error& failure, Token&& token = {}) {
    return flush(&failure, std::forward<Token>(token));
  }
  void purge(kafka::purge what);
  [[nodiscard]] producer_metrics metrics() const;

  /// Transactions; see kafka::producer. `failure` may be null.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_init_transactions(std::chrono::milliseconds timeout, error* failure = nullptr, Token&& token = {}) {
    return transact(start_init, failure, std::forward<Token>(token), timeout);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_begin(error* failure = nullptr, Token&& token = {}) {
    return transact(start_begin, failure, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_send_offsets(std::vector<group_offset> offsets, group_metadata group, std::chrono::milliseconds timeout,
                          error* failure = nullptr, Token&& token = {}) {
    return transact(start_send_offsets, failure, std::forward<Token>(token), std::move(offsets), std::move(group),
                    timeout);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_commit(std::chrono::milliseconds timeout, error* failure = nullptr, Token&& token = {}) {
    return transact(start_end, failure, std::forward<Token>(token), true, timeout);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_abort(std::chrono::milliseconds timeout, error* failure = nullptr, Token&& token = {}) {
    return transact(start_end, failure, std::forward<Token>(token), false, timeout);
  }

 private:
  using engine_ptr = std::shared_ptr<client::producer_engine>;

  template <class Token>
  auto send(const message& record, error* failure, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, delivery)>(
        [engine = engine_, failure](result_handler<delivery> handler, const message& what) {
          start_send(engine, what, failure, std::move(handler));
        },
        token, record);
  }
  template <class Token>
  auto flush(error* failure, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [engine = engine_, failure](plain_handler handler) { start_flush(engine, failure, std::move(handler)); },
        token);
  }
  template <class Start, class Token, class... Arguments>
  auto transact(Start start, error* failure, Token&& token, Arguments&&... arguments) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [engine = engine_, start, failure](plain_handler handler, auto&&... what) {
          start(engine, std::forward<decltype(what)>(what)..., failure, std::move(handler));
        },
        token, std::forward<Arguments>(arguments)...);
  }
  std::size_t try_append(std::span<const message> records, delivery_callback* done);
  static void start_init(const engine_ptr& engine, std::chrono::milliseconds timeout, error* failure,
                         plain_handler handler);
  static void start_begin(const engine_ptr& engine, error* failure, plain_handler handler);
  static void start_send_offsets(const engine_ptr& engine, std::vector<group_offset> offsets, group_metadata group,
                                 std::chrono::milliseconds timeout, error* failure, plain_handler handler);
  static void start_end(const engine_ptr& engine, bool commit, std::chrono::milliseconds timeout, error* failure,
                        plain_handler handler);
  static void start_room(const engine_ptr& engine, plain_handler handler);
  static void start_send(const engine_ptr& engine, const message& record, error* failure,
                         result_handler<delivery> handler);
  static void start_flush(const engine_ptr& engine, error* failure, plain_handler handler);

  engine_ptr engine_;
};

}  // namespace kafka::async
