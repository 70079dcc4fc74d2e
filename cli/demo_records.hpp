// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/producer.hpp>

#include "cli/shown_record.hpp"

namespace kafka::cli {

/// The records of the demonstration and the check that they came back: each one once, with its key and value, where
/// the broker said it went, in the partition that its key's hash demands, and in order within each partition.
class demo_records {
 public:
  demo_records(std::uint64_t count, std::int32_t partitions);

  [[nodiscard]] static std::string key_of(std::uint64_t number);
  [[nodiscard]] static std::string value_of(std::uint64_t number);

  /// What the producer said of record `number`. Thread: any, one at a time for each number.
  void note_delivery(std::uint64_t number, const delivery& sent) { sent_[number] = sent; }
  /// Looks at a consumed record.
  void check(const shown_record& record);

  [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }
  /// What is wrong, a sentence; empty if nothing is. Missing records count only after all were consumed.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  void check_complete();

 private:
  [[nodiscard]] std::string problem_of(std::uint64_t number, const shown_record& record) const;

  std::int32_t partitions_;
  std::vector<delivery> sent_;
  std::vector<bool> came_back_;
  /// By partition: the number of the next record must be higher.
  std::vector<std::int64_t> last_number_;
  std::uint64_t seen_ = 0;
  std::string problem_;
};

}  // namespace kafka::cli
