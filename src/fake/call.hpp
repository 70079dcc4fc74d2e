// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/fake_cluster.hpp>

#include "base/time.hpp"
#include "protocol/codec.hpp"
#include "protocol/registry.hpp"

namespace kafka::fake {

class cluster_state;
class call;

using connection_id = std::uint64_t;
/// Something that a call can wait for; cluster_state::signal() makes it happen.
using event_id = std::uint64_t;

/// One request and what becomes of it. A handler reads it and ends it in one of four ways: answer, answer nothing,
/// close the connection, or wait; a handler that waited is run again from its start when the event happened or the time
/// came.
class call {
 public:
  /// `body` is nothing if the version is not known here.
  call(cluster_state& state, void (*handler)(call&), recorded_request header,
       std::unique_ptr<protocol::any_message> body)
      : state_(state), handler_(handler), header_(std::move(header)), body_(std::move(body)) {}
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  // --- for handlers

  [[nodiscard]] cluster_state& state() const noexcept { return state_; }
  [[nodiscard]] const recorded_request& header() const noexcept { return header_; }
  [[nodiscard]] std::int16_t version() const noexcept { return header_.version; }
  /// The node that was asked.
  [[nodiscard]] std::int32_t node() const noexcept { return header_.node; }
  [[nodiscard]] instant now() const noexcept { return now_; }
  /// The request; null if it is not an M.
  template <class M>
  [[nodiscard]] const M* as() const noexcept {
    return body_ ? body_->get<M>() : nullptr;
  }
  /// An error that a control function wants in the answer: nothing is applied then. `none` usually.
  [[nodiscard]] broker_errc forced_error() const noexcept { return forced_error_; }

  /// Encodes and gives the answer. Fills in the throttle time.
  template <class Response>
  void answer(Response response) {
    if constexpr (requires { response.throttle_time_ms; }) {
      if (throttle_.count() > 0) response.throttle_time_ms = static_cast<std::int32_t>(throttle_.count());
    }
    if (edit_) edit_(&response);
    answer_version(response, header_.version);
  }
  /// The same in another version than the request's, as ApiVersions needs. Closes the connection if the response cannot
  /// be encoded.
  template <class Response>
  void answer_version(const Response& response, std::int16_t version) {
    protocol::encoded_message body;
    if (protocol::encode(response, version, body)) return close();
    answer_body(std::move(body));
  }
  void answer_body(protocol::encoded_message body) {
    body_out_ = std::move(body);
    outcome_ = outcome::answered;
  }
  /// Produce with acks 0.
  void answer_nothing() noexcept { outcome_ = outcome::answered_nothing; }
  void close() noexcept { outcome_ = outcome::closed; }
  /// To be run again when one of `events` happened, at `until` at the latest.
  void wait(steady_time until, std::vector<event_id> events) {
    events_ = std::move(events);
    wait_until_ = until;
    outcome_ = outcome::waiting;
  }
  /// Whether the time of the last wait has come.
  [[nodiscard]] bool timed_out() const noexcept { return wait_until_ && now_.steady >= *wait_until_; }
  /// Whether the handler has waited before.
  [[nodiscard]] bool resumed() const noexcept { return wait_until_.has_value(); }
  [[nodiscard]] steady_time wait_until() const noexcept { return wait_until_.value_or(never); }

  /// What a handler keeps from one run to the next; default-constructed at first.
  template <class T>
  [[nodiscard]] T& memory() {
    if (!memory_.has_value()) memory_.emplace<T>();
    return *std::any_cast<T>(&memory_);
  }

  // --- for the cluster

  enum class outcome : std::uint8_t { running, waiting, answered, answered_nothing, closed };

  void run(instant now);
  [[nodiscard]] outcome result() const noexcept { return outcome_; }
  [[nodiscard]] protocol::encoded_message take_body() noexcept { return std::move(body_out_); }
  [[nodiscard]] const std::vector<event_id>& events() const noexcept { return events_; }
  [[nodiscard]] std::string body_json() const;
  void force_error(broker_errc code) noexcept { forced_error_ = code; }
  void set_throttle(std::chrono::milliseconds duration) noexcept { throttle_ = duration; }
  [[nodiscard]] std::chrono::milliseconds throttle() const noexcept { return throttle_; }
  /// As if it had just come.
  void begin_again() {
    memory_.reset();
    wait_until_.reset();
    outcome_ = outcome::running;
  }
  void set_edit(std::function<void(void*)> edit) { edit_ = std::move(edit); }
  void set_now(instant now) noexcept { now_ = now; }

 private:
  cluster_state& state_;
  void (*handler_)(call&);
  recorded_request header_;
  std::unique_ptr<protocol::any_message> body_;
  instant now_{};
  outcome outcome_ = outcome::running;
  protocol::encoded_message body_out_;
  std::vector<event_id> events_;
  std::optional<steady_time> wait_until_;
  std::any memory_;
  broker_errc forced_error_ = broker_errc::none;
  std::chrono::milliseconds throttle_{0};
  std::function<void(void*)> edit_;
};

}  // namespace kafka::fake
