// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression_codecs.hpp"

#if KAFKA_WITH_LZ4
#include <lz4frame.h>

#include <array>
#include <bit>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace kafka::protocol::codec {

namespace {

constexpr std::uint32_t frame_magic = 0x184D2204U;
constexpr std::size_t block_size = 64U << 10U;
constexpr std::size_t header_size_min = 7;
constexpr std::size_t header_size_max = 19;  // LZ4F_HEADER_SIZE_MAX

struct free_compressor {
  void operator()(LZ4F_cctx* context) const noexcept { LZ4F_freeCompressionContext(context); }
};
struct free_decompressor {
  void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};

LZ4F_cctx* compressor() {
  thread_local std::unique_ptr<LZ4F_cctx, free_compressor> context;
  if (!context) {
    LZ4F_cctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createCompressionContext(&made, LZ4F_VERSION)) != 0) throw std::bad_alloc();
    context.reset(made);
  }
  return context.get();
}

// Lends the thread's context. It is kept only if its frame was read to the end: liblz4's reset forgets neither a
// content size that was not met nor, so it must be feared, whatever else a damaged frame left behind.
class decompressor_use {
 public:
  decompressor_use() : context_(std::move(kept())) {
    if (context_) {
      LZ4F_resetDecompressionContext(context_.get());
    } else {
      LZ4F_dctx* made = nullptr;
      if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) throw std::bad_alloc();
      context_.reset(made);
    }
  }
  [[nodiscard]] LZ4F_dctx* get() const noexcept { return context_.get(); }
  void keep() noexcept { kept() = std::move(context_); }

 private:
  using pointer = std::unique_ptr<LZ4F_dctx, free_decompressor>;
  static pointer& kept() noexcept {
    thread_local pointer context;
    return context;
  }

  pointer context_;
};

std::uint32_t load(const std::byte* at) noexcept {
  return boost::endian::load_little_u32(reinterpret_cast<const unsigned char*>(at));
}

// XXH32 with seed 0 of less than 16 bytes, which is all that a frame header can be.
std::uint32_t short_hash(std::span<const std::byte> bytes) noexcept {
  constexpr std::uint32_t prime_1 = 0x9E3779B1U;
  constexpr std::uint32_t prime_2 = 0x85EBCA77U;
  constexpr std::uint32_t prime_3 = 0xC2B2AE3DU;
  constexpr std::uint32_t prime_4 = 0x27D4EB2FU;
  constexpr std::uint32_t prime_5 = 0x165667B1U;
  std::uint32_t hash = prime_5 + static_cast<std::uint32_t>(bytes.size());
  for (; bytes.size() >= 4; bytes = bytes.subspan(4))
    hash = std::rotl(hash + load(bytes.data()) * prime_3, 17) * prime_4;
  for (const std::byte byte : bytes)
    hash = std::rotl(hash + std::to_integer<std::uint32_t>(byte) * prime_5, 11) * prime_1;
  hash = (hash ^ (hash >> 15U)) * prime_2;
  hash = (hash ^ (hash >> 13U)) * prime_3;
  return hash ^ (hash >> 16U);
}

// Copies the frame header to `header` with the right checksum in it; returns its length, 0 if the input is too short.
std::size_t corrected_header(std::span<const std::byte> input,
                             std::array<std::byte, header_size_max>& header) noexcept {
  const auto flags = std::to_integer<unsigned>(input[4]);
  const std::size_t size = header_size_min + ((flags & 8U) != 0 ? 8U : 0U) + ((flags & 1U) != 0 ? 4U : 0U);
  if (input.size() < size) return 0;
  std::memcpy(header.data(), input.data(), size);
  header[size - 1] = static_cast<std::byte>(short_hash(std::span(header).subspan(4, size - 5)) >> 8U);
  return size;
}

// Feeds `input`; `hint` is 0 when the frame has ended.
error feed(LZ4F_dctx* context, std::span<const std::byte> input, bounded_output& out, std::size_t& hint) {
  while (!input.empty() && hint != 0) {
    // With room for a whole block it is decoded in place; with less, the library takes a detour through its own buffer.
    const auto room = out.room(block_size);
    std::size_t written = room.size();
    std::size_t read = input.size();
    hint = LZ4F_decompress(context, room.data(), &written, input.data(), &read, nullptr);
    if (LZ4F_isError(hint) != 0) return corrupt("lz4: the data are damaged");
    if (!out.commit(written)) return over_limit();
    input = input.subspan(read);
  }
  return {};
}

}  // namespace

error lz4_compress(int level, std::span<const std::byte> input, growable_buffer& out) {
  LZ4F_cctx* const context = compressor();
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.autoFlush = 1;
  // Java's default, 9, means its fast compressor; any other level is a level of the slow one, which starts at 3 here.
  preferences.compressionLevel = level == 9 ? 0 : std::max(level, 3);
  LZ4F_compressOptions_t options{};
  options.stableSrc = 1;

  auto room = out.room(header_size_max);
  std::size_t size = LZ4F_compressBegin(context, room.data(), room.size(), &preferences);
  while (LZ4F_isError(size) == 0 && !input.empty()) {
    out.commit(size);
    const auto block = input.first(std::min(block_size, input.size()));
    room = out.room(LZ4F_compressBound(block.size(), &preferences));
    size = LZ4F_compressUpdate(context, room.data(), room.size(), block.data(), block.size(), &options);
    input = input.subspan(block.size());
  }
  if (LZ4F_isError(size) == 0) {
    out.commit(size);
    room = out.room(LZ4F_compressBound(0, &preferences));
    size = LZ4F_compressEnd(context, room.data(), room.size(), &options);
  }
  // There is room for everything, so that only memory can be what is missing.
  if (LZ4F_isError(size) != 0) throw std::bad_alloc();
  out.commit(size);
  return {};
}

error lz4_decompress(std::span<const std::byte> input, bool check_header, bounded_output& out) {
  if (input.size() < header_size_min) return corrupt("lz4: the data end inside the frame header");
  if (load(input.data()) != frame_magic) return corrupt("lz4: the data do not begin with a frame");
  decompressor_use context;
  std::size_t hint = 1;
  if (!check_header) {
    std::array<std::byte, header_size_max> header{};
    const std::size_t size = corrected_header(input, header);
    if (size == 0) return corrupt("lz4: the data end inside the frame header");
    if (error failed = feed(context.get(), std::span(header).first(size), out, hint)) return failed;
    input = input.subspan(size);
  }
  if (error failed = feed(context.get(), input, out, hint)) return failed;
  if (hint != 0) return corrupt("lz4: the data end too early");
  context.keep();
  return {};
}

}  // namespace kafka::protocol::codec
#endif
