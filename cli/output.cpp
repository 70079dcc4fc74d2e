// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace kafka::cli {

void output::flush() {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ::ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      ::pollfd ready{descriptor_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno == EPIPE) {
      text.clear();
      throw closed_pipe{};
    } else if (errno != EINTR) {
      text.clear();
      throw std::system_error(errno, std::generic_category(), "standard output");
    }
  }
  text.clear();
}

}  // namespace kafka::cli
