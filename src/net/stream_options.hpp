// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kafka::net {

struct stream_options {
  /// Socket buffers in bytes; -1 leaves them to the operating system, which sizes them by itself.
  std::int32_t send_buffer_bytes = -1;
  std::int32_t receive_buffer_bytes = -1;
};

}  // namespace kafka::net
