// SPDX-License-Identifier: Apache-2.0
// Ten million records through one producer: what they take from the heap, and that memory stays where it is. A program
// of its own, because it replaces operator new to count, and because its memory is measured.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <numeric>
#include <optional>
#include <string>

#include "support/catch.hpp"
#include "support/heap_watch.hpp"

namespace kafka {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

constexpr std::size_t a_tenth = sanitized ? 20'000 : 1'000'000;
constexpr std::size_t span_size = 1000;
/// Batches that linger out hold fewer records when everything is slower.
constexpr std::size_t records_an_allocation = sanitized ? 20 : 100;
constexpr std::int32_t partitions = 4;

/// Bytes of this process that are in memory now.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// A cluster in a process of its own, so that what is measured here is the producer. It forgets what it got: with all
/// of that its memory would grow.
class other_process {
 public:
  other_process() {
    REQUIRE(pipe(address_.data()) == 0);
    REQUIRE(pipe(end_.data()) == 0);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) serve();
    close(address_[1]);
    close(end_[0]);
    std::array<char, 100> text{};
    const ssize_t size = read(address_[0], text.data(), text.size());
    REQUIRE(size > 0);
    bootstrap_servers.assign(text.data(), static_cast<std::size_t>(size));
  }
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;
  ~other_process() {
    close(end_[1]);
    close(address_[0]);
    waitpid(child_, nullptr, 0);
  }

  std::string bootstrap_servers;

 private:
  [[noreturn]] void serve() {
    close(end_[1]);
    fake_cluster_options options;
    options.check_records = false;
    options.recorded_requests_max = 10;
    fake_cluster cluster(options);
    cluster.create_topic("t", partitions, {.configs = {{"retention.bytes", "8000000"}, {"segment.bytes", "1048576"}}});
    const std::string address = cluster.bootstrap_servers();
    if (write(address_[1], address.data(), address.size()) < 0) _exit(1);
    char none = 0;
    _exit(read(end_[0], &none, 1) == 0 ? 0 : 1);  // until the other end is closed
  }

  std::array<int, 2> address_{};
  std::array<int, 2> end_{};
  pid_t child_ = -1;
};

/// Sends and waits for nothing; the greatest memory that was seen.
std::size_t send(producer& sender, std::span<const message> records, std::size_t count) {
  std::size_t most = 0;
  for (std::size_t sent = 0; sent < count; sent += records.size()) {
    sender.send(records);
    if (sent % (count / 50) == 0) most = std::max(most, resident_bytes());
  }
  return most;
}

TEST_CASE("ten million records take no allocation each, and the last million no more memory than the first") {
  const other_process cluster;
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
  const std::size_t first = send(sender, records, a_tenth);
  std::size_t last = first;
  for (int part = 2; part <= 10; ++part) last = send(sender, records, a_tenth);
  const std::size_t allocations = watch.allocations();
  REQUIRE_FALSE(sender.flush());
  REQUIRE(delivered == 11 * a_tenth);
  REQUIRE(sender.metrics().total.records_delivered == 11 * a_tenth);
  REQUIRE(static_cast<std::size_t>(std::accumulate(end.begin(), end.end(), std::int64_t{0})) == 11 * a_tenth);
  INFO("memory: first " << (first >> 10U) << ", last " << (last >> 10U) << " KiB");
  REQUIRE(allocations < 10 * a_tenth / records_an_allocation);
  REQUIRE(io_allocations - io_before < 10 * a_tenth / records_an_allocation);
  if (!sanitized) REQUIRE(last < first + (6U << 20U));
}

}  // namespace
}  // namespace kafka
