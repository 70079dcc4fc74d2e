// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace kafka::cli {

namespace {

constexpr int waiting_interval_ms = 100;

}  // namespace

void output::flush() {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t written = write(begin, text.size() - begin);
    begin += written;
    if (written > 0) continue;
    ::pollfd ready{descriptor_, POLLOUT, 0};
    ::poll(&ready, 1, -1);
  }
  text.clear();
}

void output::flush(const std::function<void(std::size_t left)>& waiting) {
  while (!text.empty()) {
    std::size_t begin = 0;
    ::pollfd ready{descriptor_, POLLOUT, 0};
    // A pipe that is ready takes PIPE_BUF bytes at once; with more than that the write would wait for its reader.
    while (begin < text.size() && ::poll(&ready, 1, waiting_interval_ms) != 0) {
      begin += write(begin, std::min<std::size_t>(text.size() - begin, PIPE_BUF));
    }
    text.erase(0, begin);
    if (!text.empty()) waiting(text.size() + unread());
  }
}

std::size_t output::unread() const {
  // A pipe gets room by the page, which may be hundreds of lines: whether its reader reads at all shows here.
  int count = 0;
  return ::ioctl(descriptor_, FIONREAD, &count) == 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t output::write(std::size_t begin, std::size_t count) {
  const ::ssize_t written = ::write(descriptor_, text.data() + begin, count);
  if (written >= 0) return static_cast<std::size_t>(written);
  const int why = errno;
  if (why == EAGAIN || why == EWOULDBLOCK || why == EINTR) return 0;
  text.clear();
  if (why == EPIPE) throw closed_pipe{};
  throw std::system_error(why, std::generic_category(), "standard output");
}

}  // namespace kafka::cli
