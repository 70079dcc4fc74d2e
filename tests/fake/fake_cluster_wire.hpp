// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/codec.hpp"
#include "protocol/frame.hpp"
#include "support/catch.hpp"

namespace kafka {

/// A plain blocking socket that speaks requests, so that these tests stand on nothing of ours but the codec.
class wire_connection {
 public:
  explicit wire_connection(std::uint16_t port) {
    reader_.trust(1U << 30U);
    addrinfo wanted{};
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (::getaddrinfo("127.0.0.1", std::to_string(port).c_str(), &wanted, &found) != 0) return;
    descriptor_ = ::socket(found->ai_family, found->ai_socktype, 0);
    connected_ = ::connect(descriptor_, found->ai_addr, found->ai_addrlen) == 0;
    ::freeaddrinfo(found);
  }
  wire_connection(const wire_connection&) = delete;
  wire_connection& operator=(const wire_connection&) = delete;
  ~wire_connection() { ::close(descriptor_); }

  [[nodiscard]] bool connected() const { return connected_; }

  template <class Request>
  void send(const Request& request, std::int16_t version = Request::api.stable_max) {
    protocol::encoded_message body;
    REQUIRE_FALSE(protocol::encode(request, version, body));
    std::vector<std::byte> out;
    REQUIRE(protocol::append_request_prefix(out, Request::api, version, 7, "wire", body.size));
    const shared_bytes flat = body.flatten();
    out.insert(out.end(), flat.span().begin(), flat.span().end());
    send_bytes(out);
  }
  void send_bytes(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }

  /// The next frame; empty if the other side closed or nothing came within 20 s.
  shared_bytes receive() {
    shared_bytes frame;
    while (!reader_.next(frame)) {
      pollfd waiting{descriptor_, POLLIN, 0};
      if (::poll(&waiting, 1, 20'000) != 1) return {};
      const auto room = reader_.prepare();
      const auto count = ::recv(descriptor_, room.data(), room.size(), 0);
      if (count <= 0) {
        closed_ = true;
        return {};
      }
      reader_.commit(static_cast<std::size_t>(count));
    }
    return frame;
  }
  template <class Response>
  Response take(std::int16_t version = Response::api.stable_max) {
    const shared_bytes frame = receive();
    REQUIRE_FALSE(frame.empty());
    protocol::response_prefix prefix;
    REQUIRE_FALSE(protocol::read_response_prefix(frame, Response::api.response_header_version(version), prefix));
    Response out;
    REQUIRE_FALSE(protocol::decode(frame.slice(prefix.body_offset), version, out, protocol::trailing_bytes::refused));
    return out;
  }
  template <class Request>
  typename Request::response ask(const Request& request, std::int16_t version = Request::api.stable_max) {
    send(request, version);
    return take<typename Request::response>(version);
  }
  /// Whether the other side closes without another answer.
  [[nodiscard]] bool is_closed_now() { return receive().empty() && closed_; }

 private:
  int descriptor_ = -1;
  bool connected_ = false;
  bool closed_ = false;
  protocol::frame_reader reader_;
};

}  // namespace kafka
