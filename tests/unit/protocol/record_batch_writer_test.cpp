// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_writer.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.hpp"
#include "protocol/crc32c.hpp"
#include "protocol/record_batch_reader.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

std::vector<record_ref> records_of(const shared_bytes& bytes) {
  record_batch_reader reader(bytes);
  REQUIRE(reader.next() == batch_step::batch);
  buffer_pool pool;
  batch_records opened;
  REQUIRE_FALSE(reader.batch().open(pool, opened));
  REQUIRE_FALSE(opened.check());
  std::vector<record_ref> records;
  record_cursor cursor = opened.cursor();
  for (record_ref record; cursor.next(record);) records.push_back(record);
  return records;
}

record_batch_header header_of(const shared_bytes& bytes) {
  return read_batch_header(bytes.span());
}

shared_bytes sealed_bytes(record_batch_writer& writer, const record_batch_seal& seal = {}) {
  sealed_batch sealed;
  REQUIRE_FALSE(writer.seal(seal, sealed));
  return sealed.bytes();
}

}  // namespace

TEST_CASE("records come out as they were put in") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  const std::vector<header> headers{{"first", "1"}, {"", nullptr}, {"first", ""}};
  REQUIRE(writer.append(1000, "key", "value"));
  REQUIRE(writer.append(999, nullptr, nullptr));
  REQUIRE(writer.append(-1, "", ""));
  REQUIRE(
      writer.append(std::numeric_limits<timestamp_ms>::max(), std::string(200, 'k'), std::string(20000, 'v'), headers));
  CHECK(writer.record_count() == 4);
  const std::size_t size = writer.size();
  const shared_bytes bytes = sealed_bytes(writer, {.base_offset = 50});
  CHECK(bytes.size() == size);

  const auto records = records_of(bytes);
  REQUIRE(records.size() == 4);
  CHECK(records[0].key == bytes_view("key"));
  CHECK(records[0].value == bytes_view("value"));
  CHECK(records[0].offset == 50);
  CHECK(records[1].key.is_null());
  CHECK(records[1].value.is_null());
  CHECK(records[1].timestamp == 999);
  CHECK_FALSE(records[2].key.is_null());
  CHECK(records[2].value == bytes_view(""));
  CHECK(records[2].timestamp == -1);
  CHECK(records[3].timestamp == std::numeric_limits<timestamp_ms>::max());
  CHECK(records[3].offset == 53);
  CHECK(records[3].value.view() == std::string(20000, 'v'));
  std::vector<header> read;
  for (const header& each : records[3].headers) read.push_back(each);
  CHECK(read == headers);

  const record_batch_header header = header_of(bytes);
  CHECK(header.base_timestamp == 1000);
  CHECK(header.max_timestamp == std::numeric_limits<timestamp_ms>::max());
  CHECK(header.last_offset_delta == 3);
  CHECK(header.record_count == 4);
}

TEST_CASE("a value in pieces is written as one") {
  buffer_pool pool;
  const std::vector<bytes_view> pieces{"one ", "", nullptr, "two ", "three"};
  const std::vector<header> headers{{"h", "x"}};
  record_batch_writer gathered(pool);
  REQUIRE(gathered.append_gathered(5, "key", pieces));
  REQUIRE(gathered.append_gathered(6, nullptr, pieces, headers));
  REQUIRE(gathered.append_gathered(7, nullptr, {}));
  record_batch_writer whole(pool);
  REQUIRE(whole.append(5, "key", "one two three"));
  REQUIRE(whole.append(6, nullptr, "one two three", headers));
  REQUIRE(whole.append(7, nullptr, ""));
  CHECK(sealed_bytes(gathered) == sealed_bytes(whole));
}

TEST_CASE("a batch never exceeds its limit, and refuses without a change") {
  buffer_pool pool;
  random_source random(4);
  for (const std::size_t limit : {100U, 1000U, 65536U, 70000U}) {
    record_batch_writer writer(pool, {.bytes_max = limit, .capacity = 64});
    bool refused = false;
    for (int round = 0; round < 3000; ++round) {
      const std::string value(random.below(limit / 8), 'v');
      const std::size_t before = writer.size();
      const std::int32_t count = writer.record_count();
      const std::size_t bound = record_batch_writer::record_bytes_max("key", value.size(), {});
      const bool appended = writer.append(round, "key", value);
      REQUIRE(writer.size() <= limit);
      REQUIRE(writer.size() - before <= bound);
      REQUIRE(writer.size() - before == (appended ? writer.size() - before : 0));
      REQUIRE(writer.record_count() == count + (appended ? 1 : 0));
      if (before + bound <= limit) REQUIRE(appended);
      refused = refused || !appended;
    }
    CHECK(refused);
    CHECK(writer.size() > limit * 3 / 4);
    const std::int32_t count = writer.record_count();
    const auto records = records_of(sealed_bytes(writer));
    CHECK(records.size() == static_cast<std::size_t>(count));
  }
}

TEST_CASE("the size bound holds for the largest record in any form") {
  buffer_pool pool;
  const std::vector<header> headers{{std::string_view("0123456789"), "value"}, {"", nullptr}};
  const std::string value(1U << 20U, 'v');
  record_batch_writer writer(pool, {.bytes_max = 1U << 30U, .base_timestamp = 0});
  const std::size_t before = writer.size();
  REQUIRE(writer.append_at(std::numeric_limits<std::int32_t>::max(), std::numeric_limits<timestamp_ms>::max(),
                           std::string(1U << 20U, 'k'), value, headers));
  CHECK(writer.size() - before <=
        record_batch_writer::record_bytes_max(std::string(1U << 20U, 'k'), value.size(), headers));

  // Exactly fitting, and one byte too small.
  const std::size_t exact = writer.size();
  record_batch_writer fits(pool, {.bytes_max = exact, .base_timestamp = 0});
  CHECK(fits.append_at(std::numeric_limits<std::int32_t>::max(), std::numeric_limits<timestamp_ms>::max(),
                       std::string(1U << 20U, 'k'), value, headers));
  record_batch_writer too_small(pool, {.bytes_max = exact - 1, .base_timestamp = 0});
  CHECK_FALSE(too_small.append_at(std::numeric_limits<std::int32_t>::max(), std::numeric_limits<timestamp_ms>::max(),
                                  std::string(1U << 20U, 'k'), value, headers));
  CHECK(too_small.empty());
}

TEST_CASE("offset deltas must increase and stay within 31 bits") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  CHECK_FALSE(writer.append_at(-1, 0, nullptr, nullptr));
  CHECK(writer.append_at(5, 0, nullptr, "a"));
  CHECK_FALSE(writer.append_at(5, 0, nullptr, "a"));
  CHECK_FALSE(writer.append_at(4, 0, nullptr, "a", std::vector<header>{{"h", "v"}}));
  CHECK(writer.append(0, nullptr, "b"));
  CHECK_FALSE(writer.append_at(std::int64_t{1} << 31U, 0, nullptr, "c"));
  CHECK(writer.append_at(2147483647, 0, nullptr, "c"));
  CHECK_FALSE(writer.append(0, nullptr, "d"));
  const shared_bytes bytes = sealed_bytes(writer, {.base_offset = 10});
  CHECK(header_of(bytes).next_offset() == 10 + 2147483648LL);
  const auto records = records_of(bytes);
  REQUIRE(records.size() == 3);
  CHECK(records[0].offset == 15);
  CHECK(records[1].offset == 16);
}

TEST_CASE("a refused first record leaves the base timestamp to the next one") {
  buffer_pool pool;
  record_batch_writer writer(pool, {.bytes_max = 200});
  CHECK_FALSE(writer.append(111, nullptr, std::string(500, 'x')));
  CHECK(writer.append(222, nullptr, "small"));
  CHECK(header_of(sealed_bytes(writer)).base_timestamp == 222);
}

TEST_CASE("a sealed, default or moved-from writer takes no records") {
  buffer_pool pool;
  record_batch_writer nothing;
  CHECK_FALSE(nothing.append(0, nullptr, "x"));
  CHECK(nothing.size() == 0);
  sealed_batch sealed;
  CHECK(nothing.seal({}, sealed) == client_errc::invalid_argument);
  CHECK_FALSE(static_cast<bool>(sealed));
  CHECK(sealed.bytes().empty());

  record_batch_writer writer(pool);
  REQUIRE(writer.append(0, nullptr, "x"));
  record_batch_writer moved(std::move(writer));
  CHECK_FALSE(writer.append(0, nullptr, "x"));
  CHECK(moved.append(0, nullptr, "y"));
  REQUIRE_FALSE(moved.seal({}, sealed));
  CHECK_FALSE(moved.append(0, nullptr, "z"));
  CHECK_FALSE(moved.append(0, nullptr, "z", std::vector<header>{{"h", "v"}}));
  CHECK(moved.seal({}, sealed) == client_errc::invalid_argument);
  CHECK(records_of(sealed.bytes()).size() == 2);
}

TEST_CASE("stamping changes the producer's fields and the CRC, and nothing else") {
  buffer_pool pool;
  for (const std::size_t size : {0U, 1U, 100U, 5000U, 300000U}) {
    record_batch_writer writer(pool);
    REQUIRE(writer.append(7, "key", std::string(size, 'v')));
    sealed_batch sealed;
    REQUIRE_FALSE(writer.seal({.base_offset = 3}, sealed));
    sealed.stamp({.producer_id = 77, .producer_epoch = 5, .base_sequence = 900, .transactional = true});
    const shared_bytes first = sealed.bytes();
    CHECK(header_of(first).producer_id == 77);
    CHECK(header_of(first).is_transactional());
    CHECK(header_of(first).crc == batch_crc(first));
    CHECK(records_of(first).size() == 1);
    CHECK(sealed.header() == header_of(first));

    const std::string before(first.text());
    sealed.stamp({.producer_id = 78, .producer_epoch = 0, .base_sequence = 0, .transactional = false});
    const shared_bytes second = sealed.bytes();
    // A socket may still hold the first: it must not change under it.
    CHECK(first.text() == before);
    CHECK(header_of(second).producer_id == 78);
    CHECK(header_of(second).base_sequence == 0);
    CHECK_FALSE(header_of(second).is_transactional());
    CHECK(header_of(second).crc == batch_crc(second));
    CHECK(second.slice(batch_overhead) == first.slice(batch_overhead));
    CHECK(sealed.bytes().data() == second.data());
  }
}

TEST_CASE("stamping before the bytes are handed out copies nothing") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  REQUIRE(writer.append(7, "key", "value"));
  sealed_batch sealed;
  REQUIRE_FALSE(writer.seal({}, sealed));
  sealed.stamp({.producer_id = 1, .producer_epoch = 1, .base_sequence = 1});
  const shared_bytes bytes = sealed.bytes();
  CHECK(bytes.pinned_bytes() == 16U << 10U);
  CHECK(pool.retained_bytes() == 0);
}

TEST_CASE("a compressed batch does not hold the room its worst case needed") {
  buffer_pool pool;
  for (const compression codec : {compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    if (!compression_supported(codec)) continue;
    record_batch_writer writer(pool);
    REQUIRE(writer.append(7, "key", std::string(900000, 'v')));
    const shared_bytes bytes = sealed_bytes(writer, {.codec = codec});
    CHECK(bytes.size() < 100000);
    CHECK(bytes.pinned_bytes() <= std::max<std::size_t>(256, 2 * bytes.size()));
    CHECK(records_of(bytes).at(0).value.size() == 900000);
  }
}

TEST_CASE("what does not compress is sent compressed all the same, as Kafka's producer does") {
  if (!compression_supported(compression::lz4)) return;
  buffer_pool pool;
  record_batch_writer writer(pool);
  REQUIRE(writer.append(7, nullptr, "x"));
  const std::size_t size = writer.size();
  const shared_bytes bytes = sealed_bytes(writer, {.codec = compression::lz4});
  CHECK(bytes.size() > size);
  CHECK(header_of(bytes).codec() == compression::lz4);
}

TEST_CASE("sealing with an unknown codec is an error that leaves the writer as it was") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  REQUIRE(writer.append(7, nullptr, "x"));
  sealed_batch sealed;
  CHECK(writer.seal({.codec = static_cast<compression>(6)}, sealed) == client_errc::unsupported_feature);
  CHECK(writer.append(8, nullptr, "y"));
  REQUIRE_FALSE(writer.seal({}, sealed));
  CHECK(records_of(sealed.bytes()).size() == 2);
}

TEST_CASE("a control batch says commit or abort and the coordinator's epoch") {
  buffer_pool pool;
  for (const control_type type : {control_type::commit, control_type::abort}) {
    record_batch_writer writer(pool);
    REQUIRE(writer.append_control(5, {type, 1234567}));
    const shared_bytes bytes = sealed_bytes(
        writer, {.producer = {.producer_id = 3, .producer_epoch = 4, .transactional = true}, .control = true});
    CHECK(header_of(bytes).is_control());
    CHECK(header_of(bytes).is_transactional());
    const auto records = records_of(bytes);
    CHECK(read_control_record(records.at(0).key, records.at(0).value) == control_record{type, 1234567});
  }
}

TEST_CASE("a broker's stamp moves the batch, and with log-append time renews the CRC") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  REQUIRE(writer.append(100, "a", "1"));
  REQUIRE(writer.append(200, "b", "2"));
  const shared_bytes sent = sealed_bytes(writer);
  const shared_bytes moved = stamped_copy(sent, {.base_offset = 5000, .partition_leader_epoch = 9});
  CHECK(header_of(moved).partition_leader_epoch == 9);
  CHECK(header_of(moved).crc == header_of(sent).crc);
  CHECK(records_of(moved).at(1).offset == 5001);
  CHECK(records_of(moved).at(1).timestamp == 200);
  const shared_bytes appended =
      stamped_copy(sent, {.base_offset = 5000, .partition_leader_epoch = 9, .log_append_time = 777});
  CHECK(records_of(appended).at(0).timestamp == 777);
  CHECK(records_of(appended).at(1).timestamp == 777);
  CHECK(header_of(appended).timestamp_kind() == timestamp_type::log_append_time);
}

TEST_CASE("a batch emptied by compaction keeps its range of offsets") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  const shared_bytes bytes =
      sealed_bytes(writer, {.base_offset = 30, .last_offset_delta = 9, .empty_max_timestamp = 12345});
  CHECK(bytes.size() == batch_overhead);
  CHECK(header_of(bytes).next_offset() == 40);
  CHECK(header_of(bytes).max_timestamp == 12345);
  CHECK(records_of(bytes).empty());
}
