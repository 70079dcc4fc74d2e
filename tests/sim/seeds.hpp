// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>

namespace kafka::test {

/// Which seeds a simulation tries: KAFKA_SIM_SEEDS of them, from KAFKA_SIM_FIRST on.
struct seeds {
  std::uint64_t first;
  std::uint64_t count;

  /// `usual` as many unless the environment says otherwise; far fewer where a sanitizer makes each take a hundred times
  /// as long.
  explicit seeds(std::uint64_t usual)
      : first(setting("KAFKA_SIM_FIRST", 1)), count(setting("KAFKA_SIM_SEEDS", less(usual))) {}

 private:
  static std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
  }
  static constexpr std::uint64_t less(std::uint64_t all) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return (all + 24) / 25;
#else
    return all;
#endif
  }
};

}  // namespace kafka::test
