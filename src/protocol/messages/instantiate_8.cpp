// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/alter_client_quotas.hpp"
#include "protocol/messages/consumer_group_describe.hpp"
#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/describe_share_group_offsets.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(join_group_request)
KAFKA_INSTANTIATE_CODEC(join_group_response)
KAFKA_INSTANTIATE_CODEC(create_topics_request)
KAFKA_INSTANTIATE_CODEC(create_topics_response)
KAFKA_INSTANTIATE_CODEC(txn_offset_commit_request)
KAFKA_INSTANTIATE_CODEC(txn_offset_commit_response)
KAFKA_INSTANTIATE_CODEC(create_partitions_request)
KAFKA_INSTANTIATE_CODEC(create_partitions_response)
KAFKA_INSTANTIATE_CODEC(alter_client_quotas_request)
KAFKA_INSTANTIATE_CODEC(alter_client_quotas_response)
KAFKA_INSTANTIATE_CODEC(consumer_group_describe_request)
KAFKA_INSTANTIATE_CODEC(consumer_group_describe_response)
KAFKA_INSTANTIATE_CODEC(describe_share_group_offsets_request)
KAFKA_INSTANTIATE_CODEC(describe_share_group_offsets_response)

}  // namespace kafka::protocol
