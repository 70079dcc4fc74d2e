// SPDX-License-Identifier: Apache-2.0
// delete_groups and remove_group_members.
#include <algorithm>

#include "client/admin/group_operation.hpp"

namespace kafka::client {

namespace {

class groups_deletion final : public group_operation {
 public:
  explicit groups_deletion(const std::vector<std::string>& groups)
      : group_operation(groups), may_be_gone_(groups.size(), false) {}

  admin_result result(const error& unfinished) override {
    std::vector<group_result> out;
    for (std::size_t item = 0; item < size(); ++item) out.push_back({group(item), outcome(item, unfinished)});
    return out;
  }

 private:
  question ask(const items& asked) override {
    protocol::delete_groups_request request;
    for (const std::size_t item : asked) request.groups_names.push_back(group(item));
    return {std::move(request)};
  }

  void on_unknown_outcome(const items& asked) override {
    for (const std::size_t item : asked) may_be_gone_[item] = true;
  }

  void on_answer(reply& answer, const items& asked) override {
    auto* response = std::get_if<protocol::delete_groups_response>(&answer.response);
    if (!response) return;
    for (const auto& told : response->results) {
      const std::size_t item = find(asked, told.group_id);
      if (item == size()) continue;
      const bool is_gone = static_cast<broker_errc>(told.error_code) == broker_errc::group_id_not_found;
      // It was the request before that deleted it; only its answer was lost.
      if (is_gone && may_be_gone_[item]) {
        settle(item);
      } else if (served(item, told.error_code, "DeleteGroups to " + answer.broker + " for group " + told.group_id)) {
        settle(item);
      }
    }
  }

  std::vector<bool> may_be_gone_;
};

/// The items are members, all of one group.
class members_removal final : public group_operation {
 public:
  explicit members_removal(admin_call::remove_group_members call)
      : group_operation({call.group}), call_(std::move(call)), failures_(call_.instance_ids.size()) {}

  admin_result result(const error& unfinished) override {
    std::vector<member_result> out;
    for (std::size_t index = 0; index < failures_.size(); ++index) {
      const error whole = outcome(0, unfinished);
      out.push_back({call_.instance_ids[index], whole ? whole : failures_[index]});
    }
    return out;
  }

 private:
  question ask(const items&) override {
    protocol::leave_group_request request;
    request.group_id = call_.group;
    for (const std::string& instance : call_.instance_ids) {
      auto& member = request.members.emplace_back();
      member.group_instance_id = instance;
      member.reason = "removed by an administrator";
    }
    return {std::move(request)};
  }

  void on_unknown_outcome(const items&) override { may_be_gone_ = true; }

  void on_answer(reply& answer, const items&) override {
    auto* response = std::get_if<protocol::leave_group_response>(&answer.response);
    const std::string context = "LeaveGroup to " + answer.broker + " for group " + call_.group;
    if (!response || !served(0, response->error_code, context)) return;
    for (std::size_t index = 0; index < failures_.size(); ++index) {
      const std::string& instance = call_.instance_ids[index];
      const auto told = std::find_if(response->members.begin(), response->members.end(),
                                     [&](const auto& one) { return one.group_instance_id == instance; });
      if (told == response->members.end()) {
        failures_[index] = {client_errc::malformed_response, context + ": nothing about member " + instance};
        continue;
      }
      const auto code = static_cast<broker_errc>(told->error_code);
      if (code == broker_errc::none || (code == broker_errc::unknown_member_id && may_be_gone_)) continue;
      failures_[index] = {code, context + ", member " + instance};
    }
    settle(0);
  }

  admin_call::remove_group_members call_;
  std::vector<error> failures_;
  bool may_be_gone_ = false;
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::delete_groups call) {
  return std::make_unique<groups_deletion>(call.groups);
}
std::unique_ptr<admin_operation> make_operation(admin_call::remove_group_members call) {
  return std::make_unique<members_removal>(std::move(call));
}

}  // namespace kafka::client
