// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

namespace {

/// As Kafka's controller: more in one request are refused, whatever memory they would take.
constexpr std::size_t partitions_max = 10'000;
constexpr const char* too_many = "Excessively large number of partitions per request.";

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

/// Why a partition cannot have just these replicas, where others have `factor`.
std::optional<std::string> replicas_problem(const std::vector<std::int32_t>& replicas, std::size_t factor,
                                            const cluster_state& state) {
  if (replicas.empty()) return "The manual partition assignment includes an empty replica list.";
  if (replicas.size() != factor) {
    return "The manual partition assignment includes a partition with " + std::to_string(replicas.size()) +
           " replica(s), but this is not consistent with previous partitions, which have " + std::to_string(factor) +
           " replica(s).";
  }
  if (std::set<std::int32_t>(replicas.begin(), replicas.end()).size() != replicas.size()) {
    return "The manual partition assignment includes a broker more than once.";
  }
  for (const std::int32_t replica : replicas) {
    if (replica < 1 || static_cast<std::size_t>(replica) > state.nodes().size()) {
      return "The manual partition assignment includes broker " + std::to_string(replica) +
             ", but no such broker is registered.";
    }
  }
  return std::nullopt;
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
    auto problem = replicas_problem(replicas, plan.assignments.front().second.size(), state);
    if (problem) return refused(*std::move(problem));
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

/// Spreads partitions over the nodes that run, one after the other; false if they are fewer than `factor`.
bool place_replicas(const cluster_state& state, std::size_t factor, std::size_t first, std::size_t count,
                    std::vector<std::vector<std::int32_t>>& placed) {
  std::vector<std::int32_t> running;
  for (const auto& node : state.nodes()) {
    if (node.running) running.push_back(node.id);
  }
  if (running.size() < factor) return false;
  for (std::size_t index = 0; index < count; ++index) {
    auto& replicas = placed.emplace_back();
    for (std::size_t replica = 0; replica < factor; ++replica) {
      replicas.push_back(running[(first + index + replica) % running.size()]);
    }
  }
  return true;
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
    return {broker_errc::policy_violation, too_many};
  }
  made.name = plan.name;
  made.settings = topic_settings(made.configs);

  auto assignments = plan.assignments;
  std::sort(assignments.begin(), assignments.end());
  if (assignments.empty()) {
    const auto factor = static_cast<std::size_t>(plan.replication_factor == -1 ? options_.default_replication_factor
                                                                               : plan.replication_factor);
    const std::int32_t count = plan.partitions == -1 ? options_.default_partitions : plan.partitions;
    std::vector<std::vector<std::int32_t>> placed;
    if (!place_replicas(*this, factor, next_first_replica_, static_cast<std::size_t>(count), placed)) {
      return {broker_errc::invalid_replication_factor, "Too few brokers run."};
    }
    for (auto& replicas : placed) {
      assignments.emplace_back(static_cast<std::int32_t>(assignments.size()), std::move(replicas));
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
  if (!validate_only) {
    topics_.emplace(made.name, std::move(made));
    ++topics_version_;
  }
  return {};
}

refusal cluster_state::add_partitions(std::string_view name, std::int32_t count,
                                      const std::optional<std::vector<std::vector<std::int32_t>>>& replicas,
                                      bool validate_only) {
  topic_state* topic = find_topic(name);
  if (!topic) return {broker_errc::unknown_topic_or_partition, "This server does not host this topic-partition."};
  const auto before = static_cast<std::int32_t>(topic->partitions.size());
  const auto refused = [](broker_errc code, std::string why) { return refusal{code, std::move(why)}; };
  if (count == before) {
    return refused(broker_errc::invalid_partitions, "Topic already has " + std::to_string(before) + " partition(s).");
  }
  if (count < before) {
    return refused(broker_errc::invalid_partitions, "The topic " + topic->name + " currently has " +
                                                        std::to_string(before) + " partition(s); " +
                                                        std::to_string(count) + " would not be an increase.");
  }
  const auto added = static_cast<std::size_t>(count - before);
  if (added > partitions_max) return refused(broker_errc::policy_violation, too_many);
  if (replicas && replicas->size() != added) {
    return refused(broker_errc::invalid_replica_assignment,
                   "Attempted to add " + std::to_string(added) + " additional partition(s), but only " +
                       std::to_string(replicas->size()) + " assignment(s) were specified.");
  }
  auto placed = replicas.value_or(std::vector<std::vector<std::int32_t>>());
  for (const auto& nodes : placed) {
    if (auto problem = replicas_problem(nodes, topic->partitions.front().replicas.size(), *this)) {
      return refused(broker_errc::invalid_replica_assignment, *std::move(problem));
    }
  }
  if (!replicas && !place_replicas(*this, topic->partitions.front().replicas.size(),
                                   next_first_replica_ + static_cast<std::size_t>(before), added, placed)) {
    return refused(broker_errc::invalid_replication_factor, "Too few brokers run.");
  }
  if (validate_only) return {};
  for (auto& nodes : placed) {
    const auto index = static_cast<std::int32_t>(topic->partitions.size());
    topic->partitions.push_back(make_partition(*this, index, std::move(nodes)));
  }
  ++topics_version_;
  return {};
}

}  // namespace kafka::fake
