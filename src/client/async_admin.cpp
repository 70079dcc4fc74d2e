// SPDX-License-Identifier: Apache-2.0
// The asynchronous face of admin_engine: turns its callbacks into completions, and nothing else.
#include <kafka/async.hpp>
#include <utility>

#include "client/admin_engine.hpp"
#include "client/async_completion.hpp"
#include "client/runtime_on_executor.hpp"

namespace kafka::async {

namespace {

using client::async_completion;

std::shared_ptr<client::admin_engine> make_engine(const boost::asio::any_io_executor& executor, admin_config config) {
  client::runtime_options options{config.connection, config.client_id, config.log};
  return client::admin_engine::make(std::move(config), client::make_runtime_on(executor, std::move(options)));
}

}  // namespace

admin::admin(const boost::asio::any_io_executor& executor, admin_config config)
    : engine_(make_engine(executor, std::move(config))) {}
admin::admin(admin&&) noexcept = default;
admin& admin::operator=(admin&&) noexcept = default;
admin::~admin() {
  if (engine_) engine_->shut_down({client_errc::closed, "the admin client was destroyed"}, nullptr);
}

namespace {

template <class Result>
void start_call(const std::shared_ptr<client::admin_engine>& engine, client::admin_call::any what,
                result_handler<Result> handler) {
  const auto done =
      std::make_shared<async_completion<Result>>(std::move(handler), nullptr, client::executor_of(engine->running()));
  done->cancellable([done = std::weak_ptr(done)] {
    const error cancelled(client_errc::cancelled, "the operation's cancellation slot was signalled");
    if (const auto alive = done.lock()) alive->complete(cancelled, Result{});
  });
  engine->call(std::move(what), [done](error failure, client::admin_result result) {
    auto* typed = std::get_if<Result>(&result);
    done->complete(std::move(failure), typed ? std::move(*typed) : Result{});
  });
}

}  // namespace

void admin::start_list_topics(const engine_ptr& engine, result_handler<std::vector<std::string>> handler,
                              bool internal) {
  start_call(engine, client::admin_call::list_topics{internal}, std::move(handler));
}
void admin::start_describe_topics(const engine_ptr& engine, result_handler<std::vector<topic_description>> handler,
                                  std::vector<std::string> names) {
  start_call(engine, client::admin_call::describe_topics{std::move(names)}, std::move(handler));
}
void admin::start_describe_cluster(const engine_ptr& engine, result_handler<cluster_description> handler) {
  start_call(engine, client::admin_call::describe_cluster{}, std::move(handler));
}
void admin::start_create_topics(const engine_ptr& engine, result_handler<std::vector<topic_result>> handler,
                                std::vector<new_topic> topics) {
  start_call(engine, client::admin_call::create_topics{std::move(topics), false}, std::move(handler));
}
void admin::start_delete_topics(const engine_ptr& engine, result_handler<std::vector<topic_result>> handler,
                                std::vector<std::string> names) {
  start_call(engine, client::admin_call::delete_topics{std::move(names)}, std::move(handler));
}
void admin::start_list_offsets(const engine_ptr& engine, result_handler<std::vector<offset_result>> handler,
                               std::vector<assignment> queries) {
  start_call(engine, client::admin_call::list_offsets{std::move(queries)}, std::move(handler));
}
void admin::start_list_groups(const engine_ptr& engine, result_handler<group_list> handler, group_filter filter) {
  start_call(engine, client::admin_call::list_groups{std::move(filter)}, std::move(handler));
}
void admin::start_describe_groups(const engine_ptr& engine, result_handler<std::vector<group_description>> handler,
                                  std::vector<std::string> groups) {
  start_call(engine, client::admin_call::describe_groups{std::move(groups)}, std::move(handler));
}
void admin::start_delete_groups(const engine_ptr& engine, result_handler<std::vector<group_result>> handler,
                                std::vector<std::string> groups) {
  start_call(engine, client::admin_call::delete_groups{std::move(groups)}, std::move(handler));
}
void admin::start_list_group_offsets(const engine_ptr& engine, result_handler<std::vector<group_offsets>> handler,
                                     std::vector<group_query> queries, bool require_stable) {
  start_call(engine, client::admin_call::list_group_offsets{std::move(queries), require_stable}, std::move(handler));
}
void admin::start_alter_group_offsets(const engine_ptr& engine,
                                      result_handler<std::vector<group_offset_result>> handler, std::string group,
                                      std::vector<group_offset> offsets) {
  start_call(engine, client::admin_call::alter_group_offsets{std::move(group), std::move(offsets)}, std::move(handler));
}
void admin::start_delete_group_offsets(const engine_ptr& engine, result_handler<std::vector<partition_result>> handler,
                                       std::string group, std::vector<topic_partition> partitions) {
  start_call(engine, client::admin_call::delete_group_offsets{std::move(group), std::move(partitions)},
             std::move(handler));
}
void admin::start_remove_group_members(const engine_ptr& engine, result_handler<std::vector<member_result>> handler,
                                       std::string group, std::vector<std::string> instance_ids) {
  start_call(engine, client::admin_call::remove_group_members{std::move(group), std::move(instance_ids)},
             std::move(handler));
}

}  // namespace kafka::async
