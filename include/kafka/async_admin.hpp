// SPDX-License-Identifier: Apache-2.0
// The asynchronous admin; include async.hpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/async_producer.hpp>
#include <kafka/config.hpp>

namespace kafka::client {
class admin_engine;
}

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

  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_groups(group_filter filter = {}, Token&& token = {}) {
    return call<group_list>(start_list_groups, std::forward<Token>(token), std::move(filter));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_describe_groups(std::vector<std::string> groups, Token&& token = {}) {
    return call<std::vector<group_description>>(start_describe_groups, std::forward<Token>(token), std::move(groups));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_groups(std::vector<std::string> groups, Token&& token = {}) {
    return call<std::vector<group_result>>(start_delete_groups, std::forward<Token>(token), std::move(groups));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_list_group_offsets(std::vector<group_query> queries, bool require_stable = false, Token&& token = {}) {
    return call<std::vector<group_offsets>>(start_list_group_offsets, std::forward<Token>(token), std::move(queries),
                                            require_stable);
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_alter_group_offsets(std::string group, std::vector<group_offset> offsets, Token&& token = {}) {
    return call<std::vector<group_offset_result>>(start_alter_group_offsets, std::forward<Token>(token),
                                                  std::move(group), std::move(offsets));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_delete_group_offsets(std::string group, std::vector<topic_partition> partitions, Token&& token = {}) {
    return call<std::vector<partition_result>>(start_delete_group_offsets, std::forward<Token>(token), std::move(group),
                                               std::move(partitions));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_remove_group_members(std::string group, std::vector<std::string> instance_ids, Token&& token = {}) {
    return call<std::vector<member_result>>(start_remove_group_members, std::forward<Token>(token), std::move(group),
                                            std::move(instance_ids));
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
  static void start_list_groups(const engine_ptr&, result_handler<group_list>, group_filter filter);
  static void start_describe_groups(const engine_ptr&, result_handler<std::vector<group_description>>,
                                    std::vector<std::string> groups);
  static void start_delete_groups(const engine_ptr&, result_handler<std::vector<group_result>>,
                                  std::vector<std::string> groups);
  static void start_list_group_offsets(const engine_ptr&, result_handler<std::vector<group_offsets>>,
                                       std::vector<group_query> queries, bool require_stable);
  static void start_alter_group_offsets(const engine_ptr&, result_handler<std::vector<group_offset_result>>,
                                        std::string group, std::vector<group_offset> offsets);
  static void start_delete_group_offsets(const engine_ptr&, result_handler<std::vector<partition_result>>,
                                         std::string group, std::vector<topic_partition> partitions);
  static void start_remove_group_members(const engine_ptr&, result_handler<std::vector<member_result>>,
                                         std::string group, std::vector<std::string> instance_ids);

  engine_ptr engine_;
};

}  // namespace kafka::async
