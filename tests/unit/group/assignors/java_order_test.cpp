// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/java_order.hpp"

#include "support/catch.hpp"

using namespace kafka::group;

TEST_CASE("strings have Java's hash codes") {
  CHECK(java_hash("") == 0);
  CHECK(java_hash("a") == 97);
  CHECK(java_hash("hello") == 99162322);
  CHECK(java_hash("polygenelubricants") == 0x80000000U);
  CHECK(java_hash("\xC3\xA9") == 233);                             // one unit
  CHECK(java_hash("\xE2\x82\xAC") == 0x20AC);                      // one unit
  CHECK(java_hash("\xF0\x9F\x98\x80") == 0xD83DU * 31 + 0xDE00U);  // a pair of surrogates
  CHECK(java_hash("t7", 3) == (3 + 31) * 31 + 3651);
}

TEST_CASE("a HashMap grows before it is three quarters full") {
  CHECK(java_bucket(31, 0) == 15);
  CHECK(java_bucket(31, 12) == 15);
  CHECK(java_bucket(31, 13) == 31);
  CHECK(java_bucket(63, 24) == 31);
  CHECK(java_bucket(63, 25) == 63);
  CHECK(java_bucket(0x00010000U, 1) == 1);  // the upper half takes part
}
