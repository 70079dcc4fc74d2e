// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/consumer_protocol.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_acls.hpp"
#include "protocol/messages/describe_user_scram_credentials.hpp"
#include "protocol/messages/get_telemetry_subscriptions.hpp"
#include "protocol/messages/headers.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/produce.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(produce_request)
KAFKA_INSTANTIATE_CODEC(produce_response)
KAFKA_INSTANTIATE_CODEC(heartbeat_request)
KAFKA_INSTANTIATE_CODEC(heartbeat_response)
KAFKA_INSTANTIATE_CODEC(delete_topics_request)
KAFKA_INSTANTIATE_CODEC(delete_topics_response)
KAFKA_INSTANTIATE_CODEC(describe_acls_request)
KAFKA_INSTANTIATE_CODEC(describe_acls_response)
KAFKA_INSTANTIATE_CODEC(delete_groups_request)
KAFKA_INSTANTIATE_CODEC(delete_groups_response)
KAFKA_INSTANTIATE_CODEC(describe_user_scram_credentials_request)
KAFKA_INSTANTIATE_CODEC(describe_user_scram_credentials_response)
KAFKA_INSTANTIATE_CODEC(get_telemetry_subscriptions_request)
KAFKA_INSTANTIATE_CODEC(get_telemetry_subscriptions_response)
KAFKA_INSTANTIATE_CODEC(request_header)
KAFKA_INSTANTIATE_CODEC(response_header)
KAFKA_INSTANTIATE_CODEC(consumer_protocol_subscription)
KAFKA_INSTANTIATE_CODEC(consumer_protocol_assignment)

}  // namespace kafka::protocol
