// SPDX-License-Identifier: Apache-2.0
#include "cli/escapes.hpp"

#include <algorithm>
#include <charconv>

namespace kafka::cli {
namespace {

/// Takes a number of at most `digits_max` digits off `text`; its low eight bits are the character.
bool take_character(std::string_view& text, std::size_t digits_max, int base, std::string& out) {
  unsigned value = 0;
  const char* const last = text.data() + std::min(digits_max, text.size());
  const auto [end, failure] = std::from_chars(text.data(), last, value, base);
  if (failure != std::errc{}) return false;
  out += static_cast<char>(static_cast<unsigned char>(value));
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      out += c;
      continue;
    }
    const char escaped = text.front();
    if (escaped >= '0' && escaped <= '9') {
      take_character(text, 3, escaped == '0' ? 8 : 10, out);
      continue;
    }
    text.remove_prefix(1);
    switch (escaped) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        if (!take_character(text, 2, 16, out)) out += 'x';
        break;
      default:
        out += escaped;
    }
  }
  return out;
}

}  // namespace kafka::cli
