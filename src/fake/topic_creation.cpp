// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

namespace {

/// As Kafka's controller: more in one request are refused, whatever memory they would take.
constexpr std::size_t partitions_max = 10'000;

/// As Kafka's own check: what can be a folder's name together with a partition number.
std::optional<std::string> name_problem(std::string_view name) {
  if (name.empty()) return "the empty string is not allowed";
  if (name == "." || name == "..") return "'.' or '..' is not allowed";
  if (name.size() > 249) return "the length of '" + std::string(name) + "' is longer than the max allowed length 249";
  const auto allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '.' || letter == '_' || letter == '-';
  };
  if (std::all_of(name.begin(), name.end(), allowed)) return std::nullopt;
  return "'" + std::string(name) + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
}

/// Metric names hold '_' for '.', so that two topics may not differ in these alone.
std::string collision_key(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

refusal check_assignments(const topic_plan& plan, const cluster_state& state) {
  if (plan.partitions != -1 || plan.replication_factor != -1) {
    return {
        broker_errc::invalid_request,
        "A manual partition assignment was specified, but replication factor or partition count was not set to -1."};
  }
  const auto refused = [](std::string why) { return refusal{broker_errc::invalid_replica_assignment, std::move(why)}; };
  std::set<std::int32_t> indexes;
  for (const auto& [index, replicas] : plan.assignments) {
    if (!indexes.insert(index).second) {
      return refused("Found multiple manual partition assignments for partition " + std::to_string(index));
    }
    if (replicas.empty()) return refused("The manual partition assignment includes an empty replica list.");
    if (replicas.size() != plan.assignments.front().second.size()) {
      return refused("The manual partition assignment includes a partition with " + std::to_string(replicas.size()) +
                     " replica(s), but this is not consistent with previous partitions, which have " +
                     std::to_string(plan.assignments.front().second.size()) + " replica(s).");
    }
    if (std::set<std::int32_t>(replicas.begin(), replicas.end()).size() != replicas.size()) {
      return refused("The manual partition assignment includes a broker more than once.");
    }
    for (const std::int32_t replica : replicas) {
      if (replica < 1 || static_cast<std::size_t>(replica) > state.nodes().size()) {
        return refused("The manual partition assignment includes broker " + std::to_string(replica) +
                       ", but no such broker is registered.");
      }
    }
  }
  if (*indexes.begin() != 0 || *indexes.rbegin() != static_cast<std::int32_t>(indexes.size()) - 1) {
    return refused("partitions should be a consecutive 0-based integer sequence");
  }
  return {};
}

refusal check_counts(const topic_plan& plan, const cluster_state& state) {
  if (plan.partitions == 0 || plan.partitions < -1) {
    return {broker_errc::invalid_partitions, "Number of partitions was set to an invalid non-positive value."};
  }
  if (plan.replication_factor == 0 || plan.replication_factor < -1) {
    return {broker_errc::invalid_replication_factor, "Replication factor was set to an invalid non-positive value."};
  }
  const auto running = std::count_if(state.nodes().begin(), state.nodes().end(), [](auto& one) { return one.running; });
  if (plan.replication_factor > running) {
    return {broker_errc::invalid_replication_factor,
            "Unable to replicate the partition " + std::to_string(plan.replication_factor) +
                " time(s): The target replication factor of " + std::to_string(plan.replication_factor) +
                " cannot be reached because only " + std::to_string(running) + " broker(s) are registered."};
  }
  return {};
}

refusal check_configs(const topic_plan& plan, config_map& configs) {
  for (const auto& [name, value] : plan.configs) {
    const config_key* key = find_topic_config(name);
    if (!key) return {broker_errc::invalid_config, "Unknown topic config name: " + name};
    if (!value) return {broker_errc::invalid_config, "Null value not supported for topic configs: " + name};
    if (auto problem = config_problem(*key, *value)) return {broker_errc::invalid_config, *std::move(problem)};
    configs.insert_or_assign(name, *value);
  }
  return {};
}

partition_state make_partition(cluster_state& state, std::int32_t index, std::vector<std::int32_t> replicas) {
  partition_state made;
  made.index = index;
  made.replicas = std::move(replicas);
  std::copy_if(made.replicas.begin(), made.replicas.end(), std::back_inserter(made.in_sync),
               [&](std::int32_t replica) { return state.is_running(replica); });
  if (made.in_sync.empty()) {
    made.in_sync = {made.replicas.front()};
  } else {
    made.leader = made.in_sync.front();
  }
  made.log.begin_epoch(0);
  made.changed = state.make_event();
  if (state.versions().refuses_unknown_producers()) {
    made.producers.answer_unknown_with(broker_errc::unknown_producer_id);
  }
  return made;
}

}  // namespace

refusal cluster_state::create_topic(const topic_plan& plan, bool validate_only, created_topic* created) {
  if (auto problem = name_problem(plan.name)) {
    return {broker_errc::invalid_topic_exception, "Topic name is invalid: " + *problem};
  }
  if (find_topic(plan.name)) {
    return {broker_errc::topic_already_exists, "Topic '" + plan.name + "' already exists."};
  }
  for (const auto& [name, topic] : topics_) {
    if (collision_key(name) == collision_key(plan.name)) {
      return {broker_errc::invalid_topic_exception, "Topic '" + plan.name + "' collides with existing topic: " + name};
    }
  }
  topic_state made;
  if (refusal refused = check_configs(plan, made.configs)) return refused;
  if (refusal refused = plan.assignments.empty() ? check_counts(plan, *this) : check_assignments(plan, *this)) {
    return refused;
  }
  const auto wanted = static_cast<std::size_t>(std::max(0, plan.partitions));
  if (std::max(wanted, plan.assignments.size()) > partitions_max) {
    return {broker_errc::policy_violation, "Excessively large number of partitions per request."};
  }
  made.name = plan.name;
  made.settings = topic_settings(made.configs);

  auto assignments = plan.assignments;
  std::sort(assignments.begin(), assignments.end());
  if (assignments.empty()) {
    std::vector<std::int32_t> running;
    for (const auto& node : nodes_) {
      if (node.running) running.push_back(node.id);
    }
    const auto factor = static_cast<std::size_t>(plan.replication_factor == -1 ? options_.default_replication_factor
                                                                               : plan.replication_factor);
    if (running.size() < factor) {
      return {broker_errc::invalid_replication_factor, "Only " + std::to_string(running.size()) + " broker(s) run."};
    }
    const std::int32_t count = plan.partitions == -1 ? options_.default_partitions : plan.partitions;
    for (std::int32_t index = 0; index < count; ++index) {
      auto& replicas = assignments.emplace_back(index, std::vector<std::int32_t>{}).second;
      const std::size_t first = next_first_replica_ + static_cast<std::size_t>(index);
      for (std::size_t replica = 0; replica < factor; ++replica) {
        replicas.push_back(running[(first + replica) % running.size()]);
      }
    }
  }
  for (auto& [index, replicas] : assignments) made.partitions.push_back(make_partition(*this, index, replicas));
  if (!validate_only) {
    made.id = random_uuid();
    next_first_replica_ += made.partitions.size();
  }
  if (created) {
    *created = {.id = made.id,
                .partitions = static_cast<std::int32_t>(made.partitions.size()),
                .replication_factor = static_cast<std::int16_t>(made.partitions.front().replicas.size()),
                .configs = made.configs};
  }
  if (!validate_only) topics_.emplace(made.name, std::move(made));
  return {};
}

}  // namespace kafka::fake
