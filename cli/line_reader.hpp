// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/byte_source.hpp"

namespace kafka::cli {

/// Splits what a source gives into lines, read in large pieces. Thread: one.
class line_reader {
 public:
  explicit line_reader(byte_source& from, std::size_t piece = 1U << 20U) : from_(from), piece_(piece) {}

  /// The next line without its line feed, valid until the next call; nothing at the end. A last line without a line
  /// feed counts, unless the source was stopped: the rest of it may be missing. Throws what the source throws.
  std::optional<std::string_view> next();

 private:
  /// False at the end of the input.
  bool read_more();

  byte_source& from_;
  std::size_t piece_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool finished_ = false;
};

}  // namespace kafka::cli
