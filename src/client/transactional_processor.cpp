// SPDX-License-Identifier: Apache-2.0
#include <kafka/transactional_processor.hpp>

#include "client/transactional_loop.hpp"

namespace kafka {

void transactional_output::send(const message& record) {
  loop_->send(record);
}

transactional_processor::transactional_processor(transactional_processor_config config)
    : loop_(std::make_unique<client::transactional_loop>(std::move(config))) {}
transactional_processor::transactional_processor(transactional_processor&&) noexcept = default;
transactional_processor& transactional_processor::operator=(transactional_processor&&) noexcept = default;
transactional_processor::~transactional_processor() = default;

void transactional_processor::run(const record_handler& handler, std::stop_token stop, const error_handler& on_error) {
  loop_->run(handler, std::move(stop), on_error);
}
transactional_processor_counts transactional_processor::counts() const noexcept {
  return loop_->counts();
}
error transactional_processor::close(std::chrono::milliseconds timeout) {
  return loop_->close(timeout);
}

}  // namespace kafka
