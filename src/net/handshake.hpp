// SPDX-License-Identifier: Apache-2.0
// What two peers say before requests may be sent. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

#include <kafka/api_key.hpp>
#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "protocol/api.hpp"
#include "protocol/codec.hpp"

namespace kafka::net {

/// What is remembered of one endpoint between connections: some services reset the connection when asked for the newest
/// version of ApiVersions, so that only a later connection can do better. Versions themselves are never remembered.
struct handshake_memory {
  /// Connections in a row that ended while a version above 0 was unanswered. Connections that were under way at the
  /// same time count once.
  unsigned resets = 0;
  steady_time last_reset{};
};

/// Makes `text` acceptable as a client software name or version (KIP-511): letters, digits, dots and dashes, first and
/// last a letter or digit; "unknown" if nothing remains.
[[nodiscard]] std::string sanitised_software_text(std::string_view text);

/// The steps before a connection is ready: ApiVersions now; authentication belongs between it and `ready`.
/// ApiVersions is asked in the highest version we speak. A broker that does not know that version answers in version 0
/// with error 35 and perhaps names its highest; one that dislikes our name answers 42; some reset the connection.
class handshake {
 public:
  /// A request to send; its answer's body goes to answered().
  struct question {
    api_key key{};
    std::int16_t version = 0;
    protocol::encoded_message body;
  };
  /// What comes next: a question, the end (what the broker speaks), or why it cannot be.
  using step = std::variant<question, protocol::api_versions, error>;

  /// `memory` belongs to the endpoint and must outlive this.
  handshake(std::string_view software_name, std::string_view software_version, handshake_memory& memory);

  [[nodiscard]] step start(steady_time now);
  [[nodiscard]] step answered(const shared_bytes& body, steady_time now);

  /// The connection ended before the handshake did; `reason` is empty when the peer closed it in order. Remembers it,
  /// and gives what it probably means ("" if there is nothing to say).
  [[nodiscard]] std::string_view lost(std::error_code reason, steady_time now);

 private:
  enum class state : std::uint8_t { idle, api_versions, finished };

  [[nodiscard]] step ask_api_versions(std::int16_t version);
  [[nodiscard]] step ask_lower_version(const shared_bytes& body);
  [[nodiscard]] step fail(error why);

  std::string software_name_;
  std::string software_version_;
  handshake_memory& memory_;
  state state_ = state::idle;
  std::int16_t version_ = 0;
  bool answered_ = false;
  steady_time started_{};
};

}  // namespace kafka::net
