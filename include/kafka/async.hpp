// SPDX-License-Identifier: Apache-2.0
// The same clients for Boost.Asio programs: every operation takes a completion token (use_awaitable, use_future,
// deferred, a callback) and runs on the executor that the client was made with. No thread is started but for
// looking host names up, which the system can only do by blocking; literal addresses need none.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>
#include <kafka/record.hpp>

namespace kafka::client {
class admin_engine;
class consumer_engine;
class producer_engine;
}  // namespace kafka::client

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
  /// async_room and try again. Throws kafka::error for a record that can never be sent.
  bool try_send(const message& record);
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
  static void start_room(const engine_ptr& engine, plain_handler handler);
  static void start_send(const engine_ptr& engine, const message& record, error* failure,
                         result_handler<delivery> handler);
  static void start_flush(const engine_ptr& engine, error* failure, plain_handler handler);

  engine_ptr engine_;
};

/// See kafka::consumer, whose contract this shares but for waiting.
class consumer {
 public:
  /// Throws kafka::error (invalid_config).
  consumer(const boost::asio::any_io_executor& executor, consumer_config config);
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  void assign(std::vector<assignment> partitions);
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
  static void start_poll(const engine_ptr& engine, error* failure, result_handler<records> handler);

  engine_ptr engine_;
};

/// See kafka::admin, whose contract this shares but for waiting.
class admin {
 public:
  /// Throws kafka::error (invalid_config).
  admin(const boost::asio::any_io_executor& executor, admin_config config);
  admin(admin&&) noexcept;
  admin& operator=(admin&&) noexcept;
  ~admin();

  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_topics(bool internal = false, Token&& token = {}) {
    return call<std::vector<std::string>>(start_list_topics, std::forward<Token>(token), internal);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_describe_topics(std::vector<std::string> names, Token&& token = {}) {
    return call<std::vector<topic_description>>(start_describe_topics, std::forward<Token>(token), std::move(names));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_describe_cluster(Token&& token = {}) {
    return call<cluster_description>(start_describe_cluster, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_create_topics(std::vector<new_topic> topics, Token&& token = {}) {
    return call<std::vector<topic_result>>(start_create_topics, std::forward<Token>(token), std::move(topics));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_topics(std::vector<std::string> names, Token&& token = {}) {
    return call<std::vector<topic_result>>(start_delete_topics, std::forward<Token>(token), std::move(names));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_offsets(std::vector<assignment> queries, Token&& token = {}) {
    return call<std::vector<offset_result>>(start_list_offsets, std::forward<Token>(token), std::move(queries));
  }

 private:
  using engine_ptr = std::shared_ptr<client::admin_engine>;

  template <class Result, class Start, class Token, class... Arguments>
  auto call(Start start, Token&& token, Arguments&&... arguments) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, Result)>(
        [engine = engine_, start](result_handler<Result> handler, auto&&... what) {
          start(engine, std::move(handler), std::forward<decltype(what)>(what)...);
        },
        token, std::forward<Arguments>(arguments)...);
  }
  static void start_list_topics(const engine_ptr&, result_handler<std::vector<std::string>>, bool internal);
  static void start_describe_topics(const engine_ptr&, result_handler<std::vector<topic_description>>,
                                    std::vector<std::string> names);
  static void start_describe_cluster(const engine_ptr&, result_handler<cluster_description>);
  static void start_create_topics(const engine_ptr&, result_handler<std::vector<topic_result>>,
                                  std::vector<new_topic> topics);
  static void start_delete_topics(const engine_ptr&, result_handler<std::vector<topic_result>>,
                                  std::vector<std::string> names);
  static void start_list_offsets(const engine_ptr&, result_handler<std::vector<offset_result>>,
                                 std::vector<assignment> queries);

  engine_ptr engine_;
};

}  // namespace kafka::async
