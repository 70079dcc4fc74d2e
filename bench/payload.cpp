// SPDX-License-Identifier: Apache-2.0
#include "bench/payload.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <stdexcept>

namespace kafka::bench {
namespace {

// Enough that values do not repeat within a batch's compression window, few enough to be made at once.
constexpr std::size_t values_most = 20'000;
constexpr std::size_t bytes_most = std::size_t{8} << 20U;

using generator = std::mt19937_64;

void append_random(std::string& to, std::size_t size, generator& random) {
  for (std::uint64_t bits = 0; size != 0; --size, bits >>= 8U) {
    if (bits == 0) bits = random();
    to += static_cast<char>(bits & 0xFFU);
  }
}

template <std::size_t Count>
std::string_view one_of(const std::array<std::string_view, Count>& words, generator& random) {
  return words[random() % Count];
}

void append_json(std::string& to, std::size_t size, generator& random) {
  static constexpr std::array<std::string_view, 6> kinds{"view", "click", "order", "refund", "login", "search"};
  static constexpr std::array<std::string_view, 8> words{"red",   "small", "cotton", "shirt",
                                                         "large", "blue",  "winter", "coat"};
  std::string object = R"({"id":)" + std::to_string(random() % 1'000'000'000) + R"(,"type":")";
  object += one_of(kinds, random);
  object += R"(","user":"u)" + std::to_string(random() % 100'000) + R"(","amount":)" +
            std::to_string(random() % 10'000) + "." + std::to_string(random() % 90 + 10) + R"(,"item":")";
  while (object.size() + 2 < size) {
    object += one_of(words, random);
    object += ' ';
  }
  object.resize(size > 2 ? size - 2 : 0);
  object += R"("})";
  to.append(object, 0, size);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) throw std::runtime_error("cannot read " + path);
  // At once: character by character it would be the longest part of a short run.
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  if (size != 0 && !file.read(bytes.data(), size)) throw std::runtime_error("cannot read " + path);
  return bytes;
}

}  // namespace

payload::payload(std::string_view kind, std::size_t size, std::uint64_t records_wanted) : size_(size), count_(1) {
  if (size == 0) return;
  generator random(42);
  const bool json = kind == "json";
  if (!json && kind != "random") {
    bytes_ = read_file(std::string(kind));
    count_ = bytes_.size() / size;
    if (count_ == 0) throw std::runtime_error(std::string(kind) + " has fewer than " + std::to_string(size) + " bytes");
    return;
  }
  const std::size_t fitting = std::max<std::size_t>(bytes_most / size, 1);
  count_ = static_cast<std::size_t>(std::clamp<std::uint64_t>(records_wanted, 1, std::min(values_most, fitting)));
  bytes_.reserve(count_ * size);
  for (std::size_t index = 0; index < count_; ++index)
    json ? append_json(bytes_, size, random) : append_random(bytes_, size, random);
}

}  // namespace kafka::bench
