// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/share_group_heartbeat.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(metadata_request)
KAFKA_INSTANTIATE_CODEC(metadata_response)
KAFKA_INSTANTIATE_CODEC(describe_groups_request)
KAFKA_INSTANTIATE_CODEC(describe_groups_response)
KAFKA_INSTANTIATE_CODEC(offset_for_leader_epoch_request)
KAFKA_INSTANTIATE_CODEC(offset_for_leader_epoch_response)
KAFKA_INSTANTIATE_CODEC(describe_configs_request)
KAFKA_INSTANTIATE_CODEC(describe_configs_response)
KAFKA_INSTANTIATE_CODEC(alter_partition_reassignments_request)
KAFKA_INSTANTIATE_CODEC(alter_partition_reassignments_response)
KAFKA_INSTANTIATE_CODEC(describe_producers_request)
KAFKA_INSTANTIATE_CODEC(describe_producers_response)
KAFKA_INSTANTIATE_CODEC(share_group_heartbeat_request)
KAFKA_INSTANTIATE_CODEC(share_group_heartbeat_response)

}  // namespace kafka::protocol
