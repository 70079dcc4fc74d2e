// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_partition_reassignments.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/share_group_describe.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(offset_commit_request)
KAFKA_INSTANTIATE_CODEC(offset_commit_response)
KAFKA_INSTANTIATE_CODEC(list_groups_request)
KAFKA_INSTANTIATE_CODEC(list_groups_response)
KAFKA_INSTANTIATE_CODEC(add_partitions_to_txn_request)
KAFKA_INSTANTIATE_CODEC(add_partitions_to_txn_response)
KAFKA_INSTANTIATE_CODEC(alter_configs_request)
KAFKA_INSTANTIATE_CODEC(alter_configs_response)
KAFKA_INSTANTIATE_CODEC(list_partition_reassignments_request)
KAFKA_INSTANTIATE_CODEC(list_partition_reassignments_response)
KAFKA_INSTANTIATE_CODEC(describe_transactions_request)
KAFKA_INSTANTIATE_CODEC(describe_transactions_response)
KAFKA_INSTANTIATE_CODEC(share_group_describe_request)
KAFKA_INSTANTIATE_CODEC(share_group_describe_response)

}  // namespace kafka::protocol
