// SPDX-License-Identifier: Apache-2.0
// The format of java.util.Properties.load, for text in UTF-8.
#include <kafka/properties.hpp>

#include <charconv>
#include <cstdint>

namespace kafka {
namespace {

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\f';
}

std::string_view without_leading_space(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

/// Takes one line off `text`; \n, \r and \r\n end lines.
std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos) {
    text = {};
  } else {
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  return line;
}

/// Whether the line's last character is a backslash that no other one escapes.
bool is_continued(std::string_view line) noexcept {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6U);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12U);
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

/// Takes the four digits of \uXXXX off `text`.
bool take_unit(std::string_view& text, std::uint32_t& unit) noexcept {
  if (text.size() < 4) return false;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  if (failure != std::errc{} || end != text.data() + 4) return false;
  text.remove_prefix(4);
  return true;
}

/// Reads what follows `\u`: one unit of UTF-16, or two that make a pair. A lone surrogate is no character.
bool take_character(std::string_view& text, std::string& out) {
  std::uint32_t unit = 0;
  if (!take_unit(text, unit)) return false;
  if (unit >= 0xD800 && unit < 0xE000) {
    std::uint32_t low = 0;
    if (unit >= 0xDC00 || !text.starts_with("\\u")) return false;
    text.remove_prefix(2);
    if (!take_unit(text, low) || low < 0xDC00 || low >= 0xE000) return false;
    unit = 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U);
  }
  append_utf8(out, unit);
  return true;
}

bool unescape(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      if (c != '\\') out += c;
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        if (!take_character(text, out)) return false;
        break;
      default:
        out += escaped;
    }
  }
  return true;
}

/// Where the key ends: at the first `=`, `:` or white space that is not escaped.
std::size_t key_end(std::string_view line) noexcept {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '=' || line[at] == ':' || is_space(line[at])) {
      return at;
    }
  }
  return line.size();
}

bool parse_line(std::string_view line, property& out) {
  const std::size_t end = key_end(line);
  std::string_view value = without_leading_space(line.substr(end));
  if (value.starts_with('=') || value.starts_with(':')) value = without_leading_space(value.substr(1));
  return unescape(line.substr(0, end), out.key) && unescape(value, out.value);
}

}  // namespace

error parse_properties(std::string_view text, std::vector<property>& properties) {
  properties.clear();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t number = 0;
  while (!text.empty()) {
    std::string line(without_leading_space(take_line(text)));
    const std::size_t first = ++number;
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    while (is_continued(line)) {
      line.pop_back();
      if (text.empty()) break;
      line += without_leading_space(take_line(text));
      ++number;
    }
    property parsed{.key = {}, .value = {}, .line = first};
    if (!parse_line(line, parsed))
      return error(client_errc::invalid_config, "line " + std::to_string(first) + ": a broken \\u escape");
    properties.push_back(std::move(parsed));
  }
  return {};
}

}  // namespace kafka
