// SPDX-License-Identifier: Apache-2.0

// Reader and writer against record sets that Kafka's own Java classes wrote, and what those classes read from them.
#include <algorithm>
#include <boost/json/src.hpp>
#include <optional>
#include <string>
#include <vector>

#include "golden/golden.hpp"
#include "protocol/record_batch_reader.hpp"
#include "protocol/record_batch_writer.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;
namespace json = boost::json;

namespace {

struct golden_set {
  std::string flags;
  shared_bytes bytes;
  json::object expected;

  [[nodiscard]] bool has(std::string_view flag) const {
    const auto words = golden::fields_of(flags, ',');
    return std::find(words.begin(), words.end(), flag) != words.end();
  }
};

const std::vector<golden_set>& golden_sets() {
  static const std::vector<golden_set> sets = [] {
    const auto bytes = golden::lines_of("records.tsv.gz");
    const auto values = golden::lines_of("records.jsonl.gz");
    std::vector<golden_set> read;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
      const auto fields = golden::fields_of(bytes[index]);
      read.push_back({fields.at(1), shared_bytes::copy_of(golden::bytes_of_hex(fields.at(2))),
                      json::parse(values.at(index)).as_object()});
    }
    return read;
  }();
  return sets;
}

// Keeps what a bytes_view borrows.
struct owned_bytes {
  explicit owned_bytes(const json::value& hex) {
    if (!hex.is_null()) bytes = golden::bytes_of_hex(hex.as_string());
  }
  std::optional<std::string> bytes;
};

struct owned_record {
  explicit owned_record(const json::object& from)
      : batch(from.at("batch").as_int64()),
        offset(from.at("offset").as_int64()),
        timestamp(from.at("timestamp").as_int64()),
        raw_timestamp(from.contains("rawTimestamp") ? from.at("rawTimestamp").as_int64() : timestamp),
        key(from.at("key")),
        value(from.at("value")) {
    for (const json::value& header : from.at("headers").as_array()) {
      header_keys.emplace_back(header.at(0).as_string());
      header_values.emplace_back(header.at(1));
    }
  }
  [[nodiscard]] std::vector<header> headers() const {
    std::vector<header> made;
    for (std::size_t index = 0; index < header_keys.size(); ++index)
      made.push_back({header_keys[index], header_values[index].bytes});
    return made;
  }
  [[nodiscard]] bool matches(const record_ref& read) const {
    const std::vector<header> read_headers(make_vector(read.headers));
    return read.offset == offset && read.timestamp == timestamp && read.key == bytes_view(key.bytes) &&
           read.value == bytes_view(value.bytes) && read_headers == headers();
  }
  static std::vector<header> make_vector(const header_range& range) {
    std::vector<header> made;
    for (const header& each : range) made.push_back(each);
    return made;
  }

  std::int64_t batch;
  std::int64_t offset;
  timestamp_ms timestamp;
  timestamp_ms raw_timestamp;
  owned_bytes key;
  owned_bytes value;
  std::vector<std::string> header_keys;
  std::vector<owned_bytes> header_values;
};

std::vector<owned_record> expected_records(const golden_set& set) {
  std::vector<owned_record> records;
  for (const json::value& record : set.expected.at("records").as_array()) records.emplace_back(record.as_object());
  return records;
}

bool codec_missing(const golden_set& set) {
  for (const compression codec : {compression::gzip, compression::snappy, compression::lz4, compression::zstd})
    if (set.has(to_string(codec)) && !compression_supported(codec)) return true;
  return false;
}

std::string_view name_of(timestamp_type type) {
  switch (type) {
    case timestamp_type::create_time:
      return "CreateTime";
    case timestamp_type::log_append_time:
      return "LogAppendTime";
    case timestamp_type::none:
      break;
  }
  return "NoTimestampType";
}

void check_header(const record_batch& read, const json::object& expected) {
  const record_batch_header& header = read.header();
  CHECK(read.position() == static_cast<std::size_t>(expected.at("pos").as_int64()));
  CHECK(header.size() == static_cast<std::size_t>(expected.at("size").as_int64()));
  CHECK(header.magic == expected.at("magic").as_int64());
  CHECK(to_string(header.codec()) == std::string_view(expected.at("codec").as_string()));
  CHECK(name_of(header.timestamp_kind()) == std::string_view(expected.at("timestampType").as_string()));
  CHECK(header.last_offset() == expected.at("lastOffset").as_int64());
  CHECK(header.next_offset() == header.last_offset() + 1);
  CHECK(header.max_timestamp == expected.at("maxTimestamp").as_int64());
  CHECK(header.crc == expected.at("crc").as_int64());
  if (header.magic < 2) return;
  CHECK(header.base_offset == expected.at("baseOffset").as_int64());
  CHECK(header.base_timestamp == expected.at("baseTimestamp").as_int64());
  CHECK(header.record_count == expected.at("count").as_int64());
  CHECK(header.producer_id == expected.at("producerId").as_int64());
  CHECK(header.producer_epoch == expected.at("producerEpoch").as_int64());
  CHECK(header.base_sequence == expected.at("baseSequence").as_int64());
  CHECK(header.is_transactional() == expected.at("transactional").as_bool());
  CHECK(header.is_control() == expected.at("control").as_bool());
  CHECK(header.partition_leader_epoch == expected.at("partitionLeaderEpoch").as_int64());
  CHECK(header.has_delete_horizon() == !expected.at("deleteHorizonMs").is_null());
}

// What a correct encoder needs to give the same bytes again.
shared_bytes written_again(buffer_pool& pool, const json::object& batch, const std::vector<owned_record>& records,
                           std::int64_t index) {
  record_batch_settings settings;
  settings.bytes_max = 1U << 30U;
  settings.capacity = 100;
  record_batch_seal seal;
  if (!batch.at("deleteHorizonMs").is_null()) {
    settings.base_timestamp = batch.at("deleteHorizonMs").as_int64();
    seal.delete_horizon = true;
  }
  record_batch_writer writer(pool, settings);
  seal.base_offset = batch.at("baseOffset").as_int64();
  for (const owned_record& record : records) {
    if (record.batch != index) continue;
    REQUIRE(writer.append_at(record.offset - seal.base_offset, record.raw_timestamp, record.key.bytes,
                             record.value.bytes, record.headers()));
  }
  seal.partition_leader_epoch = static_cast<std::int32_t>(batch.at("partitionLeaderEpoch").as_int64());
  seal.producer = {.producer_id = batch.at("producerId").as_int64(),
                   .producer_epoch = static_cast<std::int16_t>(batch.at("producerEpoch").as_int64()),
                   .base_sequence = static_cast<std::int32_t>(batch.at("baseSequence").as_int64()),
                   .transactional = batch.at("transactional").as_bool()};
  seal.control = batch.at("control").as_bool();
  if (batch.at("timestampType").as_string() == "LogAppendTime")
    seal.log_append_time = batch.at("maxTimestamp").as_int64();
  seal.last_offset_delta = static_cast<std::int32_t>(batch.at("lastOffset").as_int64() - seal.base_offset);
  seal.empty_max_timestamp = batch.at("maxTimestamp").as_int64();
  sealed_batch sealed;
  REQUIRE_FALSE(writer.seal(seal, sealed));
  return sealed.bytes();
}

}  // namespace

TEST_CASE("every golden record set is read as Kafka reads it") {
  REQUIRE(golden_sets().size() == 267);
  buffer_pool pool;
  std::size_t read_sets = 0;
  for (const golden_set& set : golden_sets()) {
    if (set.has("badcrc") || codec_missing(set)) continue;
    INFO("flags " << set.flags << ", id " << set.expected.at("id").as_int64());
    const auto records = expected_records(set);
    const json::array& batches = set.expected.at("batches").as_array();
    std::size_t matched = 0;
    std::size_t index = 0;
    record_batch_reader reader(set.bytes);
    for (batch_step step = reader.next(); step != batch_step::end; step = reader.next(), ++index) {
      REQUIRE(step == batch_step::batch);
      check_header(reader.batch(), batches.at(index).as_object());
      batch_records opened;
      REQUIRE_FALSE(reader.batch().open(pool, opened));
      CHECK_FALSE(opened.check());
      record_cursor cursor = opened.cursor();
      for (record_ref record; cursor.next(record); ++matched) {
        REQUIRE(matched < records.size());
        REQUIRE(records[matched].batch == static_cast<std::int64_t>(index));
        REQUIRE(records[matched].matches(record));
      }
      CHECK_FALSE(cursor.failed());
    }
    CHECK(index == batches.size());
    CHECK(matched == records.size());
    CHECK(reader.valid_bytes() == static_cast<std::size_t>(set.expected.at("validBytes").as_int64()));
    ++read_sets;
  }
  if (compression_supported(compression::snappy)) CHECK(read_sets == 255);
}

TEST_CASE("a golden set with a wrong CRC fails at that batch, and says which offsets it claims") {
  std::size_t sets = 0;
  for (const golden_set& set : golden_sets()) {
    if (!set.has("badcrc")) continue;
    INFO(set.flags);
    ++sets;
    std::size_t failed = 0;
    record_batch_reader reader(set.bytes);
    for (batch_step step = reader.next(); step != batch_step::end; step = reader.next()) {
      if (step != batch_step::failed) continue;
      ++failed;
      CHECK(reader.failure().reason == client_errc::corrupt_batch);
      CHECK(reader.failure().reason.cause().find("CRC") != std::string::npos);
      CHECK(reader.failure().base_offset >= 0);
      CHECK(reader.failure().next_offset > reader.failure().base_offset);
      CHECK(reader.failure().size > 0);
    }
    CHECK(failed == 1);
    CHECK(reader.valid_bytes() == set.bytes.size());
  }
  CHECK(sets == 12);
}

TEST_CASE("control batches say what Kafka says they say") {
  buffer_pool pool;
  std::size_t controls = 0;
  for (const golden_set& set : golden_sets()) {
    if (set.has("badcrc") || !set.has("control")) continue;
    const json::object& expected = set.expected.at("records").as_array().at(0).as_object();
    record_batch_reader reader(set.bytes);
    REQUIRE(reader.next() == batch_step::batch);
    CHECK(reader.batch().header().is_control());
    batch_records opened;
    REQUIRE_FALSE(reader.batch().open(pool, opened));
    record_cursor cursor = opened.cursor();
    record_ref record;
    REQUIRE(cursor.next(record));
    const auto control = read_control_record(record.key, record.value);
    REQUIRE(control.has_value());
    const std::string_view type = expected.at("controlType").as_string();
    CHECK((control->type == control_type::commit) == (type == "COMMIT"));
    CHECK((control->type == control_type::abort) == (type == "ABORT"));
    if (control->type != control_type::unknown)
      CHECK(control->coordinator_epoch == expected.at("coordinatorEpoch").as_int64());
    ++controls;
  }
  CHECK(controls == 13);
}

TEST_CASE("the writer gives Kafka's bytes for every uncompressed golden batch") {
  buffer_pool pool;
  std::size_t batches = 0;
  for (const golden_set& set : golden_sets()) {
    // Negative offset deltas are read, never written.
    if (set.has("badcrc") || set.has("handmade")) continue;
    const auto records = expected_records(set);
    const json::array& expected = set.expected.at("batches").as_array();
    for (std::size_t index = 0; index < expected.size(); ++index) {
      const json::object& batch = expected.at(index).as_object();
      if (batch.at("magic").as_int64() != 2 || batch.at("codec").as_string() != "none") continue;
      INFO("flags " << set.flags << ", id " << set.expected.at("id").as_int64() << ", batch " << index);
      const shared_bytes original = set.bytes.slice(static_cast<std::size_t>(batch.at("pos").as_int64()),
                                                    static_cast<std::size_t>(batch.at("size").as_int64()));
      REQUIRE(original.size() == static_cast<std::size_t>(batch.at("size").as_int64()));
      CHECK(written_again(pool, batch, records, static_cast<std::int64_t>(index)) == original);
      ++batches;
    }
  }
  CHECK(batches > 80);
}

TEST_CASE("what the writer compresses, at any level, is read back the same") {
  buffer_pool pool;
  for (const golden_set& set : golden_sets()) {
    if (!set.has("single") || !set.has("none") || set.has("badcrc")) continue;
    const auto records = expected_records(set);
    for (const compression codec : {compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
      if (!compression_supported(codec)) continue;
      for (const int level : {compression_level_default, 1, 9}) {
        record_batch_writer writer(pool, {.bytes_max = 1U << 30U});
        for (const owned_record& record : records)
          REQUIRE(writer.append(record.raw_timestamp, record.key.bytes, record.value.bytes, record.headers()));
        sealed_batch sealed;
        REQUIRE_FALSE(writer.seal({.codec = codec, .level = level}, sealed));
        record_batch_reader reader(sealed.bytes());
        REQUIRE(reader.next() == batch_step::batch);
        CHECK(reader.batch().header().codec() == codec);
        batch_records opened;
        REQUIRE_FALSE(reader.batch().open(pool, opened));
        record_cursor cursor = opened.cursor();
        record_ref read;
        for (const owned_record& record : records) {
          REQUIRE(cursor.next(read));
          REQUIRE(read.key == bytes_view(record.key.bytes));
          REQUIRE(read.value == bytes_view(record.value.bytes));
          REQUIRE(read.timestamp == record.raw_timestamp);
          REQUIRE(owned_record::make_vector(read.headers) == record.headers());
        }
        CHECK_FALSE(cursor.next(read));
        CHECK_FALSE(cursor.failed());
      }
    }
  }
}
