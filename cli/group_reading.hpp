// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <kafka/consumer.hpp>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/record_writer.hpp"

namespace kafka::cli {

/// Reads as a member of a group. What was printed, or passed over by a filter, is stored for the group, and nothing
/// else: whatever else was fetched is the next reader's.
///
/// Between lines, and while nobody takes them, the group hears that this member lives; one that gets rid of nothing for
/// max.poll.interval is too slow all the same. Offsets that cannot be stored are complained of and stored later, if the
/// partitions are still this member's: their lines are read again otherwise.
class group_reading {
 public:
  group_reading(const consume_options& options, consumer_config config, context& work);
  group_reading(const group_reading&) = delete;
  group_reading& operator=(const group_reading&) = delete;

  /// Until the count is reached or a signal comes. Throws what went wrong, also if the last offsets were not stored.
  void run();

 private:
  using clock = std::chrono::steady_clock;
  using ends = std::map<topic_partition, group_offset>;

  consumer_config listening(consumer_config config);
  [[nodiscard]] bool finished() const { return options_.count && done_.records >= *options_.count; }
  /// Waits for records, but neither with lines in the buffer that somebody may be waiting for nor before what was
  /// printed is stored.
  records next();
  void write(const records& batch);
  void write(const record_view& record);
  /// Prints what is there, stores it, and lets the group know.
  void settle();
  void flush();
  [[nodiscard]] error try_to_store();
  /// What passes is complained of, when it changes; the rest is thrown.
  void store();
  void on_going(const std::vector<topic_partition>& partitions, bool may_store);

  const consume_options& options_;
  context& work_;
  const std::chrono::milliseconds max_poll_interval_;
  const std::chrono::milliseconds interval_;
  record_writer writer_;
  work_done done_;
  /// Where records end whose lines are in the buffer, and those that are printed but not stored.
  ends buffered_;
  ends printed_;
  /// Of the batch that is being written: those that are another's by now.
  std::set<topic_partition> gone_;
  /// Why offsets were not stored last time.
  error failure_;
  clock::time_point settle_at_{};
  bool flushing_ = false;
  consumer from_;
};

}  // namespace kafka::cli
