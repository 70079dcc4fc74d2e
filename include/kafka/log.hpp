// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace kafka {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// `debug`, `info`, `warning`, `error`.
[[nodiscard]] std::string_view to_string(log_level level) noexcept;

/// Receives one line (no newline, never a secret) at a time, on the client's IO thread; it must not block and must not
/// throw. Ordinary life, such as an idle connection that a broker closed, is `debug`; only changes are reported, not
/// every repetition of a failure.
using log_handler = std::function<void(log_level level, std::string_view line)>;

}  // namespace kafka
