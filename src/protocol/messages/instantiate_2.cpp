// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/create_acls.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/elect_leaders.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/push_telemetry.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(fetch_request)
KAFKA_INSTANTIATE_CODEC(fetch_response)
KAFKA_INSTANTIATE_CODEC(leave_group_request)
KAFKA_INSTANTIATE_CODEC(leave_group_response)
KAFKA_INSTANTIATE_CODEC(delete_records_request)
KAFKA_INSTANTIATE_CODEC(delete_records_response)
KAFKA_INSTANTIATE_CODEC(create_acls_request)
KAFKA_INSTANTIATE_CODEC(create_acls_response)
KAFKA_INSTANTIATE_CODEC(elect_leaders_request)
KAFKA_INSTANTIATE_CODEC(elect_leaders_response)
KAFKA_INSTANTIATE_CODEC(alter_user_scram_credentials_request)
KAFKA_INSTANTIATE_CODEC(alter_user_scram_credentials_response)
KAFKA_INSTANTIATE_CODEC(push_telemetry_request)
KAFKA_INSTANTIATE_CODEC(push_telemetry_response)

}  // namespace kafka::protocol
