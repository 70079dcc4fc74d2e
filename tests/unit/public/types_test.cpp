// SPDX-License-Identifier: Apache-2.0
#include <kafka/types.hpp>

#include <sstream>
#include <unordered_set>

#include "support/catch.hpp"

using namespace kafka;

TEST_CASE("a null view differs from an empty one, as a tombstone does from an empty value") {
  CHECK(bytes_view().is_null());
  CHECK(bytes_view(nullptr).is_null());
  CHECK(bytes_view(std::nullopt).is_null());
  CHECK(bytes_view(std::optional<std::string>()).is_null());
  CHECK_FALSE(bytes_view("").is_null());
  CHECK_FALSE(bytes_view(std::string_view()).is_null());
  CHECK_FALSE(bytes_view(std::span<const std::byte>()).is_null());
  CHECK(bytes_view() != bytes_view(""));
  CHECK(bytes_view() == bytes_view(nullptr));
  CHECK(std::string_view(bytes_view()).empty());
}

TEST_CASE("a view sees the bytes of what it was made from") {
  const std::string text("a\0b", 3);
  CHECK(bytes_view(text).size() == 3);
  CHECK(bytes_view(text).str() == text);
  CHECK(bytes_view(std::optional<std::string>(text)) == bytes_view(text));
  CHECK(bytes_view(text).bytes()[2] == std::byte{'b'});
  CHECK(bytes_view(std::as_bytes(std::span(text))) == bytes_view(text));
  CHECK(bytes_view("abc") != bytes_view("abd"));
}

TEST_CASE("a uuid is spelled as Kafka spells it") {
  uuid id;
  CHECK(id.is_zero());
  CHECK(id.str() == "AAAAAAAAAAAAAAAAAAAAAA");
  id.bytes = {0x24, 0x97, 0xB3, 0xB0, 0xCA, 0xBF, 0xE3, 0xA0, 0x4D, 0x65, 0x7D, 0x6D, 0xAE, 0x07, 0x6A, 0x12};
  CHECK(id.str() == "JJezsMq_46BNZX1trgdqEg");
  id.bytes.fill(0xFF);
  CHECK(id.str() == "_____________________w");
}

TEST_CASE("a uuid is read back from its spelling, and nothing else is read") {
  for (const char* text :
       {"AAAAAAAAAAAAAAAAAAAAAA", "JJezsMq_46BNZX1trgdqEg", "_____________________w", "-_-_-_-_-_-_-_-_-_-_-w"}) {
    const auto id = uuid::parse(text);
    REQUIRE(id);
    CHECK(id->str() == text);
  }
  CHECK_FALSE(uuid::parse(""));
  CHECK_FALSE(uuid::parse("JJezsMq_46BNZX1trgdqE"));
  CHECK_FALSE(uuid::parse("JJezsMq_46BNZX1trgdqEg="));
  CHECK_FALSE(uuid::parse("JJezsMq/46BNZX1trgdqEg"));
  CHECK_FALSE(uuid::parse("JJezsMq 46BNZX1trgdqEg"));
}

TEST_CASE("a partition of a topic prints as Kafka's tools print it, and works in hash tables") {
  const topic_partition value{"orders", 12};
  std::ostringstream out;
  out << value;
  CHECK(out.str() == "orders-12");
  CHECK(to_string(value) == "orders-12");
  CHECK(topic_partition{"a", 2} < topic_partition{"b", 1});
  const std::unordered_set<topic_partition> set{value, {"orders", 13}, {"orders", 12}};
  CHECK(set.size() == 2);
}

TEST_CASE("compressions have the names of the configuration") {
  for (const auto codec :
       {compression::none, compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    CHECK(parse_compression(to_string(codec)) == codec);
  }
  CHECK(to_string(compression::zstd) == "zstd");
  CHECK(to_string(static_cast<compression>(5)) == "unknown");
  CHECK_FALSE(parse_compression("unknown"));
  CHECK_FALSE(parse_compression("GZIP"));
  CHECK_FALSE(parse_compression(""));
}

TEST_CASE("a broker prints with its address, and with its id once that is known") {
  CHECK(to_string(node{.id = 3, .host = "b3.example", .port = 9092}) == "b3.example:9092 (id 3)");
  CHECK(to_string(node{.host = "boot", .port = 1}) == "boot:1");
  CHECK(to_string(node{.id = 0, .host = "::1", .port = 9092}) == "[::1]:9092 (id 0)");
}
