// SPDX-License-Identifier: Apache-2.0
#include "protocol/varint.hpp"

#include <array>
#include <limits>
#include <vector>

#include "support/catch.hpp"

using namespace kafka::protocol;

namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

const std::byte* read_32(const std::vector<std::byte>& bytes, std::uint32_t& value) {
  return read_varint(bytes.data(), bytes.data() + bytes.size(), value);
}
const std::byte* read_64(const std::vector<std::byte>& bytes, std::uint64_t& value) {
  return read_varlong(bytes.data(), bytes.data() + bytes.size(), value);
}

}  // namespace

TEST_CASE("zigzag maps small numbers of either sign to small ones and back") {
  CHECK(zigzag(0) == 0);
  CHECK(zigzag(-1) == 1);
  CHECK(zigzag(1) == 2);
  CHECK(zigzag(std::numeric_limits<std::int32_t>::min()) == 0xFFFFFFFFU);
  CHECK(zigzag_long(std::numeric_limits<std::int64_t>::min()) == 0xFFFFFFFFFFFFFFFFU);
  for (const std::int32_t value : {0, 1, -1, 63, -64, 64, 300, -5000, 2147483647, -2147483647 - 1}) {
    CHECK(unzigzag(zigzag(value)) == value);
    CHECK(unzigzag_long(zigzag_long(value)) == value);
  }
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    CHECK(unzigzag_long(zigzag_long(value)) == value);
}

TEST_CASE("every width of varint is written in its predicted size and read back") {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    for (const std::uint64_t below : {0U, 1U}) {
      const std::uint64_t value = (bits == 64 ? 0 : std::uint64_t{1} << bits) - below;
      std::array<std::byte, varlong_bytes_max> bytes{};
      const std::byte* const end = write_varint(bytes.data(), value);
      const auto size = static_cast<std::size_t>(end - bytes.data());
      CHECK(size == varint_size(value));
      CHECK(size == std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7));
      std::uint64_t read = ~value;
      CHECK(read_varlong(bytes.data(), end, read) == end);
      CHECK(read == value);
      if (value > std::numeric_limits<std::uint32_t>::max()) continue;
      std::uint32_t narrow = 0;
      CHECK(read_varint(bytes.data(), end, narrow) == end);
      CHECK(narrow == value);
    }
  }
}

TEST_CASE("a varint that ends too early is refused and leaves the value alone") {
  std::uint32_t value = 77;
  std::uint64_t wide = 77;
  for (const auto& bytes :
       {bytes_of({}), bytes_of({0x80}), bytes_of({0xFF, 0xFF}), bytes_of({0x80, 0x80, 0x80, 0x80})}) {
    CHECK(read_32(bytes, value) == nullptr);
    CHECK(read_64(bytes, wide) == nullptr);
  }
  CHECK(value == 77);
  CHECK(wide == 77);
}

TEST_CASE("a varint longer than its type is refused") {
  std::uint32_t value = 77;
  CHECK(read_32(bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), value) == nullptr);
  CHECK(read_32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x1F}), value) == nullptr);
  CHECK(read_32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x0F}), value) != nullptr);
  CHECK(value == 0xFFFFFFFFU);
  std::uint64_t wide = 77;
  CHECK(read_64(bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), wide) == nullptr);
  CHECK(read_64(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}), wide) == nullptr);
  CHECK(read_64(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}), wide) != nullptr);
  CHECK(wide == 0xFFFFFFFFFFFFFFFFU);
}
