// SPDX-License-Identifier: Apache-2.0
#include "fake/records.hpp"

#include <stdexcept>

#include "protocol/record_batch_reader.hpp"
#include "protocol/record_batch_writer.hpp"

namespace kafka::fake {

namespace {

std::optional<std::string> text_of(bytes_view bytes) {
  return bytes.is_null() ? std::nullopt : std::optional(bytes.str());
}

fake_record copy_of(const protocol::record_ref& record) {
  fake_record out{.offset = record.offset,
                  .timestamp = record.timestamp,
                  .key = text_of(record.key),
                  .value = text_of(record.value),
                  .headers = {}};
  for (const auto& header : record.headers) out.headers.emplace_back(header.key, text_of(header.value));
  return out;
}

}  // namespace

shared_bytes make_batch(const std::vector<fake_record>& records, wall_time now, buffer_pool& buffers) {
  protocol::record_batch_writer writer(buffers, {.bytes_max = 1U << 30U, .base_timestamp = {}});
  std::vector<protocol::record_header> headers;
  for (const auto& record : records) {
    headers.clear();
    for (const auto& [key, value] : record.headers) headers.push_back({key, value});
    const timestamp_ms timestamp = record.timestamp < 0 ? now.time_since_epoch().count() : record.timestamp;
    if (!writer.append(timestamp, record.key, record.value, headers)) {
      throw std::invalid_argument("fake cluster: these records do not fit into a batch");
    }
  }
  protocol::sealed_batch batch;
  if (const error failure = writer.seal({}, batch)) throw std::invalid_argument(failure.message());
  return batch.bytes();
}

shared_bytes make_marker(protocol::producer_stamp producer, bool committed, wall_time now, buffer_pool& buffers) {
  producer.transactional = true;
  producer.base_sequence = -1;
  protocol::record_batch_writer writer(buffers, {});
  const auto type = committed ? protocol::control_type::commit : protocol::control_type::abort;
  const bool fits = writer.append_control(now.time_since_epoch().count(), {.type = type, .coordinator_epoch = 0});
  protocol::record_batch_seal seal;
  seal.producer = producer;
  seal.control = true;
  protocol::sealed_batch batch;
  const error failure = writer.seal(seal, batch);
  if (!fits || failure) throw std::invalid_argument("fake cluster: cannot make a marker: " + failure.message());
  return batch.bytes();
}

std::vector<fake_record> read_records(const partition_log& log, buffer_pool& buffers) {
  std::vector<fake_record> out;
  for (std::int64_t offset = log.start_offset(); offset < log.end_offset();) {
    protocol::record_batch_reader reader(log.read(offset, log.end_offset(), SIZE_MAX, true));
    const std::int64_t before = offset;
    while (reader.next() == protocol::batch_step::batch) {
      offset = reader.batch().next_offset();
      protocol::batch_records records;
      if (reader.batch().header().is_control() || reader.batch().open(buffers, records)) continue;
      protocol::record_cursor cursor = records.cursor();
      for (protocol::record_ref record; cursor.next(record);) {
        if (record.offset >= log.start_offset()) out.push_back(copy_of(record));
      }
    }
    if (offset == before) break;
  }
  return out;
}

}  // namespace kafka::fake
