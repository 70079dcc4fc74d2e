// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kafka::golden {

/// The lines of a gzipped file of this folder (bytes and values as Kafka's own Java classes gave them).
inline std::vector<std::string> lines_of(const std::string& file) {
  const std::string path = std::string(KAFKA_GOLDEN_DIR) + "/" + file;
  gzFile input = gzopen(path.c_str(), "rb");
  if (!input) throw std::runtime_error("cannot open " + path);
  std::string text;
  std::array<char, 1U << 16U> piece{};
  for (int read = 0; (read = gzread(input, piece.data(), static_cast<unsigned>(piece.size()))) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(read));
  if (gzclose(input) != Z_OK) throw std::runtime_error("cannot read " + path);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  return lines;
}

/// The fields of one line, separated by `separator`.
inline std::vector<std::string> fields_of(std::string_view line, char separator = '\t') {
  std::vector<std::string> fields;
  for (;;) {
    const std::size_t end = line.find(separator);
    fields.emplace_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

inline std::string bytes_of_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) throw std::runtime_error("odd number of hexadecimal digits");
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t at = 0; at < hex.size(); at += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  return bytes;
}

}  // namespace kafka::golden
