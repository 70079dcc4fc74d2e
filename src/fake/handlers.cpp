// SPDX-License-Identifier: Apache-2.0
#include "fake/handlers.hpp"

namespace kafka::fake {

handler_function find_handler(api_key key) noexcept {
  switch (key) {
    case api_key::add_offsets_to_txn:
      return &handle_add_offsets_to_txn;
    case api_key::add_partitions_to_txn:
      return &handle_add_partitions_to_txn;
    case api_key::api_versions:
      return &handle_api_versions;
    case api_key::consumer_group_describe:
      return &handle_consumer_group_describe;
    case api_key::consumer_group_heartbeat:
      return &handle_consumer_group_heartbeat;
    case api_key::create_partitions:
      return &handle_create_partitions;
    case api_key::create_topics:
      return &handle_create_topics;
    case api_key::delete_groups:
      return &handle_delete_groups;
    case api_key::delete_topics:
      return &handle_delete_topics;
    case api_key::describe_cluster:
      return &handle_describe_cluster;
    case api_key::describe_configs:
      return &handle_describe_configs;
    case api_key::describe_groups:
      return &handle_describe_groups;
    case api_key::describe_producers:
      return &handle_describe_producers;
    case api_key::describe_transactions:
      return &handle_describe_transactions;
    case api_key::end_txn:
      return &handle_end_txn;
    case api_key::fetch:
      return &handle_fetch;
    case api_key::find_coordinator:
      return &handle_find_coordinator;
    case api_key::heartbeat:
      return &handle_heartbeat;
    case api_key::init_producer_id:
      return &handle_init_producer_id;
    case api_key::join_group:
      return &handle_join_group;
    case api_key::leave_group:
      return &handle_leave_group;
    case api_key::list_groups:
      return &handle_list_groups;
    case api_key::list_offsets:
      return &handle_list_offsets;
    case api_key::list_transactions:
      return &handle_list_transactions;
    case api_key::metadata:
      return &handle_metadata;
    case api_key::offset_commit:
      return &handle_offset_commit;
    case api_key::offset_delete:
      return &handle_offset_delete;
    case api_key::offset_fetch:
      return &handle_offset_fetch;
    case api_key::offset_for_leader_epoch:
      return &handle_offset_for_leader_epoch;
    case api_key::produce:
      return &handle_produce;
    case api_key::sync_group:
      return &handle_sync_group;
    case api_key::txn_offset_commit:
      return &handle_txn_offset_commit;
    default:
      return nullptr;
  }
}

}  // namespace kafka::fake
