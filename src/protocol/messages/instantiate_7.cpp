// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/consumer_group_heartbeat.hpp"
#include "protocol/messages/describe_client_quotas.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/sasl_authenticate.hpp"
#include "protocol/messages/share_acknowledge.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(find_coordinator_request)
KAFKA_INSTANTIATE_CODEC(find_coordinator_response)
KAFKA_INSTANTIATE_CODEC(api_versions_request)
KAFKA_INSTANTIATE_CODEC(api_versions_response)
KAFKA_INSTANTIATE_CODEC(end_txn_request)
KAFKA_INSTANTIATE_CODEC(end_txn_response)
KAFKA_INSTANTIATE_CODEC(sasl_authenticate_request)
KAFKA_INSTANTIATE_CODEC(sasl_authenticate_response)
KAFKA_INSTANTIATE_CODEC(describe_client_quotas_request)
KAFKA_INSTANTIATE_CODEC(describe_client_quotas_response)
KAFKA_INSTANTIATE_CODEC(consumer_group_heartbeat_request)
KAFKA_INSTANTIATE_CODEC(consumer_group_heartbeat_response)
KAFKA_INSTANTIATE_CODEC(share_acknowledge_request)
KAFKA_INSTANTIATE_CODEC(share_acknowledge_response)

}  // namespace kafka::protocol
