// SPDX-License-Identifier: Apache-2.0
// Ten million records through one producer: what they take from the heap, and that memory stays where it is. A program
// of its own, because it replaces operator new to count, and because its memory is measured.
#include <algorithm>
#include <array>
#include <kafka/producer.hpp>
#include <numeric>
#include <optional>
#include <string>

#include "fake/volume.hpp"
#include "support/catch.hpp"
#include "support/heap_watch.hpp"

namespace kafka {
namespace {

using volume::a_tenth;
using volume::memory_slack;
using volume::records_an_allocation;
using volume::resident_bytes;
using volume::sanitized;

constexpr std::size_t span_size = 1000;
constexpr std::int32_t partitions = 4;

/// A cluster that forgets what it got: with all of that its memory would grow.
fake_cluster_options forgetful() {
  fake_cluster_options out;
  out.check_records = false;
  out.recorded_requests_max = 10;
  return out;
}

/// Sends and waits for nothing; the greatest memory that was seen.
std::size_t send(producer& sender, std::span<const message> records, std::size_t count) {
  std::size_t most = 0;
  for (std::size_t sent = 0; sent < count; sent += records.size()) {
    sender.send(records);
    if (sent % (count / 50) == 0) most = std::max(most, resident_bytes());
  }
  return most;
}

TEST_CASE("ten million records take no allocation each, and the second half no more memory than the first") {
  const volume::other_process cluster(forgetful(), [](fake_cluster& made) {
    made.create_topic("t", partitions, {.configs = {{"retention.bytes", "8000000"}, {"segment.bytes", "1048576"}}});
  });
  // Of the IO thread: from the first batch told to the last.
  std::optional<support::heap_watch> io_watch;
  std::size_t io_allocations = 0;
  std::size_t delivered = 0;
  std::array<std::int64_t, partitions> end{};
  // How full the buffer happens to be would hide what grows.
  producer_config config{.bootstrap_servers = cluster.bootstrap_servers, .buffer_memory = 8U << 20U};
  config.on_delivery = [&](const delivery_batch& batch) {
    if (!io_watch) io_watch.emplace();
    if (batch) delivered += batch.count();
    end.at(static_cast<std::size_t>(batch.partition())) =
        batch.base_offset() + static_cast<std::int64_t>(batch.count());
    io_allocations = io_watch->allocations();
  };
  producer sender(config);
  const std::string value(100, 'v');
  const std::vector<message> records(span_size, message{.topic = "t", .value = value});
  (void)send(sender, records, a_tenth);  // buffers and connections reach their size
  REQUIRE_FALSE(sender.flush());
  const std::size_t io_before = io_allocations;
  const support::heap_watch watch;
  // The most of several parts: how full buffers happen to be in one of them would hide what grows.
  std::size_t first = 0;
  std::size_t last = 0;
  for (int part = 0; part < 5; ++part) first = std::max(first, send(sender, records, a_tenth));
  for (int part = 0; part < 5; ++part) last = std::max(last, send(sender, records, a_tenth));
  const std::size_t allocations = watch.allocations();
  REQUIRE_FALSE(sender.flush());
  REQUIRE(delivered == 11 * a_tenth);
  REQUIRE(sender.metrics().total.records_delivered == 11 * a_tenth);
  REQUIRE(static_cast<std::size_t>(std::accumulate(end.begin(), end.end(), std::int64_t{0})) == 11 * a_tenth);
  INFO("memory: first half " << (first >> 10U) << ", second " << (last >> 10U) << " KiB");
  REQUIRE(allocations < 10 * a_tenth / records_an_allocation);
  REQUIRE(io_allocations - io_before < 10 * a_tenth / records_an_allocation);
  if (!sanitized) REQUIRE(last < first + memory_slack);
}

}  // namespace
}  // namespace kafka
