// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <vector>

#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <kafka/transactional_processor.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"

namespace kafka::client {

/// The loop behind transactional_processor. Everything but counts() on the thread that runs it, also what the group
/// decides: that is obeyed inside of consumer::poll.
class transactional_loop {
 public:
  explicit transactional_loop(transactional_processor_config config);
  transactional_loop(const transactional_loop&) = delete;
  transactional_loop& operator=(const transactional_loop&) = delete;
  ~transactional_loop() = default;

  void run(const transactional_processor::record_handler& handler, std::stop_token stop,
           const transactional_processor::error_handler& on_error);
  void send(const message& record);
  [[nodiscard]] transactional_processor_counts counts() const noexcept;
  error close(std::chrono::milliseconds timeout);

 private:
  using clock = std::chrono::steady_clock;

  void on_assigned(const std::vector<topic_partition>& partitions);
  void on_revoked(const std::vector<topic_partition>& partitions);
  void on_lost(const std::vector<topic_partition>& partitions);

  /// One round: a producer that is ready, a poll, what it gave, and the end of the transaction where that is due.
  void round(const transactional_processor::record_handler& handler);
  void make_ready();
  void read(const transactional_processor::record_handler& handler);
  /// False: the transaction was aborted, and what the poll gave is read again.
  bool handle(const transactional_processor::record_handler& handler, const record_view& record);
  [[nodiscard]] bool begin();
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] bool must_store_first() const;
  [[nodiscard]] std::chrono::milliseconds patience() const;

  /// Commits, or else aborts and goes back. `all_handled`: nothing of the last poll waits.
  bool end(bool all_handled);
  [[nodiscard]] std::vector<group_offset> positions(bool all_handled) const;
  error send_offsets(const std::vector<group_offset>& stored);
  /// Aborts a transaction that failed so; its records are read again.
  void give_up(const error& why);
  void go_back();
  void replace_producer();
  /// What became of the last transaction of a producer that is at its end is seen by the positions that are stored.
  /// False: not told yet.
  bool ask_where_to_go_on();

  /// Makes a call again as long as its outcome is open; not longer than that after it was asked to stop.
  template <class Call>
  error insist(std::chrono::seconds after_stop, Call call);
  void tell(const error& failure) const;
  void pause();

  const transactional_processor_config config_;
  std::optional<producer> producer_;
  std::optional<consumer> consumer_;
  bool initialized_ = false;  // producer_ has ended what the one before left open
  bool ready_ = false;        // and the positions are those that are stored
  bool closed_ = false;

  bool open_ = false;
  clock::time_point opened_at_{};
  std::size_t handled_count_ = 0;
  /// Where each partition is read again from if the transaction is aborted.
  std::map<topic_partition, std::int64_t> restart_;
  /// Where the handled records of the transaction end.
  std::map<topic_partition, group_offset> done_;
  /// Assigned, and no position of it stored since by a transaction.
  std::set<topic_partition> fresh_;
  /// What a send failed with since the transaction began.
  error send_failure_;
  /// The producer is at its end.
  error fatal_;
  bool replaced_ = false;   // and nothing was committed since
  bool went_back_ = false;  // in this round: what the poll gave is read again
  unsigned failures_ = 0;   // transactions given up since the last one that was committed
  random_source random_;

  std::stop_token stop_;
  std::optional<clock::time_point> stopped_at_;
  const transactional_processor::error_handler* on_error_ = nullptr;

  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::uint64_t> aborted_{0};
};

}  // namespace kafka::client
