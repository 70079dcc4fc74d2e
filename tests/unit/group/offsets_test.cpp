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

  protocol::offset_commit_request sent() {
    const auto request = self.next_commit(who, now);
    REQUIRE(request);
    return *request;
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
  REQUIRE_FALSE(self.next_commit(who, now));
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
  REQUIRE_FALSE(self.next_commit(who, now));
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

TEST_CASE_METHOD(fixture, "only the coordinator's word makes it that nothing is stored, errors are asked about again") {
  self.fetch({zero});
  const auto request = self.next_fetch("g", now);
  REQUIRE(request);
  REQUIRE(request->require_stable);
  for (const broker_errc code : {broker_errc::unstable_offset_commit, broker_errc::coordinator_load_in_progress}) {
    answer_fetch(0, -1, code);
    REQUIRE(self.take_found().empty());
    now = self.deadline();
    REQUIRE(self.next_fetch("g", now));
  }
  REQUIRE(self.on_fetch(nullptr, {client_errc::connection_lost}, "b:1", now).coordinator_moved);
  REQUIRE(self.take_found().empty());
  now = self.deadline();
  REQUIRE(self.next_fetch("g", now));
  answer_fetch(0, -1);
  const auto found = self.take_found();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].what.at(zero).offset == -1);
}

TEST_CASE_METHOD(fixture, "a partition that an answer leaves out is asked about again") {
  self.fetch({zero, one});
  REQUIRE(self.next_fetch("g", now));
  answer_fetch(0, 7);
  REQUIRE(self.take_found().at(0).what.at(zero).offset == 7);
  now = self.deadline();
  const auto again = self.next_fetch("g", now);
  REQUIRE(again);
  REQUIRE(again->topics->at(0).partition_indexes == std::vector<std::int32_t>{1});
}

}  // namespace
}  // namespace kafka::group
