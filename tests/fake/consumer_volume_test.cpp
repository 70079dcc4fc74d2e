// SPDX-License-Identifier: Apache-2.0
// Ten million records through one consumer: what they take from the heap, and that memory stays where it is. In the
// program of producer_volume_test, which replaces operator new to count.
#include <algorithm>
#include <array>
#include <future>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <optional>
#include <string>
#include <vector>

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
using namespace std::chrono_literals;

constexpr std::int32_t partitions = 4;
constexpr std::size_t value_bytes = 100;

std::vector<assignment> everything() {
  std::vector<assignment> out;
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    out.push_back({"t", partition, position::oldest()});
  }
  return out;
}

/// A topic `t` with a tenth of the records, which are read again and again.
class filled_cluster {
 public:
  explicit filled_cluster(compression packed)
      : process_({.broker_configs = {{"group.initial.rebalance.delay.ms", "0"}}},
                 [](fake_cluster& made) { made.create_topic("t", partitions); }) {
    producer sender(
        {.bootstrap_servers = bootstrap_servers(), .partitioner = partitioning::round_robin, .compression = packed});
    const std::string value(value_bytes, 'v');
    const std::vector<message> span(1000, message{.topic = "t", .value = value});
    for (std::size_t sent = 0; sent < a_tenth; sent += span.size()) sender.send(std::span<const message>(span));
    REQUIRE_FALSE(sender.flush());
  }
  [[nodiscard]] const std::string& bootstrap_servers() const noexcept { return process_.bootstrap_servers; }

 private:
  volume::other_process process_;
};

/// Counts what the IO thread takes from the heap. Everything that is done there once, commits call back.
class io_allocations {
 public:
  explicit io_allocations(consumer& of) : of_(of) {}

  /// Since the first call.
  std::size_t count() {
    const auto told = std::make_shared<std::promise<std::size_t>>();
    auto result = told->get_future();
    // Without a group nothing is stored; what is wanted is to be called.
    of_.commit_async([this, told](const error&) {
      if (!watch_) watch_.emplace();
      told->set_value(watch_->allocations());
    });
    REQUIRE(result.wait_for(60s) == std::future_status::ready);
    return result.get();
  }

 private:
  consumer& of_;
  std::optional<support::heap_watch> watch_;
};

struct read_part {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t memory_most = 0;
};

/// Reads the topic from its beginning to its end.
read_part read_once(consumer& reader) {
  read_part out;
  std::size_t polls = 0;
  const auto until = std::chrono::steady_clock::now() + 5min;
  while (out.records < a_tenth && std::chrono::steady_clock::now() < until) {
    for (const record_view& record : reader.poll(1s)) {
      ++out.records;
      out.bytes += record.value().size();
    }
    if (polls++ % 8 == 0) out.memory_most = std::max(out.memory_most, resident_bytes());
  }
  return out;
}

void rewind(consumer& reader) {
  for (const assignment& one : everything()) reader.seek({one.topic, one.partition}, position::oldest());
}

/// Reads once to let everything reach its size, then `parts` times.
void read_and_measure(consumer& reader, int parts) {
  io_allocations io(reader);
  REQUIRE(read_once(reader).records == a_tenth);
  (void)io.count();
  rewind(reader);
  const std::size_t io_before = io.count();
  const support::heap_watch watch;
  std::size_t records = 0;
  std::size_t bytes = 0;
  // The most of several parts: how much happens to be prefetched in one of them would hide what grows.
  std::array<std::size_t, 2> memory_most_of_half{};
  for (int part = 0; part < parts; ++part) {
    const read_part one = read_once(reader);
    records += one.records;
    bytes += one.bytes;
    std::size_t& most = memory_most_of_half.at(part < parts / 2 ? 0 : 1);
    most = std::max(most, one.memory_most);
    rewind(reader);
  }
  const std::size_t allocations = watch.allocations();
  const std::size_t on_io_thread = io.count() - io_before;
  REQUIRE(records == static_cast<std::size_t>(parts) * a_tenth);
  REQUIRE(bytes == records * value_bytes);
  const auto [first, last] = memory_most_of_half;
  INFO("memory: first half " << (first >> 10U) << ", second " << (last >> 10U) << " KiB");
  REQUIRE(allocations < records / records_an_allocation);
  REQUIRE(on_io_thread < records / records_an_allocation);
  if (!sanitized) REQUIRE(last < first + memory_slack);
}

TEST_CASE(
    "ten million records are read without an allocation each, the second half with no more memory than the first") {
  const filled_cluster cluster(compression::none);
  consumer reader({.bootstrap_servers = cluster.bootstrap_servers(), .prefetch_bytes_max = 8U << 20U});
  reader.assign(everything());
  read_and_measure(reader, 10);
}

TEST_CASE("packed records that a member of a group reads take no allocation each either") {
  const filled_cluster cluster(compression::lz4);
  consumer_config config{.bootstrap_servers = cluster.bootstrap_servers(), .group_id = "g"};
  config.offset_reset = offset_reset::earliest;
  config.prefetch_bytes_max = 8U << 20U;
  config.auto_commit_interval = 50ms;
  consumer reader(config);
  reader.subscribe({"t"});
  read_and_measure(reader, 6);
}

}  // namespace
}  // namespace kafka
