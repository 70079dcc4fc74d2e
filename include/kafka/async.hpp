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
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/async_producer.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>
#include <kafka/record.hpp>

namespace kafka::client {
class admin_engine;
class consumer_engine;
}  // namespace kafka::client

namespace kafka::async {

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
