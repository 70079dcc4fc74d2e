// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shown_record.hpp"

namespace kafka::cli {

/// Lets those records pass that match all of its regular expressions: POSIX extended ones, of bytes. They match without
/// a limit of depth, unlike std::regex, which a long value would send beyond its stack.
class record_filter {
 public:
  enum class part {
    /// The value or the key.
    content,
    key,
    /// Any header, as name=value.
    header,
  };

  /// Throws usage_error naming the option, for what is no regular expression.
  void add(part of, const std::string& expression, std::string_view option);
  [[nodiscard]] bool passes(const shown_record& record) const;
  [[nodiscard]] bool empty() const noexcept { return conditions_.empty(); }

 private:
  class pattern;
  struct condition {
    part of;
    std::shared_ptr<const pattern> expression;
  };
  [[nodiscard]] static bool matches(const condition& one, const shown_record& record);

  std::vector<condition> conditions_;
};

}  // namespace kafka::cli
