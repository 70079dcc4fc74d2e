// SPDX-License-Identifier: Apache-2.0

// A program of its own, because it replaces operator new to count.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "protocol/compression.hpp"
#include "protocol/record_batch_reader.hpp"
#include "protocol/record_batch_writer.hpp"
#include "support/catch.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// Not counted, but paired with the deletes below: a sanitizer refuses memory of its own that they free.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr int record_count = 5000;

shared_bytes written(buffer_pool& pool, compression codec, const std::string& value) {
  record_batch_writer writer(pool);
  const header headers[] = {{"trace", "abc"}, {"none", nullptr}};
  for (int index = 0; index < record_count; ++index) {
    const bool appended =
        index % 10 == 0 ? writer.append(index, "key", value, headers) : writer.append(index, "key", value);
    if (!appended) std::abort();
  }
  sealed_batch sealed;
  if (writer.seal({.codec = codec}, sealed)) std::abort();
  sealed.stamp({.producer_id = 1, .producer_epoch = 2, .base_sequence = 3});
  return sealed.bytes();
}

std::size_t read(buffer_pool& pool, const shared_bytes& bytes) {
  std::size_t seen = 0;
  record_batch_reader reader(bytes);
  while (reader.next() == batch_step::batch) {
    batch_records opened;
    if (reader.batch().open(pool, opened)) std::abort();
    record_cursor cursor = opened.cursor();
    for (record_ref record; cursor.next(record); ++seen)
      for (const header& each : record.headers) seen += each.key.empty() ? 1U : 0U;
  }
  return seen;
}

}  // namespace

TEST_CASE("in a steady state neither records nor batches cost an allocation, written or read") {
  buffer_pool pool;
  const std::string value(100, 'v');
  for (const compression codec :
       {compression::none, compression::gzip, compression::lz4, compression::zstd, compression::snappy}) {
    if (!compression_supported(codec)) continue;
    INFO(to_string(codec));
    for (int warm = 0; warm < 2; ++warm) CHECK(read(pool, written(pool, codec, value)) == record_count);
    const std::size_t before = allocations.load();
    const std::size_t seen = read(pool, written(pool, codec, value));
    const std::size_t after = allocations.load();
    CHECK(seen == record_count);
    // Snappy's library makes its working memory anew for each block; its interface takes none.
    if (codec == compression::snappy) {
      CHECK(after - before < 100);
    } else {
      CHECK(after - before == 0);
    }
  }
}

TEST_CASE("a buffer that must grow costs an allocation a doubling, and none a record") {
  const std::string value(100, 'v');
  buffer_pool pool(0);
  record_batch_writer writer(pool, {.bytes_max = 1'000'000, .capacity = 256});
  const std::size_t before = allocations.load();
  int appended = 0;
  while (writer.append(appended, "key", value)) ++appended;
  const std::size_t after = allocations.load();
  CHECK(appended > 8000);
  CHECK(after - before <= 13);
}
