// SPDX-License-Identifier: Apache-2.0
// The definitions behind codec.hpp; included by the instantiating files only.
#pragma once

#include "protocol/codec.hpp"
#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/printer.hpp"

namespace kafka::protocol {

template <class M>
error encode(const M& message, std::int16_t version, encoded_message& out) {
  const bool flexible = M::api.flexible(version);
  counting_sink counted;
  encoder<counting_sink> counter(counted, version, flexible);
  counter.message(message);
  if (counter.bad_field()) {
    return {client_errc::value_not_encodable, std::string(M::name) + " version " + std::to_string(version) + ": " +
                                                  counter.bad_field() + " " + counter.problem()};
  }
  gather_sink sink(counted);
  encoder<gather_sink> writer(sink, version, flexible);
  writer.message(message);
  out.size = counted.size();
  out.pieces = std::move(sink).finish();
  return {};
}

template <class M>
std::size_t encoded_size(const M& message, std::int16_t version) {
  counting_sink counted;
  encoder<counting_sink> counter(counted, version, M::api.flexible(version));
  counter.message(message);
  return counted.size();
}

template <class M>
error decode_prefix(const shared_bytes& body, std::int16_t version, M& out, std::size_t& consumed) {
  out = M{};
  reader input(body);
  decoder fields(input, version, M::api.flexible(version));
  fields.message(out);
  consumed = input.position();
  if (input.ok()) return {};
  return input.to_error(std::string(M::name) + " version " + std::to_string(version));
}

template <class M>
error decode(const shared_bytes& body, std::int16_t version, M& out, trailing_bytes trailing) {
  std::size_t consumed = 0;
  error failure = decode_prefix(body, version, out, consumed);
  if (!failure && trailing == trailing_bytes::refused && consumed != body.size()) {
    failure = error(client_errc::malformed_response, std::string(M::name) + " version " + std::to_string(version) +
                                                         ": " + std::to_string(body.size() - consumed) +
                                                         " bytes after the last field");
  }
  return failure;
}

template <class M>
std::string to_json(const M& message, std::int16_t version) {
  std::string out;
  printer print(out, version, M::api.flexible(version));
  print.message(message);
  return out;
}

}  // namespace kafka::protocol

/// Instantiates the codec of one message.
#define KAFKA_INSTANTIATE_CODEC(M)                                                                                \
  template ::kafka::error kafka::protocol::encode<M>(const M&, std::int16_t, encoded_message&);                   \
  template std::size_t kafka::protocol::encoded_size<M>(const M&, std::int16_t);                                  \
  template ::kafka::error kafka::protocol::decode<M>(const shared_bytes&, std::int16_t, M&, trailing_bytes);      \
  template ::kafka::error kafka::protocol::decode_prefix<M>(const shared_bytes&, std::int16_t, M&, std::size_t&); \
  template std::string kafka::protocol::to_json<M>(const M&, std::int16_t);
