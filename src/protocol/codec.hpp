// SPDX-License-Identifier: Apache-2.0
// Bytes <-> messages. Declared here for every message, defined in codec_definitions.hpp and instantiated once, in
// messages/instantiate_*.cpp, so that nobody else compiles the visitors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// An encoded message: pieces in the order of the wire. Large byte fields (record batches) are pieces of their own that
/// share the caller's memory.
struct encoded_message {
  std::vector<shared_bytes> pieces;
  std::size_t size = 0;

  /// All pieces copied into one.
  [[nodiscard]] shared_bytes flatten() const;
};

/// What to do with bytes after the last field.
enum class trailing_bytes : std::uint8_t { ignored, refused };

/// Encodes the body of `message` in `version`. Errors: unsupported_version; value_not_encodable, naming the field that
/// the version cannot carry. `out` is then unchanged.
template <class M>
[[nodiscard]] error encode(const M& message, std::int16_t version, encoded_message& out);

/// The size that encode() would give; `version` must be one that it takes.
template <class M>
[[nodiscard]] std::size_t encoded_size(const M& message, std::int16_t version);

/// Decodes a body into `out` (any former content is dropped). Byte fields are slices of `body`. Errors:
/// unsupported_version; malformed_response or limit_exceeded, naming the field; `out` then holds what was read before.
template <class M>
[[nodiscard]] error decode(const shared_bytes& body, std::int16_t version, M& out,
                           trailing_bytes trailing = trailing_bytes::ignored);

/// As decode(), from the front of `body`; `consumed` says how many bytes it took.
template <class M>
[[nodiscard]] error decode_prefix(const shared_bytes& body, std::int16_t version, M& out, std::size_t& consumed);

/// One line of JSON in the form of Kafka's own converters: byte fields in base64, uuids as Kafka spells them, tagged
/// fields at their default left out, unknown tagged fields under "_unknownTaggedFields".
template <class M>
[[nodiscard]] std::string to_json(const M& message, std::int16_t version);

}  // namespace kafka::protocol
