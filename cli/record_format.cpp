// SPDX-License-Identifier: Apache-2.0
#include "cli/record_format.hpp"

#include <charconv>

#include "cli/escapes.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

std::int64_t size_of(bytes_view bytes) {
  return bytes.is_null() ? -1 : static_cast<std::int64_t>(bytes.size());
}

void append_big_endian(std::string& out, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
}

void append_headers(std::string& out, const header_range& headers) {
  bool first = true;
  for (const header& each : headers) {
    if (!first) out += ',';
    first = false;
    out += each.key;
    out += '=';
    out += each.value.is_null() ? std::string_view("NULL") : each.value.view();
  }
}

}  // namespace

record_format::record_format() : parts_{{'s', {}}, {0, "\n"}} {}

record_format::record_format(std::string_view text) {
  constexpr std::string_view tokens = "tpoTksKSRh";
  while (!text.empty()) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    add_literal(unescaped(text.substr(0, percent)));
    text.remove_prefix(percent);
    if (text.empty()) break;
    if (text.size() < 2) throw usage_error("-f: a single % at the end; write %% for a percent sign");
    const char token = text[1];
    if (token == '%') {
      add_literal("%");
    } else if (tokens.find(token) != std::string_view::npos) {
      parts_.push_back({token, {}});
    } else {
      throw usage_error("-f: there is no token %" + std::string(1, token) +
                        "; there are %t %p %o %T %k %s %K %S %R %h %%");
    }
    text.remove_prefix(2);
  }
}

void record_format::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (parts_.empty() || parts_.back().token != 0) parts_.emplace_back();
  parts_.back().text += text;
}

void record_format::append(const shown_record& record, std::string& out) const {
  for (const part& each : parts_) {
    switch (each.token) {
      case 't':
        out += record.topic;
        break;
      case 'p':
        append_number(out, record.partition);
        break;
      case 'o':
        append_number(out, record.offset);
        break;
      case 'T':
        append_number(out, record.timestamp);
        break;
      case 'k':
        out += record.key.view();
        break;
      case 's':
        out += record.value.view();
        break;
      case 'K':
        append_number(out, size_of(record.key));
        break;
      case 'S':
        append_number(out, size_of(record.value));
        break;
      case 'R':
        append_big_endian(out, static_cast<std::uint32_t>(size_of(record.value)));
        break;
      case 'h':
        append_headers(out, record.headers);
        break;
      default:
        out += each.text;
    }
  }
}

}  // namespace kafka::cli
