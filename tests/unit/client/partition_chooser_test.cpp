// SPDX-License-Identifier: Apache-2.0
#include "client/partition_chooser.hpp"

#include <map>
#include <string>
#include <thread>

#include "base/backoff.hpp"
#include "golden/golden.hpp"
#include "support/catch.hpp"

namespace kafka::client {
namespace {

producer_config with(partitioning kind) {
  producer_config out;
  out.partitioner = kind;
  return out;
}

/// For a single record.
std::int32_t choose(partition_chooser& from, const message& record) {
  const partition_chooser::choice chosen = from.choose(std::span(&record, 1));
  REQUIRE(chosen.count == 1);
  return chosen.partition;
}

std::vector<std::int32_t> all(std::int32_t count) {
  std::vector<std::int32_t> out;
  for (std::int32_t partition = 0; partition < count; ++partition) out.push_back(partition);
  return out;
}

message keyed(std::string_view key) {
  message out;
  out.key = key;
  return out;
}

/// Larger than what stays together: every second call of choose() meets a partition that was just drawn.
const std::string whole_turn(64U << 10U, 'v');

/// How often each partition is drawn when so many draws are made.
std::map<std::int32_t, int> draws(partition_chooser& from, int count) {
  std::map<std::int32_t, int> out;
  message large;
  large.value = whole_turn;
  for (int draw = 0; draw < count; ++draw) ++out[choose(from, large)];
  return out;
}

TEST_CASE("a key goes where Java's producer sends it, whatever partitions are available") {
  const auto lines = golden::lines_of("murmur2.tsv.gz");
  partition_chooser chooser(with(partitioning::murmur2_uniform), 100, {3}, nullptr, 1);
  for (const std::string& line : lines) {
    const auto fields = golden::fields_of(line);
    REQUIRE(choose(chooser, keyed(golden::bytes_of_hex(fields.at(0)))) ==
            std::stoi(golden::fields_of(fields.at(2), ',').at(99)));
  }
}

TEST_CASE("an empty key is a key for Java's partitioner, and none for librdkafka's") {
  partition_chooser java(with(partitioning::murmur2_uniform), 100, all(100), nullptr, 1);
  REQUIRE(choose(java, keyed("")) == murmur2_partition("", 100));
  partition_chooser migrated(with(partitioning::consistent_random), 100, {42}, nullptr, 1);
  REQUIRE(choose(migrated, keyed("")) == 42);
  REQUIRE(choose(migrated, message{}) == 42);
  REQUIRE(choose(migrated, keyed("k")) == crc32_partition("k", 100));
  partition_chooser consistent(with(partitioning::consistent), 100, {42}, nullptr, 1);
  REQUIRE(choose(consistent, keyed("")) == crc32_partition("", 100));
  REQUIRE(choose(consistent, message{}) == crc32_partition("", 100));
  REQUIRE(choose(consistent, keyed("k")) == crc32_partition("k", 100));
}

TEST_CASE("keyless records stay with one partition until 64 KiB have gone there") {
  partition_chooser chooser(with(partitioning::murmur2_uniform), 1000, all(1000), nullptr, 7);
  message record;
  const std::string value(1008, 'v');  // and 16 for the record itself
  record.value = value;
  for (int turn = 0; turn < 20; ++turn) {
    const std::int32_t first = choose(chooser, record);
    for (int more = 1; more < 64; ++more) REQUIRE(choose(chooser, record) == first);
    REQUIRE(choose(chooser, record) != first);
    for (int more = 2; more <= 64; ++more) (void)choose(chooser, record);
  }
}

TEST_CASE("the pieces of a gathered value count as the value would") {
  partition_chooser chooser(with(partitioning::uniform), 1000, all(1000), nullptr, 7);
  const std::string half(16U << 10U, 'v');
  const bytes_view pieces[] = {half, half};
  message record;
  record.value_pieces = pieces;
  const std::int32_t first = choose(chooser, record);
  REQUIRE(choose(chooser, record) == first);
  REQUIRE(choose(chooser, record) != first);
}

TEST_CASE("keys play no part in the uniform partitioner") {
  partition_chooser chooser(with(partitioning::uniform), 1000, all(1000), nullptr, 7);
  const std::int32_t first = choose(chooser, keyed("a"));
  for (const char* key : {"b", "c", "d", "e"}) REQUIRE(choose(chooser, keyed(key)) == first);
}

TEST_CASE("partitions with equal backlogs are drawn equally often") {
  for (const std::uint32_t backlog : {0U, 3U}) {
    partition_chooser chooser(
        with(partitioning::murmur2_uniform), 10, all(10), [&](std::int32_t) { return backlog; }, 5);
    const auto seen = draws(chooser, 100'000);
    REQUIRE(seen.size() == 10);
    for (const auto& [partition, count] : seen) REQUIRE(std::abs(count - 10'000) < 400);  // four standard deviations
  }
}

TEST_CASE("a partition is drawn the less often the longer its backlog, in the proportion of KIP-794") {
  // The example of the KIP: weights are what is missing to the longest, plus one.
  const std::map<std::int32_t, std::uint32_t> backlogs = {{0, 0}, {1, 3}, {2, 1}};
  partition_chooser chooser(
      with(partitioning::murmur2_uniform), 3, all(3), [&](std::int32_t at) { return backlogs.at(at); }, 5);
  auto seen = draws(chooser, 80'000);
  REQUIRE(std::abs(seen[0] - 40'000) < 600);
  REQUIRE(std::abs(seen[1] - 10'000) < 400);
  REQUIRE(std::abs(seen[2] - 30'000) < 600);
}

TEST_CASE("without adaptive partitioning backlogs play no part") {
  producer_config config = with(partitioning::murmur2_uniform);
  config.adaptive_partitioning = false;
  partition_chooser chooser(config, 4, all(4), [](std::int32_t at) { return at == 0 ? 1000U : 0U; }, 5);
  for (const auto& [partition, count] : draws(chooser, 40'000)) REQUIRE(std::abs(count - 10'000) < 400);
}

TEST_CASE("only partitions with a leader are drawn, by each partitioner that does not go by keys") {
  const std::vector<std::int32_t> available = {1, 4, 5};
  for (const auto kind : {partitioning::murmur2_uniform, partitioning::uniform, partitioning::consistent_random,
                          partitioning::round_robin, partitioning::random}) {
    for (const bool adaptive : {true, false}) {
      producer_config config = with(kind);
      config.adaptive_partitioning = adaptive;
      partition_chooser chooser(
          config, 6, available, [](std::int32_t at) { return static_cast<std::uint32_t>(at); }, 3);
      const auto seen = draws(chooser, 3000);
      REQUIRE(seen.size() == 3);
      for (const std::int32_t partition : available) REQUIRE(seen.contains(partition));
    }
  }
}

TEST_CASE("round robin takes the partitions one after the other") {
  partition_chooser chooser(with(partitioning::round_robin), 5, {0, 2, 3}, nullptr, 9);
  std::vector<std::int32_t> seen;
  for (int count = 0; count < 6; ++count) seen.push_back(choose(chooser, keyed("same")));
  REQUIRE(seen[0] != seen[1]);
  REQUIRE(seen[1] != seen[2]);
  REQUIRE(seen[0] != seen[2]);
  REQUIRE(std::vector<std::int32_t>(seen.begin() + 3, seen.end()) ==
          std::vector<std::int32_t>(seen.begin(), seen.begin() + 3));
}

TEST_CASE("the random partitioner draws for each record, key or not, all partitions alike") {
  partition_chooser chooser(with(partitioning::random), 4, all(4), nullptr, 9);
  std::map<std::int32_t, int> seen;
  for (int count = 0; count < 40'000; ++count) ++seen[choose(chooser, keyed("same"))];
  REQUIRE(seen.size() == 4);
  for (const auto& [partition, count] : seen) REQUIRE(std::abs(count - 10'000) < 400);
}

TEST_CASE("the manual partitioner chooses nothing") {
  partition_chooser chooser(with(partitioning::manual), 4, all(4), nullptr, 9);
  REQUIRE(choose(chooser, keyed("k")) == -1);
  REQUIRE(choose(chooser, message{}) == -1);
}

TEST_CASE("a partitioner of the user's own takes the place of the configured one and is told everything") {
  producer_config config = with(partitioning::manual);
  config.custom_partitioner = [](const message& record, std::int32_t count, std::span<const std::int32_t> available) {
    REQUIRE(count == 6);
    REQUIRE(std::vector<std::int32_t>(available.begin(), available.end()) == std::vector<std::int32_t>{1, 4});
    return record.key.view() == "beyond" ? 99 : available.back();
  };
  partition_chooser chooser(config, 6, {1, 4}, nullptr, 9);
  REQUIRE(choose(chooser, keyed("k")) == 4);
  REQUIRE(choose(chooser, keyed("beyond")) == 99);  // what it says is the producer's to judge
}

/// The partition of each record, asking for all that are left at a time.
std::vector<std::int32_t> choose_all(partition_chooser& from, std::span<const message> records) {
  std::vector<std::int32_t> out;
  while (!records.empty()) {
    const partition_chooser::choice chosen = from.choose(records);
    REQUIRE(chosen.count >= 1);
    REQUIRE(chosen.count <= records.size());
    out.insert(out.end(), chosen.count, chosen.partition);
    records = records.subspan(chosen.count);
  }
  return out;
}

TEST_CASE("choosing for many at once is choosing for one after the other, by each partitioner") {
  const std::string value(1000, 'v');
  const std::string_view keys[] = {"a", "b", ""};
  std::vector<message> records(2000);
  random_source random(6);
  for (message& record : records) {
    record.value = value;
    if (random.below(8) == 0) record.key = keys[random.below(3)];
    if (random.below(20) == 0) record.partition = static_cast<std::int32_t>(random.below(50));
  }
  for (const auto kind :
       {partitioning::murmur2_uniform, partitioning::consistent_random, partitioning::consistent, partitioning::uniform,
        partitioning::round_robin, partitioning::random, partitioning::manual}) {
    INFO("partitioner " << static_cast<int>(kind));
    partition_chooser singly(with(kind), 50, all(50), nullptr, 8);
    partition_chooser together(with(kind), 50, all(50), nullptr, 8);
    std::vector<std::int32_t> expected;
    for (const message& record : records) expected.push_back(choose(singly, record));
    REQUIRE(choose_all(together, records) == expected);
    for (std::size_t index = 0; index < records.size(); ++index) {
      if (records[index].partition) REQUIRE(expected[index] == *records[index].partition);
    }
  }
}

TEST_CASE("records without a key, or for the same partition, are chosen for in one go") {
  std::vector<message> records(10);
  partition_chooser chooser(with(partitioning::murmur2_uniform), 50, all(50), nullptr, 8);
  REQUIRE(chooser.choose(records).count == 10);
  for (message& record : records) record.partition = 7;
  records[4].partition = 8;
  const auto chosen = chooser.choose(records);
  REQUIRE(chosen.partition == 7);
  REQUIRE(chosen.count == 4);
  records[4].partition.reset();
  REQUIRE(chooser.choose(records).count == 4);
}

TEST_CASE("the same seed chooses the same, and another one otherwise") {
  const auto first_hundred = [](std::uint64_t seed) {
    partition_chooser chooser(with(partitioning::random), 1000, all(1000), nullptr, seed);
    std::vector<std::int32_t> out;
    for (int count = 0; count < 100; ++count) out.push_back(choose(chooser, message{}));
    return out;
  };
  REQUIRE(first_hundred(1) == first_hundred(1));
  REQUIRE(first_hundred(1) != first_hundred(2));
}

TEST_CASE("threads that choose at the same time share the partitions out evenly") {
  partition_chooser chooser(with(partitioning::round_robin), 8, all(8), nullptr, 9);
  std::vector<std::map<std::int32_t, int>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&chooser, &mine] {
      for (int count = 0; count < 10'000; ++count) ++mine[chooser.choose(message{})];
    });
  }
  for (std::thread& one : threads) one.join();
  std::map<std::int32_t, int> total;
  for (const auto& mine : seen) {
    for (const auto& [partition, count] : mine) total[partition] += count;
  }
  for (const auto& [partition, count] : total) REQUIRE(count == 5000);
}

}  // namespace
}  // namespace kafka::client
