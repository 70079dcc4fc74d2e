// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace kafka {

namespace base {

/// The start of a heap block that several owners share. The bytes follow the header.
struct block {
  std::atomic<std::uint32_t> references{1};
  std::size_t capacity = 0;
  /// Called when the last owner lets go; frees the block or gives it back to the pool it came from.
  void (*release)(block*) noexcept = nullptr;
  /// Whatever `release` needs (the pool); opaque here.
  void* owner = nullptr;

  [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }

  void retain() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
  void let_go() noexcept {
    // The acquire pairs with other owners' releases: their last reads happen before the block is used again.
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) release(this);
  }
};

/// A block from the heap with room for `capacity` bytes; throws std::bad_alloc.
[[nodiscard]] block* allocate_block(std::size_t capacity);

}  // namespace base

class unique_buffer;

/// A slice of immutable, reference-counted bytes. Copying shares, never copies bytes; thread-safe like std::shared_ptr:
/// different slices of one block may be used by different threads. Compared by content.
class shared_bytes {
 public:
  shared_bytes() noexcept = default;
  shared_bytes(const shared_bytes& other) noexcept : block_(other.block_), data_(other.data_), size_(other.size_) {
    if (block_) block_->retain();
  }
  shared_bytes(shared_bytes&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  shared_bytes& operator=(shared_bytes other) noexcept {
    swap(other);
    return *this;
  }
  ~shared_bytes() {
    if (block_) block_->let_go();
  }

  [[nodiscard]] static shared_bytes copy_of(std::span<const std::byte> bytes);
  [[nodiscard]] static shared_bytes copy_of(std::string_view text) { return copy_of(std::as_bytes(std::span(text))); }

  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
  operator std::span<const std::byte>() const noexcept { return span(); }

  /// The bytes [offset, offset + count), clipped to this slice, sharing its block.
  [[nodiscard]] shared_bytes slice(std::size_t offset, std::size_t count = SIZE_MAX) const noexcept {
    shared_bytes out(*this);
    offset = offset < size_ ? offset : size_;
    out.data_ += offset;
    out.size_ = count < size_ - offset ? count : size_ - offset;
    return out;
  }

  /// How many bytes of memory this slice keeps alive (the whole block), for budgets.
  [[nodiscard]] std::size_t pinned_bytes() const noexcept { return block_ ? block_->capacity : 0; }

  void swap(shared_bytes& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  friend bool operator==(const shared_bytes& left, const shared_bytes& right) noexcept {
    return left.size_ == right.size_ && (left.size_ == 0 || std::memcmp(left.data_, right.data_, left.size_) == 0);
  }

 private:
  friend class unique_buffer;
  shared_bytes(base::block* block, const std::byte* data, std::size_t size) noexcept
      : block_(block), data_(data), size_(size) {}

  base::block* block_ = nullptr;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A writable block with one owner; `freeze` turns it into shared_bytes without a copy. Movable, not thread-safe.
class unique_buffer {
 public:
  unique_buffer() noexcept = default;
  /// Uninitialised room for `capacity` bytes from the heap.
  explicit unique_buffer(std::size_t capacity) : block_(base::allocate_block(capacity)) {}
  /// Takes over a block (its single reference); used by buffer_pool.
  explicit unique_buffer(base::block* block) noexcept : block_(block) {}
  unique_buffer(unique_buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  unique_buffer& operator=(unique_buffer&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~unique_buffer() {
    if (block_) block_->let_go();
  }

  [[nodiscard]] std::byte* data() noexcept { return block_ ? block_->data() : nullptr; }
  [[nodiscard]] const std::byte* data() const noexcept { return block_ ? block_->data() : nullptr; }
  [[nodiscard]] std::size_t capacity() const noexcept { return block_ ? block_->capacity : 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return block_ != nullptr; }

  /// The first `size` (<= capacity) bytes as shared_bytes; this buffer is empty afterwards.
  [[nodiscard]] shared_bytes freeze(std::size_t size) && noexcept {
    base::block* block = std::exchange(block_, nullptr);
    if (!block) return {};
    return {block, block->data(), size < block->capacity ? size : block->capacity};
  }

 private:
  base::block* block_ = nullptr;
};

}  // namespace kafka
