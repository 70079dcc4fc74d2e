// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/shown_record.hpp"

namespace kafka::cli {

/// A format in kcat's language: %t topic, %p partition, %o offset, %T timestamp in ms, %k key, %s value (both as they
/// are; null prints as nothing), %K and %S their sizes (-1 for null), %R the value's size as four bytes, big-endian,
/// %h headers as name=value,... (null as NULL), %% a percent sign; escapes as in `unescaped`.
class record_format {
 public:
  /// The value and a line feed.
  record_format();
  /// Throws usage_error naming the token that it does not know.
  explicit record_format(std::string_view text);

  void append(const shown_record& record, std::string& out) const;

 private:
  /// A token's letter, or 0 for literal text.
  struct part {
    char token = 0;
    std::string text;
  };
  void add_literal(std::string_view text);

  std::vector<part> parts_;
};

}  // namespace kafka::cli
