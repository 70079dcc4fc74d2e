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
#include <kafka/async_consumer.hpp>
#include <kafka/async_producer.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>
#include <kafka/record.hpp>

namespace kafka::client {
class admin_engine;
}  // namespace kafka::client

namespace kafka::async {

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
