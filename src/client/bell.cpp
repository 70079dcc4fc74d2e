// SPDX-License-Identifier: Apache-2.0
#include "client/bell.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include <kafka/error.hpp>

namespace kafka::client {

bell::bell() {
  int ends[2];
  if (::pipe(ends) != 0) throw error(std::error_code(errno, std::system_category()), "a pipe to wake pollers");
  read_end_ = ends[0];
  write_end_ = ends[1];
  for (const int end : ends) {
    (void)::fcntl(end, F_SETFD, FD_CLOEXEC);
    (void)::fcntl(end, F_SETFL, O_NONBLOCK);
  }
}

bell::~bell() {
  ::close(read_end_);
  ::close(write_end_);
}

void bell::ring() noexcept {
  const int before = errno;
  // A pipe that is full has rung often enough.
  const char any = 1;
  while (::write(write_end_, &any, 1) < 0 && errno == EINTR) {
  }
  errno = before;
}

void bell::silence() noexcept {
  char all[64];
  while (::read(read_end_, all, sizeof(all)) > 0) {
  }
}

bool bell::wait_until(steady_time until) noexcept {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    const auto wait = std::clamp<decltype(left)>(left, 0, std::numeric_limits<int>::max());
    ::pollfd rung{read_end_, POLLIN, 0};
    if (::poll(&rung, 1, static_cast<int>(wait)) > 0) {
      silence();
      return true;
    }
    // Otherwise a signal's handler ran, or so long a wait was cut.
    if (std::chrono::steady_clock::now() >= until) return false;
  }
}

}  // namespace kafka::client
