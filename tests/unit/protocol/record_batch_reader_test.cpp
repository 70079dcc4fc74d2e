// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_reader.hpp"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "golden/golden.hpp"
#include "protocol/compression.hpp"
#include "protocol/record_batch_writer.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

// What Kafka's own reader also takes; see read_limits.
constexpr read_limits lenient{.lenient = true};

std::string varint(std::int64_t value) {
  std::array<std::byte, varlong_bytes_max> bytes{};
  const std::byte* const end = write_varint(bytes.data(), zigzag_long(value));
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data())};
}

// A record from the bytes after its length.
std::string record_of(const std::string& body) {
  return varint(static_cast<std::int64_t>(body.size())) + body;
}

// Attributes, timestamp delta, offset delta.
std::string record_front(std::int64_t offset_delta, std::int64_t timestamp_delta = 0) {
  return std::string(1, '\0') + varint(timestamp_delta) + varint(offset_delta);
}

const std::string null_key_and_value = varint(-1) + varint(-1);

std::string small_record(std::int64_t offset_delta) {
  return record_of(record_front(offset_delta) + null_key_and_value + varint(0));
}

// A batch with these records and a right CRC, whatever the header says.
shared_bytes batch_of(record_batch_header header, const std::string& records) {
  unique_buffer buffer(batch_overhead + records.size());
  std::memcpy(buffer.data() + batch_overhead, records.data(), records.size());
  const std::span<std::byte> bytes(buffer.data(), batch_overhead + records.size());
  header.batch_length = static_cast<std::int32_t>(bytes.size() - batch_length_end);
  write_batch_header(bytes, header);
  header.crc = batch_crc(bytes);
  write_batch_header(bytes, header);
  return std::move(buffer).freeze(bytes.size());
}

record_batch_header header_of(std::int32_t count) {
  record_batch_header header;
  header.base_offset = 100;
  header.last_offset_delta = count - 1;
  header.base_timestamp = header.max_timestamp = 5000;
  header.record_count = count;
  return header;
}

struct outcome {
  error failure;
  std::vector<record_ref> records;
  batch_records owner;
};

// Reads one batch to its end.
outcome read_batch(const shared_bytes& bytes, const read_limits& limits = {}) {
  static buffer_pool pool;
  outcome result;
  record_batch_reader reader(bytes, limits);
  const batch_step step = reader.next();
  REQUIRE(step != batch_step::end);
  if (step == batch_step::failed) {
    result.failure = reader.failure().reason;
    return result;
  }
  result.failure = reader.batch().open(pool, result.owner);
  record_cursor cursor = result.owner.cursor();
  for (record_ref record; cursor.next(record);) result.records.push_back(record);
  if (cursor.failed()) result.failure = cursor.failure();
  return result;
}

outcome read_one(const std::string& record) {
  return read_batch(batch_of(header_of(1), record));
}

shared_bytes joined(const std::vector<shared_bytes>& batches) {
  std::string all;
  for (const shared_bytes& batch : batches) all += batch.text();
  return shared_bytes::copy_of(all);
}

shared_bytes patched(const shared_bytes& bytes, std::size_t at, const std::string& with) {
  std::string text(bytes.text());
  text.replace(at, with.size(), with);
  return shared_bytes::copy_of(text);
}

}  // namespace

TEST_CASE("an empty set has no batch") {
  record_batch_reader reader(shared_bytes{});
  CHECK(reader.next() == batch_step::end);
  CHECK(reader.next() == batch_step::end);
  CHECK(reader.valid_bytes() == 0);
}

TEST_CASE("records borrow from the set when they are not compressed, and from their own buffer when they are") {
  buffer_pool pool;
  record_batch_writer writer(pool);
  REQUIRE(writer.append(1, "key", "value"));
  sealed_batch sealed;
  REQUIRE_FALSE(writer.seal({}, sealed));
  const shared_bytes set = sealed.bytes();
  const outcome plain = read_batch(set);
  REQUIRE(plain.records.size() == 1);
  CHECK(plain.owner.bytes().data() == set.data() + batch_overhead);
  CHECK(plain.owner.bytes().pinned_bytes() == set.pinned_bytes());
  CHECK(plain.records[0].value.data() > plain.records[0].key.data());

  if (!compression_supported(compression::gzip)) return;
  record_batch_writer second(pool);
  REQUIRE(second.append(1, "key", "value"));
  REQUIRE_FALSE(second.seal({.codec = compression::gzip}, sealed));
  outcome packed = read_batch(sealed.bytes());
  sealed = sealed_batch();
  REQUIRE(packed.records.size() == 1);
  CHECK(packed.records[0].key == bytes_view("key"));
}

TEST_CASE("the next offset comes from the batch, not from its last record") {
  record_batch_header header = header_of(1);
  header.last_offset_delta = 41;
  const shared_bytes set = joined({batch_of(header, small_record(3)), batch_of(header_of(0), "")});
  record_batch_reader reader(set);
  REQUIRE(reader.next() == batch_step::batch);
  CHECK(reader.batch().next_offset() == 142);
  REQUIRE(reader.next() == batch_step::batch);
  CHECK(reader.batch().next_offset() == 100);
  CHECK(reader.next() == batch_step::end);
}

TEST_CASE("a cut-off last batch ends the set quietly, wherever it is cut") {
  const shared_bytes whole = batch_of(header_of(2), small_record(0) + small_record(1));
  const shared_bytes set = joined({whole, whole});
  for (std::size_t size = 0; size < set.size(); ++size) {
    record_batch_reader reader(shared_bytes::copy_of(set.slice(0, size)));
    const bool first = size >= whole.size();
    REQUIRE(reader.next() == (first ? batch_step::batch : batch_step::end));
    REQUIRE(reader.next() == batch_step::end);
    REQUIRE(reader.valid_bytes() == (first ? whole.size() : 0));
  }
}

TEST_CASE("a batch length that no batch can have loses the frame") {
  const shared_bytes good = batch_of(header_of(1), small_record(0));
  const std::vector<std::string> lengths{std::string("\xFF\xFF\xFF\xFF", 4), std::string(4, '\0'),
                                         std::string("\0\0\0\x0D", 4), std::string("\x7F\xFF\xFF\xFF", 4),
                                         std::string("\x80\0\0\0", 4)};
  for (const std::string& length : lengths) {
    record_batch_reader reader(joined({patched(good, 8, length), good}));
    REQUIRE(reader.next() == batch_step::failed);
    CHECK(reader.failure().reason == client_errc::corrupt_batch);
    CHECK(reader.failure().size == 0);
    CHECK(reader.failure().next_offset == -1);
    CHECK(reader.next() == batch_step::end);
  }
}

TEST_CASE("a batch shorter than its header is refused, and the one behind it read") {
  const shared_bytes good = batch_of(header_of(1), small_record(0));
  for (const int length : {14, 30, 48}) {
    const shared_bytes bad = patched(good, 8, std::string(3, '\0') + static_cast<char>(length))
                                 .slice(0, 12 + static_cast<std::size_t>(length));
    record_batch_reader reader(joined({bad, good}));
    REQUIRE(reader.next() == batch_step::failed);
    CHECK(reader.failure().reason == client_errc::corrupt_batch);
    CHECK(reader.failure().base_offset == 100);
    REQUIRE(reader.next() == batch_step::batch);
    CHECK(reader.batch().position() == bad.size());
    CHECK(reader.valid_bytes() == bad.size() + good.size());
  }
}

TEST_CASE("an unknown format is refused") {
  const shared_bytes good = batch_of(header_of(1), small_record(0));
  for (const char magic : {'\3', '\x7F', '\x80', '\xFF'}) {
    record_batch_reader reader(patched(good, 16, std::string(1, magic)));
    REQUIRE(reader.next() == batch_step::failed);
    CHECK(reader.failure().reason == client_errc::corrupt_batch);
    CHECK(reader.next() == batch_step::end);
  }
}

TEST_CASE("any changed byte that the CRC covers is noticed, and the batch behind it can still be read") {
  const shared_bytes good = batch_of(header_of(2), small_record(0) + small_record(1));
  for (std::size_t at = 17; at < good.size(); ++at) {
    const shared_bytes bad = patched(good, at, std::string(1, static_cast<char>(good.text()[at] ^ 0x10)));
    record_batch_reader reader(joined({bad, good}));
    REQUIRE(reader.next() == batch_step::failed);
    REQUIRE(reader.failure().reason == client_errc::corrupt_batch);
    REQUIRE(reader.failure().base_offset == 100);
    REQUIRE(reader.failure().size == good.size());
    REQUIRE(reader.next() == batch_step::batch);
  }
}

TEST_CASE("offsets beyond 64 bits are refused") {
  record_batch_header header = header_of(1);
  header.base_offset = int64_max - 5;
  header.last_offset_delta = 4;
  CHECK_FALSE(read_batch(batch_of(header, small_record(4))).failure);
  header.last_offset_delta = 5;
  CHECK(read_batch(batch_of(header, small_record(5))).failure == client_errc::corrupt_batch);
  CHECK(read_batch(batch_of(header, small_record(5)), lenient).records.at(0).offset == int64_max);
  header.last_offset_delta = 4;
  CHECK(read_batch(batch_of(header, small_record(6))).failure == client_errc::corrupt_batch);
  CHECK(read_batch(batch_of(header, small_record(6)), lenient).records.at(0).offset == -int64_max - 1);
  header.base_offset = -int64_max - 1;
  CHECK(read_batch(batch_of(header, small_record(-1))).failure == client_errc::corrupt_batch);
}

TEST_CASE("any 32-bit offset delta is read") {
  record_batch_header header = header_of(2);
  header.last_offset_delta = std::numeric_limits<std::int32_t>::max();
  const std::int64_t least = std::numeric_limits<std::int32_t>::min();
  const outcome result = read_batch(batch_of(header, small_record(least) + small_record(2147483647)));
  REQUIRE_FALSE(result.failure);
  CHECK(result.records[0].offset == 100 + least);
  CHECK(result.records[1].offset == 100 + 2147483647LL);
}

TEST_CASE("a record count below 0, above the range of offsets or above what the bytes can hold is refused") {
  record_batch_header header = header_of(1);
  header.record_count = -1;
  CHECK(read_batch(batch_of(header, small_record(0))).failure == client_errc::corrupt_batch);
  CHECK(read_batch(batch_of(header, small_record(0)), lenient).failure == client_errc::corrupt_batch);

  header = header_of(2);
  header.last_offset_delta = 0;
  const shared_bytes crowded = batch_of(header, small_record(0) + small_record(0));
  CHECK(read_batch(crowded).failure == client_errc::corrupt_batch);
  CHECK(read_batch(crowded, lenient).records.size() == 2);

  header = header_of(std::numeric_limits<std::int32_t>::max());
  CHECK(read_batch(batch_of(header, small_record(0) + small_record(1))).failure == client_errc::corrupt_batch);
  CHECK(read_batch(batch_of(header_of(3), small_record(0) + small_record(1))).failure == client_errc::corrupt_batch);
}

TEST_CASE("bytes behind the last record are refused") {
  CHECK(read_batch(batch_of(header_of(1), small_record(0) + small_record(1))).failure == client_errc::corrupt_batch);
  CHECK(read_batch(batch_of(header_of(0), small_record(0))).failure == client_errc::corrupt_batch);
  CHECK_FALSE(read_batch(batch_of(header_of(0), small_record(0)), lenient).failure);
  CHECK(read_batch(batch_of(header_of(1), small_record(0) + "x")).failure == client_errc::corrupt_batch);
}

TEST_CASE("a record must consume exactly its length") {
  const std::string fields = record_front(0) + null_key_and_value + varint(0);
  CHECK_FALSE(read_one(record_of(fields)).failure);
  CHECK(read_one(record_of(fields + "x")).failure == client_errc::corrupt_batch);
  CHECK(read_one(varint(static_cast<std::int64_t>(fields.size()) + 1) + fields).failure == client_errc::corrupt_batch);
  CHECK(read_one(varint(5) + fields).failure == client_errc::corrupt_batch);
  CHECK(read_one(varint(-1) + fields).failure == client_errc::corrupt_batch);
  CHECK(read_one(varint(0) + fields).failure == client_errc::corrupt_batch);
}

TEST_CASE("keys, values and headers longer than their record are refused") {
  const auto body = [](const std::string& rest) { return record_of(record_front(0) + rest); };
  CHECK_FALSE(read_one(body(varint(2) + "ab" + varint(1) + "c" + varint(0))).failure);
  CHECK(read_one(body(varint(100) + "ab" + varint(1) + "c" + varint(0))).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(varint(2) + "ab" + varint(100) + "c" + varint(0))).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(varint(2147483647) + "ab" + varint(-1) + varint(0))).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(null_key_and_value + varint(-1))).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(null_key_and_value + varint(2147483647) + "ab")).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(null_key_and_value + varint(2) + varint(0) + varint(-1))).failure == client_errc::corrupt_batch);
  CHECK(read_one(body(null_key_and_value + varint(1) + varint(9) + "ab" + varint(0))).failure ==
        client_errc::corrupt_batch);
  CHECK(read_one(body(null_key_and_value + varint(1) + varint(1) + "a" + varint(9) + "b")).failure ==
        client_errc::corrupt_batch);
}

TEST_CASE("a header's key is never null, its value may be, and keys may repeat") {
  const std::string front = record_front(0) + null_key_and_value;
  CHECK(read_one(record_of(front + varint(1) + varint(-1) + varint(-1))).failure == client_errc::corrupt_batch);
  const std::string repeated = varint(1) + "h" + varint(-1);
  const outcome result = read_one(record_of(front + varint(3) + repeated + repeated + varint(0) + varint(0)));
  REQUIRE_FALSE(result.failure);
  std::vector<header> headers;
  for (const header& each : result.records[0].headers) headers.push_back(each);
  CHECK(headers == std::vector<header>{{"h", nullptr}, {"h", nullptr}, {"", ""}});
  CHECK(result.records[0].headers.size() == 3);
}

TEST_CASE("varints with too many bytes or bits are refused") {
  const std::string rest = null_key_and_value + varint(0);
  const std::string padded_zero("\x80\x80\x80\x80\0", 5);
  const std::string six_bytes("\x80\x80\x80\x80\x80\0", 6);
  const std::string bit_33("\x80\x80\x80\x80\x10", 5);
  CHECK_FALSE(read_one(record_of(std::string(2, '\0') + padded_zero + rest)).failure);
  CHECK(read_one(record_of(std::string(2, '\0') + six_bytes + rest)).failure == client_errc::corrupt_batch);
  CHECK(read_one(record_of(std::string(2, '\0') + bit_33 + rest)).failure == client_errc::corrupt_batch);
  const std::string eleven_bytes = std::string(10, '\x80') + std::string(1, '\0');
  CHECK(read_one(record_of(std::string(1, '\0') + eleven_bytes + varint(0) + rest)).failure ==
        client_errc::corrupt_batch);
}

TEST_CASE("timestamps come from the record, or with log-append time from the batch") {
  record_batch_header header = header_of(2);
  header.max_timestamp = 9000;
  const std::string records = record_of(record_front(0, -5001) + null_key_and_value + varint(0)) +
                              record_of(record_front(1, 7) + null_key_and_value + varint(0));
  const outcome created = read_batch(batch_of(header, records));
  CHECK(created.records[0].timestamp == -1);
  CHECK(created.records[1].timestamp == 5007);
  header.attributes = batch_attributes::log_append_time;
  const outcome appended = read_batch(batch_of(header, records));
  CHECK(appended.records[0].timestamp == 9000);
  CHECK(appended.records[1].timestamp == 9000);
}

TEST_CASE("an unknown codec is a typed error that names it, and the set goes on") {
  record_batch_header header = header_of(1);
  header.attributes = 6;
  const shared_bytes strange = batch_of(header, "whatever it is");
  record_batch_reader reader(joined({strange, batch_of(header_of(1), small_record(0))}));
  REQUIRE(reader.next() == batch_step::batch);
  buffer_pool pool;
  batch_records opened;
  const error failed = reader.batch().open(pool, opened);
  CHECK(failed == client_errc::unsupported_feature);
  CHECK(failed.cause().find('6') != std::string::npos);
  CHECK(reader.batch().next_offset() == 101);
  REQUIRE(reader.next() == batch_step::batch);
  CHECK_FALSE(reader.batch().open(pool, opened));
}

TEST_CASE("a batch over the decompression limit is reported with its offsets, and the set goes on") {
  for (const compression codec : {compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    if (!compression_supported(codec)) continue;
    buffer_pool pool;
    record_batch_writer writer(pool, {.bytes_max = 4U << 20U});
    REQUIRE(writer.append(1, nullptr, std::string(3U << 20U, 'x')));
    sealed_batch sealed;
    REQUIRE_FALSE(writer.seal({.codec = codec, .base_offset = 700}, sealed));
    record_batch_reader reader(joined({sealed.bytes(), batch_of(header_of(1), small_record(0))}),
                               {.decompressed_bytes_max = 2U << 20U});
    REQUIRE(reader.next() == batch_step::batch);
    batch_records opened;
    CHECK(reader.batch().open(pool, opened) == client_errc::limit_exceeded);
    CHECK(reader.batch().base_offset() == 700);
    CHECK(reader.batch().next_offset() == 701);
    REQUIRE(reader.next() == batch_step::batch);
    CHECK_FALSE(reader.batch().open(pool, opened));

    record_batch_reader wide(sealed.bytes(), {.decompressed_bytes_max = 4U << 20U});
    REQUIRE(wide.next() == batch_step::batch);
    CHECK_FALSE(wide.batch().open(pool, opened));
    CHECK_FALSE(opened.check());
  }
}

TEST_CASE("damage inside compressed records is an error, although the CRC is right") {
  buffer_pool pool;
  for (const compression codec : {compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    if (!compression_supported(codec)) continue;
    record_batch_header header = header_of(1);
    header.attributes = static_cast<std::uint16_t>(codec);
    CHECK(read_batch(batch_of(header, "this was never compressed")).failure == client_errc::corrupt_batch);
    CHECK(read_batch(batch_of(header, "")).failure == client_errc::corrupt_batch);
    // Compressed, but to fewer bytes than the count needs, or to more than one record.
    for (const std::string& records : {std::string("abc"), small_record(0) + small_record(1)}) {
      growable_buffer packed(pool);
      REQUIRE_FALSE(compress(codec, 1, std::as_bytes(std::span(records)), packed));
      const std::string text(reinterpret_cast<const char*>(packed.data()), packed.size());
      CHECK(read_batch(batch_of(header, text)).failure == client_errc::corrupt_batch);
    }
    header.record_count = 0;
    CHECK_FALSE(read_batch(batch_of(header, "ignored")).failure);
  }
}

TEST_CASE("a failed cursor stays failed and gives no more records") {
  const shared_bytes bytes = batch_of(header_of(2), small_record(0) + varint(20) + "too short");
  record_batch_reader reader(bytes);
  REQUIRE(reader.next() == batch_step::batch);
  buffer_pool pool;
  batch_records opened;
  REQUIRE_FALSE(reader.batch().open(pool, opened));
  CHECK(opened.check() == client_errc::corrupt_batch);
  record_cursor cursor = opened.cursor();
  record_ref record;
  CHECK(cursor.remaining() == 2);
  CHECK(cursor.next(record));
  CHECK_FALSE(cursor.next(record));
  CHECK(cursor.failed());
  CHECK(cursor.failure() == client_errc::corrupt_batch);
  CHECK_FALSE(cursor.next(record));
  CHECK(cursor.failed());
}

TEST_CASE("a control record that is too short to be one is nothing") {
  CHECK_FALSE(read_control_record(nullptr, nullptr));
  CHECK_FALSE(read_control_record(std::string("\0\0\0", 3), nullptr));
  CHECK_FALSE(read_control_record(std::string("\xFF\xFF\0\1", 4), nullptr));
  const auto commit = read_control_record(std::string("\0\0\0\1", 4), nullptr);
  REQUIRE(commit);
  CHECK(commit->type == control_type::commit);
  CHECK(commit->coordinator_epoch == -1);
  const auto later = read_control_record(std::string("\0\5\0\0more", 8), std::string("\0\1\0\0\0\7more", 10));
  REQUIRE(later);
  CHECK(*later == control_record{control_type::abort, 7});
  CHECK(read_control_record(std::string("\0\0\0\2", 4), nullptr)->type == control_type::unknown);
}
