// SPDX-License-Identifier: Apache-2.0

// Messages of format 0 and 1, alone and inside a compressed one. What Kafka itself wrote of them is among the golden
// sets.
#include "protocol/legacy_message.hpp"

#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

#include "protocol/compression.hpp"
#include "protocol/record_batch_reader.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr read_limits lenient{.lenient = true};

std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
  return text;
}

std::string delimited(const std::optional<std::string>& text) {
  if (!text) return big_endian(0xFFFFFFFFU, 4);
  return big_endian(text->size(), 4) + *text;
}

struct message {
  std::int64_t offset = 0;
  int magic = 1;
  int attributes = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string> key = std::nullopt;
  std::optional<std::string> value = std::nullopt;
};

std::string bytes_of(const message& from) {
  const std::string body = big_endian(static_cast<std::uint64_t>(from.magic), 1) +
                           big_endian(static_cast<std::uint64_t>(from.attributes), 1) +
                           (from.magic == 0 ? "" : big_endian(static_cast<std::uint64_t>(from.timestamp), 8)) +
                           delimited(from.key) + delimited(from.value);
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint64_t>(from.offset), 8) + big_endian(body.size() + 4, 4) + big_endian(crc, 4) +
         body;
}

std::string compressed(const std::string& input) {
  buffer_pool pool;
  growable_buffer out(pool);
  REQUIRE_FALSE(compress(compression::gzip, 1, std::as_bytes(std::span(input)), out));
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string wrapped(message wrapper, const std::string& inside) {
  wrapper.attributes |= 1;
  wrapper.value = compressed(inside);
  return bytes_of(wrapper);
}

struct outcome {
  error failure;
  std::vector<record_ref> records;
  std::vector<batch_records> owners;
};

outcome read(const std::string& set, const read_limits& limits = {}) {
  static buffer_pool pool;
  outcome result;
  record_batch_reader reader(shared_bytes::copy_of(set), limits);
  for (batch_step step = reader.next(); step != batch_step::end; step = reader.next()) {
    if (step == batch_step::failed) {
      result.failure = reader.failure().reason;
      return result;
    }
    batch_records opened;
    result.failure = reader.batch().open(pool, opened);
    if (result.failure) return result;
    record_cursor cursor = opened.cursor();
    for (record_ref record; cursor.next(record);) result.records.push_back(record);
    result.failure = cursor.failure();
    if (result.failure) return result;
    result.owners.push_back(opened);
  }
  return result;
}

bool gzip_is_built() {
  if (compression_supported(compression::gzip)) return true;
  CHECK(read(bytes_of({.attributes = 1, .value = "x"})).failure == client_errc::unsupported_feature);
  return false;
}

}  // namespace

TEST_CASE("a message alone is a batch of one record") {
  const std::string old = bytes_of({.offset = 5, .magic = 0, .key = "k", .value = "v"});
  const std::string dated = bytes_of({.offset = 9, .magic = 1, .timestamp = 123, .value = ""});
  const outcome result = read(old + dated);
  REQUIRE_FALSE(result.failure);
  REQUIRE(result.records.size() == 2);
  CHECK(result.records[0].offset == 5);
  CHECK(result.records[0].timestamp == -1);
  CHECK(result.records[0].key == bytes_view("k"));
  CHECK(result.records[1].offset == 9);
  CHECK(result.records[1].timestamp == 123);
  CHECK(result.records[1].key.is_null());
  CHECK(result.records[1].value == bytes_view(""));
  CHECK(result.records[1].headers.empty());

  record_batch_reader reader(shared_bytes::copy_of(dated));
  REQUIRE(reader.next() == batch_step::batch);
  CHECK(reader.batch().header().magic == 1);
  CHECK(reader.batch().next_offset() == 10);
}

TEST_CASE("the CRC-32 of a message is checked, also inside a compressed one") {
  const std::string good = bytes_of({.key = "key", .value = "value"});
  for (std::size_t at = 12; at < good.size(); ++at) {
    if (at == 16) continue;  // the format's number
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    REQUIRE(read(bad).failure == client_errc::corrupt_batch);
    if (!compression_supported(compression::gzip)) continue;
    REQUIRE(read(wrapped({.offset = 7}, bad)).failure == client_errc::corrupt_batch);
  }
}

TEST_CASE("lengths that leave their message are refused") {
  std::string bad = bytes_of({.key = "key", .value = "value"});
  const auto with_crc = [](std::string text) {
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()) + 16, static_cast<uInt>(text.size() - 16));
    return text.replace(12, 4, big_endian(crc, 4));
  };
  CHECK_FALSE(read(with_crc(bad)).failure);
  CHECK(read(with_crc(std::string(bad).replace(26, 4, big_endian(100, 4)))).failure == client_errc::corrupt_batch);
  CHECK(read(with_crc(std::string(bad).replace(33, 4, big_endian(6, 4)))).failure == client_errc::corrupt_batch);
  CHECK(read(with_crc(std::string(bad).replace(33, 4, big_endian(0x7FFFFFFFU, 4)))).failure ==
        client_errc::corrupt_batch);
  // Too short for a timestamp, which only format 1 has.
  CHECK(read(with_crc(bytes_of({.magic = 0}).replace(16, 1, big_endian(1, 1)))).failure == client_errc::corrupt_batch);
}

TEST_CASE("inside a compressed message of format 1 offsets are relative to the last") {
  if (!gzip_is_built()) return;
  const std::string inside = bytes_of({.offset = 0, .timestamp = 11, .value = "a"}) +
                             bytes_of({.offset = 1, .timestamp = 12, .value = "b"}) +
                             bytes_of({.offset = 4, .timestamp = 13, .value = "c"});
  const outcome result = read(wrapped({.offset = 104, .timestamp = 13}, inside));
  REQUIRE_FALSE(result.failure);
  REQUIRE(result.records.size() == 3);
  CHECK(result.records[0].offset == 100);
  CHECK(result.records[1].offset == 101);
  CHECK(result.records[2].offset == 104);
  CHECK(result.records[1].timestamp == 12);

  // A producer that left the wrapper's offset at 0: the inner ones stand.
  const outcome unassigned = read(wrapped({.offset = 0}, inside));
  REQUIRE_FALSE(unassigned.failure);
  CHECK(unassigned.records[2].offset == 4);
  CHECK(read(wrapped({.offset = 3}, inside)).failure == client_errc::corrupt_batch);
}

TEST_CASE("inside a compressed message of format 0 offsets are absolute") {
  if (!gzip_is_built()) return;
  const std::string inside =
      bytes_of({.offset = 100, .magic = 0, .value = "a"}) + bytes_of({.offset = 104, .magic = 0, .value = "b"});
  const outcome result = read(wrapped({.offset = 104, .magic = 0}, inside));
  REQUIRE_FALSE(result.failure);
  REQUIRE(result.records.size() == 2);
  CHECK(result.records[0].offset == 100);
  CHECK(result.records[1].offset == 104);
  CHECK(result.records[1].timestamp == -1);
}

TEST_CASE("a compressed message's log-append time is that of all inside") {
  if (!gzip_is_built()) return;
  const std::string inside =
      bytes_of({.offset = 0, .timestamp = 11, .value = "a"}) + bytes_of({.offset = 1, .timestamp = 12, .value = "b"});
  const outcome result = read(wrapped({.offset = 51, .attributes = 8, .timestamp = 999}, inside));
  REQUIRE_FALSE(result.failure);
  CHECK(result.records.at(0).timestamp == 999);
  CHECK(result.records.at(1).timestamp == 999);
}

TEST_CASE("a compressed message holds messages one level deep, and at least one, and whole ones") {
  if (!gzip_is_built()) return;
  const std::string one = bytes_of({.offset = 0, .value = "a"});
  CHECK_FALSE(read(wrapped({.offset = 9}, one)).failure);
  CHECK(read(wrapped({.offset = 9}, wrapped({.offset = 0}, one))).failure == client_errc::corrupt_batch);
  CHECK(read(wrapped({.offset = 9}, "")).failure == client_errc::corrupt_batch);
  CHECK(read(bytes_of({.offset = 9, .attributes = 1})).failure == client_errc::corrupt_batch);
  CHECK(read(bytes_of({.offset = 9, .attributes = 1, .value = "not gzip"})).failure == client_errc::corrupt_batch);
  for (std::size_t size = 1; size < one.size(); ++size) {
    const std::string inside = one + bytes_of({.offset = 1, .value = "a"}).substr(0, size);
    CHECK(read(wrapped({.offset = 9}, inside)).failure == client_errc::corrupt_batch);
    const outcome dropped = read(wrapped({.offset = 9}, inside), lenient);
    CHECK_FALSE(dropped.failure);
    CHECK(dropped.records.at(0).offset == 9);
  }
}

TEST_CASE("a compressed message counts against the same decompression limit") {
  if (!gzip_is_built()) return;
  const std::string set = wrapped({.offset = 9}, bytes_of({.value = std::string(100000, 'x')}));
  CHECK(read(set, {.decompressed_bytes_max = 100000}).failure == client_errc::limit_exceeded);
  CHECK_FALSE(read(set, {.decompressed_bytes_max = 110000}).failure);
}

TEST_CASE("zstd and unknown codecs are refused in old formats") {
  CHECK(read(bytes_of({.attributes = 4, .value = "x"})).failure == client_errc::corrupt_batch);
  CHECK(read(bytes_of({.attributes = 7, .value = "x"})).failure == client_errc::unsupported_feature);
}

TEST_CASE("offsets beyond 64 bits are refused in old formats") {
  CHECK(read(bytes_of({.offset = INT64_MAX, .value = "x"})).failure == client_errc::corrupt_batch);
  CHECK_FALSE(read(bytes_of({.offset = INT64_MAX - 1, .value = "x"})).failure);
}
