// SPDX-License-Identifier: Apache-2.0
#include "unit/net/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> count{0};
}  // namespace

// Replaces the program's operator new; the array and nothrow forms come here too.
void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace kafka::net_test {

allocations::allocations() noexcept : before_(count.load()) {}

std::size_t allocations::since() const noexcept {
  return count.load() - before_;
}

}  // namespace kafka::net_test
