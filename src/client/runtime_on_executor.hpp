// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "client/runtime.hpp"

namespace kafka::client {

/// A runtime on the user's executor, by a strand of its own; it starts no thread. The execution context must outlive
/// what shut_down() completes, or be destroyed without running it.
[[nodiscard]] std::shared_ptr<runtime> make_runtime_on(const boost::asio::any_io_executor& executor,
                                                       runtime_options options);

/// The executor that a runtime made by make_runtime_on was given.
[[nodiscard]] boost::asio::any_io_executor executor_of(const runtime& running);
/// The strand on it that everything of such a runtime happens on.
[[nodiscard]] boost::asio::any_io_executor strand_of(const runtime& running);

}  // namespace kafka::client
