// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"

namespace kafka::protocol {

/// A cursor over bytes that came from outside. Every read checks what is left; the first failure sticks, later reads
/// give zeros and move nothing, and error() tells what and where. Never reads past the end, never throws on bad input.
class reader {
 public:
  /// Borrows `bytes`; byte fields are copied out.
  explicit reader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
  /// Byte fields become slices of `bytes` without a copy.
  explicit reader(const shared_bytes& bytes) noexcept : bytes_(bytes.span()), owner_(&bytes) {}

  [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - position_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] bool ok() const noexcept { return problem_ == nullptr; }
  /// The reason of the first failure; null while ok.
  [[nodiscard]] const char* problem() const noexcept { return problem_; }
  /// The field that was being read when it failed.
  [[nodiscard]] const char* field() const noexcept { return field_; }
  [[nodiscard]] client_errc code() const noexcept { return code_; }

  void fail(const char* problem, client_errc code = client_errc::malformed_response) noexcept {
    if (problem_) return;
    problem_ = problem;
    code_ = code;
  }
  /// Remembers which field is being read, for the message of an error.
  void enter(const char* field) noexcept {
    if (!problem_) field_ = field;
  }

  template <class Int>
  Int integer() noexcept {
    if (remaining() < sizeof(Int) || problem_) {
      fail("truncated");
      return Int{};
    }
    Int value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(Int));
    position_ += sizeof(Int);
    return boost::endian::big_to_native(value);
  }

  double float64() noexcept { return std::bit_cast<double>(integer<std::uint64_t>()); }

  /// An unsigned varint of at most five bytes that fits 32 bits.
  std::uint32_t unsigned_varint() noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const auto next = integer<std::uint8_t>();
      if (problem_) return 0;
      if (shift == 28 && next > 0x0F) break;
      value |= static_cast<std::uint32_t>(next & 0x7FU) << shift;
      if ((next & 0x80U) == 0) return value;
    }
    fail("varint is too long");
    return 0;
  }

  /// The next `count` bytes, borrowed; empty and failed if fewer are left.
  std::span<const std::byte> take(std::size_t count) noexcept {
    if (count > remaining() || problem_) {
      fail("truncated");
      return {};
    }
    const auto out = bytes_.subspan(position_, count);
    position_ += count;
    return out;
  }

  /// The next `count` bytes as shared_bytes: a slice where the reader owns its input, else a copy.
  shared_bytes take_shared(std::size_t count) {
    const std::size_t start = position_;
    const auto borrowed = take(count);
    if (problem_) return {};
    return owner_ ? owner_->slice(start, count) : shared_bytes::copy_of(borrowed);
  }

  /// Accounts for `count` array elements of `bytes_each` in memory; guards against small frames that unfold into large
  /// memory. False and failed when a message unfolds into more than the limits below.
  bool charge(std::uint64_t count, std::size_t bytes_each) noexcept {
    if (count > elements_left_ || count > memory_left_ / bytes_each) {
      fail("unfolds into too much", client_errc::limit_exceeded);
      return false;
    }
    elements_left_ -= count;
    memory_left_ -= count * bytes_each;
    return true;
  }

  /// Elements of all arrays of one message, and the memory of these elements.
  static constexpr std::uint64_t elements_max = 4'000'000;
  static constexpr std::uint64_t memory_max = 256ULL << 20U;

  /// Ends the input after the next `count` bytes; returns the former end for `restore_end`.
  std::size_t limit_to(std::size_t count) noexcept {
    const std::size_t end = bytes_.size();
    if (count > remaining()) {
      fail("truncated");
      return end;
    }
    bytes_ = bytes_.first(position_ + count);
    return end;
  }
  void restore_end(std::size_t end) noexcept { bytes_ = {bytes_.data(), end}; }

  /// The first failure as an error, or none.
  [[nodiscard]] error to_error(std::string_view what) const;

 private:
  std::span<const std::byte> bytes_;
  const shared_bytes* owner_ = nullptr;
  std::size_t position_ = 0;
  const char* problem_ = nullptr;
  const char* field_ = "";
  client_errc code_ = client_errc::ok;
  std::uint64_t elements_left_ = elements_max;
  std::uint64_t memory_left_ = memory_max;
};

}  // namespace kafka::protocol
