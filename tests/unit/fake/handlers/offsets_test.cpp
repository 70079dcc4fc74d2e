// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/transaction_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

protocol::offset_commit_request committing(const std::string& topic, const uuid& id, std::int64_t offset) {
  protocol::offset_commit_request out;
  out.group_id = "g";
  out.topics = {{topic, id, {{0, offset, 4, "note", {}}}, {}}};
  return out;
}

broker_errc commit(script& cluster, const protocol::offset_commit_request& request, std::int16_t version = 10) {
  const auto answer = cluster.ask(cluster.connect(), request, version);
  return code_of(answer.topics.at(0).partitions.at(0).error_code);
}

/// What OffsetFetch says of partition 0 of topic "t": in the shape of any version.
protocol::offset_fetch_response::group_partition fetch(script& cluster, std::int16_t version = 10, bool stable = false,
                                                       bool all = false) {
  protocol::offset_fetch_request request;
  request.require_stable = stable;
  const uuid id = cluster.core.state().find_topic("t")->id;
  if (version >= 8) {
    request.groups = {{"g", std::nullopt, -1, std::vector<protocol::offset_fetch_request::group_topic>{}, {}}};
    request.groups[0].topics->push_back({"t", id, {0}, {}});
    if (all) request.groups[0].topics.reset();
    const auto answer = cluster.ask(cluster.connect(), request, version);
    const auto& group = answer.groups.at(0);
    CHECK(group.group_id == "g");
    CHECK(group.error_code == 0);
    CHECK(group.topics.at(0).name == (version >= 10 ? "" : "t"));
    CHECK(group.topics.at(0).topic_id == (version >= 10 ? id : uuid{}));
    return group.topics.at(0).partitions.at(0);
  }
  request.group_id = "g";
  request.topics->push_back({"t", {0}, {}});
  if (all) request.topics.reset();
  const auto answer = cluster.ask(cluster.connect(), request, version);
  CHECK(answer.error_code == 0);
  const auto& one = answer.topics.at(0).partitions.at(0);
  return {one.partition_index, one.committed_offset, one.committed_leader_epoch, one.metadata, one.error_code, {}};
}

TEST_CASE("OffsetCommit stores and OffsetFetch gives, in every version") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  for (std::int16_t version = 1; version <= 10; ++version) {
    CAPTURE(version);
    const auto nothing = fetch(cluster, version);
    CHECK(nothing.committed_offset == -1);
    CHECK(nothing.committed_leader_epoch == -1);
    CHECK(nothing.error_code == 0);
  }
  for (std::int16_t version = 2; version <= 10; ++version) {
    CAPTURE(version);
    CHECK(commit(cluster, committing("t", id, 100 + version), version) == none);
    CHECK(cluster.core.state().offsets().find("g", {"t", 0})->offset == 100 + version);
  }
  for (std::int16_t version = 1; version <= 10; ++version) {
    CAPTURE(version);
    for (const bool all : {false, true}) {
      if (all && version < 2) continue;
      const auto found = fetch(cluster, version, false, all);
      CHECK(found.committed_offset == 110);
      CHECK(found.committed_leader_epoch == (version >= 5 ? 4 : -1));
      CHECK(found.metadata == "note");
      CHECK(found.error_code == 0);
    }
  }
}

TEST_CASE("OffsetCommit refuses what it does not know") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  CHECK(commit(cluster, committing("unknown", {}, 1), 9) == unknown_topic_or_partition);
  CHECK(commit(cluster, committing("", uuid{{1}}, 1), 10) == unknown_topic_id);
  auto request = committing("t", id, 1);
  request.topics[0].partitions[0].partition_index = 5;
  CHECK(commit(cluster, request) == unknown_topic_or_partition);
  request = committing("t", id, 1);
  request.topics[0].partitions[0].committed_metadata = std::string(4097, 'x');
  CHECK(commit(cluster, request) == offset_metadata_too_large);
  request.topics[0].partitions[0].committed_metadata = std::string(4096, 'x');
  CHECK(commit(cluster, request) == none);
  request.topics[0].partitions[0].committed_metadata.reset();
  CHECK(commit(cluster, request) == none);
}

TEST_CASE("members are unknown, and a group that is not there is told by another name since 9") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  auto request = committing("t", id, 1);
  request.generation_id_or_member_epoch = 3;
  request.member_id = "member";
  CHECK(commit(cluster, request, 8) == illegal_generation);
  CHECK(commit(cluster, request, 9) == group_id_not_found);
  CHECK(commit(cluster, committing("t", id, 1)) == none);
  CHECK(commit(cluster, request, 8) == unknown_member_id);
  CHECK(commit(cluster, request, 10) == unknown_member_id);
}

TEST_CASE("only the group's coordinator knows its offsets") {
  script cluster({.nodes = 2});
  const uuid id = cluster.create_topic("t");
  const std::int32_t wrong = 3 - cluster.core.state().coordinator(coordinator_type::group, "g");
  const auto client = cluster.connect(wrong);
  const auto committed = cluster.ask(client, committing("t", id, 1));
  CHECK(code_of(committed.topics[0].partitions[0].error_code) == not_coordinator);
  protocol::offset_fetch_request request;
  request.group_id = "g";
  request.topics->push_back({"t", {0}, {}});
  const auto old_answer = cluster.ask(client, request, 1);
  CHECK(code_of(old_answer.topics[0].partitions[0].error_code) == not_coordinator);
  CHECK(code_of(cluster.ask(client, request, 7).error_code) == not_coordinator);
  request = {};
  request.groups = {{"g", std::nullopt, -1, std::nullopt, {}}, {"other", std::nullopt, -1, std::nullopt, {}}};
  const auto answer = cluster.ask(client, request, 10);
  REQUIRE(answer.groups.size() == 2);
  CHECK(code_of(answer.groups[0].error_code) == not_coordinator);
}

TEST_CASE("OffsetFetch by an unknown topic id says so") {
  script cluster;
  protocol::offset_fetch_request request;
  request.groups = {{"g", std::nullopt, -1, std::vector<protocol::offset_fetch_request::group_topic>{}, {}}};
  request.groups[0].topics->push_back({"", uuid{{9}}, {0}, {}});
  const auto answer = cluster.ask(cluster.connect(), request, 10);
  CHECK(code_of(answer.groups.at(0).topics.at(0).partitions.at(0).error_code) == unknown_topic_id);
}

TEST_CASE("offsets of a transaction wait for its marker") {
  for (const bool v2 : {false, true}) {
    for (const bool committed : {false, true}) {
      CAPTURE(v2, committed);
      script cluster;
      const uuid id = cluster.create_topic("t");
      REQUIRE(commit(cluster, committing("t", id, 10)) == none);
      transactional_producer producer(cluster, "tx", v2);
      producer.begin();
      if (!v2) {
        CHECK(producer.commit_offset("g", "t", 20) == transaction_abortable);
        CHECK(producer.commit_offset("g", "t", 20, 3) == invalid_txn_state);
        REQUIRE(producer.add_offsets("g") == none);
      }
      REQUIRE(producer.commit_offset("g", "t", 20) == none);
      CHECK(fetch(cluster, 10, false).committed_offset == 10);
      for (std::int16_t version = 7; version <= 10; ++version) {
        CAPTURE(version);
        const auto unstable = fetch(cluster, version, true);
        CHECK(code_of(unstable.error_code) == unstable_offset_commit);
        CHECK(unstable.committed_offset == -1);
        CHECK(code_of(fetch(cluster, version, true, true).error_code) == unstable_offset_commit);
      }
      cluster.core.state().transactions().set_marker_delay(100ms);
      REQUIRE(producer.end(committed) == none);
      CHECK(code_of(fetch(cluster, 10, true).error_code) == unstable_offset_commit);
      cluster.pass(100ms);
      CHECK(fetch(cluster, 10, true).error_code == 0);
      CHECK(fetch(cluster, 10, true).committed_offset == (committed ? 20 : 10));
      if (!v2) CHECK(producer.commit_offset("g", "t", 30) == transaction_abortable);
    }
  }
}

TEST_CASE("TxnOffsetCommit refuses who is no member, who was fenced and what does not exist") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer producer(cluster, "tx");
  producer.begin();
  const auto code = [&](const protocol::txn_offset_commit_request& request, std::int16_t version = 5) {
    const auto answer = cluster.ask(cluster.connect(), request, version);
    return code_of(answer.topics.at(0).partitions.at(0).error_code);
  };
  auto request = producer.offsets_request("g", "t", 5);
  request.generation_id = 2;
  request.member_id = "member";
  CHECK(code(request) == illegal_generation);
  CHECK(code(producer.offsets_request("g", "t", 5)) == none);
  CHECK(code(request) == unknown_member_id);
  CHECK(code(producer.offsets_request("", "t", 5)) == invalid_group_id);
  CHECK(code(producer.offsets_request("g", "unknown", 5)) == unknown_topic_or_partition);
  request = producer.offsets_request("g", "t", 5);
  request.topics[0].partitions[0].committed_metadata = std::string(5000, 'x');
  CHECK(code(request) == offset_metadata_too_large);
  request = producer.offsets_request("g", "t", 5);
  request.transactional_id = "nobody";
  CHECK(code(request) == invalid_producer_id_mapping);
  REQUIRE(producer.end(true) == none);
  --producer.epoch;
  CHECK(code(producer.offsets_request("g", "t", 5)) == invalid_producer_epoch);
}

TEST_CASE("TxnOffsetCommit stores in every version") {
  for (std::int16_t version = 0; version <= 5; ++version) {
    CAPTURE(version);
    script cluster;
    cluster.create_topic("t");
    transactional_producer producer(cluster, "tx", version >= 5);
    producer.begin();
    if (version < 5) REQUIRE(producer.add_offsets("g") == none);
    CHECK(producer.commit_offset("g", "t", 7, version) == none);
    REQUIRE(producer.end(true) == none);
    CHECK(fetch(cluster).committed_offset == 7);
  }
}

TEST_CASE("a deleted topic takes its offsets along") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  REQUIRE(commit(cluster, committing("t", id, 10)) == none);
  cluster.core.state().delete_topic("t");
  cluster.create_topic("t");
  CHECK(fetch(cluster).committed_offset == -1);
}

}  // namespace
}  // namespace kafka::fake
