// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kafka::support {

/// Measures what a piece of code takes from the heap with `new`, in this thread. A program that includes this links
/// tests/support/heap_watch.cpp, which replaces the global operators.
class heap_watch {
 public:
  heap_watch() noexcept;
  /// The most bytes that were allocated at a time since construction.
  [[nodiscard]] std::size_t peak() const noexcept;
  /// How many allocations there were since construction.
  [[nodiscard]] std::size_t allocations() const noexcept;

 private:
  std::size_t bytes_before_;
  std::size_t allocations_before_;
};

}  // namespace kafka::support
