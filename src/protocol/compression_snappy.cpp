// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression_codecs.hpp"

#if KAFKA_WITH_SNAPPY
#include <snappy.h>

#include <array>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>

namespace kafka::protocol::codec {

namespace {

// The framing of xerial's snappy-java, which Kafka's clients write: this, two version numbers, then for each block its
// compressed size and the block.
constexpr std::array<unsigned char, 8> magic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t header_size = 16;
constexpr std::uint32_t version = 1;
constexpr std::size_t block_size = 32U << 10U;  // as snappy-java cuts its input

// A snappy element of three bytes stands for at most 64.
constexpr std::size_t expansion_max = 22;

bool begins_with_magic(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= header_size && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

std::uint32_t load(const std::byte* at) noexcept {
  return boost::endian::load_big_u32(reinterpret_cast<const unsigned char*>(at));
}
void store(std::byte* at, std::uint32_t value) noexcept {
  boost::endian::store_big_u32(reinterpret_cast<unsigned char*>(at), value);
}

error decompress_block(std::span<const std::byte> block, bounded_output& out) {
  const char* const bytes = reinterpret_cast<const char*>(block.data());
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes, block.size(), &size)) return corrupt("snappy: a block has no length");
  if (size > out.left()) return over_limit();
  if (size / expansion_max > block.size()) return corrupt("snappy: a block claims to be longer than it can be");
  if (!snappy::RawUncompress(bytes, block.size(), reinterpret_cast<char*>(out.room(size).data())))
    return corrupt("snappy: a block is damaged");
  static_cast<void>(out.commit(size));
  return {};
}

}  // namespace

error snappy_compress(std::span<const std::byte> input, growable_buffer& out) {
  std::byte* at = out.room(header_size).data();
  std::memcpy(at, magic.data(), magic.size());
  store(at + 8, version);
  store(at + 12, version);
  out.commit(header_size);
  while (!input.empty()) {
    const auto block = input.first(std::min(block_size, input.size()));
    at = out.room(4 + snappy::MaxCompressedLength(block.size())).data();
    std::size_t size = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(), reinterpret_cast<char*>(at + 4),
                        &size);
    store(at, static_cast<std::uint32_t>(size));
    out.commit(4 + size);
    input = input.subspan(block.size());
  }
  return {};
}

error snappy_decompress(std::span<const std::byte> input, bounded_output& out) {
  if (!begins_with_magic(input)) return decompress_block(input, out);  // a bare block, as some other clients write
  while (!input.empty()) {
    if (begins_with_magic(input)) {  // streams may follow each other
      input = input.subspan(header_size);
      continue;
    }
    if (input.size() < 4) return corrupt("snappy: the data end inside a block's length");
    const std::uint32_t size = load(input.data());
    input = input.subspan(4);
    if (size > input.size()) return corrupt("snappy: the data end inside a block");
    if (error failed = decompress_block(input.first(size), out)) return failed;
    input = input.subspan(size);
  }
  return {};
}

}  // namespace kafka::protocol::codec
#endif
