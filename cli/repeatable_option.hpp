// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace kafka::cli {

/// An option that may be given several times and takes one value each time. CLI11's own vectors would swallow the
/// positional argument behind them, and take `[a,b]` for a list.
template <class Value>
CLI::Option* add_repeatable(CLI::App& app, const std::string& names, std::vector<Value>& to, const std::string& doc) {
  return app.add_option(names, to, doc)->allow_extra_args(false)->expected(1)->take_all();
}

}  // namespace kafka::cli
