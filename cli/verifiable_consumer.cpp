// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <vector>

#include <kafka/consumer.hpp>

#include "cli/commands.hpp"
#include "cli/event_log.hpp"
#include "cli/verifiable_config.hpp"
#include "cli/verifiable_events.hpp"

namespace kafka::cli {
namespace {

// How long leaving the group is waited for: a harness that stops a node expects an end soon.
constexpr std::chrono::seconds last_wait{10};

void complain(const std::string& what) {
  std::fprintf(stderr, "kafka-cli: verifiable-consumer: %s\n", what.c_str());
}

class verifiable_reading {
 public:
  verifiable_reading(const verifiable_consumer_options& options, context& work)
      : options_(options),
        work_(work),
        events_(work.out),
        left_(options.messages_max < 0 ? std::numeric_limits<std::uint64_t>::max()
                                       : static_cast<std::uint64_t>(options.messages_max)),
        from_(config()) {}

  void run() {
    events_.print([](std::string& out) { append_startup_complete(out, wall_clock()); });
    {
      const interrupts::guard ending(work_.interrupted, [this] {
        events_.print([](std::string& out) { append_shutdown_requested(out, wall_clock()); });
        from_.wakeup();
      });
      try {
        from_.subscribe({options_.topic});
        while (left_ != 0 && !work_.interrupted && !events_.broken()) poll();
      } catch (const error& failure) {
        // As the tool that it stands for: the end, but not a failed one.
        complain(failure.what());
      }
    }
    if (const error failure = from_.close(last_wait)) complain(failure.what());
    events_.print([](std::string& out) { append_shutdown_complete(out, wall_clock()); });
    events_.rethrow();
  }

 private:
  consumer_config config() {
    consumer_config made = make_verifiable_config(options_, complain);
    const auto tell = [this](std::string_view name) {
      return [this, name](const std::vector<topic_partition>& partitions) {
        events_.print([&](std::string& out) { append_partitions(out, wall_clock(), name, partitions); });
      };
    };
    made.on_rebalance = {.on_assigned = tell("partitions_assigned"),
                         .on_revoked = tell("partitions_revoked"),
                         .on_lost = tell("partitions_revoked")};
    return made;
  }

  void poll() {
    error failure;
    const records found = from_.poll(std::chrono::hours(1), failure);
    if (failure && !failure.retriable()) throw failure;
    if (found.empty()) return;
    const std::vector<consumed_range> ranges = take(found);
    events_.print([&](std::string& out) { append_records_consumed(out, wall_clock(), found.size(), ranges); });
    if (!options_.auto_commit) commit(ranges);
  }

  /// What was read of each partition, of as many records as are still wanted.
  std::vector<consumed_range> take(const records& found) {
    std::vector<consumed_range> ranges;
    consumed_range* range = nullptr;
    const auto is_of = [](const consumed_range& each, const record_view& record) {
      return each.partition.partition == record.partition() && each.partition.topic == record.topic();
    };
    for (const record_view& record : found) {
      if (left_ == 0) break;
      --left_;
      if (options_.verbose) {
        events_.print([&](std::string& out) { append_record_data(out, wall_clock(), record); });
      }
      if (!range || !is_of(*range, record)) {
        const auto known =
            std::find_if(ranges.begin(), ranges.end(), [&](const consumed_range& each) { return is_of(each, record); });
        range = known != ranges.end()
                    ? &*known
                    : &ranges.emplace_back(consumed_range{{std::string(record.topic()), record.partition()},
                                                          0,
                                                          record.offset(),
                                                          record.offset(),
                                                          record.leader_epoch()});
      }
      ++range->count;
      range->offset_max = record.offset();
      range->leader_epoch = record.leader_epoch();
    }
    return ranges;
  }

  void commit(const std::vector<consumed_range>& ranges) {
    std::vector<group_offset> offsets;
    offsets.reserve(ranges.size());
    for (const consumed_range& each : ranges) {
      offsets.push_back({each.partition, each.offset_max + 1, each.leader_epoch, {}});
    }
    error failure;
    try {
      from_.commit(offsets);
    } catch (const error& why) {
      if (why == broker_errc::fenced_instance_id) throw;
      failure = why;
    }
    events_.print([&](std::string& out) { append_offsets_committed(out, wall_clock(), offsets, failure); });
  }

  const verifiable_consumer_options& options_;
  context& work_;
  event_log events_;
  std::uint64_t left_;
  consumer from_;
};

}  // namespace

void consume_verifiably(const verifiable_consumer_options& options, context& work) {
  try {
    verifiable_reading(options, work).run();
  } catch (const error& failure) {
    // The tool that it stands for ends with 1 whatever is wrong.
    throw std::runtime_error(failure.what());
  }
}

}  // namespace kafka::cli
