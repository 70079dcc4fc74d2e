// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression_codecs.hpp"

#if KAFKA_WITH_ZLIB
#include <zlib.h>

#include <limits>
#include <new>

namespace kafka::protocol::codec {

namespace {

constexpr int gzip_window_bits = 15 + 16;  // the largest window, and a gzip header instead of zlib's
constexpr std::size_t piece_max = std::numeric_limits<uInt>::max();

class deflater {
 public:
  deflater() = default;
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  ~deflater() { close(); }

  z_stream& begin(int level) {
    if (level_ != level) {
      close();
      if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
      level_ = level;
    } else {
      deflateReset(&stream_);
    }
    return stream_;
  }

 private:
  void close() noexcept {
    if (level_ != 0) deflateEnd(&stream_);
    level_ = 0;
  }

  z_stream stream_{};
  int level_ = 0;  // 0: not made yet (Kafka has no level 0)
};

class inflater {
 public:
  inflater() = default;
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() {
    if (made_) inflateEnd(&stream_);
  }

  z_stream& begin() {
    if (made_) {
      inflateReset(&stream_);
    } else {
      if (inflateInit2(&stream_, gzip_window_bits) != Z_OK) throw std::bad_alloc();
      made_ = true;
    }
    return stream_;
  }

 private:
  z_stream stream_{};
  bool made_ = false;
};

// zlib reads through a pointer to non-const, but does not write through it.
Bytef* input_of(const std::byte* bytes) noexcept {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes));
}

// Further members may follow the first. What does not begin like one is ignored, as Java ignores it.
bool another_member(const z_stream& stream) noexcept {
  return stream.avail_in >= 3 && stream.next_in[0] == 0x1F && stream.next_in[1] == 0x8B && stream.next_in[2] == 8;
}

}  // namespace

error gzip_compress(int level, std::span<const std::byte> input, growable_buffer& out) {
  thread_local deflater context;
  if (input.size() > piece_max) return {client_errc::limit_exceeded, "more than 4 GiB cannot be compressed at once"};
  z_stream& stream = context.begin(level);
  stream.next_in = input_of(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  for (std::size_t wanted = input.size() / 4 + 64;; wanted = 4096) {
    const auto room = out.room(wanted);
    const std::size_t offered = std::min(room.size(), piece_max);
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(offered);
    const int result = deflate(&stream, Z_FINISH);
    out.commit(offered - stream.avail_out);
    if (result == Z_STREAM_END) return {};
  }
}

error gzip_decompress(std::span<const std::byte> input, bounded_output& out) {
  thread_local inflater context;
  if (input.size() > piece_max) return over_limit();
  z_stream& stream = context.begin();
  stream.next_in = input_of(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  for (;;) {
    const auto room = out.room();
    const std::size_t offered = std::min(room.size(), piece_max);
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(offered);
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (!out.commit(offered - stream.avail_out)) return over_limit();
    if (result == Z_STREAM_END) {
      if (!another_member(stream)) return {};
      inflateReset(&stream);
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return corrupt("gzip: the data are damaged");
    } else if (stream.avail_in == 0 && stream.avail_out != 0) {
      return corrupt("gzip: the data end too early");
    }
  }
}

}  // namespace kafka::protocol::codec
#endif
