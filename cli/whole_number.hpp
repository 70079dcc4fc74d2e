// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

namespace kafka::cli {

/// Checks that an option's text is a whole number of at least `least`, and says that. CLI11's own check tells the
/// greatest number that it would take instead, in 300 digits.
inline CLI::Validator whole_number_from(std::int64_t least) {
  return {[least](std::string& text) {
            std::int64_t value = 0;
            const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (code == std::errc() && end == text.data() + text.size() && value >= least) return std::string();
            return "\"" + text + "\" is not a whole number of at least " + std::to_string(least);
          },
          "NUMBER"};
}

}  // namespace kafka::cli
