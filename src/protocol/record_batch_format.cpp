// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_format.hpp"

#include <boost/endian/conversion.hpp>
#include <cstring>
#include <utility>

#include "protocol/crc32c.hpp"

namespace kafka::protocol {

namespace {

template <class Integer>
Integer load(const char* at) noexcept {
  return boost::endian::endian_load<Integer, sizeof(Integer), boost::endian::order::big>(
      reinterpret_cast<const unsigned char*>(at));
}
template <class Integer>
Integer load(std::span<const std::byte> batch, std::size_t at) noexcept {
  return load<Integer>(reinterpret_cast<const char*>(batch.data()) + at);
}
template <class Integer>
void store(std::span<std::byte> batch, std::size_t at, Integer value) noexcept {
  boost::endian::endian_store<Integer, sizeof(Integer), boost::endian::order::big>(
      reinterpret_cast<unsigned char*>(batch.data()) + at, value);
}

}  // namespace

record_batch_header read_batch_header(std::span<const std::byte> batch) noexcept {
  record_batch_header header;
  header.base_offset = load<std::int64_t>(batch, 0);
  header.batch_length = load<std::int32_t>(batch, 8);
  header.partition_leader_epoch = load<std::int32_t>(batch, 12);
  header.magic = load<std::int8_t>(batch, 16);
  header.crc = load<std::uint32_t>(batch, 17);
  header.attributes = load<std::uint16_t>(batch, 21);
  header.last_offset_delta = load<std::int32_t>(batch, 23);
  header.base_timestamp = load<std::int64_t>(batch, 27);
  header.max_timestamp = load<std::int64_t>(batch, 35);
  header.producer_id = load<std::int64_t>(batch, 43);
  header.producer_epoch = load<std::int16_t>(batch, 51);
  header.base_sequence = load<std::int32_t>(batch, 53);
  header.record_count = load<std::int32_t>(batch, 57);
  return header;
}

void write_batch_header(std::span<std::byte> batch, const record_batch_header& header) noexcept {
  store(batch, 0, header.base_offset);
  store(batch, 8, header.batch_length);
  store(batch, 12, header.partition_leader_epoch);
  store(batch, 16, header.magic);
  store(batch, 17, header.crc);
  store(batch, 21, header.attributes);
  store(batch, 23, header.last_offset_delta);
  store(batch, 27, header.base_timestamp);
  store(batch, 35, header.max_timestamp);
  store(batch, 43, header.producer_id);
  store(batch, 51, header.producer_epoch);
  store(batch, 53, header.base_sequence);
  store(batch, 57, header.record_count);
}

std::uint32_t batch_crc(std::span<const std::byte> batch) noexcept {
  return crc32c(batch.subspan(batch_crc_begin));
}

shared_bytes stamped_copy(std::span<const std::byte> batch, const broker_stamp& stamp) {
  unique_buffer copy(batch.size());
  std::memcpy(copy.data(), batch.data(), batch.size());
  const std::span<std::byte> bytes(copy.data(), batch.size());
  record_batch_header header = read_batch_header(bytes);
  header.base_offset = stamp.base_offset;
  header.partition_leader_epoch = stamp.partition_leader_epoch;
  if (stamp.log_append_time) {
    header.attributes |= batch_attributes::log_append_time;
    header.max_timestamp = *stamp.log_append_time;
  }
  write_batch_header(bytes, header);
  if (stamp.log_append_time) {
    header.crc = batch_crc(bytes);
    write_batch_header(bytes, header);
  }
  return std::move(copy).freeze(batch.size());
}

std::optional<control_record> read_control_record(bytes_view key, bytes_view value) noexcept {
  // Key: version, type. Value of an end marker: version, coordinator epoch. Later versions may only add to them.
  if (key.size() < 4 || load<std::int16_t>(key.data()) < 0) return std::nullopt;
  control_record control;
  const auto type = load<std::int16_t>(key.data() + 2);
  if (type != static_cast<std::int16_t>(control_type::abort) && type != static_cast<std::int16_t>(control_type::commit))
    return control;
  control.type = static_cast<control_type>(type);
  if (value.size() >= 6) control.coordinator_epoch = load<std::int32_t>(value.data() + 2);
  return control;
}

}  // namespace kafka::protocol
