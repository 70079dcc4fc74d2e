// SPDX-License-Identifier: Apache-2.0
// Any bytes as a record set, as fetched: every batch is read or refused, within the limits. Since hardly any random
// bytes have the right CRC, it is put right first for all that looks like a batch of format 2.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer_pool.hpp"
#include "protocol/record_batch_reader.hpp"

namespace {

using namespace kafka;

void put_crc_right(std::span<std::byte> set) {
  while (set.size() >= protocol::batch_overhead) {
    protocol::record_batch_header header = protocol::read_batch_header(set);
    const std::size_t size = header.size();
    if (header.batch_length < 0 || size < protocol::batch_overhead || size > set.size()) return;
    header.crc = protocol::batch_crc(set.first(size));
    if (header.magic == 2) protocol::write_batch_header(set.first(size), header);
    set = set.subspan(size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::transform(data, data + size, bytes.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  put_crc_right(bytes);
  protocol::read_limits limits;
  limits.decompressed_bytes_max = 1U << 20U;
  buffer_pool pool;
  protocol::record_batch_reader reader(shared_bytes::copy_of(bytes), limits);
  std::size_t records = 0;
  for (auto step = reader.next(); step != protocol::batch_step::end; step = reader.next()) {
    if (step == protocol::batch_step::failed) continue;
    protocol::batch_records content;
    if (reader.batch().open(pool, content) || content.check()) continue;
    protocol::record_cursor cursor = content.cursor();
    for (protocol::record_ref record; cursor.next(record);) {
      records += record.key.size() + record.value.size();
      for (const header& one : record.headers) records += one.key.size() + one.value.size();
    }
    if (cursor.failed()) __builtin_trap();  // check() said that it cannot
  }
  // Everything was looked at; the sum only keeps the compiler from taking the loops away.
  return records == SIZE_MAX ? 1 : 0;
}
