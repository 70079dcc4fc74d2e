// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/record.hpp>

namespace kafka {

namespace client {
class transactional_loop;
}

/// Configuration of kafka::transactional_processor.
struct transactional_processor_config {
  /// Needs group_id. read_committed is always on; auto_commit and commit_first_position are always off, because
  /// positions are stored by the transactions alone. Its rebalance listener is called as usual; on_revoked when the
  /// transaction has ended.
  consumer_config consumer = {};
  /// Needs transactional_id, of this processor alone: a later producer of that name ends this one.
  producer_config producer = {};
  /// What is read.
  std::vector<std::string> topics = {};
  /// A transaction ends with this many records, or this long after its first one; the latter must be less than
  /// producer.transaction_timeout. Readers with read_committed see what is written that much later.
  std::size_t batch_records_max = 1000;
  std::chrono::milliseconds batch_time_max = std::chrono::milliseconds(100);
};

/// Where a handler sends what becomes of a record.
class transactional_output {
 public:
  /// Copies the record into a batch of the open transaction. Throws kafka::error if it was not accepted: the handler
  /// should let that pass. Whether it does or not, the transaction is aborted then.
  void send(const message& record);

 private:
  friend class client::transactional_loop;
  explicit transactional_output(client::transactional_loop& loop) : loop_(&loop) {}
  client::transactional_loop* loop_;
};

/// What a processor has done so far.
struct transactional_processor_counts {
  /// Read, and part of a transaction that was committed.
  std::uint64_t records = 0;
  std::uint64_t committed = 0;
  std::uint64_t aborted = 0;
};

/// Reads records as a member of a group, hands each to a handler, and writes what that sends, together with the
/// group's positions, in transactions: who reads the results with read_committed sees those of each record once,
/// whatever dies in between, and in the order of each partition that was read (KIP-98, KIP-447). What the handler does
/// elsewhere is outside of that: it is done again when a transaction is.
///
/// One thread uses a processor at a time, except for counts(), which any thread may call. Give every processor of the
/// group a transactional id of its own and the same one again when it is started again: so it ends at once what the
/// one before left open. Destroying it ends it at once; the group then misses it when the session timeout has passed.
class transactional_processor {
 public:
  using record_handler = std::function<void(const record_view& record, transactional_output& output)>;
  using error_handler = std::function<void(const error& failure)>;

  /// Connects in the background. Throws kafka::error (invalid_config).
  explicit transactional_processor(transactional_processor_config config);
  transactional_processor(transactional_processor&&) noexcept;
  transactional_processor& operator=(transactional_processor&&) noexcept;
  ~transactional_processor();

  /// Reads, handles and commits until `stop` is asked for; what was handled by then is committed. May be called again.
  ///
  /// A transaction that cannot be committed is aborted and its records are handled again; so are those of partitions
  /// that are lost meanwhile, by whoever has them then. Partitions are given up to others when what was read of them is
  /// committed. `on_error`, if given, is told of what is got over so, and of each error of a partition; calls that keep
  /// failing are made less and less often, at most once a second.
  ///
  /// Throws what the handler throws, after the transaction was aborted: its records are handled again by the next call.
  /// Throws kafka::error: producer_fenced or invalid_producer_epoch when another producer has this transactional id
  /// now; what the group refuses this member for; what a new producer cannot get over either; a record that can never
  /// be sent; and timed_out when, 30 s after `stop` was asked for, the outcome of a transaction is still unknown.
  void run(const record_handler& handler, std::stop_token stop = {}, const error_handler& on_error = {});

  [[nodiscard]] transactional_processor_counts counts() const noexcept;
  /// Leaves the group, so that others get the partitions at once, and ends the processor. Returns timed_out if that was
  /// not over in time; it is ended all the same. run then throws closed.
  error close(std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  std::unique_ptr<client::transactional_loop> loop_;
};

}  // namespace kafka
