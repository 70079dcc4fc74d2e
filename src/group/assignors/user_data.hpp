// SPDX-License-Identifier: Apache-2.0
// What the sticky assignors send along with a subscription, in Java's bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "group/assignors/sticky_algorithm.hpp"

namespace kafka::group {

/// Of `sticky`: what the member was given last, and in which generation. Topics in the order in which they first
/// appear.
[[nodiscard]] std::string encode_sticky_user_data(const claim& previous);
/// With the generation or, from before Kafka 2.3, without. Bytes that are neither count as no claim at all.
[[nodiscard]] claim decode_sticky_user_data(const std::optional<std::string>& user_data);

/// Of `cooperative-sticky`: the generation of what the member owns; -1 if it has none.
[[nodiscard]] std::string encode_cooperative_user_data(std::int32_t generation);
/// -1 if these are other bytes.
[[nodiscard]] std::int32_t decode_cooperative_user_data(const std::optional<std::string>& user_data);

}  // namespace kafka::group
