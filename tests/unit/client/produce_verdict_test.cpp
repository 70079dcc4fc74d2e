// SPDX-License-Identifier: Apache-2.0
#include "client/produce_verdict.hpp"

#include <map>
#include <string>

#include "support/catch.hpp"

namespace Catch {
template <>
struct StringMaker<kafka::client::produce_verdict> {
  static std::string convert(kafka::client::produce_verdict value) { return std::to_string(static_cast<int>(value)); }
};
}  // namespace Catch

namespace kafka::client {
namespace {

constexpr std::int16_t first_code = -1;
constexpr std::int16_t last_code = 133;

/// Every code that means something else than "certainly not written, and never will be".
const std::map<broker_errc, produce_verdict>& verdicts() {
  using errc = broker_errc;
  using verdict = produce_verdict;
  static const std::map<errc, verdict> table = {
      {errc::none, verdict::written},
      {errc::duplicate_sequence_number, verdict::written},

      // The leader appended, or may have, before it failed.
      {errc::unknown_server_error, verdict::unknown},
      {errc::request_timed_out, verdict::unknown},
      {errc::not_enough_replicas_after_append, verdict::unknown},
      {errc::kafka_storage_error, verdict::unknown},

      {errc::message_too_large, verdict::too_large},
      {errc::record_list_too_large, verdict::too_large},
      {errc::invalid_record, verdict::bad_records},
      {errc::invalid_timestamp, verdict::bad_records},
      {errc::out_of_order_sequence_number, verdict::out_of_order},
      {errc::unknown_producer_id, verdict::out_of_order},
      {errc::invalid_producer_epoch, verdict::epoch_refused},

      // Refused before anything was appended, for a reason that passes.
      {errc::corrupt_message, verdict::again},
      {errc::unknown_topic_or_partition, verdict::again},
      {errc::leader_not_available, verdict::again},
      {errc::not_leader_or_follower, verdict::again},
      {errc::replica_not_available, verdict::again},
      {errc::network_exception, verdict::unknown},
      {errc::coordinator_load_in_progress, verdict::again},
      {errc::coordinator_not_available, verdict::again},
      {errc::not_coordinator, verdict::again},
      {errc::not_enough_replicas, verdict::again},
      {errc::not_controller, verdict::again},
      {errc::concurrent_transactions, verdict::again},
      {errc::fetch_session_id_not_found, verdict::again},
      {errc::invalid_fetch_session_epoch, verdict::again},
      {errc::listener_not_found, verdict::again},
      {errc::fenced_leader_epoch, verdict::again},
      {errc::unknown_leader_epoch, verdict::again},
      {errc::offset_not_available, verdict::again},
      {errc::preferred_leader_not_available, verdict::again},
      {errc::eligible_leaders_not_available, verdict::again},
      {errc::election_not_needed, verdict::again},
      {errc::unstable_offset_commit, verdict::again},
      {errc::throttling_quota_exceeded, verdict::again},
      {errc::unknown_topic_id, verdict::again},
      {errc::inconsistent_topic_id, verdict::again},
      {errc::fetch_session_topic_id_error, verdict::again},
      {errc::share_session_not_found, verdict::again},
      {errc::invalid_share_session_epoch, verdict::again},
      {errc::share_session_limit_reached, verdict::again},
  };
  return table;
}

TEST_CASE("every code that a broker may answer has its verdict, and whatever is not listed refuses for good") {
  for (std::int16_t number = first_code; number <= last_code; ++number) {
    const auto code = static_cast<broker_errc>(number);
    INFO(broker_error_name(code));
    const auto listed = verdicts().find(code);
    CHECK(judge(code, -1) == (listed == verdicts().end() ? produce_verdict::refused : listed->second));
  }
  REQUIRE_FALSE(verdicts().contains(broker_errc::topic_authorization_failed));
  REQUIRE_FALSE(verdicts().contains(broker_errc::transaction_abortable));
  REQUIRE_FALSE(verdicts().contains(broker_errc::producer_fenced));
}

TEST_CASE("a code that only newer brokers know refuses for good") {
  REQUIRE(broker_error_name(static_cast<broker_errc>(last_code + 1)) == "UNKNOWN_CODE");
  REQUIRE(judge(static_cast<broker_errc>(last_code + 1), -1) == produce_verdict::refused);
  REQUIRE(judge(static_cast<broker_errc>(32'000), -1) == produce_verdict::refused);
}

TEST_CASE("an error with an offset says that the batch was appended all the same") {
  for (const auto code : {broker_errc::not_leader_or_follower, broker_errc::not_enough_replicas,
                          broker_errc::topic_authorization_failed, static_cast<broker_errc>(32'000)}) {
    INFO(broker_error_name(code));
    REQUIRE(judge(code, 7) == produce_verdict::unknown);
    REQUIRE(judge(code, 0) == produce_verdict::unknown);
  }
}

TEST_CASE("an offset changes nothing where the code alone is certain") {
  REQUIRE(judge(broker_errc::none, 7) == produce_verdict::written);
  REQUIRE(judge(broker_errc::duplicate_sequence_number, -1) == produce_verdict::written);
  REQUIRE(judge(broker_errc::message_too_large, 0) == produce_verdict::too_large);
}

TEST_CASE("what says that metadata is wrong makes the client look again, and nothing else does") {
  const std::map<broker_errc, bool> telling = {
      {broker_errc::unknown_topic_or_partition, true}, {broker_errc::leader_not_available, true},
      {broker_errc::not_leader_or_follower, true},     {broker_errc::kafka_storage_error, true},
      {broker_errc::fenced_leader_epoch, true},        {broker_errc::unknown_leader_epoch, true},
      {broker_errc::unknown_topic_id, true},           {broker_errc::inconsistent_topic_id, true}};
  for (std::int16_t number = first_code; number <= last_code; ++number) {
    const auto code = static_cast<broker_errc>(number);
    INFO(broker_error_name(code));
    CHECK(tells_stale_metadata(code) == telling.contains(code));
  }
}

}  // namespace
}  // namespace kafka::client
