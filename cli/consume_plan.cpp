// SPDX-License-Identifier: Apache-2.0
#include "cli/consume_plan.hpp"

#include <algorithm>

namespace kafka::cli {

position begin_of(starting_point from, const offset_bounds& bounds) {
  switch (from.what) {
    case starting_point::kind::newest:
      // What was newest when the command began, so that an end found at the same time fits it.
      return bounds.newest >= 0 ? position::at(bounds.newest) : position::newest();
    case starting_point::kind::absolute:
      return position::at(from.value);
    case starting_point::kind::last:
      return position::at(std::max(bounds.oldest, bounds.newest - std::min(from.value, bounds.newest)));
    case starting_point::kind::after_oldest:
      return position::at(std::min(bounds.newest, bounds.oldest + std::min(from.value, bounds.newest)));
    case starting_point::kind::timestamp:
      return position::since(from.value);
    case starting_point::kind::oldest:
      break;
  }
  return position::oldest();
}

void reading_limits::add(std::int32_t partition, std::int64_t begin, std::int64_t end) {
  const auto index = static_cast<std::size_t>(partition);
  if (limits_.size() <= index) limits_.resize(index + 1);
  limit& added = limits_[index];
  added = {.bounded = true, .finished = false, .end = end};
  ++bounded_;
  ++open_;
  if (begin < 0) {
    total_.reset();
  } else {
    if (begin >= end) finish(added);
    if (total_ && begin < end) *total_ += static_cast<std::uint64_t>(end - begin);
  }
}

void reading_limits::note_position(std::int32_t partition, std::int64_t position) {
  limit& of = limits_[static_cast<std::size_t>(partition)];
  if (of.bounded && position >= of.end) finish(of);
}

std::vector<std::int32_t> reading_limits::unfinished() const {
  std::vector<std::int32_t> open;
  for (std::size_t index = 0; index < limits_.size(); ++index) {
    if (limits_[index].bounded && !limits_[index].finished) open.push_back(static_cast<std::int32_t>(index));
  }
  return open;
}

void reading_limits::finish(limit& of) {
  if (of.finished) return;
  of.finished = true;
  --open_;
}

reading_limits& topics_limits::of(std::string_view topic) {
  for (topic_entry& each : topics_) {
    if (each.name == topic) return each.limits;
  }
  return topics_.emplace_back(topic_entry{std::string(topic), {}}).limits;
}

bool topics_limits::finished() const noexcept {
  return !topics_.empty() &&
         std::all_of(topics_.begin(), topics_.end(), [](const topic_entry& each) { return each.limits.finished(); });
}

std::optional<std::uint64_t> topics_limits::total() const noexcept {
  std::uint64_t sum = 0;
  for (const topic_entry& each : topics_) {
    const auto total = each.limits.total();
    if (!total) return std::nullopt;
    sum += *total;
  }
  return sum;
}

std::vector<topic_partition> topics_limits::unfinished() const {
  std::vector<topic_partition> open;
  for (const topic_entry& each : topics_) {
    for (const std::int32_t partition : each.limits.unfinished()) open.push_back({each.name, partition});
  }
  return open;
}

}  // namespace kafka::cli
