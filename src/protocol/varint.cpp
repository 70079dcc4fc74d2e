// SPDX-License-Identifier: Apache-2.0
#include "protocol/varint.hpp"

namespace kafka::protocol {

namespace {

template <unsigned bits>
varint_read read_slowly(const std::byte* at, const std::byte* end) noexcept {
  std::uint64_t read = 0;
  for (unsigned shift = 0; shift < bits && at != end; shift += 7U) {
    const auto byte = std::to_integer<std::uint64_t>(*at++);
    // The last byte has room for fewer than seven bits, and none for the one that says that more follow.
    if (shift + 7U > bits && (byte >> (bits - shift)) != 0) return {};
    read |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return {at, read};
  }
  return {};
}

}  // namespace

varint_read read_varint_slowly(const std::byte* at, const std::byte* end) noexcept {
  return read_slowly<32>(at, end);
}

varint_read read_varlong_slowly(const std::byte* at, const std::byte* end) noexcept {
  return read_slowly<64>(at, end);
}

}  // namespace kafka::protocol
