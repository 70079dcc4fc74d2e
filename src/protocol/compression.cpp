// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression.hpp"

#include <algorithm>
#include <string>

#include "protocol/compression_codecs.hpp"

namespace kafka::protocol {

namespace codec {

error over_limit() {
  return {client_errc::limit_exceeded, "the batch decompresses to more than the limit"};
}

error corrupt(const char* why) {
  return {client_errc::corrupt_batch, why};
}

}  // namespace codec

bool compression_supported(compression codec) noexcept {
  switch (codec) {
    case compression::none:
      return true;
    case compression::gzip:
      return KAFKA_WITH_ZLIB != 0;
    case compression::snappy:
      return KAFKA_WITH_SNAPPY != 0;
    case compression::lz4:
      return KAFKA_WITH_LZ4 != 0;
    case compression::zstd:
      return KAFKA_WITH_ZSTD != 0;
  }
  return false;
}

error compression_unsupported(compression codec) {
  constexpr auto text = [](const char* name, const char* option) {
    return std::string(name) + " compression is not in this build; configure with -D" + option + "=ON";
  };
  switch (codec) {
    case compression::none:
      break;
    case compression::gzip:
      return {client_errc::unsupported_feature, text("gzip", "KAFKA_WITH_ZLIB")};
    case compression::snappy:
      return {client_errc::unsupported_feature, text("snappy", "KAFKA_WITH_SNAPPY")};
    case compression::lz4:
      return {client_errc::unsupported_feature, text("lz4", "KAFKA_WITH_LZ4")};
    case compression::zstd:
      return {client_errc::unsupported_feature, text("zstd", "KAFKA_WITH_ZSTD")};
  }
  return {client_errc::unsupported_feature,
          "compression codec " + std::to_string(static_cast<int>(codec)) + " is not known"};
}

compression_levels compression_level_range(compression codec) noexcept {
  switch (codec) {
    case compression::gzip:
      return {1, 9, 6};
    case compression::lz4:
      return {1, 17, 9};
    case compression::zstd:
      return {-131072, 22, 3};
    case compression::none:
    case compression::snappy:
      break;
  }
  return {};
}

error compress(compression codec, int level, std::span<const std::byte> input, growable_buffer& out) {
  const compression_levels levels = compression_level_range(codec);
  level = level == compression_level_default ? levels.standard : std::clamp(level, levels.min, levels.max);
  switch (codec) {
    case compression::none:
      out.append(input);
      return {};
    case compression::gzip:
#if KAFKA_WITH_ZLIB
      return codec::gzip_compress(level, input, out);
#else
      break;
#endif
    case compression::snappy:
#if KAFKA_WITH_SNAPPY
      return codec::snappy_compress(input, out);
#else
      break;
#endif
    case compression::lz4:
#if KAFKA_WITH_LZ4
      return codec::lz4_compress(level, input, out);
#else
      break;
#endif
    case compression::zstd:
#if KAFKA_WITH_ZSTD
      return codec::zstd_compress(level, input, out);
#else
      break;
#endif
  }
  return compression_unsupported(codec);
}

error decompress(compression codec, std::span<const std::byte> input, std::size_t bytes_max, growable_buffer& out,
                 compression_dialect dialect) {
  [[maybe_unused]] codec::bounded_output bounded(out, bytes_max, input.size());
  switch (codec) {
    case compression::none:
      if (input.size() > bytes_max) return codec::over_limit();
      out.append(input);
      return {};
    case compression::gzip:
#if KAFKA_WITH_ZLIB
      return codec::gzip_decompress(input, bounded);
#else
      break;
#endif
    case compression::snappy:
#if KAFKA_WITH_SNAPPY
      return codec::snappy_decompress(input, bounded);
#else
      break;
#endif
    case compression::lz4:
#if KAFKA_WITH_LZ4
      return codec::lz4_decompress(input, dialect != compression_dialect::message_format_0, bounded);
#else
      break;
#endif
    case compression::zstd:
#if KAFKA_WITH_ZSTD
      return codec::zstd_decompress(input, bounded);
#else
      break;
#endif
  }
  static_cast<void>(dialect);
  return compression_unsupported(codec);
}

}  // namespace kafka::protocol
