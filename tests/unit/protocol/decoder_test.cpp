// SPDX-License-Identifier: Apache-2.0
#include "protocol/decoder.hpp"

#include "golden/golden.hpp"
#include "protocol/codec_definitions.hpp"
#include "support/catch.hpp"
#include "support/heap_watch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

/// A message with one field of each kind. Old versions have int16 and int32 lengths, versions 2 and 3 are flexible.
struct probe {
  static constexpr const char* name = "Probe";
  static constexpr api_spec api{.versions = {0, 3}, .flexible_since = 2};

  struct item {
    std::string text;
    std::optional<shared_bytes> blob;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Text", self.text);
      visit("Blob", self.blob);
    }
    bool operator==(const item&) const = default;
  };

  bool truth = false;
  std::optional<std::string> text = std::string{};
  std::vector<std::int32_t> numbers;
  std::vector<item> items;
  std::optional<item> extra;
  std::int32_t seven = 7;
  std::optional<std::string> note;
  bool late = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Truth", self.truth);
    visit("Text", self.text, nullable_since(1), empty_by_default);
    visit("Numbers", self.numbers);
    visit("Items", self.items);
    visit("Extra", self.extra, since(1));
    visit("Seven", self.seven, since(2), tagged(3), default_value(7));
    visit("Note", self.note, since(2), tagged(5));
    visit("Late", self.late, since(3), tagged(9));
  }
  bool operator==(const probe&) const = default;
};

/// An array of whatever.
template <class T>
struct list_of {
  static constexpr const char* name = "List";
  static constexpr api_spec api{.versions = {0, 1}, .flexible_since = 1};

  std::vector<T> elements;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) { visit("Elements", self.elements); }
  bool operator==(const list_of&) const = default;
};

/// Takes much more memory than bytes.
struct roomy {
  std::optional<std::string> a, b, c, d, e, f, g, h;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("A", self.a);
    visit("B", self.b);
    visit("C", self.c);
    visit("D", self.d);
    visit("E", self.e);
    visit("F", self.f);
    visit("G", self.g);
    visit("H", self.h);
  }
  bool operator==(const roomy&) const = default;
};

shared_bytes bytes(std::string_view hex) {
  std::string digits;
  for (const char digit : hex) {
    if (digit != ' ') digits += digit;
  }
  return shared_bytes::copy_of(std::string_view(golden::bytes_of_hex(digits)));
}

error read(probe& out, std::int16_t version, std::string_view hex) {
  return decode(bytes(hex), version, out, trailing_bytes::refused);
}

/// The varint of `value`, then `body`.
shared_bytes after_varint(std::uint32_t value, std::string_view body) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
  return shared_bytes::copy_of(out + std::string(body));
}

// Version 2: truth, text "ab", two numbers, one item, no extra, no tags.
constexpr std::string_view good = "01 03 6162 03 00000001 ffffffff 02 02 78 00 00 ff 00";

}  // namespace

TEST_CASE("a message is read field by field, in the way of its version") {
  probe out;
  REQUIRE_FALSE(read(out, 2, good));
  CHECK(out.truth);
  CHECK(out.text == "ab");
  CHECK(out.numbers == std::vector<std::int32_t>{1, -1});
  REQUIRE(out.items.size() == 1);
  CHECK(out.items[0].text == "x");
  CHECK_FALSE(out.items[0].blob);
  CHECK_FALSE(out.extra);
  CHECK(out.seven == 7);

  probe old;
  REQUIRE_FALSE(read(old, 0, "01 0002 6162 00000002 00000001 ffffffff 00000001 0001 78 ffffffff"));
  CHECK(old == out);
}

TEST_CASE("decode drops what the message held before") {
  probe out;
  out.items.resize(3);
  out.note = "old";
  REQUIRE_FALSE(read(out, 2, good));
  CHECK(out.items.size() == 1);
  CHECK_FALSE(out.note);
}

TEST_CASE("byte fields are slices of the body, not copies") {
  const shared_bytes body = bytes("00 01 01 02 01 05 61626364 00 ff 00");
  probe out;
  REQUIRE_FALSE(decode(body, 2, out));
  REQUIRE(out.items.at(0).blob);
  CHECK(out.items[0].blob->data() == body.data() + 6);
}

TEST_CASE("any byte but zero is true") {
  for (const char* truth : {"01", "02", "7f", "80", "ff"}) {
    probe out;
    REQUIRE_FALSE(read(out, 2, std::string(truth) + std::string(good.substr(2))));
    CHECK(out.truth);
  }
}

TEST_CASE("a negative length is null where null is allowed, and an error elsewhere") {
  const std::string rest = " 00000000 00000000";
  for (const char* length : {"ffff", "fffe", "8000"}) {
    probe out;
    CHECK(read(out, 0, std::string("00 ") + length + rest) == client_errc::malformed_response);
    REQUIRE_FALSE(read(out, 1, std::string("00 ") + length + rest + " ff"));
    CHECK_FALSE(out.text);
  }
  probe out;
  CHECK(read(out, 0, "00 0000 ffffffff 00000000") == client_errc::malformed_response);
  CHECK(read(out, 0, "00 0000 00000000 80000000") == client_errc::malformed_response);
}

TEST_CASE("any non-negative byte announces a nullable struct, any negative one its absence") {
  for (const char* marker : {"00", "01", "7f"}) {
    probe out;
    REQUIRE_FALSE(read(out, 1, std::string("00 0000 00000000 00000000 ") + marker + " 0001 79 ffffffff"));
    REQUIRE(out.extra);
    CHECK(out.extra->text == "y");
  }
  for (const char* marker : {"ff", "fe", "80"}) {
    probe out;
    REQUIRE_FALSE(read(out, 1, std::string("00 0000 00000000 00000000 ") + marker));
    CHECK_FALSE(out.extra);
  }
}

TEST_CASE("a string of more than 32767 bytes is an error, even where its bytes are there") {
  list_of<std::string> out;
  const std::string longest(32767, 's');
  REQUIRE_FALSE(decode(shared_bytes::copy_of("\x02\x80\x80\x02" + longest + '\0'), 1, out));
  CHECK(out.elements.at(0) == longest);
  CHECK(decode(shared_bytes::copy_of("\x02\x81\x80\x02" + longest + "s" + '\0'), 1, out) ==
        client_errc::limit_exceeded);
}

TEST_CASE("a length beyond the end is an error that takes no memory") {
  const std::string_view bodies[] = {"00 7fff", "00 0000 7fffffff", "00 0000 00000000 00000001 0000 7fffffff"};
  for (const auto hex : bodies) {
    const shared_bytes body = bytes(hex);
    probe out;
    const support::heap_watch watch;
    const error failure = decode(body, 1, out);
    CHECK(watch.peak() < 1500);
    CHECK(failure == client_errc::malformed_response);
  }
}

TEST_CASE("a length is computed in 64 bits: the largest varint is a huge length, not null") {
  probe out;
  CHECK(read(out, 2, "00 ffffffff0f") == client_errc::limit_exceeded);
  list_of<std::int32_t> list;
  CHECK(decode(bytes("ffffffff0f 00"), 1, list) == client_errc::malformed_response);
}

TEST_CASE("a varint of more than five bytes or of more than 32 bits is an error") {
  probe out;
  CHECK(read(out, 2, "00 8080808080 01").message().find("varint is too long") != std::string::npos);
  CHECK(read(out, 2, "00 ffffffff1f").message().find("varint is too long") != std::string::npos);
  CHECK(read(out, 2, "00 8080808010").message().find("varint is too long") != std::string::npos);
  // Longer than need be, but in range: as Kafka's own readers have it.
  CHECK_FALSE(read(out, 2, "00 8180808000 01 01 ff 00"));
}

TEST_CASE("a count that lies takes memory for no more elements than it takes bytes") {
  const std::string filler(4000, '\1');
  SECTION("more elements than bytes") {
    const shared_bytes body = after_varint(5000, filler);
    list_of<roomy> out;
    const support::heap_watch watch;
    CHECK(decode(body, 1, out).message().find("array is longer than its message") != std::string::npos);
    CHECK(watch.peak() < 1000);
  }
  SECTION("more elements than their smallest size allows") {
    const shared_bytes body = after_varint(2000, filler);  // 9 bytes at least for each
    list_of<roomy> out;
    const support::heap_watch watch;
    CHECK(decode(body, 1, out).message().find("array is longer than its message") != std::string::npos);
    CHECK(watch.peak() < 1000);
  }
  SECTION("room is made for 1024 elements at most before they are there") {
    const shared_bytes body = after_varint(100001, std::string("\xFF\xFF\x7F") + std::string(100000, '\1'));
    list_of<std::string> out;
    const support::heap_watch watch;
    CHECK(decode(body, 1, out));
    CHECK(watch.peak() < 1024 * sizeof(std::string) + 1000);
  }
}

TEST_CASE("an array of more than a million elements is an error, even where its bytes are there") {
  list_of<std::int8_t> out;
  const std::string million(1'000'000, 'm');
  REQUIRE_FALSE(decode(after_varint(1'000'001, million + '\0'), 1, out));
  CHECK(out.elements.size() == 1'000'000);
  CHECK(decode(after_varint(1'000'002, million + "m" + '\0'), 1, out) == client_errc::limit_exceeded);
}

TEST_CASE("the arrays of a message hold at most four million elements together") {
  const auto nested = [](int lists) {
    const shared_bytes one = after_varint(1'000'001, std::string(1'000'000, 'e') + '\0');
    std::string out;
    for (int index = 0; index < lists; ++index) out += one.text();
    return after_varint(static_cast<std::uint32_t>(lists) + 1, out + '\0');
  };
  list_of<list_of<std::int8_t>> out;
  CHECK_FALSE(decode(nested(3), 1, out));
  CHECK(decode(nested(4), 1, out) == client_errc::limit_exceeded);
}

TEST_CASE("the elements of a message take at most 256 MiB of memory") {
  static_assert(sizeof(roomy) > 300);
  const std::string nulls(9 * 900'000, '\0');
  const shared_bytes body = after_varint(900'001, nulls + '\0');
  list_of<roomy> out;
  const support::heap_watch watch;
  CHECK(decode(body, 1, out) == client_errc::limit_exceeded);
  CHECK(watch.peak() < 1000);
}

TEST_CASE("tagged fields are read where their tags are known, and kept where they are not") {
  probe out;
  REQUIRE_FALSE(read(out, 2, "00 01 01 01 ff 04  01 01 aa  03 04 00000008  04 00  05 02 02 6e"));
  CHECK(out.seven == 8);
  CHECK(out.note == "n");
  REQUIRE(out.unknown_tagged_fields.size() == 2);
  CHECK(out.unknown_tagged_fields[0].tag == 1);
  CHECK(out.unknown_tagged_fields[0].data == bytes("aa"));
  CHECK(out.unknown_tagged_fields[1].tag == 4);
  CHECK(out.unknown_tagged_fields[1].data.empty());
}

TEST_CASE("tags must rise, so that none comes twice") {
  probe out;
  REQUIRE_FALSE(read(out, 2, "00 01 01 01 ff 02  01 00  02 00"));
  CHECK(read(out, 2, "00 01 01 01 ff 02  02 00  01 00") == client_errc::malformed_response);
  CHECK(read(out, 2, "00 01 01 01 ff 02  01 00  01 00") == client_errc::malformed_response);
  CHECK(read(out, 2, "00 01 01 01 ff 02  03 04 00000001  03 04 00000001") == client_errc::malformed_response);
}

TEST_CASE("a known tagged field must take exactly the size that is said") {
  probe out;
  REQUIRE_FALSE(read(out, 2, "00 01 01 01 ff 01  03 04 00000008"));
  CHECK(out.seven == 8);
  CHECK(read(out, 2, "00 01 01 01 ff 01  03 05 0000000800") == client_errc::malformed_response);
  CHECK(read(out, 2, "00 01 01 01 ff 02  03 03 00000008 05 01 00") == client_errc::malformed_response);
  CHECK(read(out, 2, "00 01 01 01 ff 01  03 7f 00000008") == client_errc::malformed_response);
}

TEST_CASE("a tag that is known in other versions only is an error") {
  probe out;
  REQUIRE_FALSE(read(out, 3, "00 01 01 01 ff 01  09 01 01"));
  CHECK(out.late);
  CHECK(read(out, 2, "00 01 01 01 ff 01  09 01 01") == client_errc::malformed_response);
}

TEST_CASE("more tagged fields than the bytes allow, or more than 10000, are an error") {
  probe out;
  CHECK(read(out, 2, "00 01 01 01 ff 02  01 00") == client_errc::malformed_response);
  std::string many;
  for (std::uint32_t tag = 0; tag < 10'001; ++tag) many += after_varint(tag, std::string(1, '\0')).text();
  list_of<std::int8_t> list;
  CHECK(decode(shared_bytes::copy_of(std::string("\x01\x91\x4E", 3) + many), 1, list) == client_errc::limit_exceeded);
  const std::string one_less = many.substr(0, many.size() - 3);
  REQUIRE_FALSE(decode(shared_bytes::copy_of(std::string("\x01\x90\x4E", 3) + one_less), 1, list));
  CHECK(list.unknown_tagged_fields.size() == 10'000);
}

TEST_CASE("a version that the message does not have is refused, in both directions") {
  for (const std::int16_t version : {std::int16_t{-1}, std::int16_t{4}, std::int16_t{INT16_MAX}}) {
    probe out;
    CHECK(decode(bytes("00"), version, out) == client_errc::unsupported_version);
    encoded_message encoded;
    CHECK(encode(out, version, encoded) == client_errc::unsupported_version);
  }
}

TEST_CASE("an error says which field could not be read, at which byte, and why") {
  probe out;
  CHECK(read(out, 2, "01 03 61").cause() == "Probe version 2: Text: truncated at byte 2");
  CHECK(read(out, 2, std::string(good) + "00").cause() == "Probe version 2: 1 bytes after the last field");
  CHECK(read(out, 0, "00 ffff").cause() == "Probe version 0: Text: null where null is not allowed at byte 3");
}
