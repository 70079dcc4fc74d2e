// SPDX-License-Identifier: Apache-2.0
#include "fake/cluster_state.hpp"

#include <algorithm>
#include <stdexcept>

#include "fake/records.hpp"
#include "protocol/api.hpp"

namespace kafka::fake {

namespace {

broker_versions versions_or_throw(const std::string& name) {
  auto found = versions_like(name);
  if (!found) throw std::invalid_argument("fake cluster: no broker version '" + name + "'; try 2.1, 2.8, 3.9 or 4.3");
  return *std::move(found);
}

bool contains(const std::vector<std::int32_t>& nodes, std::int32_t node) noexcept {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

/// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return hash;
}

}  // namespace

bool partition_state::has_replica(std::int32_t node) const noexcept {
  return contains(replicas, node);
}

std::int64_t partition_state::end_at(std::int32_t node) const noexcept {
  const auto behind = node == leader ? follower_ends.end() : follower_ends.find(node);
  return behind == follower_ends.end() ? log.end_offset() : std::min(behind->second, log.end_offset());
}

leadership partition_state::leader_as_told_by(std::int32_t node, steady_time now) const noexcept {
  if (node != leader && now < outdated_until) return outdated;
  return {leader, leader_epoch};
}

std::int64_t partition_state::last_stable_offset() const noexcept {
  return std::max(log.start_offset(), transactions.last_stable_offset(log.high_watermark()));
}

partition_state* topic_state::find_partition(std::int32_t index) noexcept {
  if (index < 0 || static_cast<std::size_t>(index) >= partitions.size()) return nullptr;
  return &partitions[static_cast<std::size_t>(index)];
}

cluster_state::cluster_state(const fake_cluster_options& options)
    : options_(options),
      versions_(versions_or_throw(options.broker_version)),
      random_(options.seed),
      groups_(*this, group_settings(options.broker_configs)) {
  if (options.nodes < 1) throw std::invalid_argument("fake cluster: at least one node");
  cluster_id_ = random_uuid().str();
  for (std::int32_t id = 1; id <= options.nodes; ++id) {
    node_state& made = nodes_.emplace_back();
    made.id = id;
    made.host = options.host;
    made.port = options.port == 0 ? 9092 + id - 1 : options.port + id - 1;
    const auto index = static_cast<std::size_t>(id - 1);
    if (index < options.racks.size() && !options.racks[index].empty()) made.rack = options.racks[index];
  }
}

node_state* cluster_state::find_node(std::int32_t id) noexcept {
  if (id < 1 || static_cast<std::size_t>(id) > nodes_.size()) return nullptr;
  return &nodes_[static_cast<std::size_t>(id - 1)];
}

bool cluster_state::is_running(std::int32_t id) const noexcept {
  return id >= 1 && static_cast<std::size_t>(id) <= nodes_.size() && nodes_[static_cast<std::size_t>(id - 1)].running;
}

std::int32_t cluster_state::controller() const noexcept {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), [](const node_state& one) { return one.serves(); });
  return found == nodes_.end() ? -1 : found->id;
}

void cluster_state::set_running(node_state& node, bool running) {
  if (node.running == running) return;
  node.running = running;
  if (!running) node.sessions.clear();
  for (auto& [name, topic] : topics_) {
    for (auto& partition : topic.partitions) {
      if (!partition.has_replica(node.id)) continue;
      // The last one in sync stays in the list though it is down: only it may become leader again.
      if (!running && partition.in_sync.size() > 1) std::erase(partition.in_sync, node.id);
      if (running && partition.leader >= 0 && !contains(partition.in_sync, node.id)) {
        partition.in_sync.push_back(node.id);
      }
      const bool orphaned = partition.leader == node.id && !running;
      if (orphaned || (running && partition.leader < 0)) {
        const std::int32_t elected = electable(partition);
        if (elected != partition.leader) set_leader(partition, elected);
      }
      signal(partition.changed);
    }
  }
  groups_.coordinators_changed();
}

std::int32_t cluster_state::electable(const partition_state& partition) const noexcept {
  for (const std::int32_t replica : partition.replicas) {
    if (is_running(replica) && contains(partition.in_sync, replica)) return replica;
  }
  return -1;
}

std::optional<protocol::version_range> cluster_state::announced(std::int32_t node, api_key key) noexcept {
  const protocol::api_spec* ours = protocol::find_api(key);
  auto range = versions_.announced(key);
  const node_state* asked = find_node(node);
  if (!ours || !range || !asked) return std::nullopt;
  range->max = std::min(range->max, ours->stable_max);
  const auto cap = asked->version_caps.find(key);
  if (cap != asked->version_caps.end()) range->max = std::min(range->max, cap->second);
  if (range->max < range->min) return std::nullopt;
  return range;
}

topic_state* cluster_state::find_topic(std::string_view name) noexcept {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

topic_state* cluster_state::find_topic(const uuid& id) noexcept {
  const auto found = std::find_if(topics_.begin(), topics_.end(), [&](auto& one) { return one.second.id == id; });
  return found == topics_.end() ? nullptr : &found->second;
}

partition_state* cluster_state::find_partition(std::string_view topic, std::int32_t partition) noexcept {
  topic_state* found = find_topic(topic);
  return found ? found->find_partition(partition) : nullptr;
}

bool cluster_state::delete_topic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return false;
  for (const auto& partition : found->second.partitions) signal(partition.changed);
  offsets_.forget_topic(name);
  topics_.erase(found);
  ++topics_version_;
  // Markers that waited for its partitions wait no more.
  transactions_.retry_markers();
  return true;
}

std::int64_t cluster_state::append(topic_state& topic, partition_state& partition, std::span<const std::byte> batch,
                                   instant now) {
  const protocol::record_batch_header header = protocol::read_batch_header(batch);
  const auto stamp = topic.settings.log_append_time ? std::optional(now.wall.time_since_epoch().count()) : std::nullopt;
  const std::int64_t base_offset = partition.log.append(batch, partition.leader_epoch, stamp);
  protocol::record_batch_header stored = header;
  if (stamp) stored.max_timestamp = *stamp;
  partition.producers.appended(stored, base_offset);
  if (header.is_transactional()) partition.transactions.appended(header.producer_id, base_offset);
  after_append(topic, partition);
  return base_offset;
}

void cluster_state::after_append(const topic_state& topic, partition_state& partition) {
  if (!partition.replication_held) partition.log.set_high_watermark(partition.log.end_offset());
  if (topic.settings.retention_bytes >= 0 && !topic.settings.compacted) {
    partition.log.keep_bytes(static_cast<std::size_t>(topic.settings.retention_bytes));
    partition.transactions.delete_before(partition.log.start_offset());
  }
  signal(partition.changed);
}

void cluster_state::append_marker(topic_state& topic, partition_state& partition,
                                  const protocol::producer_stamp& producer, bool committed, instant now) {
  const shared_bytes batch = make_marker(producer, committed, now.wall, buffers_);
  const std::int64_t offset = partition.log.append(batch, partition.leader_epoch, std::nullopt);
  partition.producers.fenced(producer.producer_id, producer.producer_epoch);
  partition.transactions.ended(producer.producer_id, offset, committed, partition.log.high_watermark());
  after_append(topic, partition);
}

void cluster_state::set_leader(partition_state& partition, std::int32_t node) {
  if (node >= 0 && !partition.has_replica(node)) partition.replicas.push_back(node);
  if (node >= 0 && !contains(partition.in_sync, node)) partition.in_sync.push_back(node);
  partition.leader = node;
  partition.outdated_until = steady_time::min();
  set_leader_epoch(partition, partition.leader_epoch + 1);
  if (node >= 0) transactions_.retry_markers();
}

void cluster_state::move_leader(partition_state& partition, std::int32_t to, std::chrono::milliseconds metadata_lag,
                                instant now) {
  const leadership before{partition.leader, partition.leader_epoch};
  set_leader(partition, to);
  if (metadata_lag.count() <= 0) return;
  partition.outdated = before;
  partition.outdated_until = now.steady + metadata_lag;
}

void cluster_state::set_in_sync(partition_state& partition, const std::vector<std::int32_t>& nodes) {
  const std::size_t before = partition.in_sync.size();
  partition.in_sync.clear();
  for (const std::int32_t replica : partition.replicas) {
    if (replica == partition.leader || contains(nodes, replica)) partition.in_sync.push_back(replica);
  }
  if (partition.in_sync.size() < before) partition.log.set_high_watermark(partition.log.end_offset());
  signal(partition.changed);
}

void cluster_state::set_replicas(partition_state& partition, const std::vector<std::int32_t>& nodes) {
  partition.replicas = nodes;
  partition.follower_ends.clear();
  partition.log.set_high_watermark(partition.log.end_offset());
  partition.in_sync.clear();
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(partition.in_sync),
               [this](std::int32_t node) { return is_running(node); });
  if (partition.in_sync.empty()) partition.in_sync = {nodes.front()};
  if (!contains(nodes, partition.leader)) set_leader(partition, electable(partition));
  signal(partition.changed);
}

void cluster_state::set_leader_epoch(partition_state& partition, std::int32_t epoch) {
  partition.leader_epoch = epoch;
  partition.log.begin_epoch(epoch);
  signal(partition.changed);
}

void cluster_state::hold_replication(partition_state& partition, bool held) {
  partition.replication_held = held;
  if (!held) partition.log.set_high_watermark(partition.log.end_offset());
  signal(partition.changed);
}

void cluster_state::delete_before(partition_state& partition, std::int64_t offset) {
  partition.log.delete_before(offset);
  partition.transactions.delete_before(partition.log.start_offset());
  signal(partition.changed);
}

void cluster_state::truncate_to(partition_state& partition, std::int64_t offset) {
  partition.log.truncate_to(offset);
  partition.transactions.truncate_to(partition.log.end_offset());
  signal(partition.changed);
}

void cluster_state::elect_uncleanly(partition_state& partition, std::int32_t node, std::int64_t offset) {
  truncate_to(partition, offset);
  set_leader(partition, node);
}

void cluster_state::set_follower_end(partition_state& partition, std::int32_t node, std::int64_t offset) {
  if (offset < 0) {
    partition.follower_ends.erase(node);
  } else {
    partition.follower_ends.insert_or_assign(node, offset);
  }
  signal(partition.changed);
}

std::int32_t cluster_state::preferred_replica(const partition_state& partition, std::string_view rack,
                                              std::int64_t offset) const noexcept {
  const auto selector = options_.broker_configs.find("replica.selector.class");
  if (selector == options_.broker_configs.end() || !selector->second.ends_with("RackAwareReplicaSelector")) return -1;
  std::int32_t best = -1;
  for (const node_state& node : nodes_) {
    const bool is_near = node.rack && *node.rack == rack && node.serves() && partition.has_replica(node.id);
    if (!is_near) continue;
    if (node.id == partition.leader) return -1;
    if (partition.end_at(node.id) < offset) continue;
    if (best < 0 || partition.end_at(node.id) > partition.end_at(best)) best = node.id;
  }
  return best;
}

std::int32_t cluster_state::coordinator(coordinator_type type, std::string_view key) const noexcept {
  const auto chosen = coordinators_.find(key);
  if (chosen != coordinators_.end() && is_running(chosen->second)) return chosen->second;
  std::vector<std::int32_t> running;
  for (const auto& node : nodes_) {
    if (node.serves()) running.push_back(node.id);
  }
  if (running.empty()) return -1;
  const std::uint64_t place = hash_of(key) + static_cast<std::uint64_t>(type);
  return running[static_cast<std::size_t>(place % running.size())];
}

void cluster_state::signal(event_id event) {
  // Appends come many to one wait: one entry is enough.
  if (signalled_.empty() || signalled_.back() != event) signalled_.push_back(event);
}

std::chrono::milliseconds cluster_state::throttle_of(api_key key) const noexcept {
  const auto found = throttles_.find(key);
  return found == throttles_.end() ? std::chrono::milliseconds(0) : found->second;
}

uuid cluster_state::random_uuid() noexcept {
  uuid made;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random_.next();
    for (std::size_t index = 0; index < 8; ++index, bits >>= 8U) {
      made.bytes[half * 8 + index] = static_cast<std::uint8_t>(bits);
    }
  }
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | 0x40U);  // version 4
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3FU) | 0x80U);  // variant 1
  return made;
}

}  // namespace kafka::fake
