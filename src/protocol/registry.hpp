// SPDX-License-Identifier: Apache-2.0
// All messages at run time, for code that learns only from bytes which message it holds.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <kafka/api_key.hpp>
#include <kafka/error.hpp>

#include "protocol/codec.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// One message type; any_message knows how to use the functions.
struct message_type {
  std::string_view name;  // as Kafka's definitions call it: FetchRequest
  api_spec api;
  void* (*create)();
  void (*destroy)(void* message) noexcept;
  error (*decode)(const shared_bytes& body, std::int16_t version, void* out, trailing_bytes trailing);
  error (*encode)(const void* message, std::int16_t version, encoded_message& out);
  std::string (*to_json)(const void* message, std::int16_t version);
};

/// The one object that stands for the type M.
template <class M>
[[nodiscard]] const message_type& type_of() noexcept;

/// Null for an API that we do not speak. The pointers are valid for ever.
[[nodiscard]] const message_type* find_request(api_key key) noexcept;
[[nodiscard]] const message_type* find_response(api_key key) noexcept;

/// By Kafka's name, of all messages: requests, responses, headers and those that are embedded in others.
[[nodiscard]] const message_type* find_message(std::string_view name) noexcept;
/// Requests in order of their keys, responses in the same order, then headers and embedded ones.
[[nodiscard]] std::span<const message_type* const> all_messages() noexcept;

/// A message whose type is known at run time only. Owns it; movable.
class any_message {
 public:
  /// A default one of `type`.
  explicit any_message(const message_type& type) : type_(&type), message_(type.create(), type.destroy) {}

  [[nodiscard]] const message_type& type() const noexcept { return *type_; }
  /// The message itself; null if it is no M.
  template <class M>
  [[nodiscard]] M* get() noexcept {
    return type_ == &type_of<M>() ? static_cast<M*>(message_.get()) : nullptr;
  }

  /// As the templates in codec.hpp.
  [[nodiscard]] error decode(const shared_bytes& body, std::int16_t version,
                             trailing_bytes trailing = trailing_bytes::ignored) {
    return type_->decode(body, version, message_.get(), trailing);
  }
  [[nodiscard]] error encode(std::int16_t version, encoded_message& out) const {
    return type_->encode(message_.get(), version, out);
  }
  [[nodiscard]] std::string to_json(std::int16_t version) const { return type_->to_json(message_.get(), version); }

 private:
  const message_type* type_;
  std::unique_ptr<void, void (*)(void*) noexcept> message_;
};

}  // namespace kafka::protocol
