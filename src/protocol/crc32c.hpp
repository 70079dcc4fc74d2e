// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kafka::protocol {

/// The CRC32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`. With the CRC of what stands before them as `seed`, the
/// CRC of both together. Uses the processor's instruction where there is one; chosen at run time, on the first call.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

/// What `crc` becomes, apart from the CRC of those bytes themselves, when `bytes` more follow. It is linear: the
/// difference (exclusive or) of two CRCs becomes the difference of what they become.
[[nodiscard]] std::uint32_t crc32c_shift(std::uint32_t crc, std::uint64_t bytes) noexcept;

/// The CRC of A followed by B, from the CRCs of both and the length of B, without reading either.
[[nodiscard]] std::uint32_t crc32c_combine(std::uint32_t crc_of_a, std::uint32_t crc_of_b,
                                           std::uint64_t size_of_b) noexcept;

/// The two ways to compute it, for tests and benchmarks that compare them.
using crc32c_function = std::uint32_t (*)(std::span<const std::byte> bytes, std::uint32_t seed) noexcept;
[[nodiscard]] std::uint32_t crc32c_software(std::span<const std::byte> bytes, std::uint32_t seed) noexcept;
/// Null if this processor (or the compiler's target) has no instruction for it.
[[nodiscard]] crc32c_function crc32c_hardware() noexcept;

}  // namespace kafka::protocol
