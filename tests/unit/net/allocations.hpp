// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kafka::net_test {

/// Counts the heap allocations of this program (through operator new) from its construction on.
class allocations {
 public:
  allocations() noexcept;
  [[nodiscard]] std::size_t since() const noexcept;

 private:
  std::size_t before_;
};

}  // namespace kafka::net_test
