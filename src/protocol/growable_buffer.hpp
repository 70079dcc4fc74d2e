// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"

namespace kafka::protocol {

/// Bytes that grow at the end, in blocks of a pool (which must outlive the buffer). Unlike std::vector it does not
/// clear what it hands out to be written, and its block becomes shared_bytes without a copy. Movable; not thread-safe.
class growable_buffer {
 public:
  explicit growable_buffer(buffer_pool& pool) noexcept : pool_(&pool) {}

  [[nodiscard]] std::byte* data() noexcept { return buffer_.data(); }
  [[nodiscard]] const std::byte* data() const noexcept { return buffer_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {buffer_.data(), size_}; }

  /// The unused room behind the bytes, made at least `bytes` long. Throws std::bad_alloc.
  [[nodiscard]] std::span<std::byte> room(std::size_t bytes) {
    if (buffer_.capacity() - size_ < bytes) grow(bytes);
    return {buffer_.data() + size_, buffer_.capacity() - size_};
  }
  /// The first `bytes` of the room now count.
  void commit(std::size_t bytes) noexcept { size_ += bytes; }
  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  void truncate(std::size_t size) noexcept { size_ = std::min(size_, size); }

  [[nodiscard]] unique_buffer release() && noexcept {
    size_ = 0;
    return std::move(buffer_);
  }
  [[nodiscard]] shared_bytes freeze() && noexcept { return std::move(buffer_).freeze(std::exchange(size_, 0)); }

 private:
  void grow(std::size_t bytes) {
    unique_buffer larger = pool_->take(std::max(size_ + bytes, 2 * buffer_.capacity()));
    if (size_ != 0) std::memcpy(larger.data(), buffer_.data(), size_);
    buffer_ = std::move(larger);
  }

  buffer_pool* pool_;
  unique_buffer buffer_;
  std::size_t size_ = 0;
};

}  // namespace kafka::protocol
