// SPDX-License-Identifier: Apache-2.0
#include "cli/record_filter.hpp"

#include <algorithm>

#include <regex.h>

#include "cli/usage_error.hpp"

namespace kafka::cli {

class record_filter::pattern {
 public:
  pattern(const std::string& text, std::string_view option) {
    const int code = ::regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code == 0) return;
    char why[256];
    ::regerror(code, &compiled_, why, sizeof why);
    throw usage_error(std::string(option) + ": \"" + text + "\" is no regular expression: " + why);
  }
  pattern(const pattern&) = delete;
  pattern& operator=(const pattern&) = delete;
  ~pattern() { ::regfree(&compiled_); }

  /// Null matches nothing.
  [[nodiscard]] bool finds(bytes_view in) const {
    if (in.is_null()) return false;
    ::regmatch_t range{};
    range.rm_so = 0;
    range.rm_eo = static_cast<::regoff_t>(in.size());
    // The bytes have no zero at their end, and may have some before.
    return ::regexec(&compiled_, in.data(), 1, &range, REG_STARTEND) == 0;
  }

 private:
  ::regex_t compiled_{};
};

void record_filter::add(part of, const std::string& expression, std::string_view option) {
  conditions_.push_back({of, std::make_shared<pattern>(expression, option)});
}

bool record_filter::passes(const shown_record& record) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const auto& one) { return matches(one, record); });
}

bool record_filter::matches(const condition& one, const shown_record& record) {
  switch (one.of) {
    case part::content:
      return one.expression->finds(record.value) || one.expression->finds(record.key);
    case part::key:
      return one.expression->finds(record.key);
    case part::header:
      break;
  }
  for (const header& each : record.headers) {
    const std::string text = std::string(each.key) + "=" + each.value.str();
    if (one.expression->finds(text)) return true;
  }
  return false;
}

}  // namespace kafka::cli
