// SPDX-License-Identifier: Apache-2.0
// The demonstration's check must notice everything that can go wrong.
#include "cli/demo_records.hpp"

#include <kafka/partitioner.hpp>

#include "support/catch.hpp"

using namespace kafka;
using cli::demo_records;

namespace {

constexpr std::int32_t partitions = 6;

/// One record with its bytes, as it would come back.
struct returned {
  std::string key;
  std::string value;
  cli::shown_record shown;

  returned(std::uint64_t number, std::int64_t offset)
      : key(demo_records::key_of(number)), value(demo_records::value_of(number)) {
    shown.topic = "demo";
    shown.partition = murmur2_partition(bytes_view(key), partitions);
    shown.offset = offset;
    shown.key = bytes_view(key);
    shown.value = bytes_view(value);
  }
  returned(const returned&) = delete;
  returned& operator=(const returned&) = delete;
};

/// Records that were all acknowledged at the offset of their own number.
demo_records sent(std::uint64_t count) {
  demo_records records(count, partitions);
  for (std::uint64_t number = 0; number < count; ++number) {
    const returned each(number, static_cast<std::int64_t>(number));
    records.note_delivery(number, {.partition = each.shown.partition, .offset = each.shown.offset, .timestamp = 0});
  }
  return records;
}

std::string problem_of(demo_records records, const cli::shown_record& record) {
  records.check(record);
  return records.problem();
}

}  // namespace

TEST_CASE("records that come back as they were sent are no problem") {
  demo_records records = sent(100);
  for (std::uint64_t number = 0; number < 100; ++number)
    records.check(returned(number, static_cast<std::int64_t>(number)).shown);
  records.check_complete();
  CHECK(records.problem().empty());
  CHECK(records.seen() == 100);
}

TEST_CASE("a changed key, value, partition or offset is found") {
  returned changed(7, 7);
  changed.shown.key = "customer-x";
  CHECK_THAT(problem_of(sent(10), changed.shown), Catch::Matchers::Contains("another key"));
  returned null_key(7, 7);
  null_key.shown.key = bytes_view();
  CHECK_THAT(problem_of(sent(10), null_key.shown), Catch::Matchers::Contains("another key"));
  returned longer(7, 7);
  longer.value += "!";
  longer.shown.value = bytes_view(longer.value);
  CHECK_THAT(problem_of(sent(10), longer.shown), Catch::Matchers::Contains("another value"));
  returned elsewhere(7, 7);
  elsewhere.shown.partition = (elsewhere.shown.partition + 1) % partitions;
  CHECK_THAT(problem_of(sent(10), elsewhere.shown), Catch::Matchers::Contains("hash"));
  CHECK_THAT(problem_of(sent(10), returned(7, 8).shown), Catch::Matchers::Contains("where its delivery said"));
}

TEST_CASE("a record that nobody sent is found") {
  CHECK_THAT(problem_of(sent(10), returned(10, 10).shown), Catch::Matchers::Contains("never sent"));
  returned other(1, 1);
  other.shown.value = "something else";
  CHECK_THAT(problem_of(sent(10), other.shown), Catch::Matchers::Contains("never sent"));
  other.shown.value = bytes_view();
  CHECK_THAT(problem_of(sent(10), other.shown), Catch::Matchers::Contains("never sent"));
}

TEST_CASE("a record that comes twice, too late or not at all is found") {
  demo_records twice = sent(10);
  twice.check(returned(3, 3).shown);
  twice.check(returned(3, 3).shown);
  CHECK_THAT(twice.problem(), Catch::Matchers::Contains("came back twice"));

  // Number 1000 has the key, and so the partition, of number 0.
  demo_records swapped = sent(1001);
  swapped.check(returned(1000, 1000).shown);
  swapped.check(returned(0, 0).shown);
  CHECK_THAT(swapped.problem(), Catch::Matchers::Contains("sent later"));

  demo_records missing = sent(3);
  missing.check(returned(0, 0).shown);
  missing.check(returned(2, 2).shown);
  CHECK(missing.problem().empty());
  missing.check_complete();
  CHECK(missing.problem() == "record 1 did not come back");
}
