// SPDX-License-Identifier: Apache-2.0
#include "fake/partition_log.hpp"

#include "fake/records.hpp"
#include "protocol/record_batch_reader.hpp"
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

std::int64_t append(partition_log& log, const shared_bytes& batch, std::int32_t epoch = 0,
                    std::optional<timestamp_ms> stamp = {}) {
  const std::int64_t offset = log.append(batch, epoch, stamp);
  log.set_high_watermark(log.end_offset());
  return offset;
}

std::vector<std::int64_t> base_offsets(const shared_bytes& set) {
  std::vector<std::int64_t> out;
  protocol::record_batch_reader reader(set);
  while (reader.next() == protocol::batch_step::batch) out.push_back(reader.batch().base_offset());
  CHECK(reader.valid_bytes() == set.size());
  return out;
}

TEST_CASE("a log gives each batch the next offsets and keeps its bytes otherwise") {
  partition_log log;
  const shared_bytes batch = batch_of(3);
  CHECK(append(log, batch, 5) == 0);
  CHECK(append(log, batch, 6) == 3);
  CHECK(log.end_offset() == 6);
  CHECK(log.size_bytes() == 2 * batch.size());

  protocol::record_batch_reader reader(log.read(0, 6, SIZE_MAX, true));
  REQUIRE(reader.next() == protocol::batch_step::batch);
  REQUIRE(reader.next() == protocol::batch_step::batch);
  const auto header = reader.batch().header();
  CHECK(header.base_offset == 3);
  CHECK(header.partition_leader_epoch == 6);
  CHECK(header.crc == protocol::read_batch_header(batch).crc);
  CHECK(reader.batch().bytes().slice(protocol::batch_crc_begin) == batch.slice(protocol::batch_crc_begin));
}

TEST_CASE("a log stamps batches with its own time and a checksum that fits") {
  partition_log log;
  append(log, batch_of(2), 0, timestamp_ms{1234});
  protocol::record_batch_reader reader(log.read(0, 2, SIZE_MAX, true));
  REQUIRE(reader.next() == protocol::batch_step::batch);
  CHECK(reader.batch().header().timestamp_kind() == timestamp_type::log_append_time);
  buffer_pool buffers;
  const auto records = read_records(log, buffers);
  REQUIRE(records.size() == 2);
  CHECK(records[0].timestamp == 1234);
  CHECK(records[1].timestamp == 1234);
}

TEST_CASE("a read starts with the batch that holds the offset and gives whole batches only") {
  partition_log log;
  const shared_bytes batch = batch_of(10);
  for (int count = 0; count < 4; ++count) append(log, batch);
  CHECK(base_offsets(log.read(15, 40, SIZE_MAX, true)) == std::vector<std::int64_t>{10, 20, 30});
  CHECK(base_offsets(log.read(0, 40, 2 * batch.size(), false)) == std::vector<std::int64_t>{0, 10});
  CHECK(base_offsets(log.read(0, 40, 2 * batch.size() - 1, false)) == std::vector<std::int64_t>{0});
  CHECK(log.read(0, 40, batch.size() - 1, false).empty());
  CHECK(base_offsets(log.read(0, 40, 1, true)) == std::vector<std::int64_t>{0});
  // 30 is in the last batch, which is not wholly below the limit.
  CHECK(base_offsets(log.read(10, 39, SIZE_MAX, true)) == std::vector<std::int64_t>{10, 20});
  CHECK(log.read(40, 40, SIZE_MAX, true).empty());
}

TEST_CASE("batches of a segment are read as one slice without a copy") {
  partition_log log;
  append(log, batch_of(3));
  append(log, batch_of(3));
  const shared_bytes both = log.read(0, 6, SIZE_MAX, true);
  const shared_bytes second = log.read(3, 6, SIZE_MAX, true);
  CHECK(second.data() == both.data() + second.size());
}

TEST_CASE("what is available is counted over all segments") {
  partition_log log;
  const shared_bytes batch = batch_of(500);
  for (int count = 0; count < 100; ++count) append(log, batch);
  CHECK(log.available(0, log.end_offset(), SIZE_MAX) == 100 * batch.size());
  CHECK(log.available(500 * 99, log.end_offset(), SIZE_MAX) == batch.size());
  CHECK(log.available(0, 500, SIZE_MAX) == batch.size());
  CHECK(log.available(log.end_offset(), log.end_offset(), SIZE_MAX) == 0);
  // It stops counting early.
  CHECK(log.available(0, log.end_offset(), 1) == batch.size());
  // A segment ends somewhere before the end, the next read goes on there.
  std::int64_t offset = 0;
  std::size_t reads = 0;
  for (; offset < log.end_offset(); ++reads) {
    const auto offsets = base_offsets(log.read(offset, log.end_offset(), SIZE_MAX, true));
    REQUIRE_FALSE(offsets.empty());
    CHECK(offsets.front() == offset);
    offset = offsets.back() + 500;
  }
  CHECK(reads > 1);
}

TEST_CASE("offsets are found by time, also inside compressed batches") {
  partition_log log;
  buffer_pool buffers;
  append(log, batch_of(10, {.timestamp = 1000}), 1);
  append(log, batch_of(10, {.codec = compression::lz4, .timestamp = 2000}), 2);
  CHECK(log.find_timestamp(0, 20, buffers) == found_offset{0, 1000, 1});
  CHECK(log.find_timestamp(1005, 20, buffers) == found_offset{5, 1005, 1});
  CHECK(log.find_timestamp(1010, 20, buffers) == found_offset{10, 2000, 2});
  CHECK(log.find_timestamp(2009, 20, buffers) == found_offset{19, 2009, 2});
  CHECK_FALSE(log.find_timestamp(2010, 20, buffers));
  CHECK_FALSE(log.find_timestamp(2000, 10, buffers));
  CHECK(log.find_max_timestamp(20, buffers) == found_offset{19, 2009, 2});
  CHECK(log.find_max_timestamp(10, buffers) == found_offset{9, 1009, 1});
  CHECK_FALSE(partition_log().find_max_timestamp(0, buffers));
}

TEST_CASE("a log knows where each leader epoch ended") {
  partition_log log;
  log.begin_epoch(0);
  CHECK(log.end_of_epoch(0, 0) == epoch_end{0, 0});
  append(log, batch_of(5), 0);
  log.begin_epoch(1);  // nothing is written in it
  log.begin_epoch(3);
  append(log, batch_of(5), 3);
  CHECK(log.end_of_epoch(0, 3) == epoch_end{0, 5});
  CHECK(log.end_of_epoch(1, 3) == epoch_end{0, 5});
  CHECK(log.end_of_epoch(2, 3) == epoch_end{0, 5});
  CHECK(log.end_of_epoch(3, 3) == epoch_end{3, 10});
  CHECK(log.end_of_epoch(4, 3) == epoch_end{});
  CHECK(log.end_of_epoch(-1, 3) == epoch_end{});
  CHECK(log.epoch_at(4) == 0);
  CHECK(log.epoch_at(5) == 3);
}

TEST_CASE("deleting from the front moves the start and frees segments that nobody needs") {
  partition_log log;
  const shared_bytes batch = batch_of(500);
  for (int count = 0; count < 100; ++count) append(log, batch);
  log.delete_before(1200);
  CHECK(log.start_offset() == 1200);
  CHECK(log.size_bytes() < 100 * batch.size());
  CHECK(base_offsets(log.read(1200, log.end_offset(), 1, true)) == std::vector<std::int64_t>{1000});
  log.delete_before(log.end_offset() + 10);
  CHECK(log.start_offset() == 50'000);
  CHECK(log.empty());
  CHECK(log.size_bytes() == 0);
  CHECK(append(log, batch) == 50'000);
}

TEST_CASE("truncation forgets batches from the one with the offset on, and what was read stays readable") {
  partition_log log;
  append(log, batch_of(5), 0);
  append(log, batch_of(5), 0);
  log.begin_epoch(1);
  append(log, batch_of(5), 1);
  const shared_bytes before = log.read(0, 15, SIZE_MAX, true);
  log.truncate_to(7);
  CHECK(log.end_offset() == 5);
  CHECK(log.high_watermark() == 5);
  log.begin_epoch(2);
  append(log, batch_of(5, {.timestamp = 99}), 2);
  CHECK(base_offsets(before) == std::vector<std::int64_t>{0, 5, 10});
  CHECK(log.end_of_epoch(1, 2) == epoch_end{0, 5});
  CHECK(log.end_offset() == 10);
  buffer_pool buffers;
  CHECK(read_records(log, buffers).at(5).timestamp == 99);
  const std::size_t size = log.size_bytes();
  log.delete_before(10);
  CHECK(size > 0);
  CHECK(log.size_bytes() == 0);
}

TEST_CASE("retention by bytes keeps the newest segments") {
  partition_log log;
  const shared_bytes batch = batch_of(500);
  for (int count = 0; count < 2000; ++count) {
    append(log, batch);
    log.keep_bytes(1U << 20U);
  }
  CHECK(log.size_bytes() >= 1U << 20U);
  CHECK(log.size_bytes() <= 6U << 20U);
  CHECK(log.start_offset() > 0);
  CHECK(log.end_offset() == 1'000'000);
}

}  // namespace
}  // namespace kafka::fake
