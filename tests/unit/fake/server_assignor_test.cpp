// SPDX-License-Identifier: Apache-2.0
#include "fake/server_assignor.hpp"

#include <algorithm>

#include "base/backoff.hpp"
#include "support/catch.hpp"

namespace kafka::fake {
namespace {

const uuid first{{1}};
const uuid second{{2}};

assignment_question::member member(std::set<uuid> topics, partition_set owned = {}, std::string order = {}) {
  return {.order = std::move(order), .topics = std::move(topics), .owned = std::move(owned)};
}

/// Every partition goes to one member that wants it.
void check_complete(const assignment_question& question, const assignment_answer& answer) {
  std::map<std::pair<uuid, std::int32_t>, int> owners;
  REQUIRE(answer.size() == question.members.size());
  for (const auto& [id, has] : answer) {
    for (const auto& partition : has) {
      CHECK(question.members.at(id).topics.contains(partition.first));
      ++owners[partition];
    }
  }
  std::size_t wanted = 0;
  for (const auto& [topic, count] : question.partition_counts) {
    const bool is_wanted = std::any_of(question.members.begin(), question.members.end(),
                                       [&](const auto& one) { return one.second.topics.contains(topic); });
    if (is_wanted) wanted += static_cast<std::size_t>(count);
  }
  CHECK(owners.size() == wanted);
  for (const auto& [partition, count] : owners) CHECK(count == 1);
}

std::size_t moved(const assignment_question& question, const assignment_answer& answer) {
  std::size_t out = 0;
  for (const auto& [id, asked] : question.members) {
    for (const auto& partition : asked.owned) out += answer.at(id).contains(partition) ? 0U : 1U;
  }
  return out;
}

TEST_CASE("the coordinator's assignors are uniform, the default, and range") {
  CHECK(server_assignor_names() == std::vector<std::string>{"uniform", "range"});
  CHECK(is_server_assignor("range"));
  CHECK_FALSE(is_server_assignor("sticky"));
}

TEST_CASE("uniform gives everybody about the same") {
  assignment_question question;
  question.partition_counts = {{first, 5}, {second, 3}};
  for (const char* id : {"a", "b", "c"}) question.members[id] = member({first, second});
  const auto answer = assign_partitions("uniform", question);
  check_complete(question, answer);
  CHECK(answer.at("a").size() == 3);
  CHECK(answer.at("b").size() == 3);
  CHECK(answer.at("c").size() == 2);
}

TEST_CASE("uniform moves no more than it must when members come and go") {
  assignment_question question;
  question.partition_counts = {{first, 12}};
  for (const char* id : {"a", "b", "c"}) question.members[id] = member({first});
  auto answer = assign_partitions("uniform", question);
  for (auto& [id, asked] : question.members) asked.owned = answer.at(id);
  question.members["d"] = member({first});
  answer = assign_partitions("uniform", question);
  check_complete(question, answer);
  for (const auto& [id, has] : answer) CHECK(has.size() == 3);
  CHECK(moved(question, answer) == 3);

  for (auto& [id, asked] : question.members) asked.owned = answer.at(id);
  question.members.erase("b");
  answer = assign_partitions("uniform", question);
  check_complete(question, answer);
  CHECK(moved(question, answer) == 0);
  for (const auto& [id, has] : answer) CHECK(has.size() == 4);
}

TEST_CASE("uniform is complete, even and stable whatever members want") {
  random_source random(7);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    assignment_question question;
    std::vector<uuid> topics;
    for (std::uint8_t index = 0; index < 1 + random.below(4); ++index) {
      topics.push_back(uuid{{static_cast<std::uint8_t>(index + 1)}});
      question.partition_counts[topics.back()] = static_cast<std::int32_t>(1 + random.below(9));
    }
    for (std::size_t index = 0; index < 1 + random.below(6); ++index) {
      auto& added = question.members[std::string(1, static_cast<char>('a' + index))];
      for (const auto& topic : topics) {
        if (random.below(2) == 0) added.topics.insert(topic);
      }
    }
    auto answer = assign_partitions("uniform", question);
    check_complete(question, answer);
    for (const auto& [rich, has] : answer) {
      for (const auto& partition : has) {
        for (const auto& [poor, little] : answer) {
          if (question.members.at(poor).topics.contains(partition.first)) CHECK(little.size() + 1 >= has.size());
        }
      }
    }
    for (auto& [id, asked] : question.members) asked.owned = answer.at(id);
    CHECK(assign_partitions("uniform", question) == answer);
  }
}

TEST_CASE("uniform takes away what a member does not want any more, and what is not there") {
  assignment_question question;
  question.partition_counts = {{first, 2}};
  question.members["a"] = member({first}, {{first, 0}, {first, 7}, {second, 0}});
  question.members["b"] = member({}, {{first, 1}});
  const auto answer = assign_partitions("uniform", question);
  CHECK(answer.at("a") == partition_set{{first, 0}, {first, 1}});
  CHECK(answer.at("b").empty());
}

TEST_CASE("range gives neighbours, the same of every topic, static members by their instance") {
  assignment_question question;
  question.partition_counts = {{first, 5}, {second, 4}};
  question.members["z"] = member({first, second}, {}, "1");
  question.members["a"] = member({first, second}, {}, "2");
  question.members["m"] = member({second}, {}, "3");
  const auto answer = assign_partitions("range", question);
  check_complete(question, answer);
  CHECK(answer.at("z") == partition_set{{first, 0}, {first, 1}, {first, 2}, {second, 0}, {second, 1}});
  CHECK(answer.at("a") == partition_set{{first, 3}, {first, 4}, {second, 2}});
  CHECK(answer.at("m") == partition_set{{second, 3}});
}

}  // namespace
}  // namespace kafka::fake
