// SPDX-License-Identifier: Apache-2.0
// What a broker would say, and what it would hear, for the tests of connections.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "net/request.hpp"
#include "net/session.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/headers.hpp"
#include "support/catch.hpp"

namespace kafka::net_test {

inline const steady_time start{std::chrono::hours(1)};

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::string int32(std::int32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint32_t>(value) >> shift);
  return out;
}

/// A frame with a response header of version 0 (or 1, without tags).
inline std::string answer(std::int32_t correlation_id, std::string_view body, int header_version = 0) {
  std::string content = int32(correlation_id);
  if (header_version == 1) content += '\0';
  content += body;
  return int32(static_cast<std::int32_t>(content.size())) + content;
}

template <class M>
std::string encoded(const M& message, std::int16_t version) {
  protocol::encoded_message out;
  const error failure = protocol::encode(message, version, out);
  INFO(failure.message());
  REQUIRE_FALSE(failure);
  return text_of(out.flatten());
}

inline protocol::api_versions_response::api_version speaks(std::int16_t key, std::int16_t min, std::int16_t max) {
  return {key, min, max, {}};
}

/// What a broker speaks, for the answer to ApiVersions.
inline protocol::api_versions_response spoken() {
  protocol::api_versions_response response;
  response.api_keys = {speaks(0, 0, 13), speaks(1, 4, 17), speaks(3, 0, 13), speaks(18, 0, 4)};
  return response;
}

/// A request as a broker reads it.
struct heard {
  api_key key{};
  std::int16_t version = 0;
  std::int32_t correlation_id = 0;
  std::string client_id;
  std::string body;
};

/// Takes the whole requests from the front of `bytes`.
inline std::vector<heard> take_requests(std::string& bytes) {
  std::vector<heard> out;
  while (bytes.size() >= 4) {
    std::uint32_t size = 0;
    for (int at = 0; at < 4; ++at) size = size << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)]);
    if (bytes.size() < 4 + size) break;
    const shared_bytes frame = shared_bytes::copy_of(std::string_view(bytes).substr(4, size));
    bytes.erase(0, 4 + size);
    protocol::request_header header;
    std::size_t used = 0;
    REQUIRE_FALSE(protocol::decode_prefix(frame, 1, header, used));
    const auto key = static_cast<api_key>(header.request_api_key);
    if (protocol::find_api(key)->flexible(header.request_api_version)) {
      REQUIRE_FALSE(protocol::decode_prefix(frame, 2, header, used));
    }
    out.push_back({key, header.request_api_version, header.correlation_id, header.client_id.value_or("null"),
                   text_of(frame.slice(used))});
  }
  return out;
}

/// A Fetch with an arbitrary body, in a version with the old header (no tagged fields).
inline net::request fetch(net::request_id id, std::string_view body = "fetch", steady_time deadline = never) {
  net::request out{.id = id, .key = api_key::fetch, .version = 4, .deadline = deadline};
  out.body.pieces.push_back(shared_bytes::copy_of(body));
  out.body.size = body.size();
  return out;
}

/// A Produce that expects no answer.
inline net::request produce_unacknowledged(net::request_id id, std::string_view body = "produce") {
  net::request out = fetch(id, body);
  out.key = api_key::produce;
  out.version = 3;
  out.expects_response = false;
  return out;
}

/// A session and the script of what happens to it.
class conversation {
 public:
  explicit conversation(net::session_options options = {}) : session(with_peer(std::move(options)), memory) {}

  /// Connected and through the handshake.
  void become_ready() {
    session.opened(now);
    REQUIRE(written().size() == 1);
    session.receive(bytes_of(answer(1, encoded(spoken(), 4))), now);
    REQUIRE(std::holds_alternative<net::session::ready>(event()));
  }

  /// Writes all there is and gives the requests in it.
  std::vector<heard> written() {
    while (session.wants_write()) write(SIZE_MAX);
    return take_requests(on_the_wire);
  }

  /// One gathering write of at most `limit` bytes.
  void write(std::size_t limit) {
    std::array<std::span<const std::byte>, 4> pieces;
    const std::size_t count = session.gather(pieces);
    REQUIRE(count != 0);
    std::size_t taken = 0;
    for (std::size_t at = 0; at < count; ++at) {
      const auto part = pieces[at].first(std::min(limit - taken, pieces[at].size()));
      on_the_wire += text_of(part);
      taken += part.size();
    }
    session.written(taken, now);
  }

  void receive(std::string_view bytes) { session.receive(bytes_of(bytes), now); }

  net::session::event event() {
    net::session::event out;
    REQUIRE(session.next(out));
    return out;
  }
  std::vector<net::session::event> events() {
    std::vector<net::session::event> out;
    for (net::session::event next; session.next(next);) out.push_back(std::move(next));
    return out;
  }
  /// The next event must be the end; gives why.
  error closed() {
    const auto last = event();
    REQUIRE(std::holds_alternative<net::session::closed>(last));
    REQUIRE(events().empty());
    return std::get<net::session::closed>(last).why;
  }

  net::handshake_memory memory;
  net::session session;
  steady_time now = start;
  std::string on_the_wire;

 private:
  static net::session_options with_peer(net::session_options options) {
    options.peer = "b1:9092";
    return options;
  }
};

}  // namespace kafka::net_test
