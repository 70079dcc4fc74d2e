// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

namespace kafka::chaos {

/// `text` as a JSON string, quotes included.
inline std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + '"';
}

/// Writes a line at once and whole, from any thread: what was printed is known even of a program that is killed.
inline void print_line(const std::string& json) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fprintf(stdout, "%s\n", json.c_str());
  std::fflush(stdout);
}

}  // namespace kafka::chaos
