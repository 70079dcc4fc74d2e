// SPDX-License-Identifier: Apache-2.0
#include "client/partition_chooser.hpp"

#include <algorithm>
#include <utility>

#include "base/backoff.hpp"

namespace kafka::client {

partition_chooser::partition_chooser(const producer_config& config, std::int32_t partition_count,
                                     std::vector<std::int32_t> available, backlog_of backlog, std::uint64_t seed)
    : kind_(config.partitioner),
      adaptive_(config.adaptive_partitioning),
      custom_(config.custom_partitioner),
      count_(partition_count),
      available_(std::move(available)),
      backlog_(std::move(backlog)),
      random_(seed),
      current_(0),
      turn_(static_cast<std::uint32_t>(seed >> 32U)) {
  current_.store(pick(), std::memory_order_relaxed);
}

std::uint64_t partition_chooser::draw(std::uint64_t bound) noexcept {
  // Each draw is the first of a generator that starts where the counter stands: threads share it without waiting.
  return random_source(random_.fetch_add(0x9E3779B97F4A7C15U, std::memory_order_relaxed)).below(bound);
}

std::int32_t partition_chooser::pick() {
  if (!adaptive_ || !backlog_) return available_[draw(available_.size())];
  std::uint32_t longest = 0;
  for (const std::int32_t partition : available_) longest = std::max(longest, backlog_(partition));
  if (longest == 0) return available_[draw(available_.size())];
  // A partition is as likely as its backlog is shorter than the longest, plus one. Backlogs change while they are
  // read; that can only make the choice a little less even.
  std::uint64_t total = 0;
  for (const std::int32_t partition : available_) total += 1 + longest - std::min(longest, backlog_(partition));
  std::uint64_t at = draw(total);
  for (const std::int32_t partition : available_) {
    const std::uint64_t weight = 1 + longest - std::min(longest, backlog_(partition));
    if (at < weight) return partition;
    at -= weight;
  }
  return available_.back();
}

bool partition_chooser::is_sticky(const message& record) const noexcept {
  if (record.partition || custom_) return false;
  switch (kind_) {
    case partitioning::murmur2_uniform:
      return record.key.is_null();
    case partitioning::consistent_random:
      return record.key.empty();
    default:
      return kind_ == partitioning::uniform;
  }
}

partition_chooser::choice partition_chooser::sticky(std::span<const message> records) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  const std::size_t before = bytes_.load(std::memory_order_relaxed);
  const std::size_t room = before < sticky_bytes_max ? sticky_bytes_max - before : 1;
  do {
    const message& record = records[count++];
    bytes += record.key.size() + record.value.size() + 16;
    for (const bytes_view piece : record.value_pieces) bytes += piece.size();
  } while (bytes < room && count < records.size() && is_sticky(records[count]));
  const std::int32_t chosen = current_.load(std::memory_order_relaxed);
  const std::size_t then = bytes_.fetch_add(bytes, std::memory_order_relaxed);
  // Of the threads that pass the mark together, the one that crossed it picks the next.
  if (then < sticky_bytes_max && then + bytes >= sticky_bytes_max) {
    current_.store(pick(), std::memory_order_relaxed);
    bytes_.store(0, std::memory_order_relaxed);
  }
  return {chosen, count};
}

partition_chooser::choice partition_chooser::choose(std::span<const message> records) {
  const message& first = records.front();
  if (is_sticky(first)) return sticky(records);
  if (!first.partition) return {choose_one(first), 1};
  std::size_t count = 1;
  while (count < records.size() && records[count].partition == first.partition) ++count;
  return {*first.partition, count};
}

std::int32_t partition_chooser::choose_one(const message& record) {
  if (custom_) return custom_(record, count_, available_);
  switch (kind_) {
    case partitioning::murmur2_uniform:
      return murmur2_partition(record.key, count_);
    case partitioning::consistent_random:
    case partitioning::consistent:
      return crc32_partition(record.key, count_);
    case partitioning::round_robin:
      return available_[turn_.fetch_add(1, std::memory_order_relaxed) % available_.size()];
    case partitioning::random:
      return available_[draw(available_.size())];
    case partitioning::uniform:
    case partitioning::manual:
      break;
  }
  return -1;
}

}  // namespace kafka::client
