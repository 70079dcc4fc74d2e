// SPDX-License-Identifier: Apache-2.0
#include "protocol/crc32c.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "golden/golden.hpp"
#include "support/catch.hpp"

using namespace kafka::protocol;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::byte> random_bytes(std::size_t size) {
  kafka::random_source random(5);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
  return bytes;
}

}  // namespace

TEST_CASE("crc32c gives the check value of its definition, by every way to compute it") {
  const std::string digits = "123456789";
  CHECK(crc32c(bytes_of(digits)) == 0xE3069283U);
  CHECK(crc32c_software(bytes_of(digits), 0) == 0xE3069283U);
  if (const crc32c_function hardware = crc32c_hardware()) CHECK(hardware(bytes_of(digits), 0) == 0xE3069283U);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("crc32c gives what Kafka gives for every golden line") {
  const auto lines = kafka::golden::lines_of("crc32c.tsv.gz");
  REQUIRE(lines.size() == 100);
  const crc32c_function hardware = crc32c_hardware();
  for (const std::string& line : lines) {
    const auto fields = kafka::golden::fields_of(line);
    const std::string bytes = kafka::golden::bytes_of_hex(fields.at(0));
    const auto expected = static_cast<std::uint32_t>(std::stoul(fields.at(1), nullptr, 16));
    CHECK(crc32c(bytes_of(bytes)) == expected);
    CHECK(crc32c_software(bytes_of(bytes), 0) == expected);
    if (hardware) CHECK(hardware(bytes_of(bytes), 0) == expected);
  }
}

TEST_CASE("the processor's crc32c equals the table's for every length and alignment") {
  const crc32c_function hardware = crc32c_hardware();
  if (!hardware) {
    WARN("this processor has no CRC32C instruction");
    return;
  }
  const std::vector<std::byte> bytes = random_bytes(8192 + 8);
  for (std::size_t alignment = 0; alignment < 8; ++alignment) {
    std::size_t different = 0;
    std::uint32_t seed = 0;
    for (std::size_t size = 0; size <= 8192; ++size) {
      const auto piece = std::span(bytes).subspan(alignment, size);
      const std::uint32_t expected = crc32c_software(piece, seed);
      if (hardware(piece, seed) != expected) ++different;
      seed = expected;
    }
    CHECK(different == 0);
  }
  const std::vector<std::byte> large = random_bytes(100'003);
  CHECK(hardware(large, 1) == crc32c_software(large, 1));
}

TEST_CASE("crc32c goes on from a seed, and combines two halves without reading them") {
  const std::vector<std::byte> bytes = random_bytes(3000);
  const std::uint32_t whole = crc32c(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 7) {
    const auto front = std::span(bytes).first(cut);
    const auto back = std::span(bytes).subspan(cut);
    REQUIRE(crc32c(back, crc32c(front)) == whole);
    REQUIRE(crc32c_combine(crc32c(front), crc32c(back), back.size()) == whole);
  }
}
