// SPDX-License-Identifier: Apache-2.0
// The commands about groups and offsets: a struct of options and a function for each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/cluster_options.hpp"
#include "cli/commands.hpp"
#include "cli/offset_reset_plan.hpp"
#include "cli/topic_choice.hpp"

namespace kafka::cli {

struct groups_list_options {
  cluster_options cluster = {};
  group_filter filter = {};
  bool json = false;
};
struct groups_describe_options {
  cluster_options cluster = {};
  /// Empty: all.
  std::vector<std::string> groups = {};
  bool json = false;
};
/// Which lags to show: all, or those that stand so to a number.
struct lag_filter {
  enum class relation : std::uint8_t { any, above, at_least, below, at_most, equal };
  relation is = relation::any;
  std::int64_t number = 0;

  /// A lag that is not known passes no filter but `any`.
  [[nodiscard]] bool passes(std::optional<std::int64_t> lag) const;
};
/// Reads `>0`, `>=10`, `<5`, `<=5`, `=0`. Throws usage_error.
[[nodiscard]] lag_filter parse_lag_filter(const std::string& text);

struct groups_lag_options {
  cluster_options cluster = {};
  /// Empty: all.
  std::vector<std::string> groups = {};
  lag_filter filter = {};
  /// A line a group.
  bool totals_only = false;
  bool json = false;
};
struct groups_delete_options {
  cluster_options cluster = {};
  std::vector<std::string> groups = {};
  bool yes = false;
};
struct groups_reset_options {
  cluster_options cluster = {};
  std::string group = {};
  reset_target target = {};
  /// Of reset_target::kind::file.
  std::string file = {};
  std::vector<topic_choice> topics = {};
  /// All that the group stored offsets for.
  bool all_topics = false;
  bool yes = false;
  /// Print what Kafka's own tool exports: topic,partition,offset.
  bool csv = false;
  bool json = false;
};
struct offsets_options {
  cluster_options cluster = {};
  std::vector<topic_choice> topics = {};
  std::vector<timestamp_ms> times = {};
  bool json = false;
};

void list_groups(const groups_list_options& options, context& work);
void describe_groups(const groups_describe_options& options, context& work);
void list_members(const groups_describe_options& options, context& work);
void show_lag(const groups_lag_options& options, context& work);
void delete_groups(const groups_delete_options& options, context& work);
void reset_offsets(const groups_reset_options& options, context& work);
void show_offsets(const offsets_options& options, context& work);

}  // namespace kafka::cli
