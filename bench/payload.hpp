// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kafka::bench {

/// Values of one size, made before any clock runs. They differ and lie apart, as those of an application do, and come
/// again after the last. The same arguments always make the same values.
class payload {
 public:
  /// `kind` is `random` (bytes that no codec makes smaller), `json` (objects as an application logs them, which lz4
  /// packs to about two fifths) or the path of a file whose bytes are cut into values. Throws std::runtime_error if
  /// the file cannot be read or has fewer than `size` bytes.
  payload(std::string_view kind, std::size_t size, std::uint64_t records_wanted);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// How many values there are.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::string_view at(std::size_t index) const noexcept { return {bytes_.data() + index * size_, size_}; }

 private:
  std::size_t size_;
  std::size_t count_;
  std::string bytes_;
};

/// Goes through a payload's values, over and over.
class payload_cursor {
 public:
  payload_cursor(const payload& from, std::size_t begin) noexcept : from_(&from), next_(begin % from.count()) {}
  std::string_view next() noexcept {
    const std::string_view value = from_->at(next_);
    if (++next_ == from_->count()) next_ = 0;
    return value;
  }

 private:
  const payload* from_;
  std::size_t next_;
};

}  // namespace kafka::bench
