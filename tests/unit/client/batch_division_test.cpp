// SPDX-License-Identifier: Apache-2.0
#include "client/batch_division.hpp"

#include <utility>

#include "base/backoff.hpp"
#include "protocol/compression.hpp"
#include "unit/client/batches.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

struct fixture {
  batch_ptr made_with(compression codec, const std::function<void(producer_batch&)>& fill) {
    auto batch = std::make_shared<producer_batch>();
    batch->partition = {"t", 3};
    batch->writer = protocol::record_batch_writer(pool);
    fill(*batch);
    test::seal(*batch, codec);
    return batch;
  }
  divided_batch divided(producer_batch& batch, const std::function<bool(std::int32_t)>& belongs_first) {
    divided_batch out;
    REQUIRE_FALSE(divide(batch, config, pool, belongs_first, out));
    return out;
  }

  buffer_pool pool;
  producer_config config;
};

bool is_even(std::int32_t index) {
  return index % 2 == 0;
}

TEST_CASE_METHOD(fixture, "a batch is halved in the order of its records") {
  const batch_ptr whole = test::batch_of(pool, lines{"a", "b", "c", "d", "e"});
  const divided_batch parts = divided(*whole, [](std::int32_t index) { return index < 2; });
  REQUIRE(test::values_of(*parts.first) == lines{"a", "b"});
  REQUIRE(test::values_of(*parts.second) == lines{"c", "d", "e"});
  REQUIRE(test::values_of(*whole) == lines{"a", "b", "c", "d", "e"});
}

TEST_CASE_METHOD(fixture, "records that share nothing but their fate keep their order too") {
  const batch_ptr whole = test::batch_of(pool, lines{"0", "1", "2", "3", "4"});
  const divided_batch parts = divided(*whole, is_even);
  REQUIRE(test::values_of(*parts.first) == lines{"0", "2", "4"});
  REQUIRE(test::values_of(*parts.second) == lines{"1", "3"});
}

TEST_CASE_METHOD(fixture, "a part that would be empty is none") {
  const divided_batch none = divided(*test::batch_of(pool, lines{"a"}), [](std::int32_t) { return false; });
  REQUIRE_FALSE(none.first);
  REQUIRE(test::values_of(*none.second) == lines{"a"});
  const divided_batch whole = divided(*test::batch_of(pool, lines{"a", "b"}), [](std::int32_t) { return true; });
  REQUIRE(test::values_of(*whole.first) == lines{"a", "b"});
  REQUIRE_FALSE(whole.second);
}

TEST_CASE_METHOD(fixture, "keys, values, headers and timestamps come through every codec, null or empty or not") {
  for (const auto codec :
       {compression::none, compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    if (!protocol::compression_supported(codec)) continue;
    INFO(to_string(codec));
    const header headers[] = {{"h", "1"}, {"h", nullptr}, {"", ""}};
    const std::string large(50'000, 'x');
    const batch_ptr whole = made_with(codec, [&](producer_batch& batch) {
      REQUIRE(batch.writer.append(5000, "k", "v", headers));
      REQUIRE(batch.writer.append(4000, nullptr, nullptr));
      REQUIRE(batch.writer.append(0, "", ""));
      REQUIRE(batch.writer.append(1'700'000'000'000, nullptr, large));
    });
    const auto before = test::content_of(*whole);
    REQUIRE(before.size() == 4);
    const divided_batch parts = divided(*whole, is_even);
    for (const auto& [part, parity] : {std::pair(parts.first, 0U), std::pair(parts.second, 1U)}) {
      REQUIRE(part->sealed_bytes.header().codec() == codec);
      auto after = test::content_of(*part);
      REQUIRE(after.size() == 2);
      for (std::size_t index = 0; index < after.size(); ++index) {
        record expected = before[2 * index + parity];
        expected.offset = static_cast<std::int64_t>(index);
        REQUIRE(after[index] == expected);
      }
    }
    REQUIRE(test::content_of(*parts.first)[0].headers ==
            decltype(record::headers){{"h", "1"}, {"h", std::nullopt}, {"", ""}});
    REQUIRE(test::content_of(*parts.second)[1].timestamp == 1'700'000'000'000);
  }
}

TEST_CASE_METHOD(fixture, "callbacks follow their records and know their new places") {
  std::vector<std::string> told;
  const batch_ptr whole = made_with(compression::none, [&](producer_batch& batch) {
    for (std::int32_t index = 0; index < 6; ++index) {
      REQUIRE(batch.writer.append(100 + index, nullptr, std::to_string(index)));
      if (index == 2) continue;  // sent without one
      batch.waiters.push_back(
          {[&told, index](const delivery_result&) { told.push_back(std::to_string(index)); }, 100 + index, index});
    }
    batch.has_detached = true;
  });
  const divided_batch parts = divided(*whole, [](std::int32_t index) { return index != 1 && index != 4; });
  REQUIRE(whole->waiters.empty());
  const auto places = [](const producer_batch& part) {
    std::vector<std::pair<std::int32_t, timestamp_ms>> out;
    for (const auto& one : part.waiters) out.emplace_back(one.index, one.timestamp);
    return out;
  };
  REQUIRE(places(*parts.first) == std::vector<std::pair<std::int32_t, timestamp_ms>>{{0, 100}, {2, 103}, {3, 105}});
  REQUIRE(places(*parts.second) == std::vector<std::pair<std::int32_t, timestamp_ms>>{{0, 101}, {1, 104}});
  for (const batch_ptr& part : {parts.first, parts.second}) {
    for (const auto& one : part->waiters) one.done(delivery_result(delivery{}));
  }
  REQUIRE(told == lines{"0", "3", "5", "1", "4"});
}

TEST_CASE_METHOD(fixture, "a part has detached records only if one of them fell to it") {
  const batch_ptr whole = made_with(compression::none, [&](producer_batch& batch) {
    for (std::int32_t index = 0; index < 3; ++index) REQUIRE(batch.writer.append(1, nullptr, "v"));
    batch.waiters.push_back({[](const delivery_result&) {}, 1, 1});
    batch.has_detached = true;
  });
  const divided_batch parts = divided(*whole, [](std::int32_t index) { return index != 1; });
  REQUIRE(parts.first->has_detached);
  REQUIRE_FALSE(parts.second->has_detached);
}

TEST_CASE_METHOD(fixture, "the user's numbers follow their records") {
  const batch_ptr whole = test::batch_of(pool, lines{"a", "b", "c", "d"});
  whole->opaques = {10, 11, 12, 13};
  const divided_batch parts = divided(*whole, is_even);
  REQUIRE(parts.first->opaques == std::vector<std::uint64_t>{10, 12});
  REQUIRE(parts.second->opaques == std::vector<std::uint64_t>{11, 13});
}

TEST_CASE_METHOD(fixture, "parts are as old as the whole, and begin without a number of the producer's") {
  const batch_ptr whole = test::batch_of(pool, lines{"a", "b"});
  whole->id = 77;
  whole->opened_at = steady_time(5h);
  whole->first_sent_at = steady_time(6h);
  whole->attempts = 4;
  whole->node_id = 2;
  whole->last_error = error(broker_errc::message_too_large);
  whole->under_way = true;
  whole->stamp = {1000, 1, 50, true};
  whole->sealed_bytes.stamp(whole->stamp);
  const divided_batch parts = divided(*whole, is_even);
  for (const batch_ptr& part : {parts.first, parts.second}) {
    REQUIRE(part->id == 77);
    REQUIRE(part->partition == whole->partition);
    REQUIRE(part->opened_at == steady_time(5h));
    REQUIRE(part->first_sent_at == steady_time(6h));
    REQUIRE(part->attempts == 4);
    REQUIRE(part->node_id == 2);
    REQUIRE(part->last_error == broker_errc::message_too_large);
    REQUIRE(part->sealed);
    REQUIRE_FALSE(part->under_way);
    REQUIRE_FALSE(part->told);
    REQUIRE_FALSE(part->maybe_written);
    REQUIRE_FALSE(part->stamped());
    REQUIRE(part->sealed_bytes.header().producer_id == -1);
    REQUIRE_FALSE(part->sealed_bytes.header().is_transactional());
  }
}

TEST_CASE_METHOD(fixture, "a full batch can be divided even if its records need more bytes than before") {
  // Timestamps near the first record's are short; relative to another first record they are long.
  config.batch_bytes_max = 2000;
  const batch_ptr whole = made_with(compression::none, [&](producer_batch& batch) {
    batch.writer = protocol::record_batch_writer(pool, {.bytes_max = config.batch_bytes_max});
    std::int32_t index = 0;
    while (batch.writer.append(index == 1 ? 9'000'000'000'000 : 0, nullptr, nullptr)) ++index;
    REQUIRE(index > 200);
  });
  const std::int32_t count = whole->record_count();
  const divided_batch parts = divided(*whole, [](std::int32_t index) { return index == 0; });
  REQUIRE(parts.first->record_count() == 1);
  REQUIRE(parts.second->record_count() == count - 1);
  REQUIRE(parts.second->sealed_bytes.size() > whole->sealed_bytes.size());
  REQUIRE(test::content_of(*parts.second).back().timestamp == 0);
}

TEST_CASE_METHOD(fixture, "a batch that cannot be read back is not divided, and keeps its callbacks") {
  const batch_ptr nothing = std::make_shared<producer_batch>();
  nothing->waiters.push_back({[](const delivery_result&) {}, 1, 0});
  divided_batch parts;
  REQUIRE(divide(*nothing, config, pool, is_even, parts) == client_errc::corrupt_batch);
  REQUIRE_FALSE(parts.first);
  REQUIRE_FALSE(parts.second);
  REQUIRE(nothing->waiters.size() == 1);
  REQUIRE(records_of(*nothing).empty());
}

TEST_CASE_METHOD(fixture, "the records of a batch are handed out with its topic and partition, offsets from 0") {
  const batch_ptr batch = made_with(compression::gzip, [&](producer_batch& made) {
    REQUIRE(made.writer.append(11, "a", "1"));
    REQUIRE(made.writer.append(12, nullptr, nullptr));
  });
  const auto content = test::content_of(*batch);
  REQUIRE(content.size() == 2);
  REQUIRE(content[0].topic == "t");
  REQUIRE(content[0].partition == 3);
  REQUIRE(content[0].offset == 0);
  REQUIRE(content[0].timestamp == 11);
  REQUIRE(content[1].offset == 1);
  REQUIRE_FALSE(content[1].value);
}

TEST_CASE_METHOD(fixture, "halves of halves of a random batch hold all of its records in order") {
  random_source random(3);
  lines values;
  for (int index = 0; index < 257; ++index)
    values.push_back(std::to_string(index) + std::string(random.below(90), '.'));
  std::vector<batch_ptr> parts{test::batch_of(pool, values)};
  while (parts.size() < 257) {
    std::vector<batch_ptr> smaller;
    for (const batch_ptr& part : parts) {
      const std::int32_t half = part->record_count() / 2;
      divided_batch halves = divided(*part, [half](std::int32_t index) { return index < half; });
      if (halves.first) smaller.push_back(halves.first);
      if (halves.second) smaller.push_back(halves.second);
    }
    parts = std::move(smaller);
  }
  lines read;
  for (const batch_ptr& part : parts) read.push_back(test::values_of(*part).at(0));
  REQUIRE(read == values);
}

}  // namespace
}  // namespace kafka::client
