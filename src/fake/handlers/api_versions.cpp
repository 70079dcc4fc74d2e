// SPDX-License-Identifier: Apache-2.0
// ApiVersions, 0 to 4.
// - A version that is not known here is answered in version 0 with UNSUPPORTED_VERSION and, since Kafka 2.4, one entry:
//   the range of ApiVersions itself, to try again with (KIP-511).
// - 3 adds the client's name and version; a name that is not made of [a-zA-Z0-9.-], beginning and ending with a letter
//   or digit, is INVALID_REQUEST. 3 also adds features.
// - Up to 3, features whose lowest level is 0 are left out, because old clients stumble over them (KAFKA-17492).
#include <algorithm>
#include <string_view>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "protocol/api.hpp"
#include "protocol/messages/api_versions.hpp"

namespace kafka::fake {

namespace {

bool is_letter_or_digit(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

bool is_software_name(std::string_view name) noexcept {
  return !name.empty() && is_letter_or_digit(name.front()) && is_letter_or_digit(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char letter) { return is_letter_or_digit(letter) || letter == '.' || letter == '-'; });
}

void add_range(protocol::api_versions_response& response, call& one, api_key key) {
  const auto range = one.state().announced(one.node(), key);
  if (range) response.api_keys.push_back({static_cast<std::int16_t>(key), range->min, range->max, {}});
}

}  // namespace

void handle_api_versions(call& one) {
  protocol::api_versions_response response;
  const auto* request = one.as<protocol::api_versions_request>();
  if (!request) {
    response.error_code = static_cast<std::int16_t>(broker_errc::unsupported_version);
    const bool gives_hint = one.state().versions().name != "2.1";
    if (gives_hint) add_range(response, one, api_key::api_versions);
    return one.answer_version(response, 0);
  }
  if (one.forced_error() != broker_errc::none) {
    response.error_code = static_cast<std::int16_t>(one.forced_error());
    // Every client reads an answer of this error as version 0.
    if (one.forced_error() == broker_errc::unsupported_version) return one.answer_version(response, 0);
    return one.answer(std::move(response));
  }
  if (one.version() >= 3 &&
      !(is_software_name(request->client_software_name) && is_software_name(request->client_software_version))) {
    response.error_code = static_cast<std::int16_t>(broker_errc::invalid_request);
    return one.answer(std::move(response));
  }
  for (const auto& api : protocol::all_apis()) {
    if (find_handler(api.key)) add_range(response, one, api.key);
  }
  for (const auto& feature : one.state().versions().features) {
    const std::string name(feature.name);
    if (feature.supported_min > 0 || one.version() >= 4) {
      response.supported_features.push_back({name, feature.supported_min, feature.supported_max, {}});
    }
    if (feature.finalized > 0) {
      response.finalized_features.push_back({name, feature.finalized, feature.finalized, {}});
    }
  }
  if (!response.finalized_features.empty()) response.finalized_features_epoch = 1;
  one.answer(std::move(response));
}

}  // namespace kafka::fake
