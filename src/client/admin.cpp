// SPDX-License-Identifier: Apache-2.0
// The blocking face of admin_engine: waits, and nothing else.
#include <kafka/admin.hpp>
#include <utility>

#include "client/admin_engine.hpp"

namespace kafka {

namespace client {

class admin_facade {
 public:
  explicit admin_facade(admin_config config) {
    runtime_options options{config.connection, config.client_id, config.log};
    engine_ = admin_engine::make(std::move(config), make_threaded_runtime(std::move(options)));
  }
  admin_facade(const admin_facade&) = delete;
  admin_facade& operator=(const admin_facade&) = delete;
  ~admin_facade() { close(); }

  template <class Result>
  Result call(admin_call::any what, error& failure) {
    failure = {};
    if (engine_->running().inside()) {
      failure = {client_errc::would_deadlock, "a blocking admin call from inside a callback"};
      return {};
    }
    const auto over = std::make_shared<promised<std::pair<error, admin_result>>>();
    engine_->call(std::move(what),
                  [over](error why, admin_result result) { over->set({std::move(why), std::move(result)}); });
    auto [why, result] = over->get();
    failure = std::move(why);
    auto* typed = std::get_if<Result>(&result);
    return typed ? std::move(*typed) : Result{};
  }

  void close() {
    const error why(client_errc::closed, "the admin client was closed");
    if (engine_->running().inside()) return engine_->shut_down(why, nullptr);
    const auto over = std::make_shared<promised<bool>>();
    engine_->shut_down(why, [over] { over->set(true); });
    (void)over->get();
  }

 private:
  std::shared_ptr<admin_engine> engine_;
};

}  // namespace client

namespace {

template <class Result>
Result unless(const error& failure, Result result) {
  if (failure) throw failure;
  return result;
}

}  // namespace

admin::admin(admin_config config) : facade_(std::make_shared<client::admin_facade>(std::move(config))) {}
admin::admin(admin&&) noexcept = default;
admin& admin::operator=(admin&&) noexcept = default;
admin::~admin() = default;

std::vector<std::string> admin::list_topics(bool internal, error& failure) {
  return facade_->call<std::vector<std::string>>(client::admin_call::list_topics{internal}, failure);
}
std::vector<topic_description> admin::describe_topics(const std::vector<std::string>& names, error& failure) {
  return facade_->call<std::vector<topic_description>>(client::admin_call::describe_topics{names}, failure);
}
cluster_description admin::describe_cluster(error& failure) {
  return facade_->call<cluster_description>(client::admin_call::describe_cluster{}, failure);
}
std::vector<topic_result> admin::create_topics(const std::vector<new_topic>& topics, bool validate_only,
                                               error& failure) {
  return facade_->call<std::vector<topic_result>>(client::admin_call::create_topics{topics, validate_only}, failure);
}
std::vector<topic_result> admin::delete_topics(const std::vector<std::string>& names, error& failure) {
  return facade_->call<std::vector<topic_result>>(client::admin_call::delete_topics{names}, failure);
}
std::vector<offset_result> admin::list_offsets(const std::vector<assignment>& queries, error& failure) {
  return list_offsets(queries, false, failure);
}
std::vector<offset_result> admin::list_offsets(const std::vector<assignment>& queries, bool read_committed,
                                               error& failure) {
  return facade_->call<std::vector<offset_result>>(client::admin_call::list_offsets{queries, read_committed}, failure);
}

group_list admin::list_groups(const group_filter& filter, error& failure) {
  return facade_->call<group_list>(client::admin_call::list_groups{filter}, failure);
}
std::vector<group_description> admin::describe_groups(const std::vector<std::string>& groups, error& failure) {
  return facade_->call<std::vector<group_description>>(client::admin_call::describe_groups{groups}, failure);
}
std::vector<group_result> admin::delete_groups(const std::vector<std::string>& groups, error& failure) {
  return facade_->call<std::vector<group_result>>(client::admin_call::delete_groups{groups}, failure);
}
std::vector<group_offsets> admin::list_group_offsets(const std::vector<group_query>& queries, bool require_stable,
                                                     error& failure) {
  return facade_->call<std::vector<group_offsets>>(client::admin_call::list_group_offsets{queries, require_stable},
                                                   failure);
}
std::vector<group_offset_result> admin::alter_group_offsets(const std::string& group,
                                                            const std::vector<group_offset>& offsets, error& failure) {
  return facade_->call<std::vector<group_offset_result>>(client::admin_call::alter_group_offsets{group, offsets},
                                                         failure);
}
std::vector<partition_result> admin::delete_group_offsets(const std::string& group,
                                                          const std::vector<topic_partition>& partitions,
                                                          error& failure) {
  return facade_->call<std::vector<partition_result>>(client::admin_call::delete_group_offsets{group, partitions},
                                                      failure);
}
std::vector<member_result> admin::remove_group_members(const std::string& group,
                                                       const std::vector<std::string>& instance_ids, error& failure) {
  return facade_->call<std::vector<member_result>>(client::admin_call::remove_group_members{group, instance_ids},
                                                   failure);
}

std::vector<std::string> admin::list_topics(bool internal) {
  error failure;
  auto result = list_topics(internal, failure);
  return unless(failure, std::move(result));
}
std::vector<topic_description> admin::describe_topics(const std::vector<std::string>& names) {
  error failure;
  auto result = describe_topics(names, failure);
  return unless(failure, std::move(result));
}
cluster_description admin::describe_cluster() {
  error failure;
  auto result = describe_cluster(failure);
  return unless(failure, std::move(result));
}
std::vector<topic_result> admin::create_topics(const std::vector<new_topic>& topics, bool validate_only) {
  error failure;
  auto result = create_topics(topics, validate_only, failure);
  return unless(failure, std::move(result));
}
std::vector<topic_result> admin::delete_topics(const std::vector<std::string>& names) {
  error failure;
  auto result = delete_topics(names, failure);
  return unless(failure, std::move(result));
}
std::vector<offset_result> admin::list_offsets(const std::vector<assignment>& queries, bool read_committed) {
  error failure;
  auto result = list_offsets(queries, read_committed, failure);
  return unless(failure, std::move(result));
}

group_list admin::list_groups(const group_filter& filter) {
  error failure;
  auto result = list_groups(filter, failure);
  return unless(failure, std::move(result));
}
std::vector<group_description> admin::describe_groups(const std::vector<std::string>& groups) {
  error failure;
  auto result = describe_groups(groups, failure);
  return unless(failure, std::move(result));
}
std::vector<group_result> admin::delete_groups(const std::vector<std::string>& groups) {
  error failure;
  auto result = delete_groups(groups, failure);
  return unless(failure, std::move(result));
}
std::vector<group_offsets> admin::list_group_offsets(const std::vector<group_query>& queries, bool require_stable) {
  error failure;
  auto result = list_group_offsets(queries, require_stable, failure);
  return unless(failure, std::move(result));
}
std::vector<group_offset_result> admin::alter_group_offsets(const std::string& group,
                                                            const std::vector<group_offset>& offsets) {
  error failure;
  auto result = alter_group_offsets(group, offsets, failure);
  return unless(failure, std::move(result));
}
std::vector<partition_result> admin::delete_group_offsets(const std::string& group,
                                                          const std::vector<topic_partition>& partitions) {
  error failure;
  auto result = delete_group_offsets(group, partitions, failure);
  return unless(failure, std::move(result));
}
std::vector<member_result> admin::remove_group_members(const std::string& group,
                                                       const std::vector<std::string>& instance_ids) {
  error failure;
  auto result = remove_group_members(group, instance_ids, failure);
  return unless(failure, std::move(result));
}

error admin::close(std::chrono::milliseconds) {
  facade_->close();
  return {};
}

}  // namespace kafka
