// SPDX-License-Identifier: Apache-2.0
#include "fake/call.hpp"

#include "fake/handlers.hpp"

namespace kafka::fake {

void call::run(instant now) {
  now_ = now;
  outcome_ = outcome::running;
  handler_.handle(*this);
}

std::string call::body_json() const {
  return handler_.json(body_.get(), header_.version);
}

}  // namespace kafka::fake
