// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdio>
#include <limits>
#include <stdexcept>

#include <kafka/producer.hpp>

#include "cli/commands.hpp"
#include "cli/event_log.hpp"
#include "cli/rate_limit.hpp"
#include "cli/verifiable_config.hpp"
#include "cli/verifiable_events.hpp"

namespace kafka::cli {
namespace {

// How long messages on their way are waited for after a signal: a harness that stops a node expects an end soon.
constexpr std::chrono::seconds last_wait{10};

/// The texts of a message, all of which follow from its number.
struct message_texts {
  message_texts(const verifiable_producer_options& options, std::uint64_t number) {
    if (options.value_prefix) value = std::to_string(*options.value_prefix) + '.';
    value += std::to_string(number);
    if (options.repeating_keys) key = std::to_string(number % static_cast<std::uint64_t>(*options.repeating_keys));
  }
  [[nodiscard]] verifiable_message of(std::string_view topic) const { return {topic, bytes_view(key), value}; }

  std::optional<std::string> key;
  std::string value;
};

class verifiable_run {
 public:
  verifiable_run(const verifiable_producer_options& options, context& work)
      : options_(options), work_(work), events_(work.out), started_(wall_clock()), to_(config()) {}

  void run() {
    const auto began = std::chrono::steady_clock::now();
    events_.print([](std::string& out) { append_startup_complete(out, wall_clock()); });
    {
      // Ends before close is called again: by then the signal's call has returned, or it never comes.
      const interrupts::guard closing(work_.interrupted, [this] { to_.close(last_wait); });
      send_all();
      if (!stopping()) to_.flush(std::chrono::hours(24));
    }
    to_.close(last_wait);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    const std::uint64_t acked = acked_.load();
    events_.print([&](std::string& out) {
      append_shutdown_complete(out, wall_clock());
      append_tool_data(out, wall_clock(),
                       {.sent = sent_,
                        .acked = acked,
                        .target_throughput = options_.throughput,
                        .avg_throughput = static_cast<double>(acked) / elapsed.count()});
    });
    events_.rethrow();
  }

 private:
  [[nodiscard]] bool stopping() const noexcept { return work_.interrupted || events_.broken(); }

  producer_config config() {
    producer_config made = make_verifiable_config(options_, [](const std::string& what) {
      std::fprintf(stderr, "kafka-cli: verifiable-producer: %s\n", what.c_str());
    });
    made.on_delivery = [this](const delivery_batch& batch) { print(batch); };
    return made;
  }

  void send_all() {
    const std::uint64_t count = options_.messages_max < 0 ? std::numeric_limits<std::uint64_t>::max()
                                                          : static_cast<std::uint64_t>(options_.messages_max);
    std::optional<rate_limit> limit;
    if (options_.throughput > 0)
      limit.emplace(static_cast<double>(options_.throughput), std::chrono::steady_clock::now());
    for (std::uint64_t number = 0; number < count; ++number) {
      // Zero is for ever, in Java's tool as well.
      if (options_.throughput == 0) work_.interrupted.wait();
      if (limit) wait_for_turn(*limit);
      if (stopping()) return;
      send(number);
    }
  }

  void wait_for_turn(rate_limit& limit) {
    const auto now = std::chrono::steady_clock::now();
    const auto turn = limit.take(now);
    if (turn > now) work_.interrupted.wait_until(turn);
  }

  void send(std::uint64_t number) {
    const message_texts texts(options_, number);
    try {
      to_.send({.topic = options_.topic,
                .key = bytes_view(texts.key),
                .value = bytes_view(texts.value),
                .timestamp = timestamp(),
                .opaque = number},
               detached);
    } catch (const error& failure) {
      // Refused by the end that the signal began: it was never sent.
      if (failure == client_errc::closed && work_.interrupted) return;
      events_.print([&](std::string& out) { append_send_error(out, wall_clock(), texts.of(options_.topic), failure); });
    }
    ++sent_;
  }

  [[nodiscard]] timestamp_ms timestamp() const {
    return options_.create_time < 0 ? -1 : options_.create_time + (wall_clock() - started_);
  }

  /// On the producer's thread.
  void print(const delivery_batch& batch) {
    if (batch) acked_ += batch.count();
    const timestamp_ms now = wall_clock();
    events_.print([&](std::string& out) {
      std::int64_t offset = batch.base_offset();
      for (const std::uint64_t number : batch.opaques()) {
        const message_texts texts(options_, number);
        if (batch) {
          append_send_success(out, now, texts.of(batch.topic()), batch.partition(), offset);
        } else {
          append_send_error(out, now, texts.of(batch.topic()), batch.error());
        }
        if (offset >= 0) ++offset;
      }
    });
  }

  const verifiable_producer_options& options_;
  context& work_;
  event_log events_;
  const timestamp_ms started_;
  std::atomic<std::uint64_t> acked_{0};
  std::uint64_t sent_ = 0;
  producer to_;
};

}  // namespace

void produce_verifiably(const verifiable_producer_options& options, context& work) {
  try {
    verifiable_run(options, work).run();
  } catch (const error& failure) {
    // The tool that it stands for ends with 1 whatever is wrong.
    throw std::runtime_error(failure.what());
  }
}

}  // namespace kafka::cli
