// SPDX-License-Identifier: Apache-2.0
#include "cli/legacy_words.hpp"

#include "support/catch.hpp"

using kafka::cli::translate_legacy;
using words = std::vector<std::string>;

namespace {

words translated(const words& args) {
  const kafka::cli::translation result = translate_legacy(args);
  CHECK(result.refusal.empty());
  return result.args;
}

std::string refused(const words& args) {
  const kafka::cli::translation result = translate_legacy(args);
  CHECK(result.args.empty());
  return result.refusal;
}

}  // namespace

TEST_CASE("each old mode becomes its subcommand") {
  CHECK(translated({"-list"}) == words{"topics", "list"});
  CHECK(translated({"-query", "-topic", "t"}) == words{"topics", "describe", "t"});
  CHECK(translated({"-create", "-topic", "t", "-partition", "3", "-replica", "2"}) ==
        words{"topics", "create", "t", "--partitions", "3", "--replication-factor", "2"});
  CHECK(translated({"-delete", "-topic", "t"}) == words{"topics", "delete", "t", "--yes"});
  CHECK(translated({"-produce", "-topic", "t", "-value", "v"}) == words{"produce", "t", "-v", "v"});
  CHECK(translated({"-produce", "-topic", "t", "-value", "v", "-key", "k", "-partition", "1"}) ==
        words{"produce", "t", "-p", "1", "-k", "k", "-v", "v"});
  CHECK(translated({"-consume", "-topic", "t", "-partition", "2", "-offset", "17"}) ==
        words{"consume", "t", "--json", "--from", "17", "-p", "2"});
}

TEST_CASE("brokers may stand anywhere") {
  const words expected{"--brokers", "a:9092,b:9092", "topics", "list"};
  CHECK(translated({"-brokers", "a:9092,b:9092", "-list"}) == expected);
  CHECK(translated({"-list", "-brokers", "a:9092,b:9092"}) == expected);
  CHECK(translated({"-list", "-brokers=a:9092,b:9092"}) == expected);
  CHECK(translated({"-brokers", "a:9092", "topics", "list"}) == words{"--brokers", "a:9092", "topics", "list"});
  CHECK(translated({"-brokers=a:9092", "topics", "list"}) == words{"--brokers=a:9092", "topics", "list"});
}

TEST_CASE("offset 0 is newest, 1 is oldest, and newest is the default") {
  CHECK(translated({"-consume", "-topic", "t", "-offset", "0"}) == words{"consume", "t", "--json", "--from", "newest"});
  CHECK(translated({"-consume", "-topic", "t", "-offset", "1"}) == words{"consume", "t", "--json", "--from", "oldest"});
  CHECK(translated({"-consume", "-topic", "t", "-offset", "2"}) == words{"consume", "t", "--json", "--from", "2"});
  CHECK(translated({"-consume", "-topic", "t"}) == words{"consume", "t", "--json", "--from", "newest"});
}

TEST_CASE("the manual's misprint is understood") {
  CHECK(translated({"-produce", "-topic", "t", "-valu3", "v"}) == words{"produce", "t", "-v", "v"});
}

TEST_CASE("values may look like words, begin with a dash or be empty") {
  CHECK(translated({"-produce", "-topic", "produce", "-value", "-list"}) == words{"produce", "produce", "-v", "-list"});
  CHECK(translated({"-produce", "-topic=t", "-value=", "-key=a=b"}) == words{"produce", "t", "-k", "a=b", "-v", ""});
  CHECK(translated({"-topic", "consume", "-query"}) == words{"topics", "describe", "consume"});
}

TEST_CASE("present options are handed on behind old words") {
  CHECK(translated({"-consume", "-topic", "t", "-offset", "1", "-e", "-n", "5"}) ==
        words{"consume", "t", "--json", "--from", "oldest", "-e", "-n", "5"});
  CHECK(translated({"-X", "acks=1", "-produce", "-topic", "t", "-value", "v"}) ==
        words{"produce", "t", "-v", "v", "-X", "acks=1"});
}

TEST_CASE("the present form comes back as it is") {
  for (const words& args : std::vector<words>{{},
                                              {"topics", "list"},
                                              {"produce", "t", "-v", "-list"},
                                              {"-b", "a:1", "produce", "t", "-v", "-consume"},
                                              {"consume", "t", "-e", "--from", "-5", "--json"},
                                              {"--help"},
                                              {"-X", "acks=1", "produce", "t", "-k", "-query"}}) {
    CHECK(translated(args) == args);
  }
}

TEST_CASE("a group is joined, unless a partition is named as well") {
  CHECK(translated({"-consume", "-topic", "t", "-group", "g", "-offset", "1"}) ==
        words{"consume", "t", "--json", "--from", "oldest", "--group", "g"});
  CHECK_THAT(refused({"-consume", "-topic", "t", "-group", "g", "-partition", "0"}),
             Catch::Matchers::Contains("-group and -partition exclude each other"));
}

TEST_CASE("what is missing or contradicts itself is refused by name") {
  CHECK(refused({"-query"}) == "-query needs -topic");
  CHECK(refused({"-consume"}) == "-consume needs -topic");
  CHECK(refused({"-produce", "-topic", "t"}) == "-produce needs -value");
  CHECK(refused({"-query", "-topic"}) == "-topic needs a value");
  CHECK(refused({"-list", "-query", "-topic", "t"}) == "-list and -query exclude each other");
}
