// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace kafka::cli {

/// What a command line asks for.
struct request {
  /// Empty if there is only something to say: help, the version, or what is wrong.
  std::function<void(context&)> run = {};
  /// The command's words, such as `topics list`.
  std::string name = {};
  /// For standard output.
  std::string answer = {};
  /// For standard error; the command line cannot be followed (exit code `complaint_code`) unless this is empty.
  std::string complaint = {};
  int complaint_code = 2;
};

/// Reads a command line, old words included; `args` is without the program's name.
[[nodiscard]] request parse_command_line(const std::vector<std::string>& args);

}  // namespace kafka::cli
