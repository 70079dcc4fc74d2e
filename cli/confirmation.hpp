// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/interrupts.hpp"

namespace kafka::cli {

/// Asks a question on standard error and reads the answer, if there is somebody to answer; no otherwise.
[[nodiscard]] bool confirmed(const std::string& question, const interrupts& interrupted);

}  // namespace kafka::cli
