// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.hpp"

#include <algorithm>
#include <cstring>

namespace kafka::cli {

std::optional<std::string_view> line_reader::next() {
  // What was searched already is not searched again when a long line takes several reads.
  std::size_t searched = begin_;
  for (;;) {
    const auto* feed = static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (feed != nullptr) {
      const std::size_t at = static_cast<std::size_t>(feed - buffer_.data());
      const std::string_view line(buffer_.data() + begin_, at - begin_);
      begin_ = at + 1;
      return line;
    }
    const std::size_t held = end_ - begin_;
    if (finished_ || !read_more()) {
      finished_ = true;
      if (held == 0 || from_.stopped()) return std::nullopt;
      const std::string_view line(buffer_.data() + begin_, held);
      begin_ = end_;
      return line;
    }
    searched = begin_ + held;
  }
}

bool line_reader::read_more() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Twice the line that does not fit: copying it stays linear.
  if (buffer_.size() < end_ + piece_) buffer_.resize(end_ + std::max(end_, piece_));
  const std::size_t taken = from_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += taken;
  return taken > 0;
}

}  // namespace kafka::cli
