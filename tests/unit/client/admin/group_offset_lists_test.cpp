// SPDX-License-Identifier: Apache-2.0
#include "unit/client/admin/group_world.hpp"

namespace kafka::client {
namespace {

using listings = std::vector<group_offsets>;
using partitions = std::vector<topic_partition>;

struct stored_groups : group_world {
  stored_groups() {
    store("a", 10, 0);
    store("a", 11, 1);
    store("b", 20, 3);
  }
  listings list(const std::vector<group_query>& queries, bool stable = false, std::chrono::milliseconds timeout = 60s) {
    return get<listings>(admin_call::list_group_offsets{queries, stable}, timeout);
  }
};

void check_all(const listings& told) {
  REQUIRE(told.size() == 4);
  for (const group_offsets& one : told) REQUIRE_FALSE(one.failure);
  REQUIRE(told[0].group_id == "a");
  REQUIRE(told[0].offsets.size() == 2);
  REQUIRE(told[0].offsets[0].stored.partition == topic_partition{"t", 0});
  REQUIRE(told[0].offsets[0].stored.offset == 10);
  REQUIRE(told[0].offsets[0].stored.metadata == "note");
  REQUIRE(told[0].offsets[1].stored.offset == 11);
  REQUIRE(told[1].offsets.size() == 3);
  REQUIRE(told[1].offsets[0].stored.offset == 20);
  REQUIRE(told[1].offsets[1].stored.offset == -1);  // nothing stored is no error
  REQUIRE(told[1].offsets[1].stored.partition == topic_partition{"t", 1});
  REQUIRE(told[1].offsets[2].stored.offset == 20);
  REQUIRE(told[2].offsets.empty());  // nor is a group that is not there
  REQUIRE(told[3].offsets.size() == 1);
  REQUIRE(told[3].offsets[0].stored.offset == 11);
}

std::vector<group_query> all_kinds() {
  return {{"a", {}}, {"b", partitions{{"t", 3}, {"t", 1}, {"t", 3}}}, {"never", {}}, {"a", partitions{{"t", 1}}}};
}

TEST_CASE_METHOD(stored_groups, "what several groups stored is asked for together, all of it or some partitions") {
  const listings told = list(all_kinds());
  check_all(told);
  REQUIRE(told[0].offsets[0].stored.leader_epoch == 3);
  // The group that is asked about twice needs a second request.
  REQUIRE(requests(api_key::offset_fetch) == 2);
  REQUIRE(requests(api_key::find_coordinator) == 1);
}

TEST_CASE_METHOD(stored_groups, "brokers that know one group a request are asked for one at a time") {
  const std::int16_t version = GENERATE(std::int16_t{7}, std::int16_t{5}, std::int16_t{2});
  cap(api_key::offset_fetch, version);
  check_all(list(all_kinds()));
  REQUIRE(requests(api_key::offset_fetch) == 4);
}

TEST_CASE_METHOD(stored_groups, "offsets that an open transaction may change are waited for only on demand") {
  REQUIRE(state().offsets().stage("a", 7, 0, {"t", 0}, {99, -1, ""}) == broker_errc::none);
  REQUIRE(list({{"a", {}}})[0].offsets[0].stored.offset == 10);
  const listings waited = list({{"a", {}}, {"b", {}}}, true, 5s);
  REQUIRE(waited[0].failure == client_errc::timed_out);
  REQUIRE(waited[0].failure.message().find("UNSTABLE_OFFSET_COMMIT") != std::string::npos);
  REQUIRE_FALSE(waited[1].failure);
  REQUIRE(waited[1].offsets[0].stored.offset == 20);
  state().offsets().end("a", 7, 0, true);
  REQUIRE(list({{"a", {}}}, true)[0].offsets[0].stored.offset == 99);
}

TEST_CASE_METHOD(stored_groups, "a group that may not be read has its error and no offsets") {
  fail(api_key::offset_fetch, broker_errc::group_authorization_failed);
  const listings told = list({{"a", {}}});
  REQUIRE(told[0].failure == broker_errc::group_authorization_failed);
  REQUIRE(told[0].offsets.empty());
}

}  // namespace
}  // namespace kafka::client
