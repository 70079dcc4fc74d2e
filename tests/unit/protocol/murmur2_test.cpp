// SPDX-License-Identifier: Apache-2.0
#include "protocol/murmur2.hpp"

#include <string>

#include "golden/golden.hpp"
#include "support/catch.hpp"

using namespace kafka::protocol;

TEST_CASE("murmur2 and the partition it chooses are Java's for every golden line") {
  const auto lines = kafka::golden::lines_of("murmur2.tsv.gz");
  REQUIRE(lines.size() == 500);
  for (const std::string& line : lines) {
    const auto fields = kafka::golden::fields_of(line);
    const std::string key = kafka::golden::bytes_of_hex(fields.at(0));
    const std::span<const std::byte> bytes = std::as_bytes(std::span(key));
    CHECK(murmur2(bytes) == std::stoi(fields.at(1)));
    const auto partitions = kafka::golden::fields_of(fields.at(2), ',');
    REQUIRE(partitions.size() == 100);
    std::size_t wrong = 0;
    for (std::size_t count = 1; count <= partitions.size(); ++count)
      if (murmur2_partition(bytes, static_cast<std::int32_t>(count)) != std::stoi(partitions.at(count - 1))) ++wrong;
    CHECK(wrong == 0);
  }
}
