// SPDX-License-Identifier: Apache-2.0
#include "base/shared_bytes.hpp"

#include <new>

namespace kafka {

namespace base {

static_assert(sizeof(block) % alignof(std::max_align_t) == 0, "bytes after the header are aligned for anything");

block* allocate_block(std::size_t capacity) {
  void* memory = ::operator new(sizeof(block) + capacity);
  auto* made = new (memory) block;
  made->capacity = capacity;
  made->release = [](block* self) noexcept {
    self->~block();
    ::operator delete(self);
  };
  return made;
}

}  // namespace base

shared_bytes shared_bytes::copy_of(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  unique_buffer buffer(bytes.size());
  std::memcpy(buffer.data(), bytes.data(), bytes.size());
  return std::move(buffer).freeze(bytes.size());
}

}  // namespace kafka
