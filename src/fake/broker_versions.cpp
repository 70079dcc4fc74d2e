// SPDX-License-Identifier: Apache-2.0
#include "fake/broker_versions.hpp"

#include <algorithm>
#include <array>

namespace kafka::fake {

namespace {

constexpr std::array<std::string_view, 4> names{"2.1", "2.8", "3.9", "4.3"};

struct row {
  api_key key;
  std::array<std::int16_t, 4> max;  // of each of `names`; -1: the API is unknown there
  std::int16_t min_since_4 = 0;     // KIP-896 took away what is below; 0 before
};

// From the message definitions in the kafka-clients jars of those versions (2.8.2, 3.9.2, 4.3.1) and, for 2.1, from the
// protocol tables of its clients. Produce keeps 0 as its announced minimum in 4.x though 0 to 2 are refused
// (KAFKA-18659); unstable versions are left out. Brokers of 2.8 to 3.9 announce InitProducerId up to 4 and 5. The
// protocol of KIP-848 was an early access in 3.9, off unless asked for: here such a broker does not know it.
constexpr row rows[] = {
    {api_key::produce, {7, 9, 11, 13}, 0},
    {api_key::fetch, {10, 12, 17, 18}, 4},
    {api_key::list_offsets, {4, 6, 9, 11}, 1},
    {api_key::metadata, {7, 11, 12, 13}, 0},
    {api_key::offset_commit, {6, 8, 9, 10}, 2},
    {api_key::offset_fetch, {5, 7, 9, 10}, 1},
    {api_key::find_coordinator, {2, 3, 6, 6}, 0},
    {api_key::join_group, {3, 7, 9, 9}, 0},
    {api_key::heartbeat, {2, 4, 4, 4}, 0},
    {api_key::leave_group, {2, 4, 5, 5}, 0},
    {api_key::sync_group, {2, 5, 5, 5}, 0},
    {api_key::describe_groups, {2, 5, 5, 6}, 0},
    {api_key::list_groups, {2, 4, 5, 5}, 0},
    {api_key::sasl_handshake, {1, 1, 1, 1}, 0},
    {api_key::api_versions, {2, 3, 4, 4}, 0},
    {api_key::create_topics, {3, 7, 7, 7}, 2},
    {api_key::delete_topics, {3, 6, 6, 6}, 1},
    {api_key::delete_records, {1, 2, 2, 2}, 0},
    {api_key::init_producer_id, {1, 4, 5, 5}, 0},
    {api_key::offset_for_leader_epoch, {2, 4, 4, 4}, 2},
    {api_key::add_partitions_to_txn, {1, 3, 5, 5}, 0},
    {api_key::add_offsets_to_txn, {1, 3, 4, 4}, 0},
    {api_key::end_txn, {1, 3, 4, 5}, 0},
    {api_key::txn_offset_commit, {2, 3, 4, 5}, 0},
    {api_key::describe_acls, {1, 2, 3, 3}, 1},
    {api_key::create_acls, {1, 2, 3, 3}, 1},
    {api_key::delete_acls, {1, 2, 3, 3}, 1},
    {api_key::describe_configs, {2, 4, 4, 4}, 1},
    {api_key::alter_configs, {1, 2, 2, 2}, 0},
    {api_key::describe_log_dirs, {1, 2, 4, 5}, 1},
    {api_key::sasl_authenticate, {0, 2, 2, 2}, 0},
    {api_key::create_partitions, {1, 3, 3, 3}, 0},
    {api_key::delete_groups, {1, 2, 2, 2}, 0},
    {api_key::elect_leaders, {-1, 2, 2, 2}, 0},
    {api_key::incremental_alter_configs, {-1, 1, 1, 1}, 0},
    {api_key::alter_partition_reassignments, {-1, 0, 0, 1}, 0},
    {api_key::list_partition_reassignments, {-1, 0, 0, 0}, 0},
    {api_key::offset_delete, {-1, 0, 0, 0}, 0},
    {api_key::describe_client_quotas, {-1, 1, 1, 1}, 0},
    {api_key::alter_client_quotas, {-1, 1, 1, 1}, 0},
    {api_key::describe_user_scram_credentials, {-1, 0, 0, 0}, 0},
    {api_key::alter_user_scram_credentials, {-1, 0, 0, 0}, 0},
    {api_key::describe_cluster, {-1, 0, 1, 2}, 0},
    {api_key::describe_producers, {-1, 0, 0, 0}, 0},
    {api_key::describe_transactions, {-1, -1, 0, 0}, 0},
    {api_key::list_transactions, {-1, -1, 1, 2}, 0},
    {api_key::consumer_group_heartbeat, {-1, -1, -1, 1}, 0},
    {api_key::consumer_group_describe, {-1, -1, -1, 1}, 0},
    {api_key::get_telemetry_subscriptions, {-1, -1, 0, 0}, 0},
    {api_key::push_telemetry, {-1, -1, 0, 0}, 0},
    {api_key::describe_topic_partitions, {-1, -1, 0, 0}, 0},
    {api_key::share_group_heartbeat, {-1, -1, -1, 1}, 1},
    {api_key::share_group_describe, {-1, -1, -1, 1}, 1},
    {api_key::share_fetch, {-1, -1, -1, 2}, 1},
    {api_key::share_acknowledge, {-1, -1, -1, 2}, 1},
    {api_key::describe_share_group_offsets, {-1, -1, -1, 1}, 0},
};

/// Features are announced as far as the cluster behind them acts upon them.
std::vector<broker_feature> features_of(std::size_t column) {
  if (column < 2) return {};
  if (column == 2) return {{"metadata.version", 1, 21, 21}};
  return {{"group.version", 0, 1, 1}, {"metadata.version", 7, 29, 29}, {"transaction.version", 0, 2, 2}};
}

}  // namespace

std::optional<protocol::version_range> broker_versions::announced(api_key key) const noexcept {
  const auto* found = std::find_if(std::begin(rows), std::end(rows), [&](const row& one) { return one.key == key; });
  if (found == std::end(rows) || found->max[column] < 0) return std::nullopt;
  const bool since_4 = column == names.size() - 1;
  return protocol::version_range{since_4 ? found->min_since_4 : std::int16_t{0}, found->max[column]};
}

std::optional<broker_versions> versions_like(std::string_view name) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  const auto column = static_cast<std::size_t>(found - names.begin());
  return broker_versions{.name = *found, .features = features_of(column), .column = column};
}

}  // namespace kafka::fake
