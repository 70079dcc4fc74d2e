// SPDX-License-Identifier: Apache-2.0
#include "client/produce_verdict.hpp"

namespace kafka::client {

produce_verdict judge(broker_errc code, std::int64_t base_offset) noexcept {
  switch (code) {
    case broker_errc::none:
    case broker_errc::duplicate_sequence_number:
      return produce_verdict::written;
    case broker_errc::request_timed_out:
    case broker_errc::not_enough_replicas_after_append:
    case broker_errc::kafka_storage_error:
    case broker_errc::network_exception:  // from behind a proxy, or of a broker that asked another
      return produce_verdict::unknown;
    case broker_errc::message_too_large:
    case broker_errc::record_list_too_large:
      return produce_verdict::too_large;
    case broker_errc::invalid_record:
    case broker_errc::invalid_timestamp:
      return produce_verdict::bad_records;
    case broker_errc::out_of_order_sequence_number:
    case broker_errc::unknown_producer_id:
      return produce_verdict::out_of_order;
    case broker_errc::invalid_producer_epoch:
      return produce_verdict::epoch_refused;
    default:
      break;
  }
  if (base_offset >= 0) return produce_verdict::unknown;
  if (code == broker_errc::unknown_server_error) return produce_verdict::unknown;
  return is_retriable(code) ? produce_verdict::again : produce_verdict::refused;
}

bool tells_stale_metadata(broker_errc code) noexcept {
  switch (code) {
    case broker_errc::not_leader_or_follower:
    case broker_errc::leader_not_available:
    case broker_errc::unknown_topic_or_partition:
    case broker_errc::unknown_topic_id:
    case broker_errc::inconsistent_topic_id:
    case broker_errc::fenced_leader_epoch:
    case broker_errc::unknown_leader_epoch:
    case broker_errc::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

}  // namespace kafka::client
