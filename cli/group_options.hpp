// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/group_commands.hpp"

namespace CLI {
class App;
}

namespace kafka::cli {

/// The part of the command line that is about groups and offsets.
class group_command_line {
 public:
  /// Adds its commands to the program's.
  explicit group_command_line(CLI::App& program);
  group_command_line(const group_command_line&) = delete;
  group_command_line& operator=(const group_command_line&) = delete;

  /// Whether one of its commands was given.
  [[nodiscard]] bool parsed() const;
  /// The command that was. Throws usage_error.
  [[nodiscard]] std::function<void(context&)> chosen(const cluster_options& cluster) const;

 private:
  void add_reset(CLI::App& groups);
  [[nodiscard]] groups_reset_options chosen_reset() const;
  [[nodiscard]] reset_target chosen_target() const;

  CLI::App *groups_ = nullptr, *list_ = nullptr, *describe_ = nullptr, *members_ = nullptr, *lag_ = nullptr;
  CLI::App *delete_ = nullptr, *reset_ = nullptr, *offsets_ = nullptr;
  groups_list_options list_options_;
  groups_describe_options describe_options_, members_options_;
  groups_lag_options lag_options_;
  groups_delete_options delete_options_;
  groups_reset_options reset_options_;
  offsets_options offsets_options_;

  // As given.
  std::vector<std::string> states_, types_, topics_, offset_topics_, times_;
  std::string lag_filter_, datetime_, duration_;
  std::int64_t to_offset_ = 0, shift_ = 0;
};

}  // namespace kafka::cli
