// SPDX-License-Identifier: Apache-2.0
// One of 8 parts, so that no compilation takes long.
#include "protocol/codec_definitions.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/describe_log_dirs.hpp"
#include "protocol/messages/list_transactions.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/sasl_handshake.hpp"
#include "protocol/messages/share_fetch.hpp"

namespace kafka::protocol {

KAFKA_INSTANTIATE_CODEC(offset_fetch_request)
KAFKA_INSTANTIATE_CODEC(offset_fetch_response)
KAFKA_INSTANTIATE_CODEC(sasl_handshake_request)
KAFKA_INSTANTIATE_CODEC(sasl_handshake_response)
KAFKA_INSTANTIATE_CODEC(add_offsets_to_txn_request)
KAFKA_INSTANTIATE_CODEC(add_offsets_to_txn_response)
KAFKA_INSTANTIATE_CODEC(describe_log_dirs_request)
KAFKA_INSTANTIATE_CODEC(describe_log_dirs_response)
KAFKA_INSTANTIATE_CODEC(offset_delete_request)
KAFKA_INSTANTIATE_CODEC(offset_delete_response)
KAFKA_INSTANTIATE_CODEC(list_transactions_request)
KAFKA_INSTANTIATE_CODEC(list_transactions_response)
KAFKA_INSTANTIATE_CODEC(share_fetch_request)
KAFKA_INSTANTIATE_CODEC(share_fetch_response)

}  // namespace kafka::protocol
