// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression_codecs.hpp"

#if KAFKA_WITH_ZSTD
#include <zstd.h>

#include <memory>
#include <new>

namespace kafka::protocol::codec {

namespace {

constexpr int window_log_max = 27;  // 128 MiB, what zstd's own decoders take by default
constexpr std::size_t decoder_bytes_kept_max = 12U << 20U;

struct free_compressor {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
struct free_decompressor {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};
using decompressor_pointer = std::unique_ptr<ZSTD_DCtx, free_decompressor>;

// A frame with an unusually large window makes the context that large: give it back then.
class decompressor_use {
 public:
  decompressor_use() {
    if (!kept()) {
      kept().reset(ZSTD_createDCtx());
      if (!kept()) throw std::bad_alloc();
      ZSTD_DCtx_setParameter(kept().get(), ZSTD_d_windowLogMax, window_log_max);
    }
  }
  decompressor_use(const decompressor_use&) = delete;
  decompressor_use& operator=(const decompressor_use&) = delete;
  ~decompressor_use() {
    if (ZSTD_sizeof_DCtx(kept().get()) > decoder_bytes_kept_max) {
      kept().reset();
    } else {
      ZSTD_DCtx_reset(kept().get(), ZSTD_reset_session_only);
    }
  }
  [[nodiscard]] ZSTD_DCtx* get() const noexcept { return kept().get(); }

 private:
  static decompressor_pointer& kept() noexcept {
    thread_local decompressor_pointer context;
    return context;
  }
};

}  // namespace

error zstd_compress(int level, std::span<const std::byte> input, growable_buffer& out) {
  thread_local std::unique_ptr<ZSTD_CCtx, free_compressor> context;
  if (!context) context.reset(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_only);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  const auto room = out.room(ZSTD_compressBound(input.size()));
  const std::size_t size = ZSTD_compress2(context.get(), room.data(), room.size(), input.data(), input.size());
  // There is room for the worst case, so that only memory can be what is missing.
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.commit(size);
  return {};
}

error zstd_decompress(std::span<const std::byte> input, bounded_output& out) {
  const decompressor_use context;
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  std::size_t hint = 1;
  // A frame may be followed by others. Once all input is read, a call that does not fill its room has nothing to add.
  for (bool room_left = false; in.pos < in.size || !room_left;) {
    const auto room = out.room();
    ZSTD_outBuffer piece{room.data(), room.size(), 0};
    hint = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(hint) != 0) return corrupt("zstd: the data are damaged");
    if (!out.commit(piece.pos)) return over_limit();
    room_left = piece.pos < piece.size;
    if (hint == 0 && in.pos == in.size) return {};
  }
  return corrupt("zstd: the data end too early");
}

}  // namespace kafka::protocol::codec
#endif
