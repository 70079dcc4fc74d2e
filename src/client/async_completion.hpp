// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <kafka/async.hpp>
#include <kafka/error.hpp>

namespace kafka::client {

/// A user's completion handler on its way to being called: exactly once, on its own executor, never inside the call
/// that completes it. Keeps that executor's context running. Held by shared_ptr; complete() from any thread.
template <class... Result>
class async_completion : public std::enable_shared_from_this<async_completion<Result...>> {
 public:
  using handler = boost::asio::any_completion_handler<void(boost::system::error_code, Result...)>;

  async_completion(handler done, error* failure, const boost::asio::any_io_executor& fallback)
      : client_executor_(fallback),
        work_(boost::asio::any_completion_executor(boost::asio::get_associated_executor(done, fallback))),
        done_(std::move(done)),
        failure_(failure) {}

  /// Lets the user cancel: `on_cancel` runs where the user cancels, and has to lead to complete().
  void cancellable(std::function<void()> on_cancel) {
    auto slot = boost::asio::get_associated_cancellation_slot(done_);
    if (!slot.is_connected()) return;
    slot.assign([weak = this->weak_from_this(), cancel = std::move(on_cancel)](boost::asio::cancellation_type) {
      if (const auto alive = weak.lock()) cancel();
    });
  }

  /// False if it was completed before; the result is then dropped.
  bool complete(error why, Result... result) {
    if (over_.exchange(true, std::memory_order_acq_rel)) return false;
    boost::system::error_code code;
    if (why == client_errc::cancelled) {
      code = boost::asio::error::operation_aborted;
    } else if (why) {
      code = why.code();
    }
    if (failure_) *failure_ = std::move(why);
    // By way of the client's executor, which can post; the type-erased one of the handler can only dispatch. Where both
    // are the same, the second step is no hop.
    boost::asio::post(client_executor_, [work = std::move(work_), done = std::move(done_), code,
                                         ... values = std::move(result)]() mutable {
      const auto executor = work.get_executor();
      boost::asio::dispatch(
          executor, [work = std::move(work), done = std::move(done), code, ... last = std::move(values)]() mutable {
            work.reset();
            // Here and not before: a slot belongs to the handler's executor, which the user signals it on.
            boost::asio::get_associated_cancellation_slot(done).clear();
            std::move(done)(code, std::move(last)...);
          });
    });
    return true;
  }
  [[nodiscard]] bool over() const noexcept { return over_.load(std::memory_order_acquire); }

 private:
  boost::asio::any_io_executor client_executor_;
  boost::asio::executor_work_guard<boost::asio::any_completion_executor> work_;
  handler done_;
  error* failure_;
  std::atomic<bool> over_{false};
};

}  // namespace kafka::client
