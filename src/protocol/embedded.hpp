// SPDX-License-Identifier: Apache-2.0
// Messages inside the byte fields of others: an int16 version, then the body.
#pragma once

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <utility>

#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "protocol/codec.hpp"

namespace kafka::protocol {

/// In the newest version. Empty if the message cannot be encoded.
template <class M>
[[nodiscard]] shared_bytes encode_embedded(const M& message) {
  const std::int16_t version = M::api.versions.max;
  encoded_message body;
  if (encode(message, version, body)) return {};
  const shared_bytes flat = body.flatten();
  unique_buffer out(2 + flat.size());
  boost::endian::store_big_s16(reinterpret_cast<unsigned char*>(out.data()), version);
  if (!flat.empty()) std::memcpy(out.data() + 2, flat.data(), flat.size());
  return std::move(out).freeze(2 + flat.size());
}

/// Of a version newer than ours what we know of it is read: newer ones only add at the end.
template <class M>
[[nodiscard]] error decode_embedded(const shared_bytes& bytes, M& out) {
  if (bytes.size() < 2) return {client_errc::malformed_response, "no version in front"};
  const std::int16_t version = boost::endian::load_big_s16(reinterpret_cast<const unsigned char*>(bytes.data()));
  if (version < 0) return {client_errc::malformed_response, "a negative version"};
  return decode(bytes.slice(2), std::min(version, M::api.versions.max), out);
}

}  // namespace kafka::protocol
