// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using answered_partition = protocol::list_offsets_response::partition;

protocol::list_offsets_request asking(std::int64_t timestamp, std::int32_t partition = 0, const char* topic = "t") {
  protocol::list_offsets_request out;
  out.replica_id = -1;
  out.topics = {{topic, {{partition, -1, timestamp, {}}}, {}}};
  return out;
}

answered_partition ask(script& cluster, const protocol::list_offsets_request& request, std::int16_t version = 11,
                       std::int32_t node = 1) {
  const auto response = cluster.ask(cluster.connect(node), request, version);
  REQUIRE(response.topics.size() == 1);
  REQUIRE(response.topics[0].partitions.size() == 1);
  return response.topics[0].partitions[0];
}

TEST_CASE("ListOffsets finds the end, the start and times, in every version") {
  script cluster;
  cluster.create_topic("t");
  cluster.append("t", {"a", "b"});
  cluster.pass(1s);
  const auto second = cluster.now.wall.time_since_epoch().count();
  cluster.core.state().set_leader_epoch(cluster.partition("t"), 3);
  cluster.append("t", {"c"});
  cluster.core.state().delete_before(cluster.partition("t"), 1);
  for (std::int16_t version = 1; version <= 11; ++version) {
    CAPTURE(version);
    const auto epoch = [&](std::int32_t value) { return version >= 4 ? value : -1; };
    const auto latest = ask(cluster, asking(-1), version);
    CHECK(latest.error_code == 0);
    CHECK(latest.offset == 3);
    CHECK(latest.timestamp == -1);
    CHECK(latest.leader_epoch == epoch(3));
    const auto earliest = ask(cluster, asking(-2), version);
    CHECK(earliest.offset == 1);
    CHECK(earliest.leader_epoch == epoch(0));
    const auto found = ask(cluster, asking(second - 5), version);
    CHECK(found.offset == 2);
    CHECK(found.timestamp == second);
    CHECK(found.leader_epoch == epoch(3));
    const auto none = ask(cluster, asking(second + 1), version);
    CHECK(none.error_code == 0);
    CHECK(none.offset == -1);
    CHECK(none.timestamp == -1);
  }
}

TEST_CASE("special places exist from their version on") {
  script cluster;
  cluster.create_topic("t");
  cluster.append("t", {"a", "b"});
  const auto now = cluster.now.wall.time_since_epoch().count();
  CHECK(code_of(ask(cluster, asking(-3), 6).error_code) == broker_errc::unsupported_version);
  const auto newest = ask(cluster, asking(-3), 7);
  CHECK(newest.offset == 0);
  CHECK(newest.timestamp == now);
  CHECK(code_of(ask(cluster, asking(-4), 7).error_code) == broker_errc::unsupported_version);
  CHECK(ask(cluster, asking(-4), 8).offset == 0);
  CHECK(code_of(ask(cluster, asking(-5), 8).error_code) == broker_errc::unsupported_version);
  CHECK(ask(cluster, asking(-5), 9).offset == -1);
  CHECK(code_of(ask(cluster, asking(-6), 10).error_code) == broker_errc::unsupported_version);
  CHECK(ask(cluster, asking(-6), 11).offset == -1);
  CHECK(code_of(ask(cluster, asking(-7), 11).error_code) == broker_errc::unsupported_version);
}

TEST_CASE("what followers do not have yet is not found") {
  script cluster;
  cluster.create_topic("t");
  cluster.append("t", {"a"});
  cluster.core.state().hold_replication(cluster.partition("t"), true);
  cluster.pass(1s);
  cluster.append("t", {"b"});
  CHECK(ask(cluster, asking(-1)).offset == 1);
  CHECK(ask(cluster, asking(cluster.now.wall.time_since_epoch().count())).offset == -1);
}

TEST_CASE("wrong questions are refused") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 2);
  const std::int32_t leader = cluster.partition("t").leader;
  CHECK(code_of(ask(cluster, asking(-1, 0, "u"), 11, leader).error_code) == broker_errc::unknown_topic_or_partition);
  CHECK(code_of(ask(cluster, asking(-1, 4), 11, leader).error_code) == broker_errc::unknown_topic_or_partition);
  const auto elsewhere = ask(cluster, asking(-1), 11, 3 - leader);
  CHECK(code_of(elsewhere.error_code) == broker_errc::not_leader_or_follower);
  CHECK(elsewhere.offset == -1);
  auto request = asking(-1);
  request.topics[0].partitions[0].current_leader_epoch = 9;
  CHECK(code_of(ask(cluster, request, 11, leader).error_code) == broker_errc::unknown_leader_epoch);
  request = asking(-1);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  const auto response = cluster.ask(cluster.connect(leader), request);
  for (const auto& partition : response.topics[0].partitions) {
    CHECK(code_of(partition.error_code) == broker_errc::invalid_request);
  }
}

TEST_CASE("OffsetForLeaderEpoch tells where an epoch ends") {
  script cluster;
  cluster.create_topic("t");
  cluster.append("t", {"a", "b"});
  cluster.core.state().set_leader_epoch(cluster.partition("t"), 4);
  cluster.append("t", {"c"});
  const auto client = cluster.connect();
  for (std::int16_t version = 2; version <= 4; ++version) {
    const auto end_of = [&](std::int32_t epoch, std::int32_t current = -1) {
      protocol::offset_for_leader_epoch_request request;
      request.topics = {{"t", {{0, current, epoch, {}}}, {}}};
      return cluster.ask(client, request, version).topics.at(0).partitions.at(0);
    };
    CHECK(end_of(0).end_offset == 2);
    CHECK(end_of(3).leader_epoch == 0);
    CHECK(end_of(4).end_offset == 3);
    CHECK(end_of(5).end_offset == -1);
    CHECK(code_of(end_of(0, 3).error_code) == broker_errc::fenced_leader_epoch);
    CHECK(code_of(end_of(0, 5).error_code) == broker_errc::unknown_leader_epoch);
  }
  protocol::offset_for_leader_epoch_request unknown;
  unknown.topics = {{"t", {{7, -1, 0, {}}}, {}}};
  CHECK(code_of(cluster.ask(client, unknown).topics.at(0).partitions.at(0).error_code) ==
        broker_errc::unknown_topic_or_partition);
}

}  // namespace
}  // namespace kafka::fake
