// SPDX-License-Identifier: Apache-2.0
#include "group/offsets.hpp"

#include "support/catch.hpp"

namespace kafka::group {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time(1h);
const committer who{"g", "me", {}, 3};
const topic_partition zero{"t", 0};
const topic_partition one{"t", 1};

struct fixture {
  offsets self{100ms, 1000ms, 1};
  steady_time now = start;
  bool still_member = true;
  topic_ids ids;
  std::int16_t version_max = 0;

  protocol::offset_commit_request sent() {
    const auto request = self.next_commit(who, ids, now);
    REQUIRE(request);
    version_max = request->version_max;
    return request->request;
  }
  offsets::answered answer(const protocol::offset_commit_request& request, broker_errc code = broker_errc::none) {
    protocol::offset_commit_response out;
    for (const auto& topic : request.topics) {
      auto& told = out.topics.emplace_back();
      told.name = topic.name;
      for (const auto& partition : topic.partitions) {
        told.partitions.push_back({partition.partition_index, static_cast<std::int16_t>(code), {}});
      }
    }
    return self.on_commit(&out, {}, "b:1", still_member, now);
  }
  offsets::answered answer_fetch(std::int32_t partition, std::int64_t offset, broker_errc code = broker_errc::none) {
    protocol::offset_fetch_response out;
    auto& topic = out.topics.emplace_back();
    topic.name = zero.topic;
    auto& told = topic.partitions.emplace_back();
    told.partition_index = partition;
    told.committed_offset = offset;
    told.error_code = static_cast<std::int16_t>(code);
    return self.on_fetch(&out, {}, "b:1", now);
  }
};

TEST_CASE_METHOD(fixture,
                 "one commit is under way, and what comes meanwhile goes together, the latest of each partition") {
  self.commit(1, {{zero, {10}}}, never);
  const auto first = sent();
  REQUIRE(first.generation_id_or_member_epoch == 3);
  REQUIRE(first.member_id == "me");
  self.commit(2, {{zero, {20}}}, never);
  self.commit(3, {{zero, {30}}, {one, {5}}}, never);
  REQUIRE_FALSE(self.next_commit(who, ids, now));
  answer(first);
  REQUIRE(self.take_committed().size() == 1);
  const auto second = sent();
  REQUIRE(second.topics.size() == 1);
  REQUIRE(second.topics[0].partitions.size() == 2);
  REQUIRE(second.topics[0].partitions[0].committed_offset == 30);
  answer(second);
  const auto told = self.take_committed();
  REQUIRE(told.size() == 2);
  REQUIRE(told[0].done == 2);
  REQUIRE_FALSE(told[1].failure);
  REQUIRE(self.is_idle());
}

TEST_CASE_METHOD(fixture, "a commit that failed for a while is tried again, and never over a later one") {
  self.commit(1, {{zero, {10}}, {one, {1}}}, never);
  const auto first = sent();
  self.commit(2, {{zero, {20}}}, never);
  REQUIRE(answer(first, broker_errc::not_coordinator).coordinator_moved);
  REQUIRE(self.take_committed().empty());
  REQUIRE_FALSE(self.next_commit(who, ids, now));
  now = self.deadline();
  const auto again = sent();
  REQUIRE(again.topics[0].partitions[0].committed_offset == 20);
  REQUIRE(again.topics[0].partitions[1].committed_offset == 1);
  answer(again);
  REQUIRE(self.take_committed().size() == 2);
}

TEST_CASE_METHOD(fixture, "a member that lost its place is told so, and nothing is tried again") {
  for (const broker_errc code : {broker_errc::illegal_generation, broker_errc::unknown_member_id}) {
    self.commit(1, {{zero, {10}}}, never);
    REQUIRE(answer(sent(), code).refused == code);
    const auto told = self.take_committed();
    REQUIRE(told.size() == 1);
    REQUIRE(told[0].failure == code);
    REQUIRE(self.is_idle());
  }
}

TEST_CASE_METHOD(fixture, "a commit that a rebalance overtook is made again in the new generation's name") {
  still_member = false;
  self.commit(1, {{zero, {10}}, {one, {7}}}, never);
  const auto first = sent();
  self.forget({one}, {client_errc::cancelled, "given up meanwhile"});
  const offsets::answered told = answer(first, broker_errc::illegal_generation);
  REQUIRE(told.refused == broker_errc::none);
  REQUIRE(self.take_committed().empty());
  now = self.deadline();
  still_member = true;
  const auto again = sent();
  REQUIRE(again.topics[0].partitions.size() == 1);
  REQUIRE(again.topics[0].partitions[0].committed_offset == 10);
  REQUIRE(answer(again, broker_errc::rebalance_in_progress).refused == broker_errc::rebalance_in_progress);
  now = self.deadline();
  answer(sent());
  REQUIRE_FALSE(self.take_committed().at(0).failure);
}

TEST_CASE_METHOD(fixture, "offsets that were given up while their commit failed are told as not stored") {
  self.commit(1, {{zero, {10}}}, never);
  const auto first = sent();
  self.forget({zero}, {client_errc::cancelled, "given up"});
  answer(first, broker_errc::rebalance_in_progress);
  REQUIRE(self.take_committed().at(0).failure == broker_errc::rebalance_in_progress);
  REQUIRE(self.is_idle());
}

TEST_CASE_METHOD(fixture, "offsets of partitions that were lost are not stored any more") {
  self.commit(1, {{zero, {10}}}, never);
  self.commit(2, {{one, {5}}}, never);
  self.forget({zero}, {client_errc::cancelled, "lost"});
  REQUIRE(self.take_committed().at(0).failure == client_errc::cancelled);
  const auto request = sent();
  REQUIRE(request.topics[0].partitions.size() == 1);
  REQUIRE(request.topics[0].partitions[0].partition_index == 1);
}

TEST_CASE_METHOD(fixture, "a commit that takes too long is told so, with the last error") {
  self.commit(1, {{zero, {10}}}, now + 1s);
  answer(sent(), broker_errc::coordinator_load_in_progress);
  now += 1s;
  self.expire(now);
  const auto told = self.take_committed();
  REQUIRE(told.at(0).failure == client_errc::timed_out);
  REQUIRE(told.at(0).failure.message().find("COORDINATOR_LOAD_IN_PROGRESS") != std::string::npos);
}

TEST_CASE_METHOD(fixture,
                 "who waits for the commits before is told when they are over, and at once if there are none") {
  self.await(1, never);
  REQUIRE(self.take_committed().at(0).done == 1);
  self.commit(2, {{zero, {10}}}, never);
  const auto first = sent();
  self.commit(3, {{one, {5}}}, never);
  self.await(4, never);
  answer(first);
  REQUIRE(self.take_committed().at(0).done == 2);  // what came meanwhile is still to be stored
  answer(sent());
  const auto told = self.take_committed();
  REQUIRE(told.size() == 2);
  REQUIRE(told[1].done == 4);
  REQUIRE_FALSE(told[1].failure);
}

TEST_CASE_METHOD(
    fixture,
    "who waits for commits waits for what is sent again, for nothing that is given up, and no longer than he says") {
  self.commit(1, {{zero, {10}}}, never);
  const auto first = sent();
  self.await(2, never);
  answer(first, broker_errc::coordinator_load_in_progress);
  REQUIRE(self.take_committed().empty());
  self.forget({zero}, {client_errc::cancelled, "lost"});
  const auto told = self.take_committed();
  REQUIRE(told.size() == 2);
  REQUIRE(told[0].failure == client_errc::cancelled);
  REQUIRE_FALSE(told[1].failure);
  self.commit(3, {{zero, {10}}}, never);
  self.await(4, now + 1s);
  now += 1s;
  self.expire(now);
  REQUIRE(self.take_committed().at(0).failure == client_errc::timed_out);
  REQUIRE_FALSE(self.is_idle());
}

TEST_CASE_METHOD(fixture, "only the coordinator's word makes it that nothing is stored, errors are asked about again") {
  self.fetch({zero});
  const auto request = self.next_fetch(who, ids, now);
  REQUIRE(request);
  REQUIRE(request->request.require_stable);
  for (const broker_errc code : {broker_errc::unstable_offset_commit, broker_errc::coordinator_load_in_progress}) {
    answer_fetch(0, -1, code);
    REQUIRE(self.take_found().empty());
    now = self.deadline();
    REQUIRE(self.next_fetch(who, ids, now));
  }
  REQUIRE(self.on_fetch(nullptr, {client_errc::connection_lost}, "b:1", now).coordinator_moved);
  REQUIRE(self.take_found().empty());
  now = self.deadline();
  REQUIRE(self.next_fetch(who, ids, now));
  answer_fetch(0, -1);
  const auto found = self.take_found();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].what.at(zero).offset == -1);
}

TEST_CASE_METHOD(fixture, "a partition that an answer leaves out is asked about again") {
  self.fetch({zero, one});
  REQUIRE(self.next_fetch(who, ids, now));
  answer_fetch(0, 7);
  REQUIRE(self.take_found().at(0).what.at(zero).offset == 7);
  now = self.deadline();
  const auto again = self.next_fetch(who, ids, now);
  REQUIRE(again);
  REQUIRE(again->request.groups.at(0).topics->at(0).partition_indexes == std::vector<std::int32_t>{1});
}

TEST_CASE_METHOD(fixture, "a member of the new protocol asks in its own name, a classic one in nobody's") {
  committer asking = who;
  for (const bool named : {false, true}) {
    asking.names_itself_to_fetch = named;
    self.fetch({zero});
    const auto request = self.next_fetch(asking, ids, now);
    REQUIRE(request);
    REQUIRE(request->version_max == 9);
    const auto& group = request->request.groups.at(0);
    REQUIRE(group.member_id.has_value() == named);
    REQUIRE(group.member_epoch == (named ? 3 : -1));
    answer_fetch(0, 1);
    REQUIRE(self.take_found().size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "topics are named by their ids where all are known, and by name where one is not") {
  const uuid id{{7}};
  ids["t"] = id;
  self.commit(1, {{zero, {10, 4, {}}}}, never, ids);
  const auto request = sent();
  REQUIRE(version_max == protocol::no_version);
  REQUIRE(request.topics.at(0).topic_id == id);
  REQUIRE(request.topics.at(0).name == "t");
  REQUIRE(request.topics.at(0).partitions.at(0).committed_leader_epoch == 4);
  protocol::offset_commit_response said;  // of version 10: by id alone
  said.topics.emplace_back().topic_id = id;
  said.topics.back().partitions.push_back({0, static_cast<std::int16_t>(broker_errc::offset_metadata_too_large), {}});
  (void)self.on_commit(&said, {}, "b:1", true, now);
  REQUIRE(self.take_committed().at(0).failure == broker_errc::offset_metadata_too_large);
  self.commit(2, {{zero, {10}}, {{"u", 0}, {1}}}, never, ids);
  answer(sent());
  REQUIRE(version_max == 9);

  self.fetch({zero});
  const auto asked = self.next_fetch(who, ids, now);
  REQUIRE(asked->version_max == protocol::no_version);
  protocol::offset_fetch_response found;
  auto& topic = found.groups.emplace_back().topics.emplace_back();
  topic.topic_id = id;
  topic.partitions.emplace_back().committed_offset = 12;
  topic.partitions.back().committed_leader_epoch = 4;
  (void)self.on_fetch(&found, {}, "b:1", now);
  REQUIRE(self.take_found().at(0).what.at(zero) == stored_offset{12, 4, ""});
}

TEST_CASE_METHOD(fixture, "offsets of a topic that was made again are never stored for its successor") {
  ids["t"] = uuid{{7}};
  self.commit(1, {{zero, {10}}}, never, ids);
  REQUIRE(answer(sent(), broker_errc::unknown_topic_id).topics_changed);
  REQUIRE(self.take_committed().empty());  // perhaps the broker is behind
  ids["t"] = uuid{{8}};
  now = self.deadline();
  REQUIRE_FALSE(self.next_commit(who, ids, now));
  REQUIRE(self.take_committed().at(0).failure == broker_errc::unknown_topic_id);
  REQUIRE(self.is_idle());
}

TEST_CASE_METHOD(fixture, "a commit under an epoch that is behind is made again, and the member asks for its epoch") {
  self.commit(1, {{zero, {10}}}, never);
  REQUIRE(answer(sent(), broker_errc::stale_member_epoch).refused == broker_errc::stale_member_epoch);
  REQUIRE(self.take_committed().empty());
  now = self.deadline();
  answer(sent());
  REQUIRE_FALSE(self.take_committed().at(0).failure);
}

TEST_CASE_METHOD(fixture, "an epoch that is behind is never taken for nothing stored") {
  self.fetch({zero});
  REQUIRE(self.next_fetch(who, ids, now));
  protocol::offset_fetch_response behind;
  behind.groups.emplace_back().error_code = static_cast<std::int16_t>(broker_errc::stale_member_epoch);
  REQUIRE(self.on_fetch(&behind, {}, "b:1", now).refused == broker_errc::stale_member_epoch);
  REQUIRE(self.take_found().empty());
  now = self.deadline();
  REQUIRE(self.next_fetch(who, ids, now));
}

TEST_CASE_METHOD(fixture, "an error of one partition that lasts is told for that one, and the others are found") {
  self.fetch({zero, one});
  REQUIRE(self.next_fetch(who, ids, now));
  protocol::offset_fetch_response said;
  auto& topic = said.groups.emplace_back().topics.emplace_back();
  topic.name = "tt";
  topic.name.pop_back();
  topic.partitions.emplace_back().error_code = static_cast<std::int16_t>(broker_errc::topic_authorization_failed);
  topic.partitions.emplace_back().partition_index = 1;
  topic.partitions.back().committed_offset = 5;
  (void)self.on_fetch(&said, {}, "b:1", now);
  const auto found = self.take_found();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].what.at(one).offset == 5);
  REQUIRE(found[0].failed.at(zero) == broker_errc::topic_authorization_failed);
  REQUIRE_FALSE(found[0].failure);
}

TEST_CASE_METHOD(fixture, "brokers that know only older forms of the question are asked in those, at once") {
  self.fetch({zero});
  const error older(client_errc::value_not_encodable, "Groups");
  REQUIRE(self.next_fetch(who, ids, now)->request.groups.size() == 1);
  REQUIRE_FALSE(self.on_fetch(nullptr, older, "b:1", now).coordinator_moved);
  const auto by_partition = self.next_fetch(who, ids, now);
  REQUIRE(by_partition->version_max == 7);
  REQUIRE(by_partition->request.groups.empty());
  REQUIRE(by_partition->request.topics->size() == 1);
  REQUIRE(by_partition->request.require_stable);
  (void)self.on_fetch(nullptr, older, "b:1", now);
  REQUIRE_FALSE(self.next_fetch(who, ids, now)->request.require_stable);
}

TEST_CASE_METHOD(fixture, "what was refused of a commit is told when the rest is stored") {
  self.commit(1, {{zero, {10}}}, never, ids, {broker_errc::illegal_generation, "t-1 is not ours"});
  answer(sent());
  REQUIRE(self.take_committed().at(0).failure == broker_errc::illegal_generation);
  self.commit(2, {}, never, ids, {broker_errc::illegal_generation, "t-1 is not ours"});
  REQUIRE(self.take_committed().at(0).failure == broker_errc::illegal_generation);
}

}  // namespace
}  // namespace kafka::group
