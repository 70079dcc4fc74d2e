// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <regex>

#include <unistd.h>

#include <kafka/consumer.hpp>

#include "cli/commands.hpp"
#include "cli/consume_plan.hpp"
#include "cli/group_reading.hpp"
#include "cli/progress.hpp"
#include "cli/record_writer.hpp"
#include "cli/topic_choice.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

using namespace std::chrono_literals;

struct plan {
  std::vector<assignment> partitions;
  topics_limits limits;
};

/// The topics that were named, or those that match.
std::vector<std::string> chosen_topics(admin_session& admin, const consume_options& options) {
  if (!options.pattern) return options.topics;
  const std::regex pattern(*options.pattern);
  std::vector<std::string> names = admin->list_topics();
  std::erase_if(names, [&](const std::string& name) { return !std::regex_match(name, pattern); });
  if (names.empty()) throw error(client_errc::invalid_argument, "no topic matches \"" + *options.pattern + "\"");
  return names;
}

std::vector<topic_partition> chosen_partitions(admin_session& admin, const consume_options& options) {
  std::vector<topic_choice> chosen;
  for (const std::string& topic : chosen_topics(admin, options)) chosen.push_back({topic, options.partitions});
  return partitions_of(admin, chosen);
}

/// Where to begin in a partition whose bounds are known.
position begin_of(starting_point from, const range_bounds& known) {
  if (from.what != starting_point::kind::timestamp) return begin_of(from, known.bounds);
  return position::at(known.since_begin >= 0 ? known.since_begin : known.bounds.newest);
}

/// Looks at the topics before anything is read: which partitions there are and, where it matters, their bounds.
plan make_plan(const consume_options& options, bool read_committed, interrupts& interrupted) {
  admin_session admin(options.cluster, interrupted);
  const std::vector<topic_partition> chosen = chosen_partitions(admin, options);
  plan made;
  if (!options.stop_at_end && !needs_bounds(options.range)) {
    for (const topic_partition& where : chosen)
      made.partitions.push_back({where.topic, where.partition, begin_of(options.range.from, offset_bounds{})});
    return made;
  }
  std::optional<timestamp_ms> begin, end;
  if (options.range.from.what == starting_point::kind::timestamp) begin = options.range.from.value;
  if (options.range.until.what == range_end::kind::timestamp) end = options.range.until.value;
  for (const auto& [where, known] : look_up_bounds(admin, chosen, begin, end, read_committed)) {
    const position from = begin_of(options.range.from, known);
    made.partitions.push_back({where.topic, where.partition, from});
    const std::int64_t first = from.what() == position::kind::absolute ? from.value() : known.bounds.oldest;
    if (const auto last = end_of(options.range.until, known, options.stop_at_end))
      made.limits.of(where.topic).add(where.partition, first, *last);
  }
  return made;
}

/// Reads until the limits are reached, the count is, or a signal comes.
class reading {
 public:
  reading(const consume_options& options, plan& planned, consumer& from, context& work)
      : options_(options), limits_(planned.limits), from_(from), work_(work), writer_(options, work.out) {
    done_.records_total = options.count;
    if (const auto total = limits_.total(); limits_.bounded() && total)
      done_.records_total = std::min(options.count.value_or(*total), *total);
  }

  void run() {
    // With data on a terminal, progress would stand in its midst.
    progress_meter meter(::isatty(STDOUT_FILENO) == 0 && (options_.count || limits_.bounded()));
    while (!finished() && !work_.interrupted) {
      write(next());
      meter.update(done_);
    }
    work_.out.flush();
  }

 private:
  [[nodiscard]] bool finished() const {
    return limits_.finished() || (options_.count && done_.records >= *options_.count);
  }

  /// Waits for records, but not with data in the buffer that somebody may be waiting for.
  records next() {
    if (!work_.out.text.empty()) {
      records ready = from_.poll(0ms);
      if (!ready.empty()) return ready;
      work_.out.flush();
    }
    // Offsets that hold no record (transaction markers, what compaction removed) end no poll: look at the position.
    records ready = from_.poll(limits_.bounded() ? 20ms : 1000ms);
    if (ready.empty()) note_positions();
    return ready;
  }

  void note_positions() {
    for (const topic_partition& where : limits_.unfinished()) {
      if (const auto position = from_.position_of(where))
        limits_.of(where.topic).note_position(where.partition, *position);
    }
  }

  void write(const records& batch) {
    for (const record_view& record : batch) {
      if (!limits_.take(record.topic(), record.partition(), record.offset())) continue;
      if (!writer_.write(record)) continue;
      work_.out.step();
      ++done_.records;
      done_.bytes += record.key().size() + record.value().size();
      if (options_.count && done_.records >= *options_.count) return;
    }
  }

  const consume_options& options_;
  topics_limits& limits_;
  consumer& from_;
  context& work_;
  record_writer writer_;
  work_done done_;
};

void consume_as_member(const consume_options& options, context& work) {
  if (!options.partitions.empty()) throw usage_error("--group and --partition exclude each other: the group chooses");
  if (options.stop_at_end) throw usage_error("--group and --end exclude each other: others may read the rest");
  const bool oldest = options.range.from == starting_point{};
  if (options.range.until != range_end{} || (!oldest && options.range.from.what != starting_point::kind::newest))
    throw usage_error("with --group, --from is oldest or newest");
  consumer_config config = make_consumer_config(options.cluster);
  config.group_id = *options.group;
  config.offset_reset = oldest ? offset_reset::earliest : offset_reset::latest;
  config.auto_commit = false;
  config.read_committed = config.read_committed || options.read_committed;
  apply_last(options.cluster, config);
  // A member looks for its coordinator without end. Whether a cluster is there at all is found out first.
  (void)admin_session(options.cluster, work.interrupted)->describe_cluster();
  group_reading(options, std::move(config), work).run();
}

}  // namespace

void consume(const consume_options& options, context& work) {
  if (options.json && options.format) throw usage_error("--json and -f exclude each other");
  if (options.format) (void)record_format(*options.format);
  if (options.count == 0U) return;
  if (options.group) return consume_as_member(options, work);
  consumer_config config = make_consumer_config(options.cluster);
  config.read_committed = config.read_committed || options.read_committed;
  plan planned = make_plan(options, config.read_committed, work.interrupted);
  if (planned.limits.finished() || work.interrupted) return;
  consumer from(std::move(config));
  const interrupts::guard waking(work.interrupted, [&from] { from.wakeup(); });
  from.assign(planned.partitions);
  reading(options, planned, from, work).run();
  from.close(5s);
}

}  // namespace kafka::cli
