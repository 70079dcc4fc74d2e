// SPDX-License-Identifier: Apache-2.0
// The same clients for Boost.Asio programs: every operation takes a completion token (use_awaitable, use_future,
// deferred, a callback) and runs on the executor that the client was made with. No thread is started but for
// looking host names up, which the system can only do by blocking; literal addresses need none.
#pragma once

#include <kafka/async_admin.hpp>
#include <kafka/async_consumer.hpp>
#include <kafka/async_producer.hpp>
