// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

/// An answer that comes later, to a call that waits for it. Whoever answers and the call share it: the call may be gone
/// before the answer, because brokers do not see that a client whose request they hold has hung up.
template <class Response>
class pending_answer {
 public:
  explicit pending_answer(cluster_state& state) : state_(state), event_(state.make_event()) {}

  /// Gives the answer, once; what comes later counts for nothing.
  void complete(const Response& response) {
    if (answer_) return;
    answer_.emplace(response);
    state_.signal(event_);
  }
  /// Null until then.
  [[nodiscard]] const Response* answer() const noexcept { return answer_ ? &*answer_ : nullptr; }
  [[nodiscard]] event_id event() const noexcept { return event_; }

 private:
  cluster_state& state_;
  event_id event_;
  std::optional<Response> answer_;
};

/// A handler for an API whose answer may come later. The first time `begin(pending)` is called, which takes the request
/// to whoever answers it.
template <class Response, class Begin>
void answer_later(call& one, Begin begin) {
  auto& pending = one.memory<std::shared_ptr<pending_answer<Response>>>();
  if (!pending) {
    // A copy: the call may be run again, or its memory be gone, before `begin` returns.
    const auto made = pending = std::make_shared<pending_answer<Response>>(one.state());
    begin(made);
    if (made->answer()) return one.answer(*made->answer());
  } else if (pending->answer()) {
    return one.answer(*pending->answer());
  }
  one.wait(never, {pending->event()});
}

}  // namespace kafka::fake
