// SPDX-License-Identifier: Apache-2.0
// describe_groups: one request for groups whose members speak the protocol of KIP-848, another for the rest. Nobody
// knows beforehand which a group is, so that it is asked for as the one and, if it is not that, as the other.
#include <algorithm>

#include "client/admin/group_operation.hpp"
#include "group/member_bytes.hpp"

namespace kafka::client {

namespace {

using classic_response = protocol::describe_groups_response;
using consumer_response = protocol::consumer_group_describe_response;

constexpr std::string_view of_consumers = "consumer";

std::vector<topic_partition> partitions_of(const consumer_response::member_assignment& told) {
  std::vector<topic_partition> out;
  for (const auto& topic : told.topic_partitions) {
    for (const std::int32_t partition : topic.partitions) out.push_back({topic.topic_name, partition});
  }
  std::sort(out.begin(), out.end());
  return out;
}

described_member member_of(const consumer_response::member& told) {
  described_member out;
  out.member_id = told.member_id;
  out.instance_id = told.instance_id;
  out.rack = told.rack_id;
  out.client_id = told.client_id;
  out.host = told.client_host;
  out.assignment = partitions_of(told.assignment);
  out.target = partitions_of(told.target_assignment);
  out.epoch = told.member_epoch;
  out.is_classic = told.member_type == 0;
  return out;
}

described_member member_of(const classic_response::member& told, bool of_consumer_group) {
  described_member out;
  out.member_id = told.member_id;
  out.instance_id = told.group_instance_id;
  out.client_id = told.client_id;
  out.host = told.client_host;
  if (!of_consumer_group) return out;  // what others tell each other is theirs to read
  member_assignment read;
  if (error bad = group::read_assignment(told.member_assignment, read)) {
    out.failure = bad.with_context("member " + told.member_id);
  } else {
    out.assignment = std::move(read.partitions);
    std::sort(out.assignment.begin(), out.assignment.end());
  }
  out.rack = group::read_subscription(told.member_id, told.group_instance_id, told.member_metadata).rack;
  return out;
}

std::string context_of(const char* request, const std::string& broker, const std::string& group,
                       const std::optional<std::string>& message) {
  return std::string(request) + " to " + broker + " for group " + group +
         (message && !message->empty() ? ": " + *message : "");
}

class groups_description final : public group_operation {
 public:
  explicit groups_description(const std::vector<std::string>& groups)
      : group_operation(groups), told_(groups.size()), is_classic_(groups.size(), false) {}

  admin_result result(const error& unfinished) override {
    for (std::size_t item = 0; item < size(); ++item) {
      told_[item].group_id = group(item);
      told_[item].failure = outcome(item, unfinished);
    }
    return std::move(told_);
  }

 private:
  question ask(const items& asked) override {
    // Those of one coordinator have been asked for together, but not all of them have to be of one kind.
    const bool consumers =
        std::any_of(asked.begin(), asked.end(), [&](std::size_t item) { return !is_classic_[item]; });
    if (consumers) {
      protocol::consumer_group_describe_request request;
      for (const std::size_t item : asked) {
        if (!is_classic_[item]) request.group_ids.push_back(group(item));
      }
      return {std::move(request)};
    }
    protocol::describe_groups_request request;
    for (const std::size_t item : asked) request.groups.push_back(group(item));
    return {std::move(request)};
  }

  void on_answer(reply& answer, const items& asked) override {
    if (auto* classic = std::get_if<classic_response>(&answer.response)) {
      for (auto& told : classic->groups) on_classic(told, answer.broker, asked);
      return;
    }
    if (auto* consumer = std::get_if<consumer_response>(&answer.response)) {
      for (auto& told : consumer->groups) on_consumer(told, answer.broker, asked);
    }
    for (const std::size_t item : asked) {
      if (is_classic_[item]) ask_on(item);
    }
  }

  bool finds_another_way(const items& asked) override {
    bool found = false;
    for (const std::size_t item : asked) {
      found = found || !is_classic_[item];
      is_classic_[item] = true;
    }
    return found;
  }

  void on_consumer(const consumer_response::group& told, const std::string& broker, const items& asked) {
    const std::size_t item = find(asked, told.group_id);
    if (item == size()) return;
    const auto code = static_cast<broker_errc>(told.error_code);
    // The second one: brokers that could have such groups, but whose cluster has not switched them on.
    if (code == broker_errc::group_id_not_found || code == broker_errc::unsupported_version) {
      is_classic_[item] = true;
      return;
    }
    if (!served(item, told.error_code, context_of("ConsumerGroupDescribe", broker, told.group_id, told.error_message)))
      return;
    group_description& out = told_[item];
    out.type = group_type::consumer;
    out.state = parse_group_state(told.group_state).value_or(group_state::unknown);
    out.protocol_type = of_consumers;
    out.assignor = told.assignor_name;
    out.epoch = told.group_epoch;
    out.assignment_epoch = told.assignment_epoch;
    out.coordinator = coordinator(item);
    for (const auto& member : told.members) out.members.push_back(member_of(member));
    settle(item);
  }

  void on_classic(const classic_response::group& told, const std::string& broker, const items& asked) {
    const std::size_t item = find(asked, told.group_id);
    if (item == size()) return;
    const std::string context = context_of("DescribeGroups", broker, told.group_id, told.error_message);
    if (!served(item, told.error_code, context)) return;
    group_description& out = told_[item];
    out.state = parse_group_state(told.group_state).value_or(group_state::unknown);
    // Brokers before 4.0 have no error for a group that is not there (KIP-1043).
    if (out.state == group_state::dead) {
      out = {};
      return settle(item, {broker_errc::group_id_not_found, context});
    }
    out.type = group_type::classic;
    out.protocol_type = told.protocol_type;
    out.assignor = told.protocol_data;
    out.coordinator = coordinator(item);
    const bool of_consumer_group = told.protocol_type == of_consumers;
    for (const auto& member : told.members) out.members.push_back(member_of(member, of_consumer_group));
    settle(item);
  }

  std::vector<group_description> told_;
  std::vector<bool> is_classic_;
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::describe_groups call) {
  return std::make_unique<groups_description>(call.groups);
}

}  // namespace kafka::client
