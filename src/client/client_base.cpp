// SPDX-License-Identifier: Apache-2.0
#include "client/client_base.hpp"

#include <random>

namespace kafka::client {

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) ^ device();
}

}  // namespace kafka::client
