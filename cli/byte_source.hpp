// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kafka::cli {

/// Bytes in order, from wherever they come. Thread: one.
class byte_source {
 public:
  byte_source() = default;
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  virtual ~byte_source() = default;

  /// Writes at least one and at most `size` (> 0) bytes to `to` and returns how many; 0 at the end. Throws
  /// std::exception naming the source.
  virtual std::size_t read(char* to, std::size_t size) = 0;
  /// Whether the end came because reading was told to stop, so that something may be missing.
  [[nodiscard]] virtual bool stopped() const noexcept { return false; }
};

/// A file or whatever else a descriptor stands for.
class descriptor_source final : public byte_source {
 public:
  /// Reading ends when `stop` (-1: none) becomes readable. `name` is for errors; neither descriptor is closed.
  descriptor_source(int descriptor, int stop, std::string name)
      : descriptor_(descriptor), stop_(stop), name_(std::move(name)) {}

  /// Throws std::system_error.
  std::size_t read(char* to, std::size_t size) override;
  [[nodiscard]] bool stopped() const noexcept override { return stopped_; }
  /// How many bytes were read.
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

 private:
  int descriptor_;
  int stop_;
  std::string name_;
  std::uint64_t taken_ = 0;
  bool stopped_ = false;
};

}  // namespace kafka::cli
