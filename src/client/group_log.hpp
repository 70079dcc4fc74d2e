// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/group_session.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// For people: the first ones by name, of the others how many there are.
[[nodiscard]] inline std::string names_of(const std::vector<topic_partition>& partitions) {
  constexpr std::size_t named_max = 20;
  if (partitions.empty()) return "nothing new";
  std::string out;
  const std::size_t named = std::min(partitions.size(), named_max);
  for (std::size_t index = 0; index < named; ++index) out += (index > 0 ? ", " : "") + to_string(partitions[index]);
  if (named < partitions.size()) out += " and " + std::to_string(partitions.size() - named) + " more";
  return out;
}

/// What the log says of news of a group: a loss is a warning, since records will be read twice.
[[nodiscard]] inline action::write_log line_of(const std::string& group, const group_news& news) {
  using kind = group::membership_news::kind;
  const std::string begin = "group " + group + ": ";
  switch (news.what) {
    case kind::assigned:
      break;
    case kind::revoking:
      return {log_level::info, begin + "gives up " + names_of(news.partitions)};
    case kind::lost:
      return {log_level::warning, begin + "lost " + names_of(news.partitions) + ": " + news.why.what()};
    case kind::failed:
      return {log_level::warning, begin + "this member is refused: " + news.why.what()};
  }
  std::string line = begin + "assigned " + names_of(news.partitions);
  if (!news.why) return {log_level::info, std::move(line)};
  return {log_level::warning, line + ", of which it is not known what is stored: " + news.why.what()};
}

[[nodiscard]] inline action::write_log line_of_join(const std::string& group, const std::string& member_id,
                                                    std::int32_t generation) {
  return {log_level::info,
          "group " + group + ": joined as " + member_id + ", generation " + std::to_string(generation)};
}

}  // namespace kafka::client
