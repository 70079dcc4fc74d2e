// SPDX-License-Identifier: Apache-2.0
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

std::vector<std::string> names(const group_list& list) {
  std::vector<std::string> out;
  for (const group_listing& one : list.groups) out.push_back(one.group_id);
  return out;
}

/// Groups a, b, c on nodes 1, 2, 3.
struct three_nodes : group_world {
  three_nodes() : group_world(3) {
    for (const std::string group : {"c", "a", "b"}) {
      state().set_coordinator(group, group[0] - 'a' + 1);
      store(group, 1);
    }
  }
  group_list list(const group_filter& filter = {}, std::chrono::milliseconds timeout = 60s) {
    return get<group_list>(admin_call::list_groups{filter}, timeout);
  }
};

TEST_CASE_METHOD(three_nodes, "groups of all brokers are listed by name, with the broker that coordinates each") {
  const group_list told = list();
  REQUIRE(names(told) == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(told.failures.empty());
  for (std::size_t index = 0; index < 3; ++index) {
    REQUIRE(told.groups[index].coordinator == static_cast<std::int32_t>(index) + 1);
    REQUIRE(told.groups[index].state == group_state::empty);
    REQUIRE(told.groups[index].type == group_type::classic);
  }
  REQUIRE(requests(api_key::list_groups) == 3);
}

TEST_CASE_METHOD(group_world, "groups are listed by state and by type") {
  store("idle", 1);
  fake::consumer_client member(members, "new-one", {"t"});
  REQUIRE(member.beat() == broker_errc::none);
  REQUIRE(member.settle() == broker_errc::none);
  const auto list = [&](group_filter filter) { return names(get<group_list>(admin_call::list_groups{filter})); };
  REQUIRE(list({}) == std::vector<std::string>{"g", "idle"});
  REQUIRE(list({.states = {group_state::stable}}) == std::vector<std::string>{"g"});
  REQUIRE(list({.states = {group_state::empty, group_state::dead}}) == std::vector<std::string>{"idle"});
  REQUIRE(list({.types = {group_type::classic}}) == std::vector<std::string>{"idle"});
  REQUIRE(list({.types = {group_type::consumer}}) == std::vector<std::string>{"g"});
  REQUIRE(list({.states = {group_state::empty}, .types = {group_type::consumer}}).empty());
}

TEST_CASE_METHOD(three_nodes, "a broker that refuses is told, and the groups of the others are there") {
  fail(api_key::list_groups, broker_errc::cluster_authorization_failed, SIZE_MAX, 2);
  const group_list told = list();
  REQUIRE(names(told) == std::vector<std::string>{"a", "c"});
  REQUIRE(told.failures.size() == 1);
  REQUIRE(told.failures[0].broker.id == 2);
  REQUIRE(told.failures[0].failure == broker_errc::cluster_authorization_failed);
}

TEST_CASE_METHOD(three_nodes, "a broker that never answers is told when time has run out") {
  members.core.control(api_key::list_groups, [](fake::call& request) {
    return request.node() == 3 ? verdict(does::swallow) : verdict(does::pass);
  });
  const group_list told = list({}, 5s);
  REQUIRE(names(told) == std::vector<std::string>{"a", "b"});
  REQUIRE(told.failures.size() == 1);
  REQUIRE(told.failures[0].broker.id == 3);
  REQUIRE(told.failures[0].failure == client_errc::timed_out);
}

TEST_CASE_METHOD(three_nodes, "a broker that is still loading is asked again") {
  fail(api_key::list_groups, broker_errc::coordinator_load_in_progress, 2, 2);
  const group_list told = list();
  REQUIRE(names(told) == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(requests(api_key::list_groups) == 5);
}

TEST_CASE_METHOD(three_nodes,
                 "the groups of a broker that goes away are those of the others, which are asked once more") {
  members.core.control(api_key::list_groups, [&](fake::call& request) {
    if (request.node() != 3) return verdict(does::pass);
    state().find_node(3)->listed = false;
    state().set_coordinator("c", 1);
    return verdict(does::drop_connection);
  });
  const group_list told = list();
  REQUIRE(names(told) == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(told.groups[2].coordinator == 1);
  REQUIRE(told.failures.empty());
}

TEST_CASE_METHOD(three_nodes, "brokers that tell no states cannot be asked by state, and say so") {
  cap(api_key::list_groups, 3);
  REQUIRE(list().groups.at(0).state == group_state::unknown);
  REQUIRE(list().groups.at(0).type == group_type::classic);
  REQUIRE(names(list({.types = {group_type::classic}})).size() == 3);
  const group_list told = list({.states = {group_state::empty}});
  REQUIRE(told.groups.empty());
  REQUIRE(told.failures.size() == 3);
  REQUIRE(told.failures[0].failure == client_errc::unsupported_version);
}

TEST_CASE_METHOD(three_nodes, "a list of a cluster that cannot be reached is a failure of the call") {
  for (const std::int32_t node : {1, 2, 3}) members.core.stop_node(node);
  const completed_call done = call(admin_call::list_groups{}, 5s);
  REQUIRE(done.failure == client_errc::timed_out);
}

TEST_CASE("the words of groups are Kafka's and are read in upper or lower case") {
  for (const auto state : {group_state::unknown, group_state::empty, group_state::preparing_rebalance,
                           group_state::completing_rebalance, group_state::assigning, group_state::reconciling,
                           group_state::stable, group_state::dead, group_state::not_ready}) {
    REQUIRE(parse_group_state(to_string(state)) == state);
  }
  for (const auto type :
       {group_type::unknown, group_type::classic, group_type::consumer, group_type::share, group_type::streams}) {
    REQUIRE(parse_group_type(to_string(type)) == type);
  }
  REQUIRE(to_string(group_state::preparing_rebalance) == "PreparingRebalance");
  REQUIRE(parse_group_state("preparingrebalance") == group_state::preparing_rebalance);
  REQUIRE(parse_group_type("Consumer") == group_type::consumer);
  REQUIRE_FALSE(parse_group_state("Stab"));
  REQUIRE_FALSE(parse_group_type(""));
}

}  // namespace
}  // namespace kafka::client
