// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/buffer_pool.hpp"
#include "client/fetch_budget.hpp"
#include "client/record_chunk.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

/// What the batches of a fetched set have in common.
struct set_origin {
  topic_partition partition;
  std::shared_ptr<const std::string> topic;
  /// Records below this offset are not wanted.
  std::int64_t from_offset = 0;
  std::shared_ptr<fetch_charge> charge;
};

/// Decompresses a batch and checks every record of it once.
[[nodiscard]] error open_batch(const protocol::record_batch& batch, const set_origin& from, buffer_pool& pool,
                               record_chunk& out);
/// What the user is told when that failed.
[[nodiscard]] error cannot_open(const protocol::record_batch& batch, const topic_partition& where, const error& why);

class unpacker;

/// Some batches of a set that follow each other, opened by whoever claims them: a task on the user's executor, or the
/// polling thread. Whoever wants them holds it, a task that has not begun does not: what nobody wants is not opened.
class unpacking {
 public:
  enum class state : std::uint8_t { waiting, running, done };

  /// `first`: the index in its set of the first of `batches`.
  unpacking(std::shared_ptr<unpacker> owner, set_origin from, std::size_t first,
            std::vector<protocol::record_batch> batches);
  unpacking(const unpacking&) = delete;
  unpacking& operator=(const unpacking&) = delete;
  ~unpacking();

  [[nodiscard]] std::size_t first() const noexcept { return first_; }
  /// One more than the index of the last.
  [[nodiscard]] std::size_t end() const noexcept { return first_ + batches_.size(); }
  [[nodiscard]] state now() const noexcept { return state_.load(std::memory_order_acquire); }
  /// True for one caller, who runs it then.
  [[nodiscard]] bool claim() noexcept;
  void run() noexcept;
  /// Once it is done: gives a batch away, by its index in the set, each once, up to the first that failed.
  [[nodiscard]] error take(std::size_t index, record_chunk& out);

 private:
  struct opened {
    record_chunk chunk;
    error failure;
    std::size_t bytes = 0;
  };

  void open_all(buffer_pool& pool) noexcept;

  const std::shared_ptr<unpacker> owner_;
  const set_origin from_;
  const std::size_t first_;
  const std::vector<protocol::record_batch> batches_;
  std::vector<opened> opened_;
  /// What it is counted with: a guess, until it is done.
  std::size_t ahead_ = 0;
  std::size_t charged_ = 0;
  std::atomic<state> state_{state::waiting};
};

/// Opens batches ahead of the polls on an executor of the user's (consumer_config::unpack_on), and counts the bytes
/// that wait opened: against the budget, and for themselves, since what is fetched may unfold a hundredfold.
/// Thread-safe. Tasks hold it, so that it outlives the consumer as long as one runs.
class unpacker : public std::enable_shared_from_this<unpacker> {
 public:
  /// `window`: how many bytes may wait opened.
  unpacker(work_executor where, std::shared_ptr<fetch_budget> budget, std::size_t window, log_handler log)
      : where_(std::move(where)), budget_(std::move(budget)), window_(window), log_(std::move(log)) {}

  /// Told on the executor's thread that batches were opened, under a lock that makes sure that it is not told after
  /// on_opened(null) has returned. What it returns is called without.
  using listener = std::function<std::function<void()>()>;
  void on_opened(listener told);

  /// Whether so many fetched bytes more may be opened ahead.
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  /// Hands it to the executor. Not to be called under a lock: the executor may run it at once.
  void post(const std::shared_ptr<unpacking>& work);

  [[nodiscard]] buffer_pool& pool() noexcept { return pool_; }

 private:
  friend class unpacking;

  void run(const std::weak_ptr<unpacking>& work);

  const work_executor where_;
  const std::shared_ptr<fetch_budget> budget_;
  const std::size_t window_;
  const log_handler log_;
  buffer_pool pool_;
  std::atomic<std::size_t> ahead_{0};
  std::mutex mutex_;
  listener told_;
};

}  // namespace kafka::client
