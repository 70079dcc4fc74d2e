// SPDX-License-Identifier: Apache-2.0
#include "protocol/crc32c.hpp"
#include "protocol/crc32c_tables.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define KAFKA_CRC32C_X86 1
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__GNUC__) && defined(__linux__)
#define KAFKA_CRC32C_ARM 1
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace kafka::protocol {

#if defined(KAFKA_CRC32C_X86) || defined(KAFKA_CRC32C_ARM)

namespace {

// The instruction takes three cycles but a new one can start in each, so three independent stretches ("lanes") of the
// input are worked on in turn. At the end of a block the first two are moved over the bytes that follow them, which is
// a multiplication by a power of x, and added to the third.

#if defined(KAFKA_CRC32C_X86)
#define KAFKA_CRC32C_TARGET __attribute__((target("sse4.2,pclmul")))

KAFKA_CRC32C_TARGET inline std::uint64_t step_8(std::uint64_t state, std::uint64_t word) noexcept {
  return _mm_crc32_u64(state, word);
}
KAFKA_CRC32C_TARGET inline std::uint32_t step_1(std::uint32_t state, std::uint8_t byte) noexcept {
  return _mm_crc32_u8(state, byte);
}
// The 63-bit product of two polynomials of 32 bits.
KAFKA_CRC32C_TARGET inline std::uint64_t product(std::uint64_t left, std::uint32_t right) noexcept {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(
      _mm_cvtsi64_si128(static_cast<long long>(left)), _mm_cvtsi32_si128(static_cast<int>(right)), 0)));
}
#else
#define KAFKA_CRC32C_TARGET __attribute__((target("+crc")))

KAFKA_CRC32C_TARGET inline std::uint64_t step_8(std::uint64_t state, std::uint64_t word) noexcept {
  return __crc32cd(static_cast<std::uint32_t>(state), word);
}
KAFKA_CRC32C_TARGET inline std::uint32_t step_1(std::uint32_t state, std::uint8_t byte) noexcept {
  return __crc32cb(state, byte);
}
// Not every processor with the CRC instructions has a carry-less multiplication; this runs twice a block.
inline std::uint64_t product(std::uint64_t left, std::uint32_t right) noexcept {
  std::uint64_t sum = 0;
  for (unsigned bit = 0; bit < 32; ++bit) sum ^= (((right >> bit) & 1U) != 0 ? left << bit : 0U);
  return sum;
}
#endif

std::uint64_t load(const unsigned char* at) noexcept {
  return boost::endian::load_little_u64(at);
}

// One block of three lanes of `lane_bytes` each.
template <std::size_t lane_bytes>
KAFKA_CRC32C_TARGET inline std::uint64_t block(std::uint64_t state, const unsigned char* at) noexcept {
  static_assert(lane_bytes % 8 == 0 && lane_bytes >= 16);
  // The product of two reflected polynomials comes out one bit too low, and the step that adds it in multiplies by
  // x^32.
  constexpr std::uint32_t over_two = crc::power_of_x(2 * 8 * lane_bytes - 33);
  constexpr std::uint32_t over_one = crc::power_of_x(8 * lane_bytes - 33);
  std::uint64_t first = state;
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  const unsigned char* const last = at + lane_bytes - 8;
  for (; at != last; at += 8) {
    first = step_8(first, load(at));
    second = step_8(second, load(at + lane_bytes));
    third = step_8(third, load(at + 2 * lane_bytes));
  }
  first = step_8(first, load(at));
  second = step_8(second, load(at + lane_bytes));
  return step_8(third, load(at + 2 * lane_bytes) ^ product(first, over_two) ^ product(second, over_one));
}

template <std::size_t lane_bytes>
KAFKA_CRC32C_TARGET inline void blocks(std::uint64_t& state, const unsigned char*& at, std::size_t& left) noexcept {
  for (; left >= 3 * lane_bytes; left -= 3 * lane_bytes, at += 3 * lane_bytes) state = block<lane_bytes>(state, at);
}

KAFKA_CRC32C_TARGET std::uint32_t compute(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  std::uint64_t state = ~seed;
  blocks<4096>(state, at, left);
  blocks<512>(state, at, left);
  blocks<64>(state, at, left);
  for (; left >= 8; left -= 8, at += 8) state = step_8(state, load(at));
  auto narrow = static_cast<std::uint32_t>(state);
  for (; left != 0; --left, ++at) narrow = step_1(narrow, *at);
  return ~narrow;
}

bool processor_can() noexcept {
#if defined(KAFKA_CRC32C_X86)
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
#else
  return (getauxval(AT_HWCAP) & (1UL << 7U)) != 0;  // HWCAP_CRC32
#endif
}

}  // namespace

crc32c_function crc32c_hardware() noexcept {
  return processor_can() ? compute : nullptr;
}

#else

crc32c_function crc32c_hardware() noexcept {
  return nullptr;
}

#endif

}  // namespace kafka::protocol
