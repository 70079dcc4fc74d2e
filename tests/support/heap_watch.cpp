// SPDX-License-Identifier: Apache-2.0
#include "support/heap_watch.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t now = 0;
thread_local std::size_t most = 0;
thread_local std::size_t count = 0;

void* take(std::size_t size) {
  void* memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  now += malloc_usable_size(memory);
  most = std::max(most, now);
  ++count;
  return memory;
}

void give_back(void* memory) noexcept {
  if (!memory) return;
  // Memory may come from another thread, or from before the first count.
  now -= std::min(now, malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return take(size);
}
void* operator new[](std::size_t size) {
  return take(size);
}
// Catch uses this one; a sanitizer's would not match our delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return take(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept {
  give_back(memory);
}
void operator delete[](void* memory) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  give_back(memory);
}

namespace kafka::support {

heap_watch::heap_watch() noexcept : bytes_before_(now), allocations_before_(count) {
  most = now;
}

std::size_t heap_watch::peak() const noexcept {
  return most - std::min(most, bytes_before_);
}

std::size_t heap_watch::allocations() const noexcept {
  return count - allocations_before_;
}

}  // namespace kafka::support
