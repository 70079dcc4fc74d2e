// SPDX-License-Identifier: Apache-2.0
#include "protocol/compression.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr std::array all_codecs{compression::none, compression::gzip, compression::snappy, compression::lz4,
                                compression::zstd};

std::vector<compression> built_codecs() {
  std::vector<compression> built;
  for (const compression codec : all_codecs)
    if (codec != compression::none && compression_supported(codec)) built.push_back(codec);
  return built;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string noise(std::size_t size, std::uint64_t seed = 1) {
  random_source random(seed);
  std::string text(size, '\0');
  for (char& letter : text) letter = static_cast<char>(random.below(256));
  return text;
}

// Compresses some five to one.
std::string prose(std::size_t size) {
  random_source random(2);
  std::string text;
  while (text.size() < size) text += "{\"customer\":" + std::to_string(random.below(100000)) + ",\"item\":\"apple\"}";
  text.resize(size);
  return text;
}

std::string compressed(compression codec, const std::string& input, int level = compression_level_default) {
  buffer_pool pool;
  growable_buffer out(pool);
  REQUIRE_FALSE(compress(codec, level, bytes_of(input), out));
  return text_of(out.span());
}

struct outcome {
  error failure;
  std::string text;
};

// From a copy that ends where the input ends, so that a sanitizer sees any read behind it.
outcome decompressed(compression codec, const std::string& input, std::size_t bytes_max = 16U << 20U,
                     compression_dialect dialect = compression_dialect::standard) {
  const std::vector<char> tight(input.begin(), input.end());
  buffer_pool pool;
  growable_buffer out(pool);
  outcome result;
  result.failure = decompress(codec, std::as_bytes(std::span(tight)), bytes_max, out, dialect);
  result.text = text_of(out.span());
  return result;
}

// For tests of one codec: a build without it refuses it with the right error, and has nothing more to show.
bool built(compression codec) {
  if (compression_supported(codec)) return true;
  CHECK(decompressed(codec, "x").failure == compression_unsupported(codec));
  return false;
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
  return bytes;
}

const std::string xerial_header = std::string("\x82SNAPPY\0", 8) + big_endian(1) + big_endian(1);

}  // namespace

TEST_CASE("what a codec compresses it decompresses, at every level and size") {
  for (const compression codec : built_codecs()) {
    const compression_levels levels = compression_level_range(codec);
    for (const int level :
         {compression_level_default, -200000, levels.min, 1, 5, levels.standard, 12, levels.max, 1000}) {
      for (const std::size_t size : {0U, 1U, 13U, 1000U, 32768U, 32769U, 65536U, 65537U, 300000U}) {
        INFO(to_string(codec) << " level " << level << " size " << size);
        for (const std::string& input : {prose(size), noise(size), std::string(size, '\0')}) {
          const outcome result = decompressed(codec, compressed(codec, input, level), size);
          REQUIRE_FALSE(result.failure);
          REQUIRE(result.text == input);
        }
      }
    }
  }
}

TEST_CASE("a higher level compresses better") {
  const std::string input = prose(300000);
  for (const compression codec : built_codecs()) {
    if (codec == compression::snappy) continue;
    const compression_levels levels = compression_level_range(codec);
    CHECK(compressed(codec, input).size() < input.size() / 3);
    // lz4: Java's default level 9 is the fast compressor.
    const int low = codec == compression::lz4 ? 9 : 1;
    CHECK(compressed(codec, input, levels.max).size() < compressed(codec, input, low).size());
    CHECK(compressed(codec, input) == compressed(codec, input, levels.standard));
  }
}

TEST_CASE("a codec appends behind what the buffer already holds") {
  for (const compression codec : all_codecs) {
    if (!compression_supported(codec)) continue;
    buffer_pool pool;
    const std::string input = prose(5000);
    growable_buffer packed(pool);
    packed.append(bytes_of("front"));
    REQUIRE_FALSE(compress(codec, compression_level_default, bytes_of(input), packed));
    CHECK(text_of(packed.span().first(5)) == "front");
    growable_buffer unpacked(pool);
    unpacked.append(bytes_of("front"));
    REQUIRE_FALSE(decompress(codec, packed.span().subspan(5), input.size(), unpacked));
    CHECK(text_of(unpacked.span()) == "front" + input);
  }
}

TEST_CASE("decompression stops at its limit, however much the input would give") {
  for (const compression codec : all_codecs) {
    if (!compression_supported(codec)) continue;
    for (const std::string& input : {prose(100000), noise(100000), std::string(8U << 20U, 'x')}) {
      const std::string packed = compressed(codec, input);
      CHECK(decompressed(codec, packed, input.size()).text == input);
      for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{5000}, input.size() - 1}) {
        const outcome result = decompressed(codec, packed, limit);
        CHECK(result.failure == client_errc::limit_exceeded);
        CHECK(result.text.size() <= limit);
      }
    }
  }
}

TEST_CASE("decompression does not hold much more memory than its limit") {
  for (const compression codec : built_codecs()) {
    const std::string bomb = compressed(codec, std::string(8U << 20U, 'x'));
    buffer_pool pool;
    growable_buffer out(pool);
    CHECK(decompress(codec, bytes_of(bomb), 1U << 20U, out) == client_errc::limit_exceeded);
    const std::size_t held = std::move(out).freeze().pinned_bytes();
    CHECK(held + pool.retained_bytes() <= 4U << 20U);
  }
}

TEST_CASE("input that is cut off anywhere gives an error, or for snappy what came before") {
  for (const compression codec : built_codecs()) {
    for (const std::string& input : {prose(3000), noise(700), std::string(40000, 'x')}) {
      const std::string packed = compressed(codec, input);
      for (std::size_t size = 0; size < packed.size(); ++size) {
        const outcome result = decompressed(codec, packed.substr(0, size));
        // Snappy's framing has no end: between two blocks, or before the first, it looks complete.
        if (codec == compression::snappy && !result.failure) {
          REQUIRE(result.text.size() < input.size());
          REQUIRE(input.starts_with(result.text));
        } else {
          REQUIRE(result.failure == client_errc::corrupt_batch);
        }
      }
    }
  }
}

TEST_CASE("damaged input never gives more than the limit and never reads past its end") {
  random_source random(3);
  for (const compression codec : built_codecs()) {
    const std::string packed = compressed(codec, prose(2000));
    std::size_t refused = 0;
    for (int round = 0; round < 3000; ++round) {
      std::string damaged = packed;
      for (std::uint64_t flips = 1 + random.below(3); flips != 0; --flips)
        damaged[random.below(damaged.size())] ^= static_cast<char>(1U << random.below(8));
      const outcome result = decompressed(codec, damaged, 10000);
      CHECK(result.text.size() <= 10000);
      if (result.failure) ++refused;
    }
    CHECK(refused > 100);
    for (int round = 0; round < 1000; ++round)
      CHECK(decompressed(codec, noise(random.below(200), random.next()), 10000).text.size() <= 10000);
  }
}

TEST_CASE("a codec works on after it has failed") {
  for (const compression codec : built_codecs()) {
    const std::string input = prose(100000);
    const std::string packed = compressed(codec, input);
    CHECK(decompressed(codec, packed, 1000).failure == client_errc::limit_exceeded);
    CHECK(decompressed(codec, packed).text == input);
    CHECK(decompressed(codec, packed.substr(0, packed.size() / 2)).failure == client_errc::corrupt_batch);
    CHECK(decompressed(codec, packed).text == input);
  }
}

TEST_CASE("an unknown codec is refused by number, a missing one by its build option") {
  buffer_pool pool;
  growable_buffer out(pool);
  for (const int number : {5, 6, 7, 255}) {
    const auto codec = static_cast<compression>(number);
    CHECK_FALSE(compression_supported(codec));
    CHECK(compress(codec, 1, {}, out) == client_errc::unsupported_feature);
    const error failed = decompress(codec, {}, 100, out);
    CHECK(failed == client_errc::unsupported_feature);
    CHECK(failed.cause().find(std::to_string(number)) != std::string::npos);
  }
  CHECK(compression_unsupported(compression::gzip).cause().find("KAFKA_WITH_ZLIB") != std::string::npos);
  CHECK(compression_unsupported(compression::snappy).cause().find("KAFKA_WITH_SNAPPY") != std::string::npos);
  CHECK(compression_unsupported(compression::lz4).cause().find("KAFKA_WITH_LZ4") != std::string::npos);
  CHECK(compression_unsupported(compression::zstd).cause().find("KAFKA_WITH_ZSTD") != std::string::npos);
  for (const compression codec : all_codecs) {
    const error failed = decompress(codec, {}, 100, out);
    if (!compression_supported(codec)) CHECK(failed == compression_unsupported(codec));
  }
}

TEST_CASE("gzip members may follow one another, and what is no member is ignored") {
  if (!built(compression::gzip)) return;
  const std::string two = compressed(compression::gzip, "hello, ") + compressed(compression::gzip, "world");
  CHECK(decompressed(compression::gzip, two).text == "hello, world");
  CHECK(decompressed(compression::gzip, two + "rubbish").text == "hello, world");
  CHECK_FALSE(decompressed(compression::gzip, two + "rubbish").failure);
  CHECK(decompressed(compression::gzip, two, 11).failure == client_errc::limit_exceeded);
}

TEST_CASE("zstd frames may follow one another, and a window above 128 MiB is refused") {
  if (!built(compression::zstd)) return;
  const std::string two = compressed(compression::zstd, "hello, ") + compressed(compression::zstd, "world");
  CHECK(decompressed(compression::zstd, two).text == "hello, world");
  // Magic, a frame header descriptor without content size, a window descriptor (exponent << 3), one last raw block.
  const auto frame = [](unsigned window_log) {
    return std::string("\x28\xB5\x2F\xFD\0", 5) + static_cast<char>((window_log - 10) << 3U) +
           std::string("\x09\0\0x", 4);
  };
  CHECK(decompressed(compression::zstd, frame(27)).text == "x");
  CHECK(decompressed(compression::zstd, frame(28)).failure == client_errc::corrupt_batch);
  CHECK(decompressed(compression::zstd, frame(31)).failure == client_errc::corrupt_batch);
}

TEST_CASE("lz4 is written as the frames Kafka wants: independent blocks of 64 KiB, no checksums") {
  if (!built(compression::lz4)) return;
  for (const int level : {compression_level_default, 1, 12, 17}) {
    const std::string packed = compressed(compression::lz4, prose(200000), level);
    CHECK(packed.substr(0, 4) == "\x04\x22\x4D\x18");
    CHECK(static_cast<unsigned char>(packed[4]) == 0x60);
    CHECK(static_cast<unsigned char>(packed[5]) == 0x40);
    CHECK(packed.substr(packed.size() - 4) == std::string(4, '\0'));
  }
}

TEST_CASE("the wrong frame checksum of old lz4 writers is taken in message format 0 alone") {
  if (!built(compression::lz4)) return;
  const std::string input = prose(100000);
  std::string packed = compressed(compression::lz4, input);
  packed[6] = static_cast<char>(packed[6] ^ 0x55);
  CHECK(decompressed(compression::lz4, packed).failure == client_errc::corrupt_batch);
  CHECK(decompressed(compression::lz4, packed, 1U << 20U, compression_dialect::message_format_0).text == input);
  for (std::size_t size = 0; size < 30; ++size) {
    const outcome result =
        decompressed(compression::lz4, packed.substr(0, size), 1U << 20U, compression_dialect::message_format_0);
    CHECK(result.failure == client_errc::corrupt_batch);
  }
}

TEST_CASE("an lz4 frame that lies about its content size spoils nothing for the next one") {
  if (!built(compression::lz4)) return;
  const std::string input = prose(1000);
  const std::string packed = compressed(compression::lz4, input);
  std::string liar = packed;
  liar[4] = static_cast<char>(liar[4] | 0x08);  // a content size follows, which the first block's bytes become
  for (int round = 0; round < 2; ++round) {
    const outcome result = decompressed(compression::lz4, liar, 1U << 20U, compression_dialect::message_format_0);
    CHECK(result.failure == client_errc::corrupt_batch);
    CHECK(decompressed(compression::lz4, packed).text == input);
  }
}

TEST_CASE("snappy is written in xerial's framing, and read with or without it") {
  if (!built(compression::snappy)) return;
  const std::string input = prose(70000);
  const std::string packed = compressed(compression::snappy, input);
  CHECK(packed.substr(0, 16) == xerial_header);
  const std::string one_block = compressed(compression::snappy, input.substr(0, 1000)).substr(20);
  CHECK(decompressed(compression::snappy, one_block).text == input.substr(0, 1000));
  CHECK(decompressed(compression::snappy, packed + packed).text == input + input);
}

TEST_CASE("snappy block lengths are checked against what is there") {
  if (!built(compression::snappy)) return;
  const std::string block = compressed(compression::snappy, "hello").substr(20);
  const auto read = [&](const std::string& blocks) {
    return decompressed(compression::snappy, xerial_header + blocks);
  };
  CHECK(read(big_endian(static_cast<std::uint32_t>(block.size())) + block).text == "hello");
  CHECK(read(big_endian(static_cast<std::uint32_t>(block.size()) + 1) + block).failure == client_errc::corrupt_batch);
  CHECK(read(big_endian(0xFFFFFFFFU) + block).failure == client_errc::corrupt_batch);
  CHECK(read(big_endian(0) + block).failure == client_errc::corrupt_batch);
  CHECK(read(std::string(3, '\0')).failure == client_errc::corrupt_batch);
  // A block that says it is 4 GiB long, and one that says 1 MiB in two bytes.
  CHECK(read(big_endian(6) + "\xFF\xFF\xFF\xFF\x0Fx").failure == client_errc::limit_exceeded);
  CHECK(read(big_endian(4) + std::string("\x80\x80\x40x", 4)).failure == client_errc::corrupt_batch);
}
