// SPDX-License-Identifier: Apache-2.0
#include "fake/partition_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/record_batch_reader.hpp"

namespace kafka::fake {

namespace {

/// Segments double up to this size; a larger batch gets one of its own.
constexpr std::size_t segment_bytes_max = 4U << 20U;

}  // namespace

void partition_log::set_high_watermark(std::int64_t offset) noexcept {
  high_watermark_ = std::clamp(offset, start_offset_, end_offset_);
}

partition_log::segment& partition_log::segment_for(std::size_t bytes) {
  if (!segments_.empty() && segments_.back().bytes.size() - segments_.back().used >= bytes) return segments_.back();
  const std::size_t capacity = std::max(bytes, next_segment_bytes_);
  next_segment_bytes_ = std::min(segment_bytes_max, next_segment_bytes_ * 2);
  unique_buffer buffer(capacity);
  segment& made = segments_.emplace_back();
  made.write_from = buffer.data();
  made.bytes = std::move(buffer).freeze(capacity);
  return made;
}

std::int64_t partition_log::append(std::span<const std::byte> batch, std::int32_t leader_epoch,
                                   std::optional<timestamp_ms> log_append_time) {
  segment& into = segment_for(batch.size());
  const std::span<std::byte> written(into.write_from + into.used, batch.size());
  std::memcpy(written.data(), batch.data(), batch.size());

  protocol::record_batch_header header = protocol::read_batch_header(batch);
  header.base_offset = end_offset_;
  header.partition_leader_epoch = leader_epoch;
  if (log_append_time) {
    header.attributes |= protocol::batch_attributes::log_append_time;
    header.max_timestamp = *log_append_time;
  }
  protocol::write_batch_header(written, header);
  if (log_append_time) {
    header.crc = protocol::batch_crc(written);
    protocol::write_batch_header(written, header);
  }

  into.batches.push_back({.base_offset = end_offset_,
                          .last_offset = header.last_offset(),
                          .position = into.used,
                          .size = batch.size(),
                          .max_timestamp = header.max_timestamp,
                          .leader_epoch = leader_epoch});
  if (epochs_.empty() || epochs_.back().epoch < leader_epoch) epochs_.push_back({leader_epoch, end_offset_});
  into.used += batch.size();
  into.live += batch.size();
  size_bytes_ += batch.size();
  return std::exchange(end_offset_, header.next_offset());
}

std::optional<partition_log::place> partition_log::find(std::int64_t offset) const {
  const auto in_segment =
      std::lower_bound(segments_.begin(), segments_.end(), offset,
                       [](const segment& one, std::int64_t wanted) { return one.batches.back().last_offset < wanted; });
  if (in_segment == segments_.end()) return std::nullopt;
  const auto& batches = in_segment->batches;
  const auto found =
      std::lower_bound(batches.begin(), batches.end(), offset,
                       [](const stored_batch& one, std::int64_t wanted) { return one.last_offset < wanted; });
  return place{static_cast<std::size_t>(in_segment - segments_.begin()),
               static_cast<std::size_t>(found - batches.begin())};
}

bool partition_log::step(place& where) const {
  if (++where.batch < segments_[where.segment].batches.size()) return true;
  where.batch = 0;
  return ++where.segment < segments_.size();
}

shared_bytes partition_log::read(std::int64_t offset, std::int64_t limit, std::size_t bytes_max,
                                 bool at_least_one) const {
  const auto first = find(offset);
  if (!first) return {};
  const segment& from = segments_[first->segment];
  const std::size_t begin = from.batches[first->batch].position;
  std::size_t end = begin;
  for (std::size_t index = first->batch; index < from.batches.size(); ++index) {
    const stored_batch& batch = from.batches[index];
    if (batch.last_offset >= limit) break;
    const bool fits = batch.position + batch.size - begin <= bytes_max;
    if (!fits && !(at_least_one && index == first->batch)) break;
    end = batch.position + batch.size;
  }
  return from.bytes.slice(begin, end - begin);
}

std::size_t partition_log::available(std::int64_t offset, std::int64_t limit, std::size_t enough) const {
  std::size_t bytes = 0;
  auto where = find(offset);
  if (!where) return 0;
  do {
    if (at(*where).last_offset >= limit) break;
    bytes += at(*where).size;
  } while (bytes < enough && step(*where));
  return bytes;
}

template <class Wanted>
std::optional<found_offset> partition_log::scan(place where, buffer_pool& pool, Wanted&& wanted) const {
  const stored_batch& batch = at(where);
  protocol::record_batch_reader reader(segments_[where.segment].bytes.slice(batch.position, batch.size));
  protocol::batch_records records;
  if (reader.next() != protocol::batch_step::batch || reader.batch().open(pool, records)) return std::nullopt;
  protocol::record_cursor cursor = records.cursor();
  for (protocol::record_ref record; cursor.next(record);) {
    if (record.offset >= start_offset_ && wanted(record.timestamp)) {
      return found_offset{record.offset, record.timestamp, batch.leader_epoch};
    }
  }
  return std::nullopt;
}

std::optional<found_offset> partition_log::find_timestamp(timestamp_ms timestamp, std::int64_t limit,
                                                          buffer_pool& pool) const {
  auto where = find(start_offset_);
  if (!where) return std::nullopt;
  do {
    if (at(*where).last_offset >= limit) break;
    if (at(*where).max_timestamp < timestamp) continue;
    const auto found = scan(*where, pool, [&](timestamp_ms one) { return one >= timestamp; });
    if (found) return found;
  } while (step(*where));
  return std::nullopt;
}

std::optional<found_offset> partition_log::find_max_timestamp(std::int64_t limit, buffer_pool& pool) const {
  auto where = find(start_offset_);
  if (!where) return std::nullopt;
  std::optional<place> best;
  do {
    if (at(*where).last_offset >= limit) break;
    if (!best || at(*where).max_timestamp > at(*best).max_timestamp) best = *where;
  } while (step(*where));
  if (!best) return std::nullopt;
  const timestamp_ms greatest = at(*best).max_timestamp;
  return scan(*best, pool, [&](timestamp_ms one) { return one == greatest; });
}

std::int32_t partition_log::epoch_at(std::int64_t offset) const noexcept {
  std::int32_t epoch = -1;
  for (const epoch_start& one : epochs_) {
    if (one.offset > offset) break;
    epoch = one.epoch;
  }
  return epoch;
}

epoch_end partition_log::end_of_epoch(std::int32_t epoch, std::int32_t current) const noexcept {
  if (epoch < 0 || epoch > current) return {};
  if (epoch == current) return {epoch, end_offset_};
  // The first epoch above the asked one says where that ended.
  const auto above = std::find_if(epochs_.begin(), epochs_.end(), [&](auto& one) { return one.epoch > epoch; });
  if (above == epochs_.begin()) return above == epochs_.end() ? epoch_end{} : epoch_end{epoch, above->offset};
  const std::int32_t found = std::prev(above)->epoch;
  return {found, above == epochs_.end() ? end_offset_ : above->offset};
}

void partition_log::begin_epoch(std::int32_t epoch) {
  // An epoch in which nothing was written leaves no trace.
  if (!epochs_.empty() && epochs_.back().offset == end_offset_) epochs_.pop_back();
  if (epochs_.empty() || epochs_.back().epoch < epoch) epochs_.push_back({epoch, end_offset_});
}

void partition_log::delete_before(std::int64_t offset) {
  start_offset_ = std::clamp(offset, start_offset_, end_offset_);
  while (!segments_.empty() && segments_.front().batches.back().last_offset < start_offset_) {
    size_bytes_ -= segments_.front().live;
    segments_.pop_front();
  }
  while (epochs_.size() > 1 && epochs_[1].offset <= start_offset_) epochs_.erase(epochs_.begin());
  if (!epochs_.empty()) epochs_.front().offset = std::max(epochs_.front().offset, start_offset_);
  high_watermark_ = std::max(high_watermark_, start_offset_);
}

void partition_log::truncate_to(std::int64_t offset) {
  while (!segments_.empty() && segments_.back().batches.back().last_offset >= offset) {
    segment& last = segments_.back();
    size_bytes_ -= last.batches.back().size;
    last.live -= last.batches.back().size;
    end_offset_ = last.batches.back().base_offset;
    // The bytes behind may be on their way to a consumer: they are not written again, the segment ends here.
    last.bytes = last.bytes.slice(0, last.used);
    last.batches.pop_back();
    if (last.batches.empty()) segments_.pop_back();
  }
  std::erase_if(epochs_, [&](const epoch_start& one) { return one.offset >= end_offset_ && one.offset != 0; });
  high_watermark_ = std::min(high_watermark_, end_offset_);
}

void partition_log::keep_bytes(std::size_t bytes_max) {
  while (segments_.size() > 1 && size_bytes_ - segments_.front().live >= bytes_max) {
    delete_before(segments_.front().batches.back().last_offset + 1);
  }
}

}  // namespace kafka::fake
