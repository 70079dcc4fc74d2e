// SPDX-License-Identifier: Apache-2.0
#include "base/buffer_pool.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace {

kafka::shared_bytes filled(kafka::buffer_pool& pool, std::size_t size, int with) {
  kafka::unique_buffer buffer = pool.take(size);
  std::memset(buffer.data(), with, size);
  return std::move(buffer).freeze(size);
}

}  // namespace

TEST_CASE("a buffer has the next power of two of bytes") {
  kafka::buffer_pool pool;
  for (const std::size_t wanted : {0U, 1U, 255U, 256U, 257U, 4096U, 100000U, 1U << 20U}) {
    const kafka::unique_buffer buffer = pool.take(wanted);
    CHECK(buffer.capacity() >= wanted);
    CHECK(buffer.capacity() <= std::max<std::size_t>(256, 2 * wanted));
    CHECK(std::has_single_bit(buffer.capacity()));
  }
}

TEST_CASE("a block that was given back is lent again") {
  kafka::buffer_pool pool;
  const std::byte* first = nullptr;
  {
    const kafka::shared_bytes bytes = filled(pool, 1000, 1);
    first = bytes.data();
    CHECK(pool.retained_bytes() == 0);
  }
  CHECK(pool.retained_bytes() == 1024);
  kafka::unique_buffer again = pool.take(600);
  CHECK(again.data() == first);
  CHECK(pool.retained_bytes() == 0);
  kafka::unique_buffer other_class = pool.take(2000);
  CHECK(other_class.data() != first);
}

TEST_CASE("a block stays lent until its last slice lets go") {
  kafka::buffer_pool pool;
  kafka::shared_bytes bytes = filled(pool, 1000, 1);
  kafka::shared_bytes slice = bytes.slice(10, 20);
  bytes = {};
  CHECK(pool.retained_bytes() == 0);
  CHECK(slice.pinned_bytes() == 1024);
  slice = {};
  CHECK(pool.retained_bytes() == 1024);
}

TEST_CASE("a pool keeps no more than its limit") {
  kafka::buffer_pool pool(4096);
  {
    std::vector<kafka::unique_buffer> lent;
    for (int count = 0; count < 10; ++count) lent.push_back(pool.take(1024));
  }
  CHECK(pool.retained_bytes() == 4096);
  {
    const kafka::unique_buffer large = pool.take(8192);
  }
  CHECK(pool.retained_bytes() == 4096);

  kafka::buffer_pool keeps_nothing(0);
  {
    const kafka::unique_buffer lent = keeps_nothing.take(256);
  }
  CHECK(keeps_nothing.retained_bytes() == 0);
}

TEST_CASE("idle blocks make room for those that are lent") {
  kafka::buffer_pool pool(1U << 20U, 64U << 10U);
  {
    std::vector<kafka::unique_buffer> small;
    for (int count = 0; count < 64; ++count) small.push_back(pool.take(1024));
  }
  CHECK(pool.retained_bytes() == 64U << 10U);
  {
    const kafka::unique_buffer large = pool.take(32U << 10U);
    CHECK(pool.retained_bytes() == 32U << 10U);
    const kafka::unique_buffer another = pool.take(64U << 10U);  // lending goes on, whatever is held
    CHECK(pool.retained_bytes() == 0);
  }
  CHECK(pool.retained_bytes() == 32U << 10U);  // the larger one came back while there was no room for it
}

TEST_CASE("bytes outlive the pool they came from") {
  std::optional<kafka::buffer_pool> pool(std::in_place);
  const kafka::shared_bytes bytes = filled(*pool, 1000, 42);
  {
    const kafka::shared_bytes idle = filled(*pool, 5000, 1);
  }
  pool.reset();
  for (const std::byte byte : bytes.span()) REQUIRE(byte == std::byte{42});
}

TEST_CASE("a request beyond any memory is refused and harms nothing") {
  kafka::buffer_pool pool;
  CHECK_THROWS_AS(pool.take(SIZE_MAX), std::bad_alloc);
  CHECK_THROWS_AS(pool.take(std::size_t{1} << 40U), std::bad_alloc);
  CHECK(pool.take(100).capacity() == 256);
}

TEST_CASE("several threads take and give back at once") {
  kafka::buffer_pool pool(1U << 20U);
  std::vector<std::thread> threads;
  std::vector<kafka::shared_bytes> crossing(4);
  for (std::size_t which = 0; which < crossing.size(); ++which) {
    threads.emplace_back([&, which] {
      for (std::size_t round = 0; round < 2000; ++round) {
        kafka::shared_bytes bytes = filled(pool, 100 + 97 * (round % 50), static_cast<int>(which));
        const kafka::shared_bytes copy = bytes;
        crossing.at(which) = std::move(bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t which = 0; which < crossing.size(); ++which)
    CHECK(crossing.at(which).data()[0] == static_cast<std::byte>(which));
  crossing.clear();
  CHECK(pool.retained_bytes() > 0);
  CHECK(pool.retained_bytes() <= 1U << 20U);
}
