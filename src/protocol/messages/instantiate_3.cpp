// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/delete_acls.hpp"
#include "protocol/messages/describe_cluster.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/sync_group.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(list_offsets_request)
KAFKA_INSTANTIATE_CODEC(list_offsets_response)
KAFKA_INSTANTIATE_CODEC(sync_group_request)
KAFKA_INSTANTIATE_CODEC(sync_group_response)
KAFKA_INSTANTIATE_CODEC(init_producer_id_request)
KAFKA_INSTANTIATE_CODEC(init_producer_id_response)
KAFKA_INSTANTIATE_CODEC(delete_acls_request)
KAFKA_INSTANTIATE_CODEC(delete_acls_response)
KAFKA_INSTANTIATE_CODEC(incremental_alter_configs_request)
KAFKA_INSTANTIATE_CODEC(incremental_alter_configs_response)
KAFKA_INSTANTIATE_CODEC(describe_cluster_request)
KAFKA_INSTANTIATE_CODEC(describe_cluster_response)
KAFKA_INSTANTIATE_CODEC(describe_topic_partitions_request)
KAFKA_INSTANTIATE_CODEC(describe_topic_partitions_response)

}  // namespace kafka::protocol
