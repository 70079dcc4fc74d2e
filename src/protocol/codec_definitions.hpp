// SPDX-License-Identifier: Apache-2.0
// The definitions behind codec.hpp; included by the instantiating files only.
#pragma once

#include "protocol/codec.hpp"
#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/printer.hpp"
#include "protocol/registry.hpp"

namespace kafka::protocol {

namespace codec_detail {

/// "FetchRequest version 12", for the text of an error.
[[nodiscard]] std::string describe(const char* message, std::int16_t version);
[[nodiscard]] error check_version(const char* message, const api_spec& api, std::int16_t version);
[[nodiscard]] error encoding_error(const char* message, std::int16_t version, const encoder& counter);
[[nodiscard]] error trailing_error(const char* message, std::int16_t version, std::size_t count);

}  // namespace codec_detail

template <class M>
error encode(const M& message, std::int16_t version, encoded_message& out) {
  if (error failure = codec_detail::check_version(M::name, M::api, version)) return failure;
  const bool flexible = M::api.flexible(version);
  wire_sink counted;
  encoder counter(counted, version, flexible);
  counter.message(message);
  if (counter.bad_field()) return codec_detail::encoding_error(M::name, version, counter);
  wire_sink sink(counted, std::in_place);
  encoder(sink, version, flexible).message(message);
  out.size = sink.size();
  out.pieces = std::move(sink).finish();
  return {};
}

template <class M>
std::size_t encoded_size(const M& message, std::int16_t version) {
  wire_sink counted;
  encoder(counted, version, M::api.flexible(version)).message(message);
  return counted.size();
}

template <class M>
error decode_prefix(const shared_bytes& body, std::int16_t version, M& out, std::size_t& consumed) {
  out = M{};
  consumed = 0;
  if (error failure = codec_detail::check_version(M::name, M::api, version)) return failure;
  reader input(body);
  decoder(input, version, M::api.flexible(version)).message(out);
  consumed = input.position();
  if (input.ok()) return {};
  return input.to_error(codec_detail::describe(M::name, version));
}

template <class M>
error decode(const shared_bytes& body, std::int16_t version, M& out, trailing_bytes trailing) {
  std::size_t consumed = 0;
  error failure = decode_prefix(body, version, out, consumed);
  if (!failure && trailing == trailing_bytes::refused && consumed != body.size()) {
    failure = codec_detail::trailing_error(M::name, version, body.size() - consumed);
  }
  return failure;
}

template <class M>
std::string to_json(const M& message, std::int16_t version) {
  std::string out;
  printer(out, version, M::api.flexible(version)).message(message);
  return out;
}

template <class M>
const message_type& type_of() noexcept {
  static constexpr message_type type{
      .name = M::name,
      .api = M::api,
      .create = []() -> void* { return new M; },
      .destroy = [](void* message) noexcept { delete static_cast<M*>(message); },
      .decode = [](const shared_bytes& body, std::int16_t version, void* out,
                   trailing_bytes trailing) { return decode(body, version, *static_cast<M*>(out), trailing); },
      .encode = [](const void* message, std::int16_t version,
                   encoded_message& out) { return encode(*static_cast<const M*>(message), version, out); },
      .to_json = [](const void* message,
                    std::int16_t version) { return to_json(*static_cast<const M*>(message), version); }};
  return type;
}

}  // namespace kafka::protocol

/// Instantiates the codec of one message.
#define KAFKA_INSTANTIATE_CODEC(M)                                                                                \
  template ::kafka::error kafka::protocol::encode<M>(const M&, std::int16_t, encoded_message&);                   \
  template std::size_t kafka::protocol::encoded_size<M>(const M&, std::int16_t);                                  \
  template ::kafka::error kafka::protocol::decode<M>(const shared_bytes&, std::int16_t, M&, trailing_bytes);      \
  template ::kafka::error kafka::protocol::decode_prefix<M>(const shared_bytes&, std::int16_t, M&, std::size_t&); \
  template std::string kafka::protocol::to_json<M>(const M&, std::int16_t);                                       \
  template const ::kafka::protocol::message_type& kafka::protocol::type_of<M>() noexcept;
