// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/racks.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace kafka::group {

racks::racks(const group_index& group) : member_racks_(group.members().size(), no_rack) {
  std::unordered_map<std::string_view, rack_number> numbers;
  const auto number_of = [&numbers](std::string_view name) {
    return numbers.emplace(name, static_cast<rack_number>(numbers.size() + 1)).first->second;
  };
  for (member_number member = 0; member < member_racks_.size(); ++member) {
    const std::optional<std::string>& name = group.members()[member].said->rack;
    if (name && !name->empty()) member_racks_[member] = number_of(*name);
  }
  if (numbers.empty()) return;
  partition_racks_.resize(group.partition_count());
  for (const indexed_topic& topic : group.topics()) {
    const std::vector<std::vector<std::string>>& named = topic.said->racks;
    for (std::size_t partition = 0; partition < std::min(named.size(), topic.partitions); ++partition) {
      std::vector<rack_number>& of = partition_racks_[topic.first + partition];
      for (const std::string& name : named[partition]) of.push_back(number_of(name));
      std::sort(of.begin(), of.end());
      of.erase(std::unique(of.begin(), of.end()), of.end());
    }
  }
  members_in_.resize(numbers.size() + 1);
  for (const rack_number rack : member_racks_) ++members_in_[rack];
}

bool racks::near(member_number member, partition_number partition) const noexcept {
  if (!has_rack(member)) return false;
  const std::vector<rack_number>& of = partition_racks_[partition];
  return std::binary_search(of.begin(), of.end(), member_racks_[member]);
}

bool racks::matter(const std::vector<member_number>& members, partition_number first, std::size_t count) const {
  if (partition_racks_.empty()) return false;
  const auto begin = partition_racks_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  std::vector<bool> has_partitions(members_in_.size());
  for (auto of = begin; of != end; ++of) {
    for (const rack_number rack : *of) has_partitions[rack] = true;
  }
  const bool shared = std::any_of(members.begin(), members.end(), [&](member_number member) {
    return has_rack(member) && has_partitions[member_racks_[member]];
  });
  const auto all = static_cast<std::size_t>(std::count(has_partitions.begin(), has_partitions.end(), true));
  return shared && std::any_of(begin, end, [all](const auto& of) { return of.size() != all; });
}

bool racks::matter() const {
  std::vector<member_number> everybody(member_racks_.size());
  std::iota(everybody.begin(), everybody.end(), member_number{0});
  return matter(everybody, 0, partition_racks_.size());
}

std::size_t racks::members_near(partition_number partition) const noexcept {
  if (partition_racks_.empty()) return 0;
  const std::vector<rack_number>& of = partition_racks_[partition];
  return std::accumulate(of.begin(), of.end(), std::size_t{0},
                         [this](std::size_t sum, rack_number rack) { return sum + members_in_[rack]; });
}

}  // namespace kafka::group
