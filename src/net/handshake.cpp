// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.hpp"

#include <algorithm>

#include <kafka/broker_errc.hpp>

#include "protocol/messages/api_versions.hpp"
#include "protocol/reader.hpp"

namespace kafka::net {

namespace {

/// After how many lost connections version 0 is tried (Azure Event Hubs resets the connection on version 4).
constexpr unsigned resets_before_version_0 = 2;
/// For how long: a broker that was only restarting, or that was upgraded, is soon asked properly again.
constexpr std::chrono::minutes resets_remembered{5};
/// Since this version the request names our software.
constexpr std::int16_t software_name_since = 3;

constexpr bool is_alphanumeric(char value) noexcept {
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9');
}

error refused(std::int16_t code, std::int16_t version) {
  return {static_cast<broker_errc>(code), "ApiVersions version " + std::to_string(version)};
}

}  // namespace

std::string sanitised_software_text(std::string_view text) {
  const auto first = std::find_if(text.begin(), text.end(), is_alphanumeric);
  const auto last = std::find_if(text.rbegin(), text.rend(), is_alphanumeric).base();
  if (first >= last) return "unknown";
  std::string out(first, last);
  for (char& value : out) {
    if (!is_alphanumeric(value) && value != '.') value = '-';
  }
  return out;
}

handshake::handshake(std::string_view software_name, std::string_view software_version, handshake_memory& memory)
    : software_name_(sanitised_software_text(software_name)),
      software_version_(sanitised_software_text(software_version)),
      memory_(memory) {}

handshake::step handshake::start(steady_time now) {
  started_ = now;
  if (memory_.resets != 0 && now - memory_.last_reset >= resets_remembered) memory_ = {};
  const bool careful = memory_.resets >= resets_before_version_0;
  return ask_api_versions(careful ? std::int16_t{0} : protocol::api_versions_request::api.stable_max);
}

handshake::step handshake::ask_api_versions(std::int16_t version) {
  state_ = state::api_versions;
  version_ = version;
  protocol::api_versions_request request;
  request.client_software_name = software_name_;
  request.client_software_version = software_version_;
  question asked{api_key::api_versions, version, {}};
  if (error failure = protocol::encode(request, version, asked.body)) return fail(std::move(failure));
  return asked;
}

handshake::step handshake::answered(const shared_bytes& body, steady_time) {
  answered_ = true;
  protocol::reader start(body);
  const auto code = start.integer<std::int16_t>();
  if (!start.ok()) return fail(start.to_error("ApiVersionsResponse"));
  if (code == static_cast<std::int16_t>(broker_errc::unsupported_version)) return ask_lower_version(body);
  if (code == static_cast<std::int16_t>(broker_errc::invalid_request) && version_ >= software_name_since) {
    // The broker dislikes the name of our software; version 0 has none.
    return ask_api_versions(0);
  }
  if (code != 0) return fail(refused(code, version_));
  protocol::api_versions_response response;
  if (error failure = protocol::decode(body, version_, response)) return fail(std::move(failure));
  state_ = state::finished;
  if (version_ > 0) memory_ = {};
  return protocol::api_versions(response);
}

/// Error 35 is encoded in version 0, since the broker does not know ours; since KIP-511 it names the highest version to
/// ask in. Only a strictly lower version is believed, so that this ends.
handshake::step handshake::ask_lower_version(const shared_bytes& body) {
  if (version_ == 0) return fail(refused(static_cast<std::int16_t>(broker_errc::unsupported_version), 0));
  protocol::api_versions_response response;
  if (!protocol::decode(body, 0, response)) {
    for (const auto& entry : response.api_keys) {
      if (entry.api_key != static_cast<std::int16_t>(api_key::api_versions)) continue;
      if (entry.max_version >= 0 && entry.max_version < version_) return ask_api_versions(entry.max_version);
    }
  }
  return ask_api_versions(0);
}

handshake::step handshake::fail(error why) {
  state_ = state::finished;
  return why;
}

std::string_view handshake::lost(std::error_code reason, steady_time now) {
  if (state_ != state::api_versions) return {};
  state_ = state::finished;
  if (answered_) return {};
  if (version_ == 0) {
    // It was not the version then: begin again with the newest.
    memory_ = {};
  } else if (memory_.resets == 0 || started_ >= memory_.last_reset) {
    ++memory_.resets;
    memory_.last_reset = now;
  }
  if (!reason) return "the peer closed the connection when asked for its ApiVersions; probably its port expects TLS";
  return "the connection broke when the peer was asked for its ApiVersions; perhaps its port expects TLS";
}

}  // namespace kafka::net
