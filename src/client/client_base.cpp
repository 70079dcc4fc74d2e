// SPDX-License-Identifier: Apache-2.0
#include "client/client_base.hpp"

#include <random>

namespace kafka::client {

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) ^ device();
}

void shut_down_and_wait(runtime& running, const error& why) {
  if (running.inside()) return running.shut_down(why, nullptr);
  const auto over = std::make_shared<promised<bool>>();
  running.shut_down(why, [over] { over->set(true); });
  (void)over->get();
}

}  // namespace kafka::client
