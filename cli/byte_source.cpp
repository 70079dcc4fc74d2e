// SPDX-License-Identifier: Apache-2.0
#include "cli/byte_source.hpp"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace kafka::cli {

std::size_t descriptor_source::read(char* to, std::size_t size) {
  // poll would wait for it for ever.
  if (descriptor_ < 0) throw std::system_error(EBADF, std::generic_category(), name_);
  for (;;) {
    ::pollfd ready[2] = {{descriptor_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(ready, 2, -1) >= 0) {
      if ((ready[1].revents & POLLIN) != 0) {
        stopped_ = true;
        return 0;
      }
      const ::ssize_t taken = ::read(descriptor_, to, size);
      if (taken >= 0) {
        taken_ += static_cast<std::uint64_t>(taken);
        return static_cast<std::size_t>(taken);
      }
    }
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
      throw std::system_error(errno, std::generic_category(), name_);
  }
}

}  // namespace kafka::cli
