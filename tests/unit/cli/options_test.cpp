// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include "support/catch.hpp"

using kafka::cli::parse_command_line;
using kafka::cli::request;
using words = std::vector<std::string>;

TEST_CASE("help and version are answers, for the program and for each command") {
  CHECK_THAT(parse_command_line({"--help"}).answer, Catch::Matchers::Contains("Examples:"));
  CHECK_THAT(parse_command_line({"--version"}).answer, Catch::Matchers::StartsWith("kafka-cli "));
  for (const words& command : std::vector<words>{{"topics"},
                                                 {"topics", "list"},
                                                 {"topics", "describe"},
                                                 {"topics", "create"},
                                                 {"topics", "delete"},
                                                 {"produce"},
                                                 {"consume"},
                                                 {"fake"},
                                                 {"demo"}}) {
    words args = command;
    args.emplace_back("--help");
    const request found = parse_command_line(args);
    CAPTURE(args);
    CHECK_FALSE(found.run);
    CHECK(found.complaint.empty());
    CHECK_THAT(found.answer, Catch::Matchers::Contains("Examples:") && Catch::Matchers::Contains(command.back()));
  }
}

TEST_CASE("what cannot be followed is a complaint of one line") {
  for (const words& args : std::vector<words>{{"nonsense"},
                                              {"topics"},
                                              {"topics", "describe"},
                                              {"topics", "list", "extra"},
                                              {"topics", "create", "t", "--partitions", "0"},
                                              {"topics", "create", "t", "--partitions", "many"},
                                              {"consume"},
                                              {"consume", "t", "--from", "yesterday"},
                                              {"consume", "t", "-n", "-1"},
                                              {"consume", "t", "-p", "-1"},
                                              {"consume", "t", "--no-such-option"},
                                              {"produce", "t", "-z", "lzma"},
                                              {"produce", "t", "-X", "linger"},
                                              {"produce", "t", "-X", "lingr.ms=5"},
                                              {"produce", "t", "-X", "fetch.min.bytes=5"},
                                              {"fake", "--port", "70000"},
                                              {"fake", "--nodes", "0"},
                                              {"demo", "--records", "0"},
                                              {"consume", "t", "--timeout", "0"},
                                              {"-consume", "-topic", "t", "-group", "g"}}) {
    const request found = parse_command_line(args);
    CAPTURE(args, found.complaint);
    CHECK_FALSE(found.run);
    CHECK(found.answer.empty());
    CHECK_THAT(found.complaint, Catch::Matchers::StartsWith("kafka-cli: ") && Catch::Matchers::EndsWith("\n"));
    CHECK(std::count(found.complaint.begin(), found.complaint.end(), '\n') == 1);
  }
}

TEST_CASE("a word that is not understood is named") {
  CHECK_THAT(parse_command_line({"topics", "lst"}).complaint, Catch::Matchers::Contains("\"lst\" is not understood"));
  CHECK_THAT(parse_command_line({"nonsense"}).complaint, Catch::Matchers::Contains("\"nonsense\" is not understood"));
  CHECK(parse_command_line({"topics", "list"}).name == "topics list");
  CHECK(parse_command_line({"-list"}).name == "topics list");
  CHECK(parse_command_line({"consume", "t"}).name == "consume");
}

TEST_CASE("nothing at all gets the help, as a complaint") {
  const request found = parse_command_line({});
  CHECK_FALSE(found.run);
  CHECK_THAT(found.complaint, Catch::Matchers::Contains("consume"));
}

TEST_CASE("what can be followed can be run") {
  for (const words& args : std::vector<words>{{"topics", "list"},
                                              {"-b", "a:1", "topics", "list", "--json"},
                                              {"topics", "list", "-b", "a:1"},
                                              {"topics", "create", "t", "--partitions", "3", "--replication-factor",
                                               "2", "--config", "a=b", "--config", "c=[d]"},
                                              {"topics", "delete", "t", "--yes"},
                                              {"produce", "t"},
                                              {"produce", "t", "-v", "", "-k", "", "-H", "a=b", "-H", "c"},
                                              {"produce", "-H", "a=b", "t", "-v", "-5", "-z", "zstd", "-p", "0"},
                                              {"produce", "t", "-X", "linger.ms=0", "-X", "request.timeout.ms=5"},
                                              {"consume", "t", "--from", "-5", "-e"},
                                              {"consume", "-p", "0,2", "t", "-p", "1", "-n", "3", "-f", "%s"},
                                              {"fake", "--port", "0", "--nodes", "3"},
                                              {"demo"},
                                              {"config-doc"},
                                              {"-list"},
                                              {"-consume", "-topic", "t", "-offset", "1", "-e"}}) {
    const request found = parse_command_line(args);
    CAPTURE(args, found.complaint);
    CHECK(found.run);
    CHECK(found.complaint.empty());
  }
}
