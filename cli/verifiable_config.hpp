// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <kafka/config.hpp>

#include "cli/commands.hpp"

namespace kafka::cli {

/// The configuration of the verifiable producer: no retries unless its file says so. The file may hold any key of
/// Java's clients; those that this one has no use for are told to `ignored`, a sentence each, as Java does. Throws
/// std::runtime_error for a bad value, and for a key without which a connection would be less secure than was wanted.
[[nodiscard]] producer_config make_verifiable_config(const verifiable_producer_options& options,
                                                     const std::function<void(const std::string&)>& ignored);

/// The configuration of the verifiable consumer: the file, then the tool's own options. As above; also throws if a
/// session timeout or an assignment strategy is asked for where the coordinator decides (--group-protocol consumer).
[[nodiscard]] consumer_config make_verifiable_config(const verifiable_consumer_options& options,
                                                     const std::function<void(const std::string&)>& ignored);

}  // namespace kafka::cli
