// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry.hpp"

#include <array>

#include "protocol/api.hpp"
#include "protocol/messages/all.hpp"

namespace kafka::protocol {

namespace {

template <class... Requests, class... Others>
auto make_table(message_list<Requests...>, message_list<Others...>) noexcept {
  return std::array{&type_of<Requests>()..., &type_of<typename Requests::response>()..., &type_of<Others>()...};
}

const auto& table() noexcept {
  static const auto types = make_table(all_requests{}, other_messages{});
  return types;
}

}  // namespace

const message_type* find_request(api_key key) noexcept {
  const api_spec* spec = find_api(key);
  return spec ? table()[static_cast<std::size_t>(spec - all_apis().data())] : nullptr;
}

const message_type* find_response(api_key key) noexcept {
  const api_spec* spec = find_api(key);
  return spec ? table()[all_apis().size() + static_cast<std::size_t>(spec - all_apis().data())] : nullptr;
}

const message_type* find_message(std::string_view name) noexcept {
  for (const message_type* type : table()) {
    if (type->name == name) return type;
  }
  return nullptr;
}

std::span<const message_type* const> all_messages() noexcept {
  return table();
}

}  // namespace kafka::protocol
