// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <climits>
#include <cstddef>
#include <span>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "protocol/growable_buffer.hpp"

/// The four codecs of Kafka, each behind a build option (KAFKA_WITH_ZLIB, _SNAPPY, _LZ4, _ZSTD). Thread-safe: every
/// thread keeps its codec contexts and uses them again for the next batch.
namespace kafka::protocol {

/// The codec's default: gzip 6, lz4 fast (Java's 9), zstd 3.
inline constexpr int compression_level_default = INT_MIN;

/// Was this library built with the codec? Always true for `none`.
[[nodiscard]] bool compression_supported(compression codec) noexcept;

/// unsupported_feature naming the build option.
[[nodiscard]] error compression_unsupported(compression codec);

/// The levels that a codec takes; both 0 for codecs without levels.
struct compression_levels {
  int min = 0;
  int max = 0;
  int standard = 0;
};
[[nodiscard]] compression_levels compression_level_range(compression codec) noexcept;

/// Appends `input`, compressed, to `out`. Levels are Java's (gzip 1..9, lz4 1..17, zstd -131072..22; out of range: the
/// nearest). gzip writes one member; snappy the xerial framing that Kafka's Java clients use; lz4 one frame of
/// independent 64 KiB blocks without checksums; zstd one frame. Errors: unsupported_feature. Throws std::bad_alloc.
[[nodiscard]] error compress(compression codec, int level, std::span<const std::byte> input, growable_buffer& out);

/// What about the input deviates from the standard.
enum class compression_dialect : unsigned char {
  standard,
  message_format_0,  ///< lz4 frames whose header checksum old clients computed wrongly; it is not checked then.
};

/// Appends `input`, decompressed, to `out`. Stops with limit_exceeded before `out` holds more than `bytes_max` bytes,
/// and never allocates much more than that, whatever the input claims. corrupt_batch if the input is damaged or ends
/// too early, unsupported_feature if the codec is not built in or unknown. Throws std::bad_alloc.
[[nodiscard]] error decompress(compression codec, std::span<const std::byte> input, std::size_t bytes_max,
                               growable_buffer& out, compression_dialect dialect = compression_dialect::standard);

}  // namespace kafka::protocol
