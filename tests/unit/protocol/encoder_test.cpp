// SPDX-License-Identifier: Apache-2.0
#include "protocol/encoder.hpp"

#include "protocol/codec_definitions.hpp"
#include "protocol/messages/headers.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

struct probe {
  static constexpr const char* name = "Probe";
  static constexpr api_spec api{.versions = {0, 3}, .flexible_since = 2};

  std::optional<std::string> text = std::string{};
  std::int32_t needed = -1;
  std::int32_t ignored = -1;
  std::optional<shared_bytes> blob;
  std::int16_t first = 0;
  std::optional<std::string> second;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Text", self.text, nullable_since(1), empty_by_default);
    visit("Needed", self.needed, since(1), default_value(-1));
    visit("Ignored", self.ignored, since(3), default_value(-1), ignorable);
    visit("Blob", self.blob, since(2));
    visit("First", self.first, since(2), tagged(2));
    visit("Second", self.second, since(2), tagged(4));
  }
  bool operator==(const probe&) const = default;
};

std::string hex(const encoded_message& message) {
  std::string out;
  append_hex(out, message.flatten());
  return out;
}

std::string encoded(const probe& message, std::int16_t version) {
  encoded_message out;
  const error failure = encode(message, version, out);
  if (failure) return failure.cause();
  CHECK(out.size == encoded_size(message, version));
  CHECK(out.size == out.flatten().size());
  return hex(out);
}

unknown_tagged_field unknown(std::uint32_t tag, std::string_view data) {
  return {tag, shared_bytes::copy_of(data)};
}

}  // namespace

TEST_CASE("a message is written field by field, in the way of its version") {
  probe message;
  message.text = "ab";
  CHECK(encoded(message, 0) == "00026162");
  CHECK(encoded(message, 1) == "00026162ffffffff");
  CHECK(encoded(message, 2) == "036162ffffffff0000");
  CHECK(encoded(message, 3) == "036162ffffffffffffffff0000");
}

TEST_CASE("a value that the version cannot carry is an error that names its field") {
  probe message;
  message.needed = 5;
  CHECK(encoded(message, 0) == "Probe version 0: Needed has a value that this version cannot carry");
  CHECK(encoded(message, 1) == "000000000005");
  message.needed = -1;
  message.first = 1;
  CHECK(encoded(message, 1) == "Probe version 1: First has a value that this version cannot carry");
  encoded_message out;
  CHECK(encode(message, 1, out) == client_errc::value_not_encodable);
}

TEST_CASE("an ignorable value that the version cannot carry is left out") {
  probe message;
  message.ignored = 9;
  CHECK(encoded(message, 2) == "01ffffffff0000");
  CHECK(encoded(message, 3) == "01ffffffff000000090000");
}

TEST_CASE("null is an error in versions that do not allow it") {
  probe message;
  message.text.reset();
  CHECK(encoded(message, 0) == "Probe version 0: Text is null where this version does not allow null");
  CHECK(encoded(message, 1) == "ffffffffffff");
}

TEST_CASE("a string takes at most 32767 bytes") {
  probe message;
  message.text = std::string(32767, 's');
  CHECK(encoded(message, 0).size() == 2 * 32769);
  message.text->push_back('s');
  CHECK(encoded(message, 0) == "Probe version 0: Text is longer than 32767 bytes");
  CHECK(encoded(message, 2) == "Probe version 2: Text is longer than 32767 bytes");
  message.text = "";
  message.second = std::string(32768, 's');
  CHECK(encoded(message, 2) == "Probe version 2: Second is longer than 32767 bytes");
}

TEST_CASE("a tagged field with its default is left out, any other written with tag and size") {
  probe message;
  message.first = 7;
  CHECK(encoded(message, 2) ==
        "01ffffffff00010202"
        "0007");
  message.second = "";
  CHECK(encoded(message, 2) ==
        "01ffffffff0002020200070401"
        "01");
}

TEST_CASE("known and unknown tagged fields are written merged, in order of their tags") {
  probe message;
  message.first = 7;
  message.second = "x";
  message.unknown_tagged_fields = {unknown(0, "a"), unknown(3, ""), unknown(300, "b")};
  CHECK(encoded(message, 2) ==
        "01ffffffff00"
        "05"
        "000161"
        "02020007"
        "0300"
        "04020278"
        "ac020162");
}

TEST_CASE("unknown tagged fields must be in order, once each, and other than the known ones") {
  const auto attempt = [](tagged_fields fields) {
    probe message;
    message.unknown_tagged_fields = std::move(fields);
    return encoded(message, 2);
  };
  CHECK(attempt({unknown(5, ""), unknown(6, "")}) == "01ffffffff000205000600");
  CHECK(attempt({unknown(6, ""), unknown(5, "")}).ends_with("are not in order of their tags"));
  CHECK(attempt({unknown(5, ""), unknown(5, "")}).ends_with("are not in order of their tags"));
  CHECK(attempt({unknown(4, "")}) == "Probe version 2: Second is also among the unknown tags");
  CHECK(attempt({unknown(INT32_MAX, "")}).ends_with("have a tag that Kafka cannot hold"));
  CHECK(attempt({unknown(INT32_MAX - 1, "")}).ends_with("01feffffff0700"));
}

TEST_CASE("unknown tagged fields are an error in a version without tags, not dropped") {
  probe message;
  message.unknown_tagged_fields = {unknown(9, "z")};
  CHECK(encoded(message, 1) == "Probe version 1: tagged fields need a flexible version");
}

TEST_CASE("large byte fields are handed on as they are, small ones copied") {
  probe message;
  message.blob = shared_bytes::copy_of(std::string(1024, 'b'));
  encoded_message out;
  REQUIRE_FALSE(encode(message, 2, out));
  REQUIRE(out.pieces.size() == 3);
  CHECK(out.pieces[1].data() == message.blob->data());
  CHECK(out.size == 1 + 4 + 2 + 1024 + 1);
  CHECK(out.flatten().text().substr(7, 1024) == message.blob->text());

  message.blob = shared_bytes::copy_of(std::string(1023, 'b'));
  REQUIRE_FALSE(encode(message, 2, out));
  CHECK(out.pieces.size() == 1);
}

TEST_CASE("an empty message has no bytes") {
  response_header header;
  encoded_message out;
  REQUIRE_FALSE(encode(header, 0, out));
  CHECK(out.size == 4);
  CHECK(encoded_message{}.flatten().empty());
}

TEST_CASE("the client id of a request header never becomes compact") {
  request_header header;
  header.request_api_key = 18;
  header.request_api_version = 3;
  header.correlation_id = 1;
  header.client_id = "me";
  encoded_message out;
  REQUIRE_FALSE(encode(header, 1, out));
  CHECK(hex(out) ==
        "00120003000000010002"
        "6d65");
  REQUIRE_FALSE(encode(header, 2, out));
  CHECK(hex(out) ==
        "00120003000000010002"
        "6d65"
        "00");
  header.client_id.reset();
  REQUIRE_FALSE(encode(header, 2, out));
  CHECK(hex(out) ==
        "0012000300000001ffff"
        "00");
}

TEST_CASE("an unsigned varint has seven bits a byte") {
  CHECK(unsigned_varint_size(0) == 1);
  CHECK(unsigned_varint_size(127) == 1);
  CHECK(unsigned_varint_size(128) == 2);
  CHECK(unsigned_varint_size(16383) == 2);
  CHECK(unsigned_varint_size(16384) == 3);
  CHECK(unsigned_varint_size(UINT32_MAX) == 5);
}
