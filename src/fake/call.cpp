// SPDX-License-Identifier: Apache-2.0
#include "fake/call.hpp"

namespace kafka::fake {

void call::run(instant now) {
  now_ = now;
  outcome_ = outcome::running;
  handler_(*this);
}

std::string call::body_json() const {
  return body_ ? body_->to_json(header_.version) : "null";
}

}  // namespace kafka::fake
