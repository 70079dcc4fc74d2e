// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/record.hpp>

#include "cli/commands.hpp"
#include "cli/json_record.hpp"

namespace kafka::cli {

/// Turns lines into records as the options of `produce` say. Thread: one.
class line_records {
 public:
  /// `options` must live as long.
  explicit line_records(const produce_options& options);

  /// The record of a line; borrows from both. Throws std::runtime_error for a line that cannot be understood.
  const message& read(std::string_view line);
  /// A record with this value and what all records have in common; borrows likewise.
  const message& common(std::string_view value);

 private:
  [[nodiscard]] bytes_view field(std::string_view text) const;
  [[nodiscard]] bytes_view common_key() const;
  void read_plain(std::string_view line);
  void read_json(std::string_view line);

  const produce_options& options_;
  std::vector<header> common_headers_;
  std::vector<header> headers_;
  json_record_reader json_;
  message record_;
};

/// The records that a produce command is given: a line each, of its files or of standard input, unpacked if need be.
/// Thread: one.
class record_input {
 public:
  /// Throws std::runtime_error if one of the files cannot be opened, so that nothing is sent of the others.
  record_input(const produce_options& options, const interrupts& interrupted);
  record_input(const record_input&) = delete;
  record_input& operator=(const record_input&) = delete;
  ~record_input();

  /// Valid until the next call; null at the end, and soon after a signal came. Throws std::exception naming the file
  /// and, where a line is to blame, its number.
  const message* next();

  /// Of all lines so far, with their line feeds.
  [[nodiscard]] std::uint64_t line_bytes() const noexcept { return line_bytes_; }
  /// What was read of the files, as they are; and their size, if all of them have one.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const noexcept { return bytes_total_; }

 private:
  class file;
  const message& read(std::string_view line);

  const interrupts& interrupted_;
  line_records records_;
  std::vector<std::string> names_;
  std::size_t opened_ = 0;
  std::unique_ptr<file> current_;
  std::uint64_t line_number_ = 0;
  std::uint64_t line_bytes_ = 0;
  std::uint64_t earlier_bytes_ = 0;
  std::optional<std::uint64_t> bytes_total_ = 0;
};

}  // namespace kafka::cli
