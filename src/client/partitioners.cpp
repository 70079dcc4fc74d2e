// SPDX-License-Identifier: Apache-2.0
#include <kafka/partitioner.hpp>

#include "protocol/murmur2.hpp"

namespace kafka {

std::int32_t murmur2_partition(bytes_view key, std::int32_t partition_count) noexcept {
  return (protocol::murmur2(key.bytes()) & 0x7FFFFFFF) % partition_count;
}

}  // namespace kafka
