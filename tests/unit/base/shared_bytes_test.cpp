// SPDX-License-Identifier: Apache-2.0
#include "base/shared_bytes.hpp"

#include <cstdint>
#include <utility>

#include "support/catch.hpp"

using kafka::shared_bytes;

TEST_CASE("copies and slices share one block and never copy bytes") {
  const shared_bytes whole = shared_bytes::copy_of("hello, world");
  const shared_bytes copy = whole;
  const shared_bytes slice = whole.slice(7, 5);
  CHECK(copy.data() == whole.data());
  CHECK(slice.data() == whole.data() + 7);
  CHECK(slice.text() == "world");
  CHECK(slice.pinned_bytes() == whole.pinned_bytes());
}

TEST_CASE("a slice is clipped to what there is") {
  const shared_bytes whole = shared_bytes::copy_of("abcdef");
  CHECK(whole.slice(4).text() == "ef");
  CHECK(whole.slice(4, 100).text() == "ef");
  CHECK(whole.slice(6).empty());
  CHECK(whole.slice(100, 1).empty());
  CHECK(whole.slice(SIZE_MAX, SIZE_MAX).empty());
  CHECK(whole.slice(2, 0).empty());
}

TEST_CASE("bytes are compared by content") {
  CHECK(shared_bytes::copy_of("abc") == shared_bytes::copy_of("abc"));
  CHECK(shared_bytes::copy_of("xabc").slice(1) == shared_bytes::copy_of("abc"));
  CHECK_FALSE(shared_bytes::copy_of("abc") == shared_bytes::copy_of("abd"));
  CHECK_FALSE(shared_bytes::copy_of("abc") == shared_bytes::copy_of("ab"));
  CHECK(shared_bytes() == shared_bytes::copy_of(""));
}

TEST_CASE("a slice keeps its block alive after the whole is gone") {
  shared_bytes whole = shared_bytes::copy_of("a text that is long enough to be noticed");
  const shared_bytes slice = whole.slice(2, 4);
  whole = {};
  CHECK(slice.text() == "text");
}

TEST_CASE("moving leaves an empty slice behind") {
  shared_bytes from = shared_bytes::copy_of("abc");
  const shared_bytes to = std::move(from);
  CHECK(to.text() == "abc");
  CHECK(from.empty());
  CHECK(from.pinned_bytes() == 0);
}

TEST_CASE("a writable buffer becomes shared without a copy") {
  kafka::unique_buffer buffer(100);
  REQUIRE(buffer.capacity() == 100);
  buffer.data()[0] = std::byte{'x'};
  const std::byte* const where = buffer.data();
  const shared_bytes frozen = std::move(buffer).freeze(1);
  CHECK(frozen.data() == where);
  CHECK(frozen.text() == "x");
  CHECK(frozen.pinned_bytes() == 100);
  CHECK_FALSE(static_cast<bool>(buffer));
  CHECK(kafka::unique_buffer(10).capacity() == 10);
  CHECK(std::move(buffer).freeze(5).empty());
}
