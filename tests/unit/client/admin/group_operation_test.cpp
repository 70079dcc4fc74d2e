// SPDX-License-Identifier: Apache-2.0
// What all calls about groups share: finding coordinators, and what becomes of groups that move.
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

using listings = std::vector<group_offsets>;

/// Groups a, b, c, d, e, f on nodes 1, 2, 3, 1, 2, 3.
struct spread_groups : group_world {
  spread_groups() : group_world(3) {
    for (std::int32_t index = 0; index < 6; ++index) {
      const std::string group(1, static_cast<char>('a' + index));
      state().set_coordinator(group, index % 3 + 1);
      store(group, index);
      queries.push_back({group, {}});
    }
  }
  void check() {
    const auto told = get<listings>(admin_call::list_group_offsets{queries, false});
    for (std::size_t index = 0; index < 6; ++index) {
      INFO(told[index].failure.message());
      REQUIRE_FALSE(told[index].failure);
      REQUIRE(told[index].offsets.at(0).stored.offset == static_cast<std::int64_t>(index));
    }
  }

  std::vector<group_query> queries;
};

TEST_CASE_METHOD(spread_groups, "all coordinators are found with one request, and each is asked once") {
  const steady_time before = client.now().steady;
  check();
  REQUIRE(requests(api_key::find_coordinator) == 1);
  REQUIRE(requests(api_key::offset_fetch) == 3);
  REQUIRE(client.now().steady - before < 100ms);  // no pause when nothing goes wrong
}

TEST_CASE_METHOD(spread_groups, "brokers that find one coordinator a request are asked for each") {
  const std::int16_t version = GENERATE(std::int16_t{3}, std::int16_t{0});
  cap(api_key::find_coordinator, version);
  check();
  REQUIRE(requests(api_key::find_coordinator) == 6);
  REQUIRE(requests(api_key::offset_fetch) == 3);
}

TEST_CASE_METHOD(spread_groups, "a group that has moved is looked for again, and the others are not asked twice") {
  members.core.control(
      api_key::offset_fetch,
      [&](fake::call& request) {
        if (request.node() != 2) return verdict(does::pass);
        state().set_coordinator("b", 3);
        return verdict(does::pass);
      },
      1);
  check();
  REQUIRE(requests(api_key::find_coordinator) == 2);
  REQUIRE(requests(api_key::offset_fetch) == 4);
}

TEST_CASE_METHOD(spread_groups, "coordinators that are not available yet are asked for again") {
  fail(api_key::find_coordinator, broker_errc::coordinator_not_available, 2);
  check();
  REQUIRE(requests(api_key::find_coordinator) == 3);
}

TEST_CASE_METHOD(spread_groups, "a coordinator that is lost in the middle of it is asked again") {
  members.core.control(
      api_key::offset_fetch,
      [](fake::call& request) { return request.node() == 3 ? verdict(does::drop_connection) : verdict(does::pass); },
      1);
  check();
}

TEST_CASE_METHOD(spread_groups, "a group whose coordinator may not be told is an error of that group") {
  fail(api_key::find_coordinator, broker_errc::group_authorization_failed);
  const auto told = get<std::vector<group_description>>(admin_call::describe_groups{{"a"}});
  REQUIRE(told[0].failure == broker_errc::group_authorization_failed);
  REQUIRE(told[0].failure.message().find("FindCoordinator") != std::string::npos);
}

TEST_CASE_METHOD(spread_groups, "groups whose coordinator never answers are told when time has run out") {
  members.core.control(api_key::delete_groups, [](fake::call& request) {
    return request.node() == 2 ? verdict(does::swallow) : verdict(does::pass);
  });
  const auto told = get<std::vector<group_result>>(admin_call::delete_groups{{"a", "b", "c"}}, 5s);
  REQUIRE_FALSE(told[0].failure);
  REQUIRE(told[1].failure == client_errc::timed_out);
  REQUIRE_FALSE(told[2].failure);
}

TEST_CASE_METHOD(spread_groups, "many groups of one coordinator are asked for in several requests") {
  std::vector<std::string> many;
  for (int index = 0; index < 250; ++index) {
    many.push_back("many" + std::to_string(index));
    state().set_coordinator(many.back(), 2);
    store(many.back(), 1);
  }
  const auto told = get<std::vector<group_result>>(admin_call::delete_groups{many});
  for (const group_result& one : told) REQUIRE_FALSE(one.failure);
  REQUIRE(requests(api_key::delete_groups) == 3);
}

TEST_CASE_METHOD(spread_groups, "a call about nothing is over at once") {
  REQUIRE(get<std::vector<group_result>>(admin_call::delete_groups{}).empty());
  REQUIRE(get<listings>(admin_call::list_group_offsets{}).empty());
  REQUIRE(requests(api_key::find_coordinator) == 0);
}

}  // namespace
}  // namespace kafka::client
