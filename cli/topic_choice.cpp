// SPDX-License-Identifier: Apache-2.0
#include "cli/topic_choice.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "cli/usage_error.hpp"

namespace kafka::cli {

topic_choice parse_topic_choice(std::string_view text) {
  topic_choice chosen;
  const std::size_t colon = std::min(text.find(':'), text.size());
  chosen.topic = text.substr(0, colon);
  const auto complain = [&] { return usage_error("\"" + std::string(text) + "\" is not TOPIC or TOPIC:0,2"); };
  if (chosen.topic.empty() || colon + 1 == text.size()) throw complain();
  for (std::size_t begin = colon + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::int32_t partition = -1;
    const auto [last, failure] = std::from_chars(text.data() + begin, text.data() + end, partition);
    if (failure != std::errc{} || last != text.data() + end || partition < 0) throw complain();
    chosen.partitions.push_back(partition);
    begin = end + 1;
  }
  return chosen;
}

std::vector<topic_partition> partitions_of(admin_session& admin, const std::vector<topic_choice>& chosen) {
  std::vector<std::string> names;
  for (const topic_choice& each : chosen) names.push_back(each.topic);
  const std::vector<topic_description> told = admin->describe_topics(names);
  std::set<topic_partition> out;
  for (std::size_t index = 0; index < chosen.size(); ++index) {
    const topic_description& topic = told.at(index);
    if (topic.failure) throw topic.failure;
    if (chosen[index].partitions.empty()) {
      for (const partition_description& each : topic.partitions) out.insert({topic.name, each.partition});
    }
    for (const std::int32_t wanted : chosen[index].partitions) {
      const bool there = std::any_of(topic.partitions.begin(), topic.partitions.end(),
                                     [&](const auto& each) { return each.partition == wanted; });
      if (!there) {
        throw error(client_errc::invalid_argument,
                    "topic " + topic.name + " has no partition " + std::to_string(wanted));
      }
      out.insert({topic.name, wanted});
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace kafka::cli
