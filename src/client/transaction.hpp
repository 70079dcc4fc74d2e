// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/producer.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/producer_identity.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// What the user asks of transactions.
namespace transaction_call {
struct init {};
struct begin {};
struct send_offsets {
  std::vector<group_offset> offsets;
  group_metadata group;
};
/// Ends the transaction. `before`: the records appended so far have batch ids below.
struct end {
  bool commit = true;
  std::uint64_t before = 0;
};
using any = std::variant<init, begin, send_offsets, end>;
}  // namespace transaction_call

struct completed_transaction_call {
  operation_id operation = 0;
  error failure;
};

/// A transactional producer's conversation with its coordinators (KIP-98, KIP-360, KIP-447, KIP-890). Pure.
///
/// One user call and one request at a time. A call whose deadline passes is answered with timed_out, but what it began
/// goes on: the outcome of an end of transaction may be unknown, and then the only way is to ask for the same again,
/// by the same producer id and epoch, until the coordinator says what became of it. Nothing else is accepted meanwhile.
class transaction {
 public:
  transaction(const producer_config& config, std::uint64_t seed);
  void use(producer_identity& identity) noexcept { identity_ = &identity; }

  void start(operation_id operation, transaction_call::any call, steady_time deadline, steady_time now);
  void cancel(operation_id operation);
  /// `sent_before(id)`: all records of batches below are done with. `idle`: no batch is under way or waits to be sent
  /// again.
  struct progress {
    std::uint64_t oldest_batch = 0;
    bool idle = false;
  };
  void step(const progress& records, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns brokers that it named.
  std::vector<node> on_reply(reply& answer, steady_time now);
  void fail_all(const error& why);
  [[nodiscard]] steady_time deadline() const;
  [[nodiscard]] std::vector<completed_transaction_call> take_completed() { return std::exchange(completed_, {}); }

  // --- for produce_machine

  /// Whether a batch of the partition may be sent now; if the partition must be added first, that is begun.
  [[nodiscard]] bool admits(const topic_partition& partition);
  /// Whether producing makes a partition part of the transaction.
  [[nodiscard]] bool adds_by_producing() const noexcept { return second_version_; }
  /// A batch was given up: the transaction cannot be committed any more.
  void on_batch_failed(const error& why);
  /// Sequence numbers must begin anew after this transaction.
  void on_numbers_lost() noexcept { needs_epoch_ = true; }
  /// What is queued belongs to a transaction that is being aborted: give it up.
  [[nodiscard]] bool wants_purge() const noexcept { return state_ == state::aborting && !ending_; }
  /// Why this producer is at its end; no error as long as it is not.
  [[nodiscard]] const error& fatal() const noexcept { return fatal_; }
  [[nodiscard]] const error& purge_reason() const noexcept { return purge_reason_; }

 private:
  enum class state : std::uint8_t { fresh, initializing, ready, open, committing, aborting, renewing, failed };
  enum class asked : std::uint8_t {
    nothing,
    coordinator,
    group_coordinator,
    producer_id,
    partitions,
    offsets_added,
    offsets,
    end
  };
  /// What ended well after its call had timed out: asking for the same again learns of it.
  enum class unclaimed : std::uint8_t { nothing, init, commit, aborted };
  struct running_call {
    operation_id operation = 0;
    steady_time deadline = never;
  };

  void start_init();
  void start_begin();
  void start_offsets(transaction_call::send_offsets&& call);
  void start_end(const transaction_call::end& call);
  void finish(error failure = {});
  /// The end of what `what` stands for.
  void succeed(unclaimed what);
  [[nodiscard]] bool claim(unclaimed what);
  void finish_end();
  void fail_fatally(error why);
  void must_abort(error why);
  [[nodiscard]] bool in_transaction() const noexcept { return state_ == state::open || state_ == state::committing; }

  void ask(asked what, any_request request, std::int32_t node_id, std::int16_t version_max, request_id& next_id,
           steady_time now, std::vector<outgoing>& out);
  bool ask_for_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask_for_producer_id(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask_to_add(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask_for_offsets(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask_to_end(request_id& next_id, steady_time now, std::vector<outgoing>& out);

  /// What all coordinators' errors have in common. True if the request is to be sent again.
  bool retried(asked what, broker_errc code, const error& why, steady_time now);
  void retry(std::chrono::milliseconds first, steady_time now);
  void refused(asked what, broker_errc code, error why, steady_time now);
  std::vector<node> on_coordinator(asked what, const protocol::find_coordinator_response& response,
                                   const std::string& broker, steady_time now);
  void on_producer_id(const protocol::init_producer_id_response& response, const reply& whole, steady_time now);
  void on_partitions(const protocol::add_partitions_to_txn_response& response, const reply& whole, steady_time now);
  void on_offsets_added(const protocol::add_offsets_to_txn_response& response, const reply& whole, steady_time now);
  void on_offsets(const protocol::txn_offset_commit_response& response, const reply& whole, steady_time now);
  void on_end(const protocol::end_txn_response& response, const reply& whole, steady_time now);

  producer_config config_;
  random_source random_;
  producer_identity* identity_ = nullptr;
  state state_ = state::fresh;
  bool second_version_ = false;
  std::optional<running_call> call_;
  unclaimed unclaimed_ = unclaimed::nothing;
  /// An end was asked for, and its request was sent at least once.
  bool ending_ = false;
  bool commit_ = false;
  std::uint64_t end_before_ = 0;
  error abort_reason_;  // in a transaction: why it can only be aborted
  error fatal_;
  error purge_reason_;
  error last_error_;
  bool needs_epoch_ = false;
  bool touched_ = false;  // the coordinator may know of this transaction
  steady_time opened_at_{};

  std::set<topic_partition> added_;
  std::set<topic_partition> to_add_;
  std::vector<topic_partition> adding_;
  std::set<std::string> groups_added_;
  std::optional<transaction_call::send_offsets> offsets_;

  std::int32_t coordinator_ = -1;
  std::int32_t group_coordinator_ = -1;
  std::string group_of_coordinator_;
  asked asked_ = asked::nothing;
  request_id request_ = 0;
  unsigned failures_ = 0;
  steady_time retry_at_{};
  steady_time stepped_at_{};
  std::vector<completed_transaction_call> completed_;
};

}  // namespace kafka::client
