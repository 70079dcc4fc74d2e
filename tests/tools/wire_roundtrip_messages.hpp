// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "protocol/registry.hpp"
#include "tools/json_value.hpp"

namespace kafka::tools {

/// Fills `out` from JSON of the form that Kafka's generated JSON converters read and write (and "_unknownTaggedFields",
/// as our printer writes them). Takes what those converters take: unknown members are ignored, tagged ones may be left
/// out, all others that `version` has must be there. Gives the first problem, naming the field; empty if there is none.
[[nodiscard]] std::string read_json(protocol::any_message& out, std::int16_t version, const json_value& body);

/// Makes UTF-8 of all strings, as Java does when it reads them.
void replace_malformed_text(protocol::any_message& message);

}  // namespace kafka::tools
