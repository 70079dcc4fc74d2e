// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <unistd.h>

#include <kafka/consumer.hpp>

#include "cli/commands.hpp"
#include "cli/consume_plan.hpp"
#include "cli/json_text.hpp"
#include "cli/progress.hpp"
#include "cli/record_format.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

using namespace std::chrono_literals;

struct plan {
  std::vector<assignment> partitions;
  reading_limits limits;
};

std::vector<std::int32_t> chosen_partitions(const topic_description& topic, const consume_options& options) {
  std::vector<std::int32_t> ids;
  for (const partition_description& each : topic.partitions) ids.push_back(each.partition);
  if (options.partitions.empty()) return ids;
  for (const std::int32_t wanted : options.partitions) {
    if (std::find(ids.begin(), ids.end(), wanted) == ids.end())
      throw error(client_errc::invalid_argument, "topic " + topic.name + " has no partition " + std::to_string(wanted));
  }
  return options.partitions;
}

/// The offset that a position names; -1 if only the broker knows it.
std::int64_t offset_of(position at, const offset_bounds& bounds) {
  if (at.what() == position::kind::absolute) return at.value();
  return at.what() == position::kind::oldest ? bounds.oldest : -1;
}

/// Looks at the topic before anything is read: which partitions there are and, where it matters, their bounds.
plan make_plan(const consume_options& options, interrupts& interrupted) {
  admin_session admin(options.cluster, interrupted);
  const topic_description topic = look_up_topic(admin, options.topic);
  const std::vector<std::int32_t> ids = chosen_partitions(topic, options);
  const bool bounds_matter = options.stop_at_end || options.from.what == starting_point::kind::last;
  plan made;
  std::map<std::int32_t, offset_bounds> bounds;
  if (bounds_matter) bounds = look_up_bounds(admin, options.topic, ids);
  for (const std::int32_t id : ids) {
    const offset_bounds& bound = bounds[id];
    if (bound.failure) throw error(bound.failure);
    const position from = begin_of(options.from, bound);
    made.partitions.push_back({options.topic, id, from});
    if (options.stop_at_end) made.limits.add(id, offset_of(from, bound), bound.newest);
  }
  return made;
}

/// Writes records in the form that was asked for.
class record_writer {
 public:
  record_writer(const consume_options& options, output& to) : json_(options.json), out_(to) {
    if (options.format) format_ = record_format(*options.format);
  }

  void write(const record_view& record) {
    const shown_record shown(record);
    if (json_) {
      append_json_line(out_.text, shown);
    } else {
      format_.append(shown, out_.text);
    }
    out_.step();
  }

 private:
  bool json_;
  record_format format_;
  output& out_;
};

/// Reads until the limits are reached, the count is, or a signal comes.
class reading {
 public:
  reading(const consume_options& options, plan& planned, consumer& from, context& work)
      : options_(options), limits_(planned.limits), from_(from), work_(work), writer_(options, work.out) {
    done_.records_total = options.count;
    if (const auto total = limits_.total(); options.stop_at_end && total)
      done_.records_total = std::min(options.count.value_or(*total), *total);
  }

  void run() {
    // With data on a terminal, progress would stand in its midst.
    progress_meter meter(::isatty(STDOUT_FILENO) == 0 && (options_.count || options_.stop_at_end));
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
    records ready = from_.poll(options_.stop_at_end ? 20ms : 1000ms);
    if (ready.empty()) note_positions();
    return ready;
  }

  void note_positions() {
    for (const std::int32_t partition : limits_.unfinished()) {
      if (const auto position = from_.position_of({options_.topic, partition}))
        limits_.note_position(partition, *position);
    }
  }

  void write(const records& batch) {
    for (const record_view& record : batch) {
      if (!limits_.take(record.partition(), record.offset())) continue;
      writer_.write(record);
      ++done_.records;
      done_.bytes += record.key().size() + record.value().size();
      if (options_.count && done_.records >= *options_.count) return;
    }
  }

  const consume_options& options_;
  reading_limits& limits_;
  consumer& from_;
  context& work_;
  record_writer writer_;
  work_done done_;
};

/// Reads as a member of a group. What was printed is stored for the group, and nothing else: whatever else was fetched
/// is the next reader's.
class group_reading {
 public:
  group_reading(const consume_options& options, consumer& from, context& work)
      : options_(options), from_(from), work_(work), writer_(options, work.out) {
    done_.records_total = options.count;
  }

  void run() {
    progress_meter meter(::isatty(STDOUT_FILENO) == 0 && options_.count);
    while (!finished() && !work_.interrupted) {
      for (const record_view& record : from_.poll(1000ms)) {
        writer_.write(record);
        group_offset& next = printed_[{std::string(record.topic()), record.partition()}];
        next.offset = record.offset() + 1;
        next.leader_epoch = record.leader_epoch();
        ++done_.records;
        done_.bytes += record.key().size() + record.value().size();
        if (finished()) break;
      }
      work_.out.flush();
      store();
      meter.update(done_);
    }
  }

 private:
  [[nodiscard]] bool finished() const { return options_.count && done_.records >= *options_.count; }

  void store() {
    std::vector<group_offset> offsets;
    for (auto& [where, next] : printed_) {
      next.partition = where;
      offsets.push_back(std::move(next));
    }
    printed_.clear();
    if (!offsets.empty()) from_.commit(offsets);
  }

  const consume_options& options_;
  consumer& from_;
  context& work_;
  record_writer writer_;
  work_done done_;
  std::map<topic_partition, group_offset> printed_;
};

void consume_as_member(const consume_options& options, context& work) {
  if (!options.partitions.empty()) throw usage_error("--group and --partition exclude each other: the group chooses");
  if (options.stop_at_end) throw usage_error("--group and --end exclude each other: others may read the rest");
  const bool oldest = options.from.what == starting_point::kind::oldest;
  if (!oldest && options.from.what != starting_point::kind::newest)
    throw usage_error("with --group, --from is oldest or newest");
  consumer_config config = make_consumer_config(options.cluster);
  config.group_id = *options.group;
  config.offset_reset = oldest ? offset_reset::earliest : offset_reset::latest;
  config.auto_commit = false;
  consumer from(std::move(config));
  const interrupts::guard waking(work.interrupted, [&from] { from.wakeup(); });
  from.subscribe({options.topic});
  group_reading(options, from, work).run();
  if (const error failure = from.close(5s)) throw error(failure);
}

}  // namespace

void consume(const consume_options& options, context& work) {
  if (options.json && options.format) throw usage_error("--json and -f exclude each other");
  if (options.format) (void)record_format(*options.format);
  if (options.count == 0U) return;
  if (options.group) return consume_as_member(options, work);
  plan planned = make_plan(options, work.interrupted);
  if (planned.limits.finished() || work.interrupted) return;
  consumer from(make_consumer_config(options.cluster));
  const interrupts::guard waking(work.interrupted, [&from] { from.wakeup(); });
  from.assign(planned.partitions);
  reading(options, planned, from, work).run();
  from.close(5s);
}

}  // namespace kafka::cli
