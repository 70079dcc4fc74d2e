// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <kafka/api_key.hpp>
#include <kafka/broker_errc.hpp>

namespace kafka {

/// A request that the cluster got, in the order of arrival over all nodes.
struct recorded_request {
  api_key key{};
  std::int16_t version = 0;
  std::int32_t node = 0;
  std::uint64_t connection = 0;
  std::int32_t correlation_id = 0;
  std::string client_id = {};
  std::chrono::steady_clock::time_point arrived = {};

  friend bool operator==(const recorded_request&, const recorded_request&) = default;
};

/// What a control function wants done with a request; made by fake_request's verbs.
struct fake_verdict {
  enum class kind : std::uint8_t {
    pass,
    fail,
    delay,
    drop_connection,
    swallow,
    apply_then_drop,
    apply_then_swallow,
    apply_then_delay,
    apply_then_fail,
  };
  kind what = kind::pass;
  broker_errc code = broker_errc::none;
  std::chrono::milliseconds duration{0};

  friend bool operator==(const fake_verdict&, const fake_verdict&) = default;
};

/// A request on its way in, as a control function sees it. Valid during that call only.
class fake_request {
 public:
  virtual ~fake_request() = default;

  [[nodiscard]] virtual const recorded_request& header() const noexcept = 0;
  [[nodiscard]] api_key key() const noexcept { return header().key; }
  [[nodiscard]] std::int16_t version() const noexcept { return header().version; }
  [[nodiscard]] std::int32_t node() const noexcept { return header().node; }
  [[nodiscard]] std::uint64_t connection() const noexcept { return header().connection; }
  [[nodiscard]] const std::string& client_id() const noexcept { return header().client_id; }
  /// The body as one line of JSON, in the form of Kafka's own converters.
  [[nodiscard]] virtual std::string body_json() const = 0;

  // The verbs. Each only makes the value to return.

  /// Not mine: the next control function decides, or the request is handled as usual.
  [[nodiscard]] fake_verdict pass() const noexcept { return {}; }
  /// Nothing is applied; the answer has this error wherever the API has room for one (each partition, topic, key).
  [[nodiscard]] fake_verdict fail(broker_errc code) const noexcept { return {fake_verdict::kind::fail, code, {}}; }
  /// Handled as usual, after this time. Requests behind it on the same connection wait too.
  [[nodiscard]] fake_verdict delay(std::chrono::milliseconds duration) const noexcept {
    return {fake_verdict::kind::delay, {}, duration};
  }
  /// Nothing is applied; the connection is closed without an answer.
  [[nodiscard]] fake_verdict drop_connection() const noexcept { return {fake_verdict::kind::drop_connection, {}, {}}; }
  /// Nothing is applied and nothing answered; the connection stays open and hangs, as with a broker that hangs.
  [[nodiscard]] fake_verdict swallow() const noexcept { return {fake_verdict::kind::swallow, {}, {}}; }
  /// Applied in full, then the connection is closed instead of an answer.
  [[nodiscard]] fake_verdict apply_then_drop() const noexcept { return {fake_verdict::kind::apply_then_drop, {}, {}}; }
  /// Applied in full, never answered; the connection hangs.
  [[nodiscard]] fake_verdict apply_then_swallow() const noexcept {
    return {fake_verdict::kind::apply_then_swallow, {}, {}};
  }
  /// Applied at once, answered after this time.
  [[nodiscard]] fake_verdict apply_then_delay(std::chrono::milliseconds duration) const noexcept {
    return {fake_verdict::kind::apply_then_delay, {}, duration};
  }
  /// Applied in full, and answered with this error nevertheless, as a leader does that does not hear from its
  /// followers.
  [[nodiscard]] fake_verdict apply_then_fail(broker_errc code) const noexcept {
    return {fake_verdict::kind::apply_then_fail, code, {}};
  }
};

}  // namespace kafka
