// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <kafka/error.hpp>

#include "protocol/growable_buffer.hpp"

#ifndef KAFKA_WITH_ZLIB
#define KAFKA_WITH_ZLIB 0
#endif
#ifndef KAFKA_WITH_SNAPPY
#define KAFKA_WITH_SNAPPY 0
#endif
#ifndef KAFKA_WITH_LZ4
#define KAFKA_WITH_LZ4 0
#endif
#ifndef KAFKA_WITH_ZSTD
#define KAFKA_WITH_ZSTD 0
#endif

/// One pair of functions a codec; `compression.cpp` chooses among them. Each keeps its contexts in thread-local
/// variables.
namespace kafka::protocol::codec {

/// Where a codec writes to, and how much it may write at most.
class bounded_output {
 public:
  bounded_output(growable_buffer& out, std::size_t bytes_max, std::size_t input_size)
      : out_(out),
        start_(out.size()),
        bytes_max_(bytes_max),
        piece_(std::max<std::size_t>(std::min(input_size, bytes_max / 4) * 4, 1024)) {}

  /// The next room to write to, at least `bytes` long if the limit allows that. Behind the limit lies one byte that
  /// does not count: a codec that writes to it has gone over.
  [[nodiscard]] std::span<std::byte> room(std::size_t bytes = 1) {
    if (left() == 0) return {&behind_limit_, 1};
    const auto whole = out_.room(std::min(left(), written() == 0 ? std::max(bytes, piece_) : bytes));
    return whole.first(std::min(left(), whole.size()));
  }
  /// False if `bytes` were written beyond the limit.
  [[nodiscard]] bool commit(std::size_t bytes) noexcept {
    if (bytes > left()) return false;
    out_.commit(bytes);
    return true;
  }
  [[nodiscard]] std::size_t written() const noexcept { return out_.size() - start_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_max_ - written(); }

 private:
  growable_buffer& out_;
  std::size_t start_;
  std::size_t bytes_max_;
  std::size_t piece_;
  std::byte behind_limit_{};
};

[[nodiscard]] error over_limit();
[[nodiscard]] error corrupt(const char* why);

#if KAFKA_WITH_ZLIB
[[nodiscard]] error gzip_compress(int level, std::span<const std::byte> input, growable_buffer& out);
[[nodiscard]] error gzip_decompress(std::span<const std::byte> input, bounded_output& out);
#endif
#if KAFKA_WITH_SNAPPY
[[nodiscard]] error snappy_compress(std::span<const std::byte> input, growable_buffer& out);
[[nodiscard]] error snappy_decompress(std::span<const std::byte> input, bounded_output& out);
#endif
#if KAFKA_WITH_LZ4
[[nodiscard]] error lz4_compress(int level, std::span<const std::byte> input, growable_buffer& out);
/// `check_header` false: whatever checksum the frame header carries is taken for right.
[[nodiscard]] error lz4_decompress(std::span<const std::byte> input, bool check_header, bounded_output& out);
#endif
#if KAFKA_WITH_ZSTD
[[nodiscard]] error zstd_compress(int level, std::span<const std::byte> input, growable_buffer& out);
[[nodiscard]] error zstd_decompress(std::span<const std::byte> input, bounded_output& out);
#endif

}  // namespace kafka::protocol::codec
