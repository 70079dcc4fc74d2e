// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <optional>
#include <utility>

#include <kafka/error.hpp>

#include "cli/output.hpp"

namespace kafka::cli {

/// What went wrong with some of many things: the others are done and shown all the same, then the command fails.
class failures {
 public:
  void add(const error& why) {
    if (!why) return;
    if (last_) std::fprintf(stderr, "kafka-cli: %s\n", last_->what());
    last_ = why;
  }
  /// Writes the output, then throws the last failure if there was one; the others have been told.
  void end(output& out) const {
    out.flush();
    if (last_) throw error(*last_);
  }

 private:
  std::optional<error> last_;
};

}  // namespace kafka::cli
