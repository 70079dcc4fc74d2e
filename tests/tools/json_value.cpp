// SPDX-License-Identifier: Apache-2.0
#include "tools/json_value.hpp"

#include <charconv>

namespace kafka::tools {

namespace {

constexpr bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

void append_utf8(std::string& out, unsigned code) {
  const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6U);
    byte(0x80 | (code & 0x3FU));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12U);
    byte(0x80 | (code >> 6U & 0x3FU));
    byte(0x80 | (code & 0x3FU));
  } else {
    byte(0xF0 | code >> 18U);
    byte(0x80 | (code >> 12U & 0x3FU));
    byte(0x80 | (code >> 6U & 0x3FU));
    byte(0x80 | (code & 0x3FU));
  }
}

/// A recursive-descent parser; each function says whether it understood.
class parser {
 public:
  explicit parser(std::string_view text) : text_(text) {}

  bool document(json_value& out) {
    if (!value(out, 0)) return false;
    skip_space();
    return text_.empty();
  }

 private:
  static constexpr int depth_max = 100;

  void skip_space() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size())); }

  bool take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  bool value(json_value& out, int depth) {
    skip_space();
    if (text_.empty() || depth > depth_max) return false;
    switch (text_.front()) {
      case '{':
        return object(out.value.emplace<json_value::object>(), depth);
      case '[':
        return array(out.value.emplace<json_value::array>(), depth);
      case '"':
        return string(out.value.emplace<std::string>());
      case 't':
        out.value = true;
        return take("true");
      case 'f':
        out.value = false;
        return take("false");
      case 'n':
        return take("null");
      default:
        return number(out.value.emplace<json_value::number>());
    }
  }

  bool object(json_value::object& out, int depth) {
    take("{");
    skip_space();
    if (take("}")) return true;
    do {
      auto& [name, member] = out.emplace_back();
      skip_space();
      if (!string(name)) return false;
      skip_space();
      if (!take(":") || !value(member, depth + 1)) return false;
      skip_space();
    } while (take(","));
    return take("}");
  }

  bool array(json_value::array& out, int depth) {
    take("[");
    skip_space();
    if (take("]")) return true;
    do {
      if (!value(out.emplace_back(), depth + 1)) return false;
      skip_space();
    } while (take(","));
    return take("]");
  }

  bool digits() {
    const std::size_t count = std::min(text_.find_first_not_of("0123456789"), text_.size());
    text_.remove_prefix(count);
    return count > 0;
  }

  bool number(json_value::number& out) {
    const std::string_view start = text_;
    take("-");
    if (!take("0") && !digits()) return false;
    if (!text_.empty() && is_digit(text_.front())) return false;  // a leading zero
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) {
      if (!take("-")) take("+");
      if (!digits()) return false;
    }
    out.text = start.substr(0, start.size() - text_.size());
    return true;
  }

  bool string(std::string& out) {
    if (!take("\"")) return false;
    for (;;) {
      if (text_.empty() || static_cast<unsigned char>(text_.front()) < 0x20) return false;
      const char next = text_.front();
      text_.remove_prefix(1);
      if (next == '"') return true;
      if (next != '\\') {
        out += next;
      } else if (!escape(out)) {
        return false;
      }
    }
  }

  bool escape(std::string& out) {
    if (text_.empty()) return false;
    const char letter = text_.front();
    text_.remove_prefix(1);
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (letter != 'u') {
      const std::size_t index = letters.find(letter);
      if (index == std::string_view::npos) return false;
      out += meanings[index];
      return true;
    }
    unsigned code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && text_.starts_with("\\u")) {
      const std::string_view rest = text_;
      unsigned low = 0;
      text_.remove_prefix(2);
      if (!hex4(low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        append_utf8(out, 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00));
        return true;
      }
      text_ = rest;
    }
    if (code >= 0xD800 && code < 0xE000) code = '?';
    append_utf8(out, code);
    return true;
  }

  bool hex4(unsigned& code) {
    if (text_.size() < 4) return false;
    const auto [end, failure] = std::from_chars(text_.data(), text_.data() + 4, code, 16);
    if (failure != std::errc() || end != text_.data() + 4) return false;
    text_.remove_prefix(4);
    return true;
  }

  std::string_view text_;
};

}  // namespace

const json_value* json_value::member(std::string_view name) const noexcept {
  const object* members = get_if<object>();
  if (!members) return nullptr;
  for (auto next = members->rbegin(); next != members->rend(); ++next) {
    if (next->name == name) return &next->value;
  }
  return nullptr;
}

std::optional<json_value> parse_json(std::string_view text) {
  json_value out{};
  if (!parser(text).document(out)) return std::nullopt;
  return out;
}

}  // namespace kafka::tools
