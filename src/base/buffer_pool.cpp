// SPDX-License-Identifier: Apache-2.0
#include "base/buffer_pool.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <utility>

namespace kafka {

namespace {

// One class for each power of two, header not counted.
constexpr std::size_t smallest = std::size_t{1} << 8U;
constexpr std::size_t largest = std::size_t{1} << (sizeof(std::size_t) >= 8 ? 36U : 30U);  // more is a mistake
constexpr std::size_t class_count = static_cast<std::size_t>(std::bit_width(largest) - std::bit_width(smallest)) + 1;

std::size_t class_of(std::size_t capacity) noexcept {
  return static_cast<std::size_t>(std::bit_width(capacity) - std::bit_width(smallest));
}

}  // namespace

/// Lives as long as the pool or any block that came from it.
struct buffer_pool::state {
  state(std::size_t idle_max, std::size_t all_max) noexcept : retained_max(idle_max), held_max(all_max) {}

  [[nodiscard]] base::block* lend(std::size_t capacity);
  /// Takes idle blocks out that are too many beside what is lent. Under the lock; the caller frees them outside of it.
  [[nodiscard]] base::block* trim() noexcept;
  static void take_back(base::block* block) noexcept;
  void close() noexcept;

  mutable std::mutex mutex;
  std::array<base::block*, class_count> idle{};  // linked through block::owner
  std::size_t retained = 0;
  std::size_t retained_max;
  std::size_t lent = 0;
  std::size_t held_max;
  std::size_t holders = 1;                        // the pool itself, and every block that is lent
  void (*free)(base::block*) noexcept = nullptr;  // what frees a block that allocate_block made
};

base::block* buffer_pool::state::lend(std::size_t capacity) {
  const std::size_t index = class_of(capacity);
  base::block* surplus = nullptr;
  void (*free_it)(base::block*) noexcept = nullptr;
  {
    const std::lock_guard lock(mutex);
    ++holders;
    lent += capacity;
    if (base::block* block = idle[index]) {
      idle[index] = static_cast<base::block*>(block->owner);
      retained -= block->capacity;
      block->owner = this;
      block->references.store(1, std::memory_order_relaxed);
      return block;
    }
    surplus = trim();
    free_it = free;
  }
  base::block* made = nullptr;
  while (surplus) free_it(std::exchange(surplus, static_cast<base::block*>(surplus->owner)));
  try {
    made = base::allocate_block(capacity);
  } catch (...) {
    const std::lock_guard lock(mutex);
    --holders;  // never the last one: the pool that is being called is another
    lent -= capacity;
    throw;
  }
  const std::lock_guard lock(mutex);
  free = std::exchange(made->release, take_back);
  made->owner = this;
  return made;
}

base::block* buffer_pool::state::trim() noexcept {
  base::block* out = nullptr;
  for (base::block*& list : idle) {
    while (list && retained + lent > held_max) {
      base::block* block = std::exchange(list, static_cast<base::block*>(list->owner));
      retained -= block->capacity;
      block->owner = std::exchange(out, block);
    }
  }
  return out;
}

// The last owner of a block let go of it. This state lives at least until the block is counted out below.
void buffer_pool::state::take_back(base::block* block) noexcept {
  auto* self = static_cast<state*>(block->owner);
  void (*free_it)(base::block*) noexcept = nullptr;
  bool keep = false;
  bool last = false;
  {
    const std::lock_guard lock(self->mutex);
    free_it = self->free;
    self->lent -= block->capacity;
    keep = block->capacity <= self->retained_max && self->retained <= self->retained_max - block->capacity &&
           self->retained + self->lent + block->capacity <= self->held_max;
    if (keep) {
      block->owner = std::exchange(self->idle[class_of(block->capacity)], block);
      self->retained += block->capacity;
    }
    last = --self->holders == 0;
  }
  if (!keep) free_it(block);
  if (last) delete self;
}

void buffer_pool::state::close() noexcept {
  std::array<base::block*, class_count> lists{};
  void (*free_it)(base::block*) noexcept = nullptr;
  bool last = false;
  {
    const std::lock_guard lock(mutex);
    free_it = free;
    lists.swap(idle);
    retained = 0;
    retained_max = 0;  // what comes back from now on is freed
    last = --holders == 0;
  }
  for (base::block* block : lists) {
    while (block) free_it(std::exchange(block, static_cast<base::block*>(block->owner)));
  }
  if (last) delete this;
}

buffer_pool::buffer_pool(std::size_t retained_bytes_max, std::size_t held_bytes_max)
    : state_(new state(retained_bytes_max, held_bytes_max)) {}

buffer_pool::~buffer_pool() {
  state_->close();
}

std::size_t buffer_pool::capacity_of(std::size_t capacity) noexcept {
  return capacity > largest ? capacity : std::bit_ceil(std::max(capacity, smallest));
}

unique_buffer buffer_pool::take(std::size_t capacity) {
  if (capacity > largest) throw std::bad_alloc();
  return unique_buffer(state_->lend(capacity_of(capacity)));
}

std::size_t buffer_pool::retained_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->retained;
}

}  // namespace kafka
