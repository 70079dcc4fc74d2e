// SPDX-License-Identifier: Apache-2.0
#include "client/produce_metrics.hpp"

#include <algorithm>
#include <chrono>

namespace kafka::client {

namespace {

std::chrono::microseconds between(steady_time from, steady_time to) noexcept {
  if (from == never || to < from) return {};
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from);
}

void add(produce_counts& counts, const completed_batch& done) noexcept {
  const auto records = static_cast<std::uint64_t>(done.batch->record_count());
  if (done.failure) {
    counts.records_failed += records;
  } else {
    counts.records_delivered += records;
    counts.bytes_delivered += done.batch->sealed_bytes.size();
    ++counts.batches_delivered;
  }
  counts.retries += done.batch->attempts > 1 ? done.batch->attempts - 1 : 0;
}

}  // namespace

void produce_metrics::count(const completed_batch& done) {
  const producer_batch& batch = *done.batch;
  const std::lock_guard lock(mutex_);
  add(counted_.total, done);
  const auto found = counted_.topics.find(batch.partition.topic);
  add(found == counted_.topics.end() ? counted_.topics[batch.partition.topic] : found->second, done);
  if (batch.first_sent_at == never) return;
  counted_.batch_bytes.add(batch.sealed_bytes.size());
  counted_.batch_records.add(static_cast<std::uint64_t>(batch.record_count()));
  counted_.queue_time_us.add(static_cast<std::uint64_t>(between(batch.opened_at, batch.first_sent_at).count()));
}

void produce_metrics::count(const observed_request& seen) {
  const std::lock_guard lock(mutex_);
  producer_metrics::broker& broker = counted_.brokers[seen.node_id];
  ++broker.requests;
  if (seen.failed) ++broker.requests_failed;
  broker.bytes_sent += seen.bytes;
  broker.request_latency_us.add(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(seen.latency).count()));
}

producer_metrics produce_metrics::snapshot() const {
  const std::lock_guard lock(mutex_);
  return counted_;
}

produce_observation observation_of(const completed_batch& done) noexcept {
  const producer_batch& batch = *done.batch;
  produce_observation out;
  out.topic = batch.partition.topic;
  out.partition = batch.partition.partition;
  out.node_id = batch.node_id;
  out.base_offset = done.base_offset;
  out.records = static_cast<std::uint32_t>(batch.record_count());
  out.bytes = batch.sealed_bytes.size();
  out.attempts = batch.attempts;
  out.queue_time = between(batch.opened_at, std::min(batch.first_sent_at, done.completed_at));
  out.delivery_time = between(batch.first_sent_at, done.completed_at);
  out.failure = done.failure ? &done.failure : nullptr;
  return out;
}

}  // namespace kafka::client
