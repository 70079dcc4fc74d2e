// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <kafka/admin.hpp>

#include "cli/cluster_options.hpp"
#include "cli/interrupts.hpp"

namespace kafka::cli {

/// An admin client that a signal closes, so that a command does not wait for brokers any longer.
class admin_session {
 public:
  admin_session(const cluster_options& options, interrupts& interrupted)
      : admin_(make_admin_config(options)),
        guard_(interrupted, [this] { admin_.close(std::chrono::milliseconds(0)); }) {}

  admin* operator->() noexcept { return &admin_; }

 private:
  admin admin_;
  interrupts::guard guard_;
};

}  // namespace kafka::cli
