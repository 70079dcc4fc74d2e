// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_writer.hpp"

#include <algorithm>
#include <array>
#include <boost/endian/conversion.hpp>
#include <string>
#include <utility>

#include "protocol/crc32c.hpp"

namespace kafka::protocol {

namespace {

constexpr std::size_t batch_bytes_max = std::numeric_limits<std::int32_t>::max();

// A length, or -1 for null, as it is written: zigzag.
std::uint64_t length_bits(std::size_t size, bool is_null) noexcept {
  return is_null ? 1U : static_cast<std::uint64_t>(size) << 1U;
}

std::size_t delimited_size(std::size_t size, bool is_null) noexcept {
  return varint_size(length_bits(size, is_null)) + size;
}

std::byte* write_bytes(std::byte* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

std::byte* write_delimited(std::byte* out, bytes_view bytes) noexcept {
  return write_bytes(write_varint(out, length_bits(bytes.size(), bytes.is_null())), bytes);
}

std::uint16_t attributes_of(const record_batch_seal& seal) noexcept {
  unsigned attributes = static_cast<unsigned>(seal.codec);
  if (seal.log_append_time) attributes |= batch_attributes::log_append_time;
  if (seal.producer.transactional) attributes |= batch_attributes::transactional;
  if (seal.control) attributes |= batch_attributes::control;
  if (seal.delete_horizon) attributes |= batch_attributes::delete_horizon;
  return static_cast<std::uint16_t>(attributes);
}

// Of the part that the batch's CRC covers.
std::uint32_t crc_of_header(std::span<const std::byte> batch) noexcept {
  return crc32c(batch.subspan(batch_crc_begin, batch_overhead - batch_crc_begin));
}

void set_producer(record_batch_header& header, const producer_stamp& stamp) noexcept {
  header.producer_id = stamp.producer_id;
  header.producer_epoch = stamp.producer_epoch;
  header.base_sequence = stamp.base_sequence;
  header.attributes = static_cast<std::uint16_t>((header.attributes & ~unsigned{batch_attributes::transactional}) |
                                                 (stamp.transactional ? batch_attributes::transactional : 0U));
}

}  // namespace

void sealed_batch::stamp(const producer_stamp& stamp) {
  if (!*this) return;
  if (!building_) {
    unique_buffer copy(frozen_.size());
    std::memcpy(copy.data(), frozen_.data(), frozen_.size());
    building_ = std::move(copy);
    frozen_ = {};
  }
  const std::span<std::byte> batch(building_.data(), size());
  const std::uint32_t before = crc_of_header(batch);
  set_producer(header_, stamp);
  write_batch_header(batch, header_);
  // Only the header changed: what its change makes of the CRC follows from how many bytes come after it.
  header_.crc ^= crc32c_shift(before ^ crc_of_header(batch), batch.size() - batch_overhead);
  write_batch_header(batch, header_);
}

shared_bytes sealed_batch::bytes() {
  if (building_) frozen_ = std::move(building_).freeze(size());
  return frozen_;
}

record_batch_writer::record_batch_writer(buffer_pool& pool, const record_batch_settings& settings)
    : pool_(&pool),
      bytes_max_(std::clamp(settings.bytes_max, batch_overhead, batch_bytes_max)),
      may_grow_(settings.may_grow),
      context_(settings.context),
      base_is_fixed_(settings.base_timestamp.has_value()),
      base_timestamp_(settings.base_timestamp.value_or(-1)) {
  buffer_ = pool.take(std::clamp(settings.capacity, batch_overhead, bytes_max_));
  at_ = buffer_.data() + batch_overhead;
  set_limit();
}

record_batch_writer& record_batch_writer::operator=(record_batch_writer&& other) noexcept {
  if (this == &other) return *this;
  pool_ = other.pool_;
  buffer_ = unique_buffer(std::move(other.buffer_));
  at_ = std::exchange(other.at_, nullptr);
  limit_ = std::exchange(other.limit_, nullptr);
  bytes_max_ = other.bytes_max_;
  may_grow_ = other.may_grow_;
  context_ = other.context_;
  next_delta_ = other.next_delta_;
  count_ = std::exchange(other.count_, 0);
  base_is_fixed_ = other.base_is_fixed_;
  base_timestamp_ = other.base_timestamp_;
  max_timestamp_ = other.max_timestamp_;
  return *this;
}

void record_batch_writer::set_limit() noexcept {
  limit_ = buffer_.data() + std::min(buffer_.capacity(), bytes_max_);
}

bool record_batch_writer::grow(std::size_t bytes) {
  const std::size_t used = size();
  if (!buffer_ || bytes > bytes_max_ - used) return false;
  const std::size_t wanted = std::min(std::max(used + bytes, 2 * buffer_.capacity()), bytes_max_);
  if (may_grow_ && !may_grow_(context_, buffer_pool::capacity_of(wanted))) return false;
  unique_buffer larger = pool_->take(wanted);
  std::memcpy(larger.data(), buffer_.data(), used);
  buffer_ = std::move(larger);
  at_ = buffer_.data() + used;
  set_limit();
  return true;
}

bool record_batch_writer::append_with_headers(std::int64_t offset_delta, timestamp_ms timestamp, bytes_view key,
                                              std::span<const bytes_view> value_pieces, bool value_is_null,
                                              std::span<const record_header> headers) {
  if (offset_delta < next_delta_ || offset_delta > std::numeric_limits<std::int32_t>::max()) return false;
  if (count_ == 0 && !base_is_fixed_) base_timestamp_ = timestamp;
  const std::uint64_t timestamp_delta = zigzag_long(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(base_timestamp_)));
  const std::uint64_t offset_bits = static_cast<std::uint64_t>(offset_delta) << 1U;
  std::size_t value_size = 0;
  for (const bytes_view piece : value_pieces) value_size += piece.size();

  std::size_t body = 1 + varint_size(timestamp_delta) + varint_size(offset_bits) +
                     delimited_size(key.size(), key.is_null()) + delimited_size(value_size, value_is_null) +
                     varint_size(length_bits(headers.size(), false));
  for (const record_header& header : headers) {
    body += delimited_size(header.key.size(), false) + delimited_size(header.value.size(), header.value.is_null());
  }
  const std::size_t bytes = varint_size(length_bits(body, false)) + body;
  if (bytes > static_cast<std::size_t>(limit_ - at_) && !grow(bytes)) return false;

  std::byte* out = write_varint(at_, length_bits(body, false));
  *out++ = std::byte{0};
  out = write_varint(out, timestamp_delta);
  out = write_varint(out, offset_bits);
  out = write_delimited(out, key);
  out = write_varint(out, length_bits(value_size, value_is_null));
  for (const bytes_view piece : value_pieces) out = write_bytes(out, piece);
  out = write_varint(out, length_bits(headers.size(), false));
  for (const record_header& header : headers) {
    out = write_bytes(write_varint(out, length_bits(header.key.size(), false)), header.key);
    out = write_delimited(out, header.value);
  }
  appended(out, offset_delta, timestamp);
  return true;
}

bool record_batch_writer::append_gathered(timestamp_ms timestamp, bytes_view key,
                                          std::span<const bytes_view> value_pieces,
                                          std::span<const record_header> headers) {
  return append_with_headers(next_delta_, timestamp, key, value_pieces, false, headers);
}

bool record_batch_writer::append_control(timestamp_ms timestamp, control_record control) {
  std::array<unsigned char, 4> key{};    // version 0, type
  std::array<unsigned char, 6> value{};  // version 0, coordinator epoch
  boost::endian::store_big_s16(key.data() + 2, static_cast<std::int16_t>(control.type));
  boost::endian::store_big_s32(value.data() + 2, control.coordinator_epoch);
  const std::span<const std::byte> key_bytes = std::as_bytes(std::span(key));
  const std::span<const std::byte> value_bytes = std::as_bytes(std::span(value));
  return append(timestamp, key_bytes, value_bytes);
}

std::size_t record_batch_writer::record_bytes_max(bytes_view key, std::size_t value_bytes,
                                                  std::span<const record_header> headers) noexcept {
  // Length, attributes, timestamp and offset delta, the lengths of key and value, the count of headers.
  std::size_t bytes = 5 * varint_bytes_max + 1 + varlong_bytes_max + key.size() + value_bytes;
  for (const record_header& header : headers) bytes += 2 * varint_bytes_max + header.key.size() + header.value.size();
  return bytes;
}

error record_batch_writer::seal(const record_batch_seal& seal, sealed_batch& out) {
  if (!buffer_) return {client_errc::invalid_argument, "the batch is sealed already"};
  std::size_t bytes = size();
  unique_buffer finished;
  if (seal.codec != compression::none) {
    growable_buffer compressed(*pool_);
    static_cast<void>(compressed.room(batch_overhead));
    compressed.commit(batch_overhead);
    const std::span<const std::byte> records(buffer_.data() + batch_overhead, bytes - batch_overhead);
    if (error failed = compress(seal.codec, seal.level, records, compressed)) return failed;
    bytes = compressed.size();
    if (bytes > batch_bytes_max) return {client_errc::limit_exceeded, "the compressed batch exceeds 2^31 - 1 bytes"};
    finished = std::move(compressed).release();
    if (bytes <= finished.capacity() / 2) {
      // What was room for the worst case would otherwise be held until the broker has answered.
      unique_buffer fitting = pool_->take(bytes);
      std::memcpy(fitting.data(), finished.data(), bytes);
      finished = std::move(fitting);
    }
    buffer_ = unique_buffer();
  } else {
    finished = unique_buffer(std::move(buffer_));
  }
  at_ = limit_ = nullptr;

  sealed_batch sealed;
  record_batch_header& header = sealed.header_;
  header.base_offset = seal.base_offset;
  header.batch_length = static_cast<std::int32_t>(bytes - batch_length_end);
  header.partition_leader_epoch = seal.partition_leader_epoch;
  header.attributes = attributes_of(seal);
  header.last_offset_delta =
      seal.last_offset_delta.value_or(static_cast<std::int32_t>(std::max<std::int64_t>(next_delta_ - 1, 0)));
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = seal.log_append_time.value_or(count_ == 0 ? seal.empty_max_timestamp : max_timestamp_);
  set_producer(header, seal.producer);
  header.record_count = count_;
  const std::span<std::byte> batch(finished.data(), bytes);
  write_batch_header(batch, header);
  header.crc = batch_crc(batch);
  write_batch_header(batch, header);
  sealed.building_ = std::move(finished);
  out = std::move(sealed);
  return {};
}

}  // namespace kafka::protocol
