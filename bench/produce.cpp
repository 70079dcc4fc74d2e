// SPDX-License-Identifier: Apache-2.0

// As many records as go: their outcomes are counted batch by batch.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <kafka/producer.hpp>

#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/payload.hpp"
#include "bench/producer_options.hpp"
#include "bench/report.hpp"

namespace kafka::bench {
namespace {

using std::chrono::steady_clock;

struct produce_options : producer_options {
  std::size_t threads = 1;
  std::size_t span = 64;
  std::string partitions_key = "none";
};

std::uint64_t nanoseconds(steady_clock::time_point time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

// What became of the records. Told on the producer's IO thread; looked at when that has nothing more to tell.
class outcomes {
 public:
  explicit outcomes(bool tell_first) : tell_first_(tell_first) {}

  void begin(progress_line* progress) {
    acknowledged_ = 0;
    latencies_ = {};
    progress_ = progress;
  }

  void note(const delivery_batch& batch) {
    const auto now = steady_clock::now();
    if (!batch) {
      if (error_.empty()) error_ = batch.error().what();
      failing_.store(true, std::memory_order_relaxed);
      return;
    }
    acknowledged_ += batch.count();
    // The records of a batch were sent in this order: the first waited longest.
    latencies_.add(static_cast<std::int64_t>(nanoseconds(now) - batch.opaques().front()));
    if (progress_) progress_->update(acknowledged_, now);
    if (!tell_first_) return;
    tell_first_ = false;
    std::printf("first_ack %.3f\n", milliseconds_since_start());
    std::fflush(stdout);
  }

  // Any thread may ask: whether a record was given up, so that it is not worth while to go on.
  [[nodiscard]] bool failing() const noexcept { return failing_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  [[nodiscard]] const histogram& latencies() const noexcept { return latencies_; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  bool tell_first_;
  std::uint64_t acknowledged_ = 0;
  histogram latencies_;
  std::string error_;
  std::atomic<bool> failing_{false};
  progress_line* progress_ = nullptr;
};

// Sends from any number of threads until a record fails; remembers the first that was not accepted.
class load {
 public:
  load(const produce_options& options, producer& to, const outcomes& told)
      : options_(options),
        to_(to),
        told_(told),
        values_(options.payload, options.size, options.records),
        keys_("random", options.partitions_key == "random" ? 8 : 0, 4096) {}

  // Returns when all are acknowledged or given up.
  void send(std::uint64_t records, std::size_t threads) {
    std::vector<std::jthread> others;
    for (std::size_t index = 1; index < threads; ++index)
      others.emplace_back([this, index, share = records / threads] { send_share(index, share); });
    send_share(0, records - records / threads * (threads - 1));
    others.clear();
    // Longer than any record may take: it is the producer that gives up, not we.
    refuse(to_.flush(make_config(options_).delivery_timeout + std::chrono::minutes(1)));
  }

  [[nodiscard]] std::size_t record_bytes() const noexcept { return values_.size() + keys_.size(); }
  [[nodiscard]] std::string failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  void send_share(std::size_t thread, std::uint64_t records) {
    payload_cursor value(values_, thread * 7919);
    payload_cursor key(keys_, thread * 7919);
    std::vector<message> span(options_.span, message{.topic = options_.topic});
    try {
      while (records != 0 && !stopped_.load(std::memory_order_relaxed) && !told_.failing()) {
        const std::size_t count = std::min<std::uint64_t>(span.size(), records);
        const std::uint64_t now = nanoseconds(steady_clock::now());
        for (std::size_t index = 0; index < count; ++index) {
          span[index].value = value.next();
          if (keys_.size() != 0) span[index].key = key.next();
          span[index].opaque = now;
        }
        if (count == 1)
          to_.send(span.front(), detached);
        else
          to_.send(std::span(span).first(count));
        records -= count;
      }
    } catch (const error& failure) {
      refuse(failure);
    }
  }

  void refuse(const error& why) {
    if (!why) return;
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) failure_ = why.what();
    stopped_ = true;
  }

  const produce_options& options_;
  producer& to_;
  const outcomes& told_;
  const payload values_;
  const payload keys_;
  mutable std::mutex mutex_;
  std::string failure_;
  std::atomic<bool> stopped_{false};
};

report run(const produce_options& options, outcomes& told, producer& sender) {
  load work(options, sender, told);
  told.begin(nullptr);
  if (options.warm_up != 0) work.send(options.warm_up, 1);
  progress_line progress(options.records);
  report measured{.benchmark = "produce", .latencies = &told.latencies()};
  const bool warm = work.failure().empty() && told.error().empty();
  told.begin(&progress);
  const process_usage before = process_usage::now();
  if (warm) work.send(options.records, options.threads);
  measured.used = process_usage::now() - before;
  // After this nothing is told any more.
  sender.close(std::chrono::milliseconds(0));
  measured.records = told.acknowledged();
  measured.failed = options.records - measured.records;
  measured.bytes = measured.records * work.record_bytes();
  measured.error = told.error().empty() ? work.failure() : told.error();
  return measured;
}

}  // namespace

int produce(int argc, char** argv) {
  produce_options options;
  options.records = 1'000'000;
  options.warm_up = 1000;
  CLI::App app("Sends records as fast as they are taken, and counts every outcome", "kafka-bench produce");
  add_options(app, options);
  app.add_option("--partitions-key", options.partitions_key, "none, or random: keys spread over the partitions")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "random"}));
  app.add_option("--threads", options.threads, "How many threads share the producer")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--span", options.span, "Records handed over in one call")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  if (const auto code = parse(app, argc, argv)) return *code;

  outcomes told(options.first_ack);
  producer_config config = make_config(options);
  config.on_delivery = [&told](const delivery_batch& batch) { told.note(batch); };
  producer sender(std::move(config));
  return finish(run(options, told, sender), options.json);
}

}  // namespace kafka::bench
