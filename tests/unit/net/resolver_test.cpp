// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace kafka;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Runs until `done`.
template <class Predicate>
void run_until(asio::io_context& io, Predicate done) {
  io.restart();
  const auto guard = asio::make_work_guard(io);
  while (!done()) REQUIRE(io.run_one_for(10s) == 1);
}

}  // namespace

TEST_CASE("the system's resolver knows localhost, and says why it does not know a name") {
  const net::resolution local = net::resolve_by_system("localhost");
  CHECK((std::count(local.addresses.begin(), local.addresses.end(), "127.0.0.1") +
         std::count(local.addresses.begin(), local.addresses.end(), "::1")) > 0);
  CHECK(local.problem.empty());
  const net::resolution none = net::resolve_by_system("no such name");
  CHECK(none.addresses.empty());
  CHECK_FALSE(none.problem.empty());
}

TEST_CASE("a result comes on the executor, later, to all who asked for the name") {
  asio::io_context io;
  std::atomic<int> calls = 0;
  std::promise<void> go;
  auto gone = go.get_future().share();
  net::resolver names(asio::make_strand(io), [&calls, gone](const std::string& host) {
    ++calls;
    gone.wait();
    return net::resolution{{host + " address"}, {}};
  });
  std::vector<std::string> told;
  const auto note = [&](const net::resolution& found) { told.push_back(found.addresses.at(0)); };
  names.resolve("a", note);
  names.resolve("a", note);
  const auto dropped = names.resolve("a", note);
  names.resolve("b", note);
  names.cancel(dropped);
  CHECK(told.empty());
  go.set_value();
  run_until(io, [&] { return told.size() == 3; });
  CHECK(std::count(told.begin(), told.end(), "a address") == 2);
  CHECK(std::count(told.begin(), told.end(), "b address") == 1);
  CHECK(calls == 2);
  names.resolve("a", note);
  run_until(io, [&] { return told.size() == 4; });
  CHECK(calls == 3);
}

TEST_CASE("a function that throws is a look-up that failed") {
  asio::io_context io;
  net::resolver names(io.get_executor(),
                      [](const std::string&) -> net::resolution { throw std::runtime_error("out of order"); });
  std::string problem;
  names.resolve("a", [&](const net::resolution& found) { problem = found.problem; });
  run_until(io, [&] { return !problem.empty(); });
  CHECK(problem == "out of order");
}

TEST_CASE("a resolver may be destroyed inside a handler") {
  asio::io_context io;
  auto names = std::make_unique<net::resolver>(io.get_executor(), [](const std::string&) { return net::resolution{}; });
  int told = 0;
  for (int asked = 0; asked < 3; ++asked) {
    names->resolve("a", [&](const net::resolution&) {
      ++told;
      names.reset();
    });
  }
  run_until(io, [&] { return told == 1; });
  io.poll();
  CHECK(told == 1);
}
