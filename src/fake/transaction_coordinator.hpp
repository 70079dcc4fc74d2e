// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <kafka/broker_errc.hpp>

#include "base/time.hpp"

namespace kafka::fake {

class cluster_state;

/// Where a transactional id stands. In the two `prepare` states the outcome is decided and markers are on their way.
enum class transaction_phase : std::uint8_t {
  empty,
  ongoing,
  prepare_commit,
  prepare_abort,
  complete_commit,
  complete_abort,
};

/// The state as DescribeTransactions and ListTransactions name it.
[[nodiscard]] std::string_view name_of(transaction_phase phase) noexcept;
/// Whether this is the name of a state, be it one that is never seen here.
[[nodiscard]] bool is_phase_name(std::string_view name) noexcept;

/// What belongs to a transaction: partitions, by topic name and index, and groups whose offsets it commits.
struct transaction_members {
  std::set<std::pair<std::string, std::int32_t>> partitions{};
  std::set<std::string> groups{};

  [[nodiscard]] bool contains(const transaction_members& others) const;
};

/// A producer id with its epoch, or why there is none.
struct producer_identity {
  broker_errc code = broker_errc::none;
  std::int64_t producer_id = -1;
  std::int16_t epoch = -1;
};

/// What the coordinator knows of one transactional id.
struct transaction {
  std::int64_t producer_id = -1;
  /// The id before the current one, for requests that are sent again after the epochs of an id were used up.
  std::int64_t previous_producer_id = -1;
  /// The id to go on with when the markers are written; -1: the same.
  std::int64_t next_producer_id = -1;
  std::int16_t epoch = -1;
  std::int16_t last_epoch = -1;
  std::chrono::milliseconds timeout{0};
  transaction_phase phase = transaction_phase::empty;
  transaction_members members;
  /// When the transaction began; the last one that did, if none is ongoing.
  std::optional<instant> started;

  /// Whether its end bumped the epoch (KIP-890).
  bool bumped = false;
  /// When something happens by itself: the time-out, or the markers.
  steady_time due = never;

  [[nodiscard]] bool is_ending() const noexcept {
    return phase == transaction_phase::prepare_commit || phase == transaction_phase::prepare_abort;
  }
};

/// The transaction coordinators of a cluster, all in one (KIP-98, KIP-360, KIP-447, KIP-588, KIP-890). That a request
/// came to the right node is for the handlers to check. Its errors are those of the newest versions; older ones call
/// PRODUCER_FENCED otherwise.
class transaction_coordinator {
 public:
  /// As Kafka's transaction.max.timeout.ms.
  static constexpr std::chrono::milliseconds timeout_max{900'000};

  explicit transaction_coordinator(cluster_state& state) : state_(state) {}
  transaction_coordinator(const transaction_coordinator&) = delete;
  transaction_coordinator& operator=(const transaction_coordinator&) = delete;

  /// InitProducerId. `expected` is what the producer has, if it says so (KIP-360).
  [[nodiscard]] producer_identity init_producer(const std::string& id, std::chrono::milliseconds timeout,
                                                const std::optional<producer_identity>& expected, instant now);
  /// AddPartitionsToTxn, AddOffsetsToTxn, and what a leader does by itself since KIP-890: begins the transaction if
  /// none is ongoing.
  [[nodiscard]] broker_errc add(std::string_view id, std::int64_t producer_id, std::int16_t epoch,
                                const transaction_members& added, instant now);
  /// What a leader asks before it appends: TRANSACTION_ABORTABLE if something of `asked` was not added.
  [[nodiscard]] broker_errc verify(std::string_view id, std::int64_t producer_id, std::int16_t epoch,
                                   const transaction_members& asked) const;
  /// EndTxn. With `bumps_epoch` (since version 5) the identity is the one for the next transaction.
  [[nodiscard]] producer_identity end(std::string_view id, std::int64_t producer_id, std::int16_t epoch, bool committed,
                                      bool bumps_epoch, instant now);

  [[nodiscard]] steady_time deadline() const noexcept { return due_.empty() ? never : due_.begin()->first; }
  /// Aborts what took too long and writes markers that are due.
  void advance(instant now);
  /// A partition has a leader now, or is gone: markers that wait for that are due at once.
  void retry_markers();

  /// How long after its end the markers of a transaction are written. Until then the producer's requests are answered
  /// CONCURRENT_TRANSACTIONS.
  void set_marker_delay(std::chrono::milliseconds delay) noexcept { marker_delay_ = delay; }

  /// Null if nobody has used the id.
  [[nodiscard]] const transaction* find(std::string_view id) const;
  [[nodiscard]] transaction* find(std::string_view id);
  [[nodiscard]] const std::map<std::string, transaction, std::less<>>& all() const noexcept { return transactions_; }

 private:
  [[nodiscard]] producer_identity end_without_bump(transaction& one, std::int64_t producer_id, std::int16_t epoch,
                                                   bool committed, instant now);
  [[nodiscard]] producer_identity end_with_bump(transaction& one, std::int64_t producer_id, std::int16_t epoch,
                                                bool committed, instant now);
  /// Decides the outcome; the markers follow now or after the delay.
  producer_identity prepare(transaction& one, bool committed, bool bumps_epoch, instant now);
  /// Aborts with the next epoch, so that the producer that began it cannot go on.
  void fence(transaction& one, instant now);
  void write_markers(transaction& one, instant now);
  void complete(transaction& one);
  void set_due(transaction& one, steady_time at);
  void new_epoch(transaction& one, const std::optional<producer_identity>& expected);

  cluster_state& state_;
  std::map<std::string, transaction, std::less<>> transactions_;
  std::set<std::pair<steady_time, transaction*>> due_;
  std::set<transaction*> leaderless_;  // have markers for partitions that nobody leads
  std::chrono::milliseconds marker_delay_{0};
};

}  // namespace kafka::fake
