// SPDX-License-Identifier: Apache-2.0
// Every message: for what goes over all of them (the registry, the fake cluster, tools and tests).
#pragma once

#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/alter_client_quotas.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/consumer_group_describe.hpp"
#include "protocol/messages/consumer_group_heartbeat.hpp"
#include "protocol/messages/consumer_protocol.hpp"
#include "protocol/messages/create_acls.hpp"
#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_acls.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_acls.hpp"
#include "protocol/messages/describe_client_quotas.hpp"
#include "protocol/messages/describe_cluster.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/describe_log_dirs.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/describe_share_group_offsets.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/describe_user_scram_credentials.hpp"
#include "protocol/messages/elect_leaders.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/get_telemetry_subscriptions.hpp"
#include "protocol/messages/headers.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/list_partition_reassignments.hpp"
#include "protocol/messages/list_transactions.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/push_telemetry.hpp"
#include "protocol/messages/sasl_authenticate.hpp"
#include "protocol/messages/sasl_handshake.hpp"
#include "protocol/messages/share_acknowledge.hpp"
#include "protocol/messages/share_fetch.hpp"
#include "protocol/messages/share_group_describe.hpp"
#include "protocol/messages/share_group_heartbeat.hpp"
#include "protocol/messages/sync_group.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

namespace kafka::protocol {

template <class... Messages>
struct message_list {
  /// Calls `visit.template operator()<Message>()` for each type in turn.
  template <class Visit>
  static void for_each(Visit&& visit) {
    (visit.template operator()<Messages>(), ...);
  }
};

/// The requests of all 56 APIs, by key; a response is `Request::response`.
using all_requests = message_list<
    produce_request, fetch_request, list_offsets_request, metadata_request, offset_commit_request, offset_fetch_request,
    find_coordinator_request, join_group_request, heartbeat_request, leave_group_request, sync_group_request,
    describe_groups_request, list_groups_request, sasl_handshake_request, api_versions_request, create_topics_request,
    delete_topics_request, delete_records_request, init_producer_id_request, offset_for_leader_epoch_request,
    add_partitions_to_txn_request, add_offsets_to_txn_request, end_txn_request, txn_offset_commit_request,
    describe_acls_request, create_acls_request, delete_acls_request, describe_configs_request, alter_configs_request,
    describe_log_dirs_request, sasl_authenticate_request, create_partitions_request, delete_groups_request,
    elect_leaders_request, incremental_alter_configs_request, alter_partition_reassignments_request,
    list_partition_reassignments_request, offset_delete_request, describe_client_quotas_request,
    alter_client_quotas_request, describe_user_scram_credentials_request, alter_user_scram_credentials_request,
    describe_cluster_request, describe_producers_request, describe_transactions_request, list_transactions_request,
    consumer_group_heartbeat_request, consumer_group_describe_request, get_telemetry_subscriptions_request,
    push_telemetry_request, describe_topic_partitions_request, share_group_heartbeat_request,
    share_group_describe_request, share_fetch_request, share_acknowledge_request, describe_share_group_offsets_request>;

/// What belongs to no API.
using other_messages =
    message_list<request_header, response_header, consumer_protocol_subscription, consumer_protocol_assignment>;

/// Calls `visit.template operator()<Message>()` for all requests by key, each followed by its response, then the
/// others.
template <class Visit>
void for_each_message(Visit&& visit) {
  all_requests::for_each([&]<class Request>() {
    visit.template operator()<Request>();
    visit.template operator()<typename Request::response>();
  });
  other_messages::for_each(visit);
}

}  // namespace kafka::protocol
