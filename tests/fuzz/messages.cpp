// SPDX-License-Identifier: Apache-2.0
// Any bytes as any message of any version: decoding fails or gives a message that encodes to bytes which decode to the
// same bytes again. The first byte chooses the message, the second the version.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/shared_bytes.hpp"
#include "protocol/registry.hpp"

namespace {

using namespace kafka;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto all = protocol::all_messages();
  const protocol::message_type& type = *all[data[0] % all.size()];
  const auto span = static_cast<unsigned>(type.api.versions.max - type.api.versions.min + 1);
  const auto version = static_cast<std::int16_t>(type.api.versions.min + static_cast<int>(data[1] % span));
  const shared_bytes body = shared_bytes::copy_of(std::as_bytes(std::span(data + 2, size - 2)));

  protocol::any_message first(type);
  if (first.decode(body, version)) return 0;
  protocol::encoded_message once;
  require(!first.encode(version, once));
  const shared_bytes bytes = once.flatten();
  protocol::any_message second(type);
  require(!second.decode(bytes, version, protocol::trailing_bytes::refused));
  protocol::encoded_message twice;
  require(!second.encode(version, twice));
  require(twice.flatten() == bytes);
  require(!first.to_json(version).empty());
  return 0;
}
