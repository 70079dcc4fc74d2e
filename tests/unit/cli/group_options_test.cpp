// SPDX-License-Identifier: Apache-2.0
#include "cli/group_options.hpp"

#include "cli/options.hpp"
#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka::cli;
using words = std::vector<std::string>;

TEST_CASE("commands about groups and offsets are understood") {
  for (const words& args :
       std::vector<words>{{"groups", "list"},
                          {"groups", "list", "--state", "stable", "--state", "Empty", "--type", "classic", "--json"},
                          {"groups", "describe"},
                          {"groups", "describe", "a", "b", "--json"},
                          {"groups", "members", "a"},
                          {"groups", "lag", "-s"},
                          {"groups", "lag", "a", "--lag", ">=5"},
                          {"groups", "delete", "a", "b", "--yes"},
                          {"groups", "reset-offsets", "a", "--all-topics", "--to-earliest"},
                          {"groups", "reset-offsets", "a", "-t", "t:0,1", "-t", "u", "--shift-by", "-5", "--yes"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--to-datetime", "2026-11-24T08:15"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--to-datetime", "@1700000000000"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--by-duration", "PT5M", "--json"},
                          {"groups", "reset-offsets", "a", "--from-file", "-", "--csv"},
                          {"offsets", "t"},
                          {"offsets", "t", "u:0,1", "--since", "-24h", "--since", "2026-11-24", "--json"}}) {
    const request read = parse_command_line(args);
    INFO(args[0] << ' ' << args[1] << ": " << read.complaint);
    CHECK(read.run);
  }
  CHECK(parse_command_line({"groups", "reset-offsets", "g", "--all-topics", "--to-latest"}).name ==
        "groups reset-offsets");
}

TEST_CASE("commands about groups that make no sense are refused") {
  for (const words& args :
       std::vector<words>{{"groups"},
                          {"groups", "list", "--state", "sleepy"},
                          {"groups", "list", "--type", "odd"},
                          {"groups", "lag", "--lag", "5"},
                          {"groups", "lag", "--lag", ">x"},
                          {"groups", "delete"},
                          {"groups", "reset-offsets", "a"},
                          {"groups", "reset-offsets", "--all-topics", "--to-earliest"},
                          {"groups", "reset-offsets", "a", "--to-earliest"},
                          {"groups", "reset-offsets", "a", "--all-topics"},
                          {"groups", "reset-offsets", "a", "--all-topics", "-t", "t", "--to-earliest"},
                          {"groups", "reset-offsets", "a", "--all-topics", "--to-earliest", "--to-latest"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--from-file", "f"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--to-datetime", "tomorrow"},
                          {"groups", "reset-offsets", "a", "-t", "t", "--by-duration", "long"},
                          {"groups", "reset-offsets", "a", "-t", "t:x", "--to-latest"},
                          {"groups", "reset-offsets", "a", "--all-topics", "--to-latest", "--csv", "--json"},
                          {"offsets"},
                          {"offsets", "t", "--since", "soon"}}) {
    const request read = parse_command_line(args);
    INFO(args.front() << ' ' << args.back());
    CHECK_FALSE(read.run);
    CHECK_FALSE(read.complaint.empty());
    CHECK(read.complaint_code == 2);
  }
}

TEST_CASE("lags pass filters that they stand so to") {
  CHECK(parse_lag_filter(">0").passes(1));
  CHECK_FALSE(parse_lag_filter(">0").passes(0));
  CHECK(parse_lag_filter(">=5").passes(5));
  CHECK(parse_lag_filter("<5").passes(4));
  CHECK_FALSE(parse_lag_filter("<5").passes(5));
  CHECK(parse_lag_filter("<=5").passes(5));
  CHECK(parse_lag_filter("=5").passes(5));
  CHECK_FALSE(parse_lag_filter("=5").passes(6));
  CHECK_FALSE(parse_lag_filter(">=0").passes(std::nullopt));
  CHECK(lag_filter{}.passes(std::nullopt));
  CHECK_THROWS_AS(parse_lag_filter("5"), usage_error);
}
