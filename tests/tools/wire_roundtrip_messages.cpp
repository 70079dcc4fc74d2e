// SPDX-License-Identifier: Apache-2.0
#include "tools/wire_roundtrip_messages.hpp"

#include "protocol/messages/all.hpp"
#include "tools/wire_roundtrip_json.hpp"

namespace kafka::tools {

namespace {

/// Calls `use` with the message as what it is.
template <class Use>
void with_message(protocol::any_message& message, const Use& use) {
  protocol::for_each_message([&]<class M>() {
    if (M* typed = message.get<M>()) use(*typed);
  });
}

}  // namespace

std::string read_json(protocol::any_message& out, std::int16_t version, const json_value& body) {
  json_reader reader(version);
  with_message(out, [&](auto& message) { reader.message(message, body); });
  return reader.problem();
}

void replace_malformed_text(protocol::any_message& message) {
  text_replacer replacer;
  with_message(message, [&](auto& typed) { replacer.replace(typed); });
}

}  // namespace kafka::tools
