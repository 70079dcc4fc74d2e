// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kafka/api_key.hpp>

#include "fake/call.hpp"

namespace kafka::fake {

/// Ends a call, or lets it wait. `as<its request>()` is never null there, but for ApiVersions.
using handler_function = void (*)(call& one);

/// Null for an API that this cluster does not handle.
[[nodiscard]] handler_function find_handler(api_key key) noexcept;

// One handler a file, in handlers/.
void handle_add_offsets_to_txn(call& one);
void handle_add_partitions_to_txn(call& one);
void handle_api_versions(call& one);
void handle_consumer_group_describe(call& one);
void handle_consumer_group_heartbeat(call& one);
void handle_create_partitions(call& one);
void handle_create_topics(call& one);
void handle_delete_groups(call& one);
void handle_delete_topics(call& one);
void handle_describe_cluster(call& one);
void handle_describe_configs(call& one);
void handle_describe_groups(call& one);
void handle_describe_producers(call& one);
void handle_describe_transactions(call& one);
void handle_end_txn(call& one);
void handle_fetch(call& one);
void handle_find_coordinator(call& one);
void handle_heartbeat(call& one);
void handle_init_producer_id(call& one);
void handle_join_group(call& one);
void handle_leave_group(call& one);
void handle_list_groups(call& one);
void handle_list_offsets(call& one);
void handle_list_transactions(call& one);
void handle_metadata(call& one);
void handle_offset_commit(call& one);
void handle_offset_delete(call& one);
void handle_offset_fetch(call& one);
void handle_offset_for_leader_epoch(call& one);
void handle_produce(call& one);
void handle_sync_group(call& one);
void handle_txn_offset_commit(call& one);

}  // namespace kafka::fake
