// SPDX-License-Identifier: Apache-2.0

// A closed loop: one record at a time, the next when the last is acknowledged.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include <kafka/producer.hpp>

#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/payload.hpp"
#include "bench/producer_options.hpp"
#include "bench/report.hpp"

namespace kafka::bench {
namespace {

using std::chrono::steady_clock;

report run(const producer_options& options, producer& sender, histogram& latencies) {
  const payload values(options.payload, options.size, options.records);
  payload_cursor value(values, 0);
  progress_line progress(options.records);
  report measured{.benchmark = "latency", .latencies = &latencies};
  error failure;
  bool first = options.first_ack;
  const auto send = [&] {
    sender.send({.topic = options.topic, .value = value.next()}, failure);
    if (first && !failure) {
      std::printf("first_ack %.3f\n", milliseconds_since_start());
      std::fflush(stdout);
      first = false;
    }
    return !failure;
  };
  for (std::uint64_t sent = 0; sent < options.warm_up && send();) ++sent;
  const process_usage before = process_usage::now();
  auto began = steady_clock::now();
  while (measured.records < options.records && !failure && send()) {
    const auto ended = steady_clock::now();
    latencies.add(std::chrono::nanoseconds(ended - began).count());
    progress.update(++measured.records, ended);
    began = ended;
  }
  measured.used = process_usage::now() - before;
  measured.bytes = measured.records * values.size();
  measured.failed = options.records - measured.records;
  if (failure) measured.error = failure.what();
  return measured;
}

}  // namespace

int latency(int argc, char** argv) {
  producer_options options{.records = 10'000, .warm_up = 100, .linger_ms = 0};
  CLI::App app("One record at a time: how long until each is acknowledged", "kafka-bench latency");
  add_options(app, options);
  if (const auto code = parse(app, argc, argv)) return *code;

  producer sender(make_config(options));
  const auto latencies = std::make_unique<histogram>();
  return finish(run(options, sender, *latencies), options.json);
}

}  // namespace kafka::bench
