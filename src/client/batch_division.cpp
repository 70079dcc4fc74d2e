// SPDX-License-Identifier: Apache-2.0
#include "client/batch_division.hpp"

#include <array>
#include <utility>
#include <vector>

#include "client/record_chunk.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

namespace {

/// Its own bytes may unfold as far as they like: they were here before.
constexpr protocol::read_limits own_bytes{.decompressed_bytes_max = SIZE_MAX >> 1U};

error open_own(producer_batch& batch, buffer_pool& pool, protocol::record_batch& read, protocol::batch_records& out) {
  protocol::record_batch_reader reader(batch.sealed_bytes.bytes(), own_bytes);
  if (reader.next() != protocol::record_batch_reader::step::batch) {
    return {client_errc::corrupt_batch, "a batch of this producer cannot be read back"};
  }
  read = reader.batch();
  return read.open(pool, out);
}

batch_ptr part_of(const producer_batch& whole, const producer_config& config, buffer_pool& pool) {
  auto part = std::make_shared<producer_batch>();
  part->id = whole.id;
  part->partition = whole.partition;
  part->opened_at = whole.opened_at;
  part->attempts = whole.attempts;
  part->last_error = whole.last_error;
  part->first_sent_at = whole.first_sent_at;
  part->node_id = whole.node_id;
  protocol::record_batch_settings settings;
  // A record's timestamp delta may need more bytes than before, so that a full batch could not take its own records.
  settings.bytes_max = 2 * config.batch_bytes_max + protocol::batch_overhead;
  part->writer = protocol::record_batch_writer(pool, settings);
  return part;
}

error seal_part(producer_batch& part, compression codec, const producer_config& config) {
  protocol::record_batch_seal how;
  how.codec = codec;
  if (config.compression_level) how.level = *config.compression_level;
  error failed = part.writer.seal(how, part.sealed_bytes);
  part.sealed.store(true, std::memory_order_release);
  return failed;
}

}  // namespace

error divide(producer_batch& batch, const producer_config& config, buffer_pool& pool,
             const std::function<bool(std::int32_t index)>& belongs_first, divided_batch& out) {
  protocol::record_batch read;
  protocol::batch_records content;
  if (error failed = open_own(batch, pool, read, content)) return failed;
  std::array<batch_ptr, 2> parts{part_of(batch, config, pool), part_of(batch, config, pool)};
  std::vector<std::pair<std::size_t, std::int32_t>> places;  // of each record: which part, and where in it
  std::vector<header> headers;
  protocol::record_cursor cursor = content.cursor();
  for (protocol::record_ref record; cursor.next(record);) {
    const std::size_t part = belongs_first(static_cast<std::int32_t>(places.size())) ? 0 : 1;
    headers.clear();
    for (const header& one : record.headers) headers.push_back(one);
    places.emplace_back(part, parts[part]->writer.record_count());
    if (!parts[part]->writer.append(record.timestamp, record.key, record.value, headers)) {
      return {client_errc::limit_exceeded, "a part of a batch is larger than the whole"};
    }
    if (!batch.opaques.empty()) parts[part]->opaques.push_back(batch.opaques[places.size() - 1]);
  }
  if (cursor.failed()) return cursor.failure();
  for (const batch_ptr& part : parts) {
    if (part->writer.empty()) continue;
    if (error failed = seal_part(*part, read.header().codec(), config)) return failed;
  }
  for (producer_batch::waiter& waiter : batch.waiters) {
    const auto [part, index] = places.at(static_cast<std::size_t>(waiter.index));
    parts[part]->waiters.push_back({std::move(waiter.done), waiter.timestamp, index});
  }
  batch.waiters.clear();
  for (const batch_ptr& part : parts) {
    part->has_detached = part->waiters.size() < static_cast<std::size_t>(part->record_count());
  }
  if (parts[0]->record_count() > 0) out.first = parts[0];
  if (parts[1]->record_count() > 0) out.second = parts[1];
  return {};
}

records records_of(producer_batch& batch) {
  // The pool's blocks may outlive it.
  buffer_pool pool;
  protocol::record_batch read;
  record_chunk chunk;
  if (!batch.sealed_bytes || open_own(batch, pool, read, chunk.data) || chunk.data.check()) return records{};
  chunk.topic = std::make_shared<const std::string>(batch.partition.topic);
  chunk.partition = batch.partition.partition;
  chunk.cursor = chunk.data.cursor();
  chunk.count = static_cast<std::size_t>(batch.record_count());
  std::vector<record_chunk> chunks;
  chunks.push_back(std::move(chunk));
  return records(std::move(chunks));
}

}  // namespace kafka::client
