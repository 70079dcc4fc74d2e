// SPDX-License-Identifier: Apache-2.0
#include <kafka/partitioner.hpp>

#include <zlib.h>

#include <limits>
#include <string>

#include "base/backoff.hpp"
#include "golden/golden.hpp"
#include "support/catch.hpp"

namespace kafka {
namespace {

/// The whole CRC: a partition count beyond it is not to be had, so it is put together from two that share no divisor.
std::uint32_t crc_of(std::string_view key) {
  constexpr std::int64_t high = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t low = high - 1;
  const std::int64_t by_high = crc32_partition(key, static_cast<std::int32_t>(high));
  const std::int64_t by_low = crc32_partition(key, static_cast<std::int32_t>(low));
  for (std::int64_t crc = by_high; crc <= std::numeric_limits<std::uint32_t>::max(); crc += high) {
    if (crc % low == by_low) return static_cast<std::uint32_t>(crc);
  }
  FAIL("no CRC leaves these remainders");
  return 0;
}

TEST_CASE("the CRC of librdkafka's partitioners is the one of Ethernet, by its check values") {
  REQUIRE(crc_of("123456789") == 0xCBF43926U);
  REQUIRE(crc_of("") == 0);
  REQUIRE(crc_of("a") == 0xE8B7BE43U);
  REQUIRE(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
}

TEST_CASE("a key's partition by CRC32 is what zlib's crc32 gives, for random keys of any length") {
  random_source random(4);
  for (std::size_t length = 0; length < 300; ++length) {
    std::string key(length, '\0');
    for (char& one : key) one = static_cast<char>(random.below(256));
    const auto expected = static_cast<std::uint32_t>(
        crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(key.data()), static_cast<uInt>(key.size())));
    REQUIRE(crc_of(key) == expected);
    for (const std::int32_t count : {1, 2, 3, 7, 100, 4096}) {
      REQUIRE(crc32_partition(key, count) == static_cast<std::int32_t>(expected % static_cast<std::uint32_t>(count)));
    }
  }
}

TEST_CASE("by CRC32 a null key is an empty one") {
  for (const std::int32_t count : {1, 3, 64}) REQUIRE(crc32_partition(nullptr, count) == crc32_partition("", count));
}

TEST_CASE("a key's partition by murmur2 is what Java's producer gives for every golden line") {
  const auto lines = golden::lines_of("murmur2.tsv.gz");
  REQUIRE(lines.size() == 500);
  for (const std::string& line : lines) {
    const auto fields = golden::fields_of(line);
    const std::string key = golden::bytes_of_hex(fields.at(0));
    const auto partitions = golden::fields_of(fields.at(2), ',');
    REQUIRE(partitions.size() == 100);
    std::size_t wrong = 0;
    for (std::size_t count = 1; count <= partitions.size(); ++count) {
      if (murmur2_partition(key, static_cast<std::int32_t>(count)) != std::stoi(partitions[count - 1])) ++wrong;
    }
    REQUIRE(wrong == 0);
  }
}

}  // namespace
}  // namespace kafka
