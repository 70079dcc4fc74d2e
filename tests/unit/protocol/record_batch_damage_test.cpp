// SPDX-License-Identifier: Apache-2.0

// Golden record sets, cut off at every byte and with bits flipped, from buffers that end where the set ends: whatever
// happens, nothing is read behind the end (a sanitizer looks on) and every failure is a typed error.
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "golden/golden.hpp"
#include "protocol/record_batch_reader.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr read_limits small{.decompressed_bytes_max = 4U << 20U};

std::vector<std::string> golden_sets() {
  std::vector<std::string> sets;
  for (const std::string& line : golden::lines_of("records.tsv.gz"))
    sets.push_back(golden::bytes_of_hex(golden::fields_of(line).at(2)));
  return sets;
}

struct totals {
  std::size_t batches = 0;
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t failures = 0;
};

bool expected(const error& failure) {
  return failure == client_errc::corrupt_batch || failure == client_errc::limit_exceeded ||
         failure == client_errc::unsupported_feature;
}

totals read_all(const std::string& text) {
  static buffer_pool pool;
  totals seen;
  record_batch_reader reader(shared_bytes::copy_of(text), small);
  for (batch_step step = reader.next(); step != batch_step::end; step = reader.next()) {
    error failure = step == batch_step::failed ? reader.failure().reason : error();
    if (!failure) {
      ++seen.batches;
      batch_records opened;
      failure = reader.batch().open(pool, opened);
      record_cursor cursor = opened.cursor();
      for (record_ref record; cursor.next(record); ++seen.records) {
        for (const char letter : record.key.view()) seen.bytes += static_cast<unsigned char>(letter);
        for (const char letter : record.value.view()) seen.bytes += static_cast<unsigned char>(letter);
        for (const header& each : record.headers) seen.bytes += each.key.size() + each.value.size();
      }
      if (!failure) failure = cursor.failure();
    }
    if (!failure) continue;
    ++seen.failures;
    REQUIRE(expected(failure));
  }
  REQUIRE(reader.valid_bytes() <= text.size());
  return seen;
}

}  // namespace

TEST_CASE("a golden set that is cut off anywhere gives the batches before the cut and no error") {
  for (const std::string& set : golden_sets()) {
    const totals whole = read_all(set);
    const std::size_t stride = set.size() > 4000 ? 97 : 1;
    std::size_t batches = 0;
    for (std::size_t size = 0; size < set.size(); size += stride) {
      const totals cut = read_all(set.substr(0, size));
      REQUIRE(cut.batches >= batches);
      REQUIRE(cut.batches <= whole.batches);
      REQUIRE(cut.failures <= whole.failures);
      batches = cut.batches;
    }
  }
}

TEST_CASE("a golden set with flipped bits gives typed errors or other records, never more") {
  random_source random(11);
  std::size_t failures = 0;
  for (const std::string& set : golden_sets()) {
    if (set.empty()) continue;
    for (int round = 0; round < 200; ++round) {
      std::string damaged = set;
      for (std::uint64_t flips = 1 + random.below(4); flips != 0; --flips)
        damaged[random.below(damaged.size())] ^= static_cast<char>(1U << random.below(8));
      failures += read_all(damaged).failures;
    }
  }
  CHECK(failures > 10000);
}

TEST_CASE("damage that a right CRC covers is found by the format's own rules") {
  random_source random(12);
  std::size_t failures = 0;
  std::size_t reads = 0;
  for (const std::string& set : golden_sets()) {
    if (set.size() < batch_overhead || set[16] != 2) continue;
    const record_batch_header first = read_batch_header(std::as_bytes(std::span(set)));
    if (first.size() > set.size()) continue;
    for (int round = 0; round < 200; ++round) {
      std::string damaged = set.substr(0, first.size());
      for (std::uint64_t flips = 1 + random.below(3); flips != 0; --flips)
        damaged[batch_crc_begin + random.below(damaged.size() - batch_crc_begin)] ^=
            static_cast<char>(1U << random.below(8));
      const std::span<std::byte> bytes = std::as_writable_bytes(std::span(damaged));
      record_batch_header header = read_batch_header(bytes);
      header.crc = batch_crc(bytes);
      write_batch_header(bytes, header);
      failures += read_all(damaged).failures;
      ++reads;
    }
  }
  CHECK(reads > 20000);
  CHECK(failures > reads / 10);
}

TEST_CASE("noise is no record set") {
  random_source random(13);
  for (int round = 0; round < 20000; ++round) {
    std::string noise(random.below(200), '\0');
    for (char& letter : noise) letter = static_cast<char>(random.below(256));
    // Often a plausible frame, so that what is inside is looked at too.
    if (noise.size() > 20 && round % 2 == 0) {
      noise.replace(8, 3, std::string(3, '\0'));
      noise[11] = static_cast<char>(noise.size() - 12);
      noise[16] = static_cast<char>(random.below(3));
    }
    REQUIRE(read_all(noise).records == 0);
  }
}
