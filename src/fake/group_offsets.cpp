// SPDX-License-Identifier: Apache-2.0
#include "fake/group_offsets.hpp"

#include <algorithm>

namespace kafka::fake {

void group_offsets::commit(const std::string& group, const partition_key& partition, committed_offset offset) {
  groups_[group].committed.insert_or_assign(partition, stored{std::move(offset), next_number_++});
}

broker_errc group_offsets::stage(const std::string& group, std::int64_t producer_id, std::int16_t epoch,
                                 const partition_key& partition, committed_offset offset) {
  auto& into = groups_[group];
  auto& known = into.epochs.try_emplace(producer_id, epoch).first->second;
  if (epoch < known) return broker_errc::invalid_producer_epoch;
  known = epoch;
  into.staged[producer_id].insert_or_assign(partition, stored{std::move(offset), next_number_++});
  return broker_errc::none;
}

void group_offsets::end(std::string_view name, std::int64_t producer_id, std::int16_t epoch, bool committed) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  group_entry& ended = found->second;
  auto& known = ended.epochs.try_emplace(producer_id, epoch).first->second;
  known = std::max(known, epoch);
  const auto staged = ended.staged.find(producer_id);
  if (staged == ended.staged.end()) return;
  for (auto& [partition, offset] : staged->second) {
    if (!committed) break;
    stored& now = ended.committed[partition];
    if (now.number < offset.number) now = std::move(offset);
  }
  ended.staged.erase(staged);
}

const group_offsets::group_entry* group_offsets::find_group(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

const committed_offset* group_offsets::find(std::string_view name, const partition_key& partition) const {
  const group_entry* known = find_group(name);
  if (!known) return nullptr;
  const auto found = known->committed.find(partition);
  return found == known->committed.end() ? nullptr : &found->second.offset;
}

bool group_offsets::is_pending(std::string_view name, const partition_key& partition) const {
  const group_entry* known = find_group(name);
  return known && std::any_of(known->staged.begin(), known->staged.end(),
                              [&](const auto& one) { return one.second.contains(partition); });
}

group_offsets::offsets group_offsets::all(std::string_view name) const {
  offsets out;
  if (const group_entry* known = find_group(name)) {
    for (const auto& [partition, one] : known->committed) out.emplace(partition, one.offset);
  }
  return out;
}

std::vector<std::string> group_offsets::group_names() const {
  std::vector<std::string> out;
  for (const auto& [name, known] : groups_) out.push_back(name);
  return out;
}

void group_offsets::forget(std::string_view name, const partition_key& partition) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  found->second.committed.erase(partition);
  for (auto& [producer_id, staged] : found->second.staged) staged.erase(partition);
}

void group_offsets::forget_topic(std::string_view topic) {
  const auto is_of_topic = [&](const auto& one) { return one.first.first == topic; };
  for (auto& [name, known] : groups_) {
    std::erase_if(known.committed, is_of_topic);
    for (auto& [producer_id, staged] : known.staged) std::erase_if(staged, is_of_topic);
  }
}

void group_offsets::forget_group(std::string_view name) {
  const auto found = groups_.find(name);
  if (found != groups_.end()) groups_.erase(found);
}

}  // namespace kafka::fake
