// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace kafka::cli {

/// Thrown when nobody reads standard output any more (`| head`): a normal end, not a failure.
struct closed_pipe {};

/// Standard output behind a buffer. Data is appended to `text`; `step` writes it once there is much of it. Throws
/// closed_pipe, or std::system_error for any other failure to write (a full disk).
class output {
 public:
  explicit output(int descriptor) : descriptor_(descriptor) { text.reserve(write_at + write_at / 4); }
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  std::string text;

  void step() {
    if (text.size() >= write_at) flush();
  }
  void flush();
  /// The same in small pieces; while nobody takes them `waiting` is called ten times a second, with the number of bytes
  /// that nobody took yet. What it throws is passed on; the rest stays in `text` then.
  void flush(const std::function<void(std::size_t left)>& waiting);

 private:
  /// Of `count` bytes of the text from `begin` on; how many were written, perhaps none.
  std::size_t write(std::size_t begin, std::size_t count);
  [[nodiscard]] std::size_t unread() const;

  static constexpr std::size_t write_at = 256U << 10U;
  int descriptor_;
};

}  // namespace kafka::cli
