// SPDX-License-Identifier: Apache-2.0
#include "fake/group_offsets.hpp"

#include "support/catch.hpp"

namespace kafka::fake {
namespace {

const group_offsets::partition_key first{"t", 0};
const group_offsets::partition_key second{"t", 1};

TEST_CASE("a group keeps the last offset of each partition") {
  group_offsets offsets;
  CHECK_FALSE(offsets.has_group("g"));
  CHECK(offsets.find("g", first) == nullptr);
  offsets.commit("g", first, {5, 2, "note"});
  offsets.commit("g", first, {7, 3, {}});
  offsets.commit("g", second, {1});
  REQUIRE(offsets.find("g", first));
  CHECK(*offsets.find("g", first) == committed_offset{7, 3, {}});
  CHECK(offsets.all("g").size() == 2);
  CHECK(offsets.all("other").empty());
  offsets.forget_topic("t");
  CHECK(offsets.all("g").empty());
  CHECK(offsets.has_group("g"));
  offsets.forget_group("g");
  CHECK_FALSE(offsets.has_group("g"));
}

TEST_CASE("offsets of a transaction count when it is committed") {
  group_offsets offsets;
  offsets.commit("g", first, {1});
  REQUIRE(offsets.stage("g", 9, 0, first, {5}) == broker_errc::none);
  REQUIRE(offsets.stage("g", 9, 0, second, {6}) == broker_errc::none);
  CHECK(offsets.is_pending("g", first));
  CHECK_FALSE(offsets.is_pending("g", {"u", 0}));
  CHECK(offsets.find("g", first)->offset == 1);
  offsets.end("g", 8, 0, true);
  CHECK(offsets.is_pending("g", first));
  offsets.end("g", 9, 0, true);
  CHECK_FALSE(offsets.is_pending("g", first));
  CHECK(offsets.find("g", first)->offset == 5);
  CHECK(offsets.find("g", second)->offset == 6);
  REQUIRE(offsets.stage("g", 9, 0, first, {50}) == broker_errc::none);
  offsets.end("g", 9, 0, false);
  CHECK(offsets.find("g", first)->offset == 5);
  CHECK_FALSE(offsets.is_pending("g", first));
}

TEST_CASE("a plain commit that came later is not undone by a transaction") {
  group_offsets offsets;
  REQUIRE(offsets.stage("g", 9, 0, first, {5}) == broker_errc::none);
  offsets.commit("g", first, {70});
  offsets.end("g", 9, 0, true);
  CHECK(offsets.find("g", first)->offset == 70);
}

TEST_CASE("a producer that was fenced cannot stage any more") {
  group_offsets offsets;
  REQUIRE(offsets.stage("g", 9, 3, first, {5}) == broker_errc::none);
  CHECK(offsets.stage("g", 9, 2, first, {6}) == broker_errc::invalid_producer_epoch);
  offsets.end("g", 9, 4, false);
  CHECK(offsets.stage("g", 9, 3, first, {6}) == broker_errc::invalid_producer_epoch);
  CHECK(offsets.stage("g", 9, 4, first, {6}) == broker_errc::none);
}

TEST_CASE("an offset can be forgotten, with what a transaction staged") {
  group_offsets offsets;
  offsets.commit("g", first, {1});
  offsets.commit("g", second, {2});
  REQUIRE(offsets.stage("g", 9, 0, first, {5}) == broker_errc::none);
  offsets.forget("g", first);
  offsets.forget("other", first);
  CHECK(offsets.find("g", first) == nullptr);
  CHECK_FALSE(offsets.is_pending("g", first));
  CHECK(offsets.find("g", second)->offset == 2);
  CHECK(offsets.group_names() == std::vector<std::string>{"g"});
}

}  // namespace
}  // namespace kafka::fake
