// SPDX-License-Identifier: Apache-2.0
#include "fake/partition_transactions.hpp"

#include "support/catch.hpp"

namespace kafka::fake {
namespace {

TEST_CASE("the first open transaction holds the last stable offset") {
  partition_transactions log;
  CHECK(log.last_stable_offset(10) == 10);
  log.appended(1, 10);
  log.appended(2, 12);
  log.appended(1, 14);
  CHECK(log.last_stable_offset(20) == 10);
  CHECK(log.last_stable_offset(5) == 5);
  CHECK(log.is_open(1));
  CHECK(log.first_offset(1) == 10);
  CHECK(log.first_offset(3) == -1);
  log.ended(1, 16, true, 20);
  CHECK_FALSE(log.is_open(1));
  CHECK(log.last_stable_offset(20) == 12);
  log.ended(2, 17, true, 20);
  CHECK(log.last_stable_offset(20) == 20);
  CHECK(log.aborted(0, 100).empty());
}

TEST_CASE("a transaction is decided only when its marker is below the high watermark") {
  partition_transactions log;
  log.appended(1, 10);
  log.ended(1, 12, false, 11);
  CHECK(log.last_stable_offset(11) == 10);
  CHECK(log.last_stable_offset(12) == 10);
  CHECK(log.last_stable_offset(13) == 13);
}

TEST_CASE("aborted transactions are found by what they touch, in the order of their markers") {
  partition_transactions log;
  log.appended(1, 10);
  log.appended(2, 12);
  log.ended(2, 14, false, 20);
  log.ended(1, 15, false, 20);
  log.appended(1, 16);
  log.ended(1, 18, false, 20);
  const aborted_range second{2, 12, 14};
  const aborted_range first{1, 10, 15};
  const aborted_range third{1, 16, 18};
  using ranges = std::vector<aborted_range>;
  CHECK(log.aborted(0, 100) == ranges{second, first, third});
  CHECK(log.aborted(0, 11) == ranges{first});
  CHECK(log.aborted(15, 16) == ranges{first});
  CHECK(log.aborted(16, 17) == ranges{third});
  CHECK(log.aborted(19, 100).empty());
  CHECK(log.aborted(0, 10).empty());
}

TEST_CASE("a marker without a transaction decides nothing") {
  partition_transactions log;
  log.ended(1, 5, false, 6);
  CHECK(log.aborted(0, 100).empty());
  CHECK(log.last_stable_offset(5) == 5);
}

TEST_CASE("what is deleted or cut off is forgotten") {
  partition_transactions log;
  log.appended(1, 1);
  log.ended(1, 3, false, 4);
  log.appended(1, 4);
  log.ended(1, 6, false, 7);
  log.appended(2, 8);
  log.delete_before(4);
  CHECK(log.aborted(0, 100) == std::vector<aborted_range>{{1, 4, 6}});
  log.truncate_to(5);
  // The marker is gone: the transaction is open again. The one behind it never began.
  CHECK(log.aborted(0, 100).empty());
  CHECK(log.first_offset(1) == 4);
  CHECK_FALSE(log.is_open(2));
}

}  // namespace
}  // namespace kafka::fake
