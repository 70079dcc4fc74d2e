// SPDX-License-Identifier: Apache-2.0
#include "cli/demo_records.hpp"

#include <charconv>

#include <kafka/partitioner.hpp>

namespace kafka::cli {
namespace {

constexpr std::uint64_t customers = 1000;
constexpr std::string_view value_begin = "order ";

/// The number that value_of was given; `none` for a text that is no such value.
std::uint64_t number_of(std::string_view value, std::uint64_t none) {
  if (!value.starts_with(value_begin)) return none;
  value.remove_prefix(value_begin.size());
  std::uint64_t number = none;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  return failure == std::errc{} ? number : none;
}

std::string place_of(const shown_record& record) {
  return std::string(record.topic) + "-" + std::to_string(record.partition) + " at offset " +
         std::to_string(record.offset);
}

}  // namespace

demo_records::demo_records(std::uint64_t count, std::int32_t partitions)
    : partitions_(partitions),
      sent_(count),
      came_back_(count),
      last_number_(static_cast<std::size_t>(partitions), -1) {}

std::string demo_records::key_of(std::uint64_t number) {
  // Spread, so that one customer's records are not neighbours.
  return "customer-" + std::to_string(number * 7919 % customers);
}

std::string demo_records::value_of(std::uint64_t number) {
  return std::string(value_begin) + std::to_string(number) + ": three apples, a pear and a note that nobody will read";
}

void demo_records::check(const shown_record& record) {
  ++seen_;
  if (!problem_.empty()) return;
  const std::uint64_t number = number_of(record.value.view(), sent_.size());
  if (number >= sent_.size()) {
    problem_ = place_of(record) + " is a record that was never sent";
    return;
  }
  problem_ = problem_of(number, record);
  came_back_[number] = true;
  if (problem_.empty()) last_number_[static_cast<std::size_t>(record.partition)] = static_cast<std::int64_t>(number);
}

std::string demo_records::problem_of(std::uint64_t number, const shown_record& record) const {
  const std::string what = "record " + std::to_string(number) + " (" + place_of(record) + ") ";
  if (came_back_[number]) return what + "came back twice";
  if (record.value != bytes_view(value_of(number))) return what + "has another value than was sent";
  if (record.key != bytes_view(key_of(number))) return what + "has another key than was sent";
  if (record.partition != murmur2_partition(record.key, partitions_))
    return what + "is not in the partition that its key's hash demands";
  if (sent_[number].partition != record.partition || sent_[number].offset != record.offset)
    return what + "is not where its delivery said";
  if (last_number_[static_cast<std::size_t>(record.partition)] > static_cast<std::int64_t>(number))
    return what + "comes behind a record that was sent later";
  return {};
}

void demo_records::check_complete() {
  for (std::uint64_t number = 0; number < sent_.size() && problem_.empty(); ++number) {
    if (!came_back_[number]) problem_ = "record " + std::to_string(number) + " did not come back";
  }
}

}  // namespace kafka::cli
