// SPDX-License-Identifier: Apache-2.0
#include "fake/batch_validation.hpp"

#include "protocol/record_batch_reader.hpp"

namespace kafka::fake {

namespace {

constexpr unsigned zstd = 4;
constexpr std::int16_t zstd_since = 7;

batch_verdict refused(broker_errc code, std::string message) {
  batch_verdict out;
  out.code = code;
  out.message = std::move(message);
  return out;
}

/// What the 61 bytes of the header give away.
batch_verdict check_header(const shared_bytes& records, const topic_settings& topic, const validation& how) {
  using enum broker_errc;
  const std::string version = std::to_string(how.produce_version);
  if (records.size() < protocol::batch_overhead) {
    return refused(invalid_record,
                   "Produce requests with version " + version + " must have exactly one record batch per partition");
  }
  batch_verdict out;
  out.header = protocol::read_batch_header(records);
  const auto& header = out.header;
  if (header.magic != 2) {
    return refused(invalid_record, "Produce requests with version " + version +
                                       " are only allowed to contain record batches of format 2");
  }
  if (header.size() < protocol::batch_overhead || header.size() > records.size()) {
    return refused(corrupt_message, "The record batch is not complete.");
  }
  if (header.size() != records.size()) {
    return refused(invalid_record, "Produce requests with version " + version +
                                       " are only allowed to contain exactly one record batch per partition");
  }
  if (header.codec_id() > zstd) return refused(invalid_record, "The codec of the batch is unknown.");
  if (header.codec_id() == zstd && how.produce_version < zstd_since) {
    return refused(unsupported_compression_type,
                   "Produce requests with version " + version + " are not allowed to use ZStandard compression");
  }
  if (header.size() > topic.max_message_bytes) {
    return refused(message_too_large, "The record batch size in the append is " + std::to_string(header.size()) +
                                          " bytes which exceeds the maximum configured value of " +
                                          std::to_string(topic.max_message_bytes) + ".");
  }
  if (header.crc != protocol::batch_crc(records)) return refused(corrupt_message, "Record is corrupt: wrong CRC.");
  if (header.record_count <= 0 || header.last_offset_delta != header.record_count - 1) {
    return refused(invalid_record, "The last offset delta of the batch is not its record count less one.");
  }
  if (header.is_control()) return refused(invalid_record, "Clients are not allowed to write control records");
  if (header.producer_id >= 0 && header.base_sequence < 0) {
    return refused(invalid_record, "Invalid sequence number " + std::to_string(header.base_sequence) +
                                       " in record batch with a producer id");
  }
  return out;
}

/// What only a look at each record tells.
void check_records(batch_verdict& out, const shared_bytes& records, const topic_settings& topic, const validation& how,
                   buffer_pool& buffers) {
  protocol::record_batch_reader reader(records);
  protocol::batch_records opened;
  if (reader.next() != protocol::batch_step::batch || reader.batch().open(buffers, opened)) {
    out.code = broker_errc::corrupt_message;
    out.message = "The records of the batch cannot be read.";
    return;
  }
  const std::int64_t now = how.now.time_since_epoch().count();
  protocol::record_cursor cursor = opened.cursor();
  std::int32_t index = 0;
  for (protocol::record_ref record; cursor.next(record); ++index) {
    if (record.offset - out.header.base_offset != index) {
      out.record_errors.emplace_back(index, "Inner record offset is not the number of the record in its batch.");
      out.code = broker_errc::invalid_record;
    } else if (topic.compacted && record.key.is_null()) {
      out.record_errors.emplace_back(index, "Compacted topic cannot accept message without key in topic partition.");
      out.code = broker_errc::invalid_record;
    } else if (!topic.log_append_time && record.timestamp >= 0 &&
               (record.timestamp - now > topic.timestamp_after_max_ms ||
                now - record.timestamp > topic.timestamp_before_max_ms)) {
      out.record_errors.emplace_back(index,
                                     "Timestamp " + std::to_string(record.timestamp) + " of message is out of range.");
      if (out.code == broker_errc::none) out.code = broker_errc::invalid_timestamp;
    }
  }
  if (cursor.failed() || index != out.header.record_count) {
    out.code = broker_errc::corrupt_message;
    out.message = "A record of the batch is malformed.";
  } else if (out.code != broker_errc::none) {
    out.message = "One or more records have been rejected";
  }
}

}  // namespace

batch_verdict validate_batch(const shared_bytes& records, const topic_settings& topic, const validation& how,
                             buffer_pool& buffers) {
  batch_verdict out = check_header(records, topic, how);
  if (out.code == broker_errc::none && (how.check_records || topic.compacted)) {
    check_records(out, records, topic, how, buffers);
  }
  return out;
}

}  // namespace kafka::fake
