// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/shared_bytes.hpp"

namespace kafka {

/// Lends buffers and takes their blocks back when the last owner lets go, so that a steady stream of batches costs no
/// heap allocation. Capacities are powers of two. Thread-safe; buffers may outlive the pool (they then go to the heap).
class buffer_pool {
 public:
  /// Keeps at most `retained_bytes_max` bytes of idle blocks; what comes back beyond that is freed. Nor are idle blocks
  /// kept that would make more than `held_bytes_max` together with those that are lent.
  explicit buffer_pool(std::size_t retained_bytes_max = 64U << 20U, std::size_t held_bytes_max = SIZE_MAX);
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;
  ~buffer_pool();

  /// A buffer of at least `capacity` bytes, its content unspecified. Throws std::bad_alloc.
  [[nodiscard]] unique_buffer take(std::size_t capacity);

  /// How large a buffer take(capacity) gives.
  [[nodiscard]] static std::size_t capacity_of(std::size_t capacity) noexcept;

  /// Bytes of idle blocks held now.
  [[nodiscard]] std::size_t retained_bytes() const;

 private:
  struct state;
  state* state_;
};

}  // namespace kafka
