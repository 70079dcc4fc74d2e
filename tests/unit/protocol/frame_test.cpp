// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "protocol/codec.hpp"
#include "protocol/messages/headers.hpp"
#include "support/catch.hpp"
#include "unit/net/net_support.hpp"

using namespace kafka;
using namespace kafka::net_test;
using protocol::frame_reader;

namespace {

/// Gives bytes to a reader as they would come in reads of at most `portion` bytes; the frames that it cuts.
std::vector<std::string> feed(frame_reader& frames, std::string_view bytes, std::size_t portion = SIZE_MAX) {
  std::vector<std::string> out;
  shared_bytes frame;
  while (!bytes.empty() && !frames.failure()) {
    const auto room = frames.prepare();
    REQUIRE_FALSE(room.empty());
    const std::size_t count = std::min({portion, room.size(), bytes.size()});
    std::copy_n(bytes_of(bytes).begin(), count, room.begin());
    frames.commit(count);
    bytes.remove_prefix(count);
    while (frames.next(frame)) out.push_back(text_of(frame));
  }
  return out;
}

std::string framed(std::string_view content) {
  return int32(static_cast<std::int32_t>(content.size())) + std::string(content);
}

std::string patterned(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t at = 0; at < size; ++at) out[at] = static_cast<char>(at * 7 + at / 251);
  return out;
}

}  // namespace

TEST_CASE("a request's prefix is its size and the header that the codec would write") {
  const protocol::api_spec& api = *protocol::find_api(api_key::fetch);
  for (const std::int16_t version : {std::int16_t{4}, std::int16_t{12}}) {
    for (const std::string client : {"", "a-client"}) {
      std::vector<std::byte> prefix;
      REQUIRE(protocol::append_request_prefix(prefix, api, version, 77, client, 1000));
      const protocol::request_header header{1, version, 77, client, {}};
      const std::string expected = encoded(header, api.request_header_version(version));
      CHECK(text_of(prefix) == int32(static_cast<std::int32_t>(expected.size() + 1000)) + expected);
    }
  }
}

TEST_CASE("a request that does not fit its size prefix is refused and leaves nothing behind") {
  std::vector<std::byte> prefix;
  CHECK_FALSE(
      protocol::append_request_prefix(prefix, *protocol::find_api(api_key::produce), 3, 1, "c", std::size_t{1} << 31U));
  CHECK(prefix.empty());
}

TEST_CASE("a response's header is read in both versions, unknown tags included") {
  protocol::response_prefix prefix;
  REQUIRE_FALSE(protocol::read_response_prefix(shared_bytes::copy_of(int32(5) + "body"), 0, prefix));
  CHECK(prefix.correlation_id == 5);
  CHECK(prefix.body_offset == 4);
  const std::string tagged = int32(6) + std::string("\x01\x09\x02zz", 5) + "body";
  REQUIRE_FALSE(protocol::read_response_prefix(shared_bytes::copy_of(tagged), 1, prefix));
  CHECK(prefix.correlation_id == 6);
  CHECK(prefix.body_offset == 9);
  CHECK(protocol::read_response_prefix(shared_bytes::copy_of(int32(6)), 1, prefix) == client_errc::malformed_response);
}

TEST_CASE("frames are the same wherever the stream is split") {
  const std::vector<std::string> contents{"four", "a longer frame", "12345", std::string(40, 'x'), "last"};
  std::string stream;
  for (const std::string& content : contents) stream += framed(content);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      frame_reader frames;
      std::vector<std::string> got = feed(frames, std::string_view(stream).substr(0, first));
      for (auto& next : feed(frames, std::string_view(stream).substr(first, second - first))) got.push_back(next);
      for (auto& next : feed(frames, std::string_view(stream).substr(second))) got.push_back(next);
      if (got != contents) FAIL("split at " << first << " and " << second);
    }
  }
  frame_reader frames;
  CHECK(feed(frames, stream, 1) == contents);
  CHECK(frames.partial_bytes() == 0);
}

TEST_CASE("frames of every size around the buffer's come through whole") {
  frame_reader frames;
  frames.trust(100U << 20U);
  for (const std::size_t size : {4U, 4091U, 4092U, 4093U, 16379U, 16380U, 16381U, 16384U, 70000U, 1048575U, 1048576U,
                                 1048577U, 4194304U, 5000000U}) {
    const std::string content = patterned(size);
    for (const std::size_t portion : {std::size_t{1000}, std::size_t{100000}, SIZE_MAX}) {
      const auto got = feed(frames, framed(content) + framed("next"), portion);
      REQUIRE(got.size() == 2);
      CHECK((got[0] == content));
      CHECK(got[1] == "next");
    }
  }
}

TEST_CASE("small frames that come together share one block of exactly their size") {
  frame_reader frames;
  const std::string stream = framed("frame one") + framed("frame two") + framed("three").substr(0, 6);
  const auto room = frames.prepare();
  std::copy_n(bytes_of(stream).begin(), stream.size(), room.begin());
  frames.commit(stream.size());
  shared_bytes one;
  shared_bytes two;
  shared_bytes none;
  REQUIRE(frames.next(one));
  REQUIRE(frames.next(two));
  CHECK_FALSE(frames.next(none));
  CHECK(two.data() == one.data() + one.size() + 4);
  CHECK(one.pinned_bytes() == stream.size() - 6);
  CHECK(frames.partial_bytes() == 6);
  CHECK(frames.partial_frame_bytes() == 9);
}

TEST_CASE("a large frame is read straight into the block that is given out") {
  frame_reader frames;
  const std::string content = patterned(600'000);
  CHECK(feed(frames, framed(content).substr(0, 100)).empty());
  const auto room = frames.prepare();
  REQUIRE(room.size() == content.size() - 96);
  std::copy_n(bytes_of(content).begin() + 96, room.size(), room.begin());
  frames.commit(room.size());
  shared_bytes frame;
  REQUIRE(frames.next(frame));
  CHECK(frame.data() + 96 == room.data());
  CHECK(frame.pinned_bytes() == content.size());
  CHECK((text_of(frame) == content));
}

TEST_CASE("blocks of large frames come from the pool that was given and go back to it") {
  const auto buffers = std::make_shared<buffer_pool>();
  frame_reader frames(buffers);
  frames.trust(100U << 20U);
  const std::string content = patterned(20'000'000);
  for (int round = 0; round < 2; ++round) {
    auto got = feed(frames, framed(content));
    REQUIRE(got.size() == 1);
    CHECK((got[0] == content));
    CHECK(buffers->retained_bytes() == (16U << 20U) + (32U << 20U));
  }
}

TEST_CASE("a frame as large as a fetch of many partitions is not copied while it comes") {
  const auto buffers = std::make_shared<buffer_pool>();
  frame_reader frames(buffers);
  frames.trust(100U << 20U);
  REQUIRE(feed(frames, framed(patterned(7'000'000))).size() == 1);
  CHECK(buffers->retained_bytes() == 8U << 20U);
}

TEST_CASE("memory grows with the bytes that came, not with the size that was claimed") {
  frame_reader frames;
  frames.trust(100U << 20U);
  CHECK(feed(frames, int32(100 << 20)).empty());
  std::size_t came = 0;
  const std::string portion(1U << 18U, 'x');
  while (came < 100U << 20U) {
    const auto room = frames.prepare();
    if (came + room.size() > std::max<std::size_t>(16U << 20U, 16 * came)) FAIL("too much room after " << came);
    const std::size_t count = std::min(portion.size(), room.size());
    std::copy_n(bytes_of(portion).begin(), count, room.begin());
    frames.commit(count);
    came += count;
  }
  shared_bytes frame;
  REQUIRE(frames.next(frame));
  CHECK(frame.size() == 100U << 20U);
  CHECK(frame.text().find_first_not_of('x') == std::string_view::npos);
}

TEST_CASE("what is not Kafka is named before anything is allocated for it") {
  struct example {
    std::string bytes;
    std::string says;
  };
  const std::vector<example> examples{
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "an HTTP response"},
      {std::string("\x15\x03\x03\x00\x02\x02\x46", 7), "the port speaks TLS"},
      {std::string("\x16\x03\x01\x02\x00\x01", 6), "expects TLS"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "an SSH banner"},
      {"220 mail.example.org ESMTP\r\n", "mail or FTP"},
      {"-ERR unknown command\r\n", "Redis"},
      {"RFB 003.008\n", "(\"RFB "},
      {std::string("\xde\xad\xbe\xef garbage"), "de ad be ef"},
      {int32(0), "a response of 0 bytes"},
      {int32(-1), "a response of -1 bytes"},
      {int32(3), "a response of 3 bytes"},
      {int32(INT32_MAX), "a response of 2147483647 bytes"},
      {int32((1 << 20) + 1), "a response of 1048577 bytes"},
  };
  for (const example& each : examples) {
    for (const std::size_t portion : {std::size_t{1}, SIZE_MAX}) {
      frame_reader frames;
      CHECK(feed(frames, each.bytes, portion).empty());
      INFO(frames.failure().message());
      CHECK(frames.failure() == client_errc::not_kafka);
      CHECK(frames.failure().cause().find(each.says) != std::string::npos);
      CHECK(frames.prepare().size() <= 1U << 14U);
    }
  }
}

TEST_CASE("a broker that is trusted may send large frames, but not larger than the limit") {
  frame_reader frames;
  frames.trust(2U << 20U);
  CHECK(feed(frames, framed(std::string(2U << 20U, 'x'))).size() == 1);
  CHECK(feed(frames, int32((2 << 20) + 1)).empty());
  CHECK(frames.failure() == client_errc::limit_exceeded);

  frame_reader other;
  other.trust(2U << 20U);
  CHECK(feed(other, int32(-1)).empty());
  CHECK(other.failure() == client_errc::malformed_response);

  frame_reader proxied;
  proxied.trust(2U << 20U);
  CHECK(feed(proxied, "HTTP/1.1 502 Bad Gateway").empty());
  CHECK(proxied.failure() == client_errc::not_kafka);
}

TEST_CASE("complete frames before a broken one are still given out, and a limit lifted meanwhile counts") {
  const std::string stream = framed("good") + framed(std::string(1500, 'x')) + int32(1 << 30);
  frame_reader frames;
  CHECK(feed(frames, stream).size() == 2);
  CHECK(frames.failure() == client_errc::not_kafka);

  frame_reader lifted;
  const std::string two = framed("good") + int32(2 << 20);
  const auto room = lifted.prepare();
  std::copy_n(bytes_of(two).begin(), two.size(), room.begin());
  lifted.commit(two.size());
  shared_bytes frame;
  REQUIRE(lifted.next(frame));
  lifted.trust(100U << 20U);
  CHECK_FALSE(lifted.next(frame));
  CHECK_FALSE(lifted.failure());
}

TEST_CASE("the correlation id of a frame that has only begun is known") {
  frame_reader frames;
  CHECK(feed(frames, int32(1000) + int32(7).substr(0, 3)).empty());
  CHECK_FALSE(frames.partial_correlation_id());
  CHECK(feed(frames, int32(7).substr(3)).empty());
  CHECK(frames.partial_correlation_id() == 7);
  frame_reader large;
  CHECK(feed(large, int32(100'000) + int32(8) + "abc").empty());
  CHECK(large.partial_correlation_id() == 8);
  (void)large.prepare();
  CHECK(large.partial_correlation_id() == 8);
  CHECK(large.partial_bytes() == 11);
  CHECK(large.partial_frame_bytes() == 100'004);
}
