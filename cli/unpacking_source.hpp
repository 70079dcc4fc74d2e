// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cli/byte_source.hpp"

namespace kafka::cli {

/// How a file is packed, as far as its beginning shows.
enum class packing { none, gzip, zstd };

/// The packing of a file that begins with `begin`; `undecided` if what follows decides. `at_end`: nothing follows.
[[nodiscard]] packing packing_of(std::string_view begin, bool at_end, bool& undecided) noexcept;

/// Gives what another source gives, unpacked if that begins as gzip or zstd do. Memory is bounded whatever the size:
/// zstd's windows beyond 128 MiB are refused. Several gzip members or zstd frames one after the other are one file.
class unpacking_source final : public byte_source {
 public:
  /// `name` is for errors. `from` must live as long.
  unpacking_source(byte_source& from, std::string name);
  ~unpacking_source() override;

  /// Throws std::runtime_error for a file that is damaged, cut off, or packed as this build cannot unpack.
  std::size_t read(char* to, std::size_t size) override;
  [[nodiscard]] bool stopped() const noexcept override { return from_.stopped(); }

  /// Undoes one packing, a step at a time.
  class unpacker {
   public:
    unpacker() = default;
    unpacker(const unpacker&) = delete;
    unpacker& operator=(const unpacker&) = delete;
    virtual ~unpacker() = default;
    /// Takes some of `packed` off and writes at most `size` bytes; returns how many. Throws std::runtime_error.
    virtual std::size_t step(std::string_view& packed, char* to, std::size_t size) = 0;
    /// Whether the file may end here.
    [[nodiscard]] virtual bool complete() const noexcept = 0;
  };

 private:
  void decide();
  bool read_more();

  byte_source& from_;
  std::string name_;
  std::string buffer_;
  std::string_view packed_;
  bool decided_ = false;
  bool finished_ = false;
  /// Null: not packed.
  std::unique_ptr<unpacker> unpacker_;
};

}  // namespace kafka::cli
