// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace kafka::cli {

struct translation {
  /// The command line in the present form.
  std::vector<std::string> args;
  /// Why the old words cannot be followed, a sentence; empty if they can.
  std::string refusal;

  friend bool operator==(const translation&, const translation&) = default;
};

/// Rewrites go-kafka's command line (`-consume -topic T -offset 1`) as subcommands (`consume T --from oldest --json`).
/// A command line in the present form comes back as it is. `args` is without the program's name. Old words take their
/// values as Go's flag package does: `-topic T`, `-topic=T`, `--topic T`. What is no old word (`-e`, `-X a=b`) is
/// handed on behind the rest, so that both can be mixed.
[[nodiscard]] translation translate_legacy(const std::vector<std::string>& args);

}  // namespace kafka::cli
