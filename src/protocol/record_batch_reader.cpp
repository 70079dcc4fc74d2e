// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_batch_reader.hpp"

#include <boost/endian/conversion.hpp>
#include <limits>
#include <string>
#include <utility>

#include "protocol/compression.hpp"
#include "protocol/legacy_message.hpp"

namespace kafka::protocol {

namespace {

constexpr std::size_t magic_position = 16;

std::int32_t load_s32(std::span<const std::byte> bytes, std::size_t at) noexcept {
  return boost::endian::load_big_s32(reinterpret_cast<const unsigned char*>(bytes.data()) + at);
}
std::int64_t load_s64(std::span<const std::byte> bytes, std::size_t at) noexcept {
  return boost::endian::load_big_s64(reinterpret_cast<const unsigned char*>(bytes.data()) + at);
}

error corrupt(std::string why) {
  return {client_errc::corrupt_batch, std::move(why)};
}

error unknown_codec(unsigned id) {
  return compression_unsupported(static_cast<compression>(id));
}

// What a format 2 header says that cannot be, although the CRC is right; null if nothing.
const char* contradiction(const record_batch_header& header, bool lenient) noexcept {
  std::int64_t next = 0;
  if (header.record_count < 0) return "the batch's record count is negative";
  if (lenient) return nullptr;
  if (__builtin_add_overflow(header.base_offset, std::int64_t{header.last_offset_delta} + 1, &next))
    return "the batch's last offset is beyond 64 bits";
  if (header.record_count > std::int64_t{header.last_offset_delta} + 1)
    return "the batch's record count is greater than its range of offsets";
  return nullptr;
}

error decompressed(const record_batch_header& header, std::span<const std::byte> input, buffer_pool& pool,
                   const read_limits& limits, shared_bytes& out) {
  growable_buffer buffer(pool);
  const auto dialect = header.magic == 0 ? compression_dialect::message_format_0 : compression_dialect::standard;
  if (error failed = decompress(header.codec(), input, limits.decompressed_bytes_max, buffer, dialect)) return failed;
  out = std::move(buffer).freeze();
  return {};
}

}  // namespace

error batch_records::check() const {
  record_cursor walk = cursor_;
  record_ref record;
  while (walk.next(record)) {
  }
  return walk.failure();
}

error record_batch::open(buffer_pool& pool, batch_records& out) const {
  if (header_.magic < 2) return open_messages(pool, out);
  batch_records opened;
  if (header_.record_count == 0 && (header_.codec_id() != 0 || limits_.lenient)) {
    // Nothing to read, whatever bytes there are.
  } else if (header_.codec_id() == 0) {
    opened.bytes_ = bytes_.slice(batch_overhead);
  } else {
    if (header_.codec_id() > static_cast<unsigned>(compression::zstd)) return unknown_codec(header_.codec_id());
    const auto compressed = bytes_.span().subspan(batch_overhead);
    if (error failed = decompressed(header_, compressed, pool, limits_, opened.bytes_)) return failed;
  }
  if (static_cast<std::size_t>(header_.record_count) > opened.bytes_.size() / record_bytes_min)
    return corrupt("the batch holds fewer bytes than its record count needs");
  opened.cursor_ = record_cursor(header_, opened.bytes_.span(), limits_.lenient);
  out = std::move(opened);
  return {};
}

error record_batch::open_messages(buffer_pool& pool, batch_records& out) const {
  batch_records opened;
  if (header_.codec_id() == 0) {
    opened.bytes_ = bytes_;
    opened.cursor_ = record_cursor::over_messages(bytes_.span(), 0, std::nullopt);
    out = std::move(opened);
    return {};
  }
  // zstd came with format 2.
  if (header_.codec_id() > static_cast<unsigned>(compression::lz4))
    return header_.codec_id() > static_cast<unsigned>(compression::zstd)
               ? unknown_codec(header_.codec_id())
               : corrupt("a message of format 0 or 1 is compressed with zstd");
  legacy_message wrapper;
  if (const char* why = read_legacy_message(bytes_.span(), wrapper)) return corrupt(why);
  if (wrapper.value.is_null()) return corrupt("a compressed message has no value");
  if (error failed = decompressed(header_, wrapper.value.bytes(), pool, limits_, opened.bytes_)) return failed;

  legacy_message inner;
  for (auto rest = opened.bytes_.span(); !rest.empty(); rest = rest.subspan(inner.size)) {
    if (limits_.lenient && legacy_message_is_cut_off(rest)) {
      opened.bytes_ = opened.bytes_.slice(0, opened.bytes_.size() - rest.size());
      break;
    }
    if (const char* why = read_legacy_message(rest, inner)) return corrupt(why);
    if (!legacy_crc_matches(rest.first(inner.size))) return corrupt("the CRC of a message inside another is wrong");
    if ((inner.attributes & batch_attributes::codec_mask) != 0)
      return corrupt("a compressed message holds another compressed one");
  }
  if (inner.size == 0) return corrupt("a compressed message holds no messages");
  // Format 1 counts offsets from the first message inside (KIP-31). A wrapper at offset 0 whose messages are not all at
  // 0 comes from a producer that left the offset to nobody: its inner offsets stand as they are.
  std::int64_t offset_base = 0;
  if (header_.magic == 1 && wrapper.offset != 0) {
    if (wrapper.offset < inner.offset) return corrupt("a compressed message's offset is less than its last record's");
    if (__builtin_sub_overflow(wrapper.offset, inner.offset, &offset_base))
      return corrupt("a message's offset is beyond 64 bits");
  }
  std::optional<timestamp_ms> log_append_time;
  if (header_.timestamp_kind() == timestamp_type::log_append_time) log_append_time = wrapper.timestamp;
  opened.cursor_ = record_cursor::over_messages(opened.bytes_.span(), offset_base, log_append_time);
  out = std::move(opened);
  return {};
}

record_batch_reader::record_batch_reader(shared_bytes set, read_limits limits) noexcept
    : set_(std::move(set)), limits_(limits) {}

record_batch_reader::step record_batch_reader::fail(std::size_t size, error reason) {
  failure_.reason = std::move(reason);
  failure_.position = position_;
  failure_.size = size;
  if (size == 0) {
    frame_lost_ = true;
    failure_.base_offset = failure_.next_offset = -1;
  }
  position_ += size;
  return step::failed;
}

record_batch_reader::step record_batch_reader::next() {
  const auto rest = set_.span().subspan(position_);
  if (frame_lost_ || rest.size() < batch_length_end) return step::end;
  const std::int32_t length = load_s32(rest, 8);
  if (length < static_cast<std::int32_t>(legacy_body_bytes_min) ||
      length > std::numeric_limits<std::int32_t>::max() - static_cast<std::int32_t>(batch_length_end))
    return fail(0, corrupt("a batch's length is " + std::to_string(length)));
  if (rest.size() <= magic_position) return step::end;
  const int magic = static_cast<std::int8_t>(rest[magic_position]);
  if (magic < 0 || magic > 2) return fail(0, corrupt("a batch's format is " + std::to_string(magic)));
  const std::size_t size = batch_length_end + static_cast<std::size_t>(length);
  if (size > rest.size()) return step::end;

  batch_.bytes_ = set_.slice(position_, size);
  batch_.position_ = position_;
  batch_.limits_ = limits_;
  return magic == 2 ? next_batch(size) : next_message(size);
}

record_batch_reader::step record_batch_reader::next_batch(std::size_t size) {
  const auto bytes = batch_.bytes_.span();
  if (size < batch_overhead) {
    failure_.base_offset = load_s64(bytes, 0);
    failure_.next_offset = -1;
    return fail(size, corrupt("a batch is shorter than its header"));
  }
  const record_batch_header header = read_batch_header(bytes);
  batch_.header_ = header;
  failure_.base_offset = header.base_offset;
  const bool next_is_known =
      !__builtin_add_overflow(header.base_offset, std::int64_t{header.last_offset_delta} + 1, &failure_.next_offset);
  if (!next_is_known) failure_.next_offset = -1;
  if (batch_crc(bytes) != header.crc)
    return fail(size, corrupt("the CRC of the batch at offset " + std::to_string(header.base_offset) + " is wrong"));
  if (const char* why = contradiction(header, limits_.lenient)) return fail(size, corrupt(why));
  position_ += size;
  return step::batch;
}

record_batch_reader::step record_batch_reader::next_message(std::size_t size) {
  const auto bytes = batch_.bytes_.span();
  failure_.base_offset = load_s64(bytes, 0);
  failure_.next_offset =
      failure_.base_offset == std::numeric_limits<std::int64_t>::max() ? -1 : failure_.base_offset + 1;
  if (!legacy_crc_matches(bytes))
    return fail(size,
                corrupt("the CRC of the message at offset " + std::to_string(failure_.base_offset) + " is wrong"));
  legacy_message message;
  if (const char* why = read_legacy_message(bytes, message)) return fail(size, corrupt(why));
  if (failure_.next_offset == -1) return fail(size, corrupt("a message's offset is beyond 64 bits"));
  record_batch_header header;
  header.base_offset = message.offset;
  header.batch_length = static_cast<std::int32_t>(size - batch_length_end);
  header.magic = message.magic;
  header.crc = message.crc;
  header.attributes = message.attributes & (batch_attributes::codec_mask | batch_attributes::log_append_time);
  header.max_timestamp = message.timestamp;
  batch_.header_ = header;
  position_ += size;
  return step::batch;
}

}  // namespace kafka::protocol
