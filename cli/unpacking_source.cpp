// SPDX-License-Identifier: Apache-2.0
#include "cli/unpacking_source.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <system_error>

#if KAFKA_CLI_GZIP
#include <zlib.h>
#endif
#if KAFKA_CLI_ZSTD
#include <zstd.h>
#endif

namespace kafka::cli {
namespace {

constexpr std::size_t piece = 128U << 10U;

[[noreturn]] [[maybe_unused]] void not_built(const char* codec, const char* option) {
  throw std::runtime_error(std::string("is packed with ") + codec + ", which this program was built without (" +
                           option + ")");
}

#if KAFKA_CLI_GZIP
class gzip_unpacker final : public unpacking_source::unpacker {
 public:
  gzip_unpacker() {
    // 16: gzip's header and checksum instead of zlib's own.
    if (::inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~gzip_unpacker() override { ::inflateEnd(&stream_); }

  std::size_t step(std::string_view& packed, char* to, std::size_t size) override {
    if (ended_ && !begin_again(packed)) return 0;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    const auto room = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30U));
    stream_.avail_out = room;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    packed.remove_prefix(packed.size() - stream_.avail_in);
    ended_ = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw std::runtime_error(std::string("is damaged: gzip: ") +
                               (stream_.msg != nullptr ? stream_.msg : "no stream"));
    }
    return room - stream_.avail_out;
  }

  [[nodiscard]] bool complete() const noexcept override { return ended_; }

 private:
  /// Another member may follow; so may zeros, with which tapes and disks fill up blocks.
  bool begin_again(std::string_view& packed) {
    packed.remove_prefix(std::min(packed.find_first_not_of('\0'), packed.size()));
    if (packed.empty()) return false;
    ::inflateReset(&stream_);
    ended_ = false;
    return true;
  }

  ::z_stream stream_{};
  bool ended_ = false;
};
#endif

#if KAFKA_CLI_ZSTD
class zstd_unpacker final : public unpacking_source::unpacker {
 public:
  zstd_unpacker() : context_(::ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  ~zstd_unpacker() override { ::ZSTD_freeDCtx(context_); }

  std::size_t step(std::string_view& packed, char* to, std::size_t size) override {
    // Without input a finished frame would look like the beginning of another.
    if (packed.empty() && !pending_) return 0;
    ::ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ::ZSTD_outBuffer out{to, size, 0};
    const std::size_t result = ::ZSTD_decompressStream(context_, &out, &in);
    if (::ZSTD_isError(result) != 0)
      throw std::runtime_error(std::string("cannot be unpacked: zstd: ") + ::ZSTD_getErrorName(result));
    packed.remove_prefix(in.pos);
    complete_ = result == 0;
    pending_ = !complete_ && out.pos == size;
    return out.pos;
  }

  [[nodiscard]] bool complete() const noexcept override { return complete_; }

 private:
  ::ZSTD_DCtx* context_;
  bool complete_ = false;
  /// There may be more output that needed no more input, but room.
  bool pending_ = false;
};
#endif

std::unique_ptr<unpacking_source::unpacker> make_unpacker(packing kind) {
  if (kind == packing::gzip) {
#if KAFKA_CLI_GZIP
    return std::make_unique<gzip_unpacker>();
#else
    not_built("gzip", "KAFKA_WITH_ZLIB");
#endif
  }
  if (kind == packing::zstd) {
#if KAFKA_CLI_ZSTD
    return std::make_unique<zstd_unpacker>();
#else
    not_built("zstd", "KAFKA_WITH_ZSTD");
#endif
  }
  return nullptr;
}

}  // namespace

packing packing_of(std::string_view begin, bool at_end, bool& undecided) noexcept {
  struct magic {
    std::string_view bytes;
    packing kind;
  };
  constexpr magic magics[] = {{{"\x1F\x8B", 2}, packing::gzip}, {{"\x28\xB5\x2F\xFD", 4}, packing::zstd}};
  // zstd files may begin with frames to skip: any of sixteen first bytes, then these.
  constexpr std::string_view skippable("\x2A\x4D\x18", 3);
  undecided = false;
  for (const auto& [bytes, kind] : magics) {
    if (begin.starts_with(bytes)) return kind;
    undecided = undecided || bytes.starts_with(begin);
  }
  if (!begin.empty() && (static_cast<unsigned char>(begin.front()) & 0xF0U) == 0x50) {
    if (begin.substr(1).starts_with(skippable)) return packing::zstd;
    undecided = undecided || skippable.starts_with(begin.substr(1));
  }
  undecided = undecided && !at_end;
  return packing::none;
}

unpacking_source::unpacking_source(byte_source& from, std::string name) : from_(from), name_(std::move(name)) {}
unpacking_source::~unpacking_source() = default;

std::size_t unpacking_source::read(char* to, std::size_t size) {
  try {
    if (!decided_) decide();
    if (unpacker_ == nullptr) {
      if (packed_.empty()) return finished_ ? 0 : from_.read(to, size);
      const std::size_t taken = std::min(size, packed_.size());
      std::memcpy(to, packed_.data(), taken);
      packed_.remove_prefix(taken);
      return taken;
    }
    for (;;) {
      // Even without input: what came before may have unfolded to more than there was room for.
      if (const std::size_t made = unpacker_->step(packed_, to, size); made > 0) return made;
      if (!packed_.empty()) continue;
      if (finished_ || !read_more()) {
        if (unpacker_->complete() || stopped()) return 0;
        throw std::runtime_error("is cut off: its packed data ends too early");
      }
    }
  } catch (const std::runtime_error& wrong) {
    if (dynamic_cast<const std::system_error*>(&wrong) != nullptr) throw;
    throw std::runtime_error(name_ + ": " + wrong.what());
  }
}

/// Reads no more of the beginning than is needed: somebody may be typing it.
void unpacking_source::decide() {
  std::size_t held = 0;
  packing kind = packing::none;
  buffer_.resize(piece);
  for (bool undecided = true; undecided;) {
    const std::size_t taken = from_.read(buffer_.data() + held, buffer_.size() - held);
    held += taken;
    finished_ = taken == 0;
    kind = packing_of({buffer_.data(), held}, finished_, undecided);
  }
  packed_ = {buffer_.data(), held};
  decided_ = true;
  unpacker_ = make_unpacker(kind);
}

bool unpacking_source::read_more() {
  const std::size_t taken = from_.read(buffer_.data(), buffer_.size());
  packed_ = {buffer_.data(), taken};
  finished_ = taken == 0;
  return taken > 0;
}

}  // namespace kafka::cli
