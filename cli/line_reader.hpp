// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kafka::cli {

/// Splits what a descriptor gives into lines, read in large pieces. Thread: one.
class line_reader {
 public:
  /// Reading ends as if the input did when `stop` (-1: none) becomes readable.
  line_reader(int descriptor, int stop, std::size_t piece = 1U << 20U)
      : descriptor_(descriptor), stop_(stop), piece_(piece) {}

  /// The next line without its line feed, valid until the next call; nothing at the end. A last line without a line
  /// feed counts. Throws std::system_error if the descriptor cannot be read.
  std::optional<std::string_view> next();

 private:
  /// False at the end of the input.
  bool read_more();

  int descriptor_;
  int stop_;
  std::size_t piece_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool finished_ = false;
};

}  // namespace kafka::cli
