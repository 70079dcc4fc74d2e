// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "client/core.hpp"
#include "group/member_bytes.hpp"
#include "support/client_fixtures.hpp"
#include "support/simulated_client.hpp"
#include "unit/fake/group_script.hpp"

namespace kafka::client {

using namespace std::chrono_literals;

/// What a control function of the pure cluster answers.
using does = fake_verdict::kind;
inline fake_verdict verdict(does what, broker_errc code = broker_errc::none) {
  return {what, code, {}};
}

/// A fake cluster with groups, made by hand, and an admin client of it in virtual time.
class group_world {
 public:
  explicit group_world(std::int32_t nodes = 1)
      : members(options(nodes)), core(test::cluster_fixture::core_settings(false)), client(members.core, core) {
    members.now = client.now();
    members.create_topic("t", 4);
  }

  template <class Result>
  Result get(admin_call::any what, std::chrono::milliseconds timeout = 60s) {
    completed_call done = call(std::move(what), timeout);
    INFO(done.failure.message());
    REQUIRE_FALSE(done.failure);
    REQUIRE(std::holds_alternative<Result>(done.result));
    return std::get<Result>(std::move(done.result));
  }
  completed_call call(admin_call::any what, std::chrono::milliseconds timeout = 60s) {
    client.post(event::admin_call_started{++last_, std::move(what), client.now().steady + timeout});
    REQUIRE(client.run_until([&] { return client.count<action::complete_call>() == 1; }, timeout * 2));
    completed_call out = std::move(client.take<action::complete_call>()[0].completed);
    members.now = client.now();
    return out;
  }

  /// Offsets of a group that has no members.
  void store(const std::string& group, std::int64_t offset, std::int32_t partition = 0) {
    state().offsets().commit(group, {"t", partition}, {offset, 3, "note"});
  }
  std::int64_t stored(const std::string& group, std::int32_t partition = 0) {
    const fake::committed_offset* found = state().offsets().find(group, {"t", partition});
    return found ? found->offset : -1;
  }
  /// Every node is announced with at most this version.
  void cap(api_key key, std::int16_t version) {
    for (auto& one : state().nodes()) one.version_caps.insert_or_assign(key, version);
  }
  void fail(api_key key, broker_errc code, std::size_t times = SIZE_MAX, std::int32_t node = 0) {
    members.core.control(
        key,
        [code, node](fake::call& request) {
          return node == 0 || request.node() == node ? verdict(does::fail, code) : verdict(does::pass);
        },
        times);
  }
  std::size_t requests(api_key key) const {
    const auto& all = members.core.requests();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](auto& one) { return one.key == key; }));
  }
  fake::cluster_state& state() { return members.core.state(); }

  fake::script members;
  client::core core;
  test::simulated_client client;

 private:
  static fake_cluster_options options(std::int32_t nodes) {
    fake_cluster_options out = fake::hasty(nodes);
    out.port = 9092;
    return out;
  }

  operation_id last_ = 0;
};

/// Lets a member that leads alone assign itself these partitions, as Java's leaders do.
inline void form_group_of_one(group_world& world, fake::classic_client& member,
                              const std::vector<topic_partition>& partitions) {
  subscribed_member who;
  who.topics = {"t"};
  who.rack = "north";
  member.protocols = {{"range", std::string(group::subscription_bytes(who).text())}};
  member.begin_join();
  world.members.pass(20ms);
  REQUIRE(member.joined() == broker_errc::none);
  auto request = member.sync_request();
  kafka::member_assignment assigned;
  assigned.partitions = partitions;
  request.assignments.push_back({member.member_id, group::assignment_bytes(assigned), {}});
  world.members.send(member.connection, request);
  REQUIRE(member.take_sync().error_code == 0);
  world.client.run_for(20ms);
  world.members.now = world.client.now();
}

}  // namespace kafka::client
