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
                                                 {"verifiable-producer"},
                                                 {"verifiable-consumer"},
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
                                              {"consume", "t", "--pattern", "t"},
                                              {"consume", "--pattern", "("},
                                              {"consume", "t", "--grep", "("},
                                              {"consume", "t", "-n", "-1"},
                                              {"consume", "t", "-p", "-1"},
                                              {"consume", "t", "--no-such-option"},
                                              {"produce", "t", "-z", "lzma"},
                                              {"produce", "t", "--acks", "2"},
                                              {"produce", "t", "--linger", "soon"},
                                              {"produce", "t", "--batch-bytes", "0"},
                                              {"produce", "t", "--partitioner", "by_name"},
                                              {"produce", "t", "--idempotence", "true"},
                                              {"produce", "t", "--transactional-id", ""},
                                              {"produce", "t", "--rate", "0"},
                                              {"produce", "t", "--rate", "fast"},
                                              {"produce", "t", "-X", "linger"},
                                              {"produce", "t", "-X", "lingr.ms=5"},
                                              {"produce", "t", "-X", "fetch.min.bytes=5"},
                                              {"fake", "--port", "70000"},
                                              {"fake", "--nodes", "0"},
                                              {"demo", "--records", "0"},
                                              {"consume", "t", "--timeout", "0"},
                                              {"-consume", "-topic", "t", "-group", "g", "-partition", "1"}}) {
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
  for (const words& args :
       std::vector<words>{{"topics", "list"},
                          {"-b", "a:1", "topics", "list", "--json"},
                          {"topics", "list", "-b", "a:1"},
                          {"topics", "create", "t", "--partitions", "3", "--replication-factor", "2", "--config", "a=b",
                           "--config", "c=[d]"},
                          {"topics", "delete", "t", "--yes"},
                          {"produce", "t"},
                          {"produce", "t", "-v", "", "-k", "", "-H", "a=b", "-H", "c"},
                          {"produce", "-H", "a=b", "t", "-v", "-5", "-z", "zstd", "-p", "0"},
                          {"produce", "t", "-X", "linger.ms=0", "-X", "request.timeout.ms=5"},
                          {"produce", "t", "one.gz", "-", "two", "--json", "--keep-partition"},
                          {"produce", "--rate", "0.5", "t", "--acks", "all", "--linger", "0"},
                          {"produce", "t", "--batch-bytes", "16384", "--partitioner", "consistent"},
                          {"produce", "t", "--idempotence", "off", "--acks", "1"},
                          {"produce", "t", "--idempotence", "on", "--transactional-id", "a"},
                          {"consume", "t", "--from", "-5", "-e"},
                          {"consume", "t", "u", "-o", "@-48h:-24h", "--read-committed"},
                          {"consume", "t", "-o", ":end", "--grep", "a", "--grep-key", "b", "--grep-header", "c=d"},
                          {"consume", "--pattern", "t.*", "-o", "-48h"},
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

namespace {

request verifiable(words more) {
  words args{"verifiable-producer", "--topic", "t", "--bootstrap-server", "a:1"};
  args.insert(args.end(), more.begin(), more.end());
  return parse_command_line(args);
}

}  // namespace

TEST_CASE("the verifiable producer says what it takes when it is told nothing, and minds anything wrong with a 1") {
  const request nothing = parse_command_line({"verifiable-producer"});
  CHECK_FALSE(nothing.run);
  CHECK(nothing.complaint.empty());
  for (const char* option :
       {"--topic", "--bootstrap-server", "--max-messages", "--throughput", "--acks", "--command-config",
        "--producer.config", "--message-create-time", "--value-prefix", "--repeating-keys"})
    CHECK_THAT(nothing.answer, Catch::Matchers::Contains(option));
  for (const words& args : std::vector<words>{{"--acks", "2"},
                                              {"--acks", "all"},
                                              {"--max-messages", "many"},
                                              {"--throughput"},
                                              {"--repeating-keys", "0"},
                                              {"--value-prefix", "x"},
                                              {"--no-such-option"},
                                              {"extra"},
                                              {"--command-config", "a", "--producer.config", "b"}}) {
    const request found = verifiable(args);
    CAPTURE(args, found.complaint);
    CHECK_FALSE(found.run);
    CHECK(found.complaint_code == 1);
    CHECK(std::count(found.complaint.begin(), found.complaint.end(), '\n') == 1);
  }
  for (const words& args : std::vector<words>{{"verifiable-producer", "--topic", "t"},
                                              {"verifiable-producer", "--bootstrap-server", "a:1"}}) {
    const request found = parse_command_line(args);
    CHECK_THAT(found.complaint, Catch::Matchers::Contains("required"));
    CHECK(found.complaint_code == 1);
  }
  CHECK(parse_command_line({"produce"}).complaint_code == 2);
}

TEST_CASE("the verifiable producer takes every option of Kafka's own") {
  for (const words& args : std::vector<words>{{},
                                              {"--max-messages", "-1", "--throughput", "-1", "--acks", "-1"},
                                              {"--acks", "0", "--value-prefix", "3", "--repeating-keys", "5"},
                                              {"--acks", "1", "--message-create-time", "1795498969174"},
                                              {"--command-config", "a"},
                                              {"--producer.config", "a"}}) {
    const request found = verifiable(args);
    CAPTURE(args, found.complaint);
    CHECK(found.run);
    CHECK(found.name == "verifiable-producer");
  }
}

namespace {

request reading(words more) {
  words args{"verifiable-consumer", "--topic", "t", "--group-id", "g", "--bootstrap-server", "a:1"};
  args.insert(args.end(), more.begin(), more.end());
  return parse_command_line(args);
}

}  // namespace

TEST_CASE("the verifiable consumer takes every option of Kafka's own") {
  for (const words& args : std::vector<words>{{},
                                              {"--group-protocol", "consumer", "--group-remote-assignor", "range"},
                                              {"--group-protocol", "CLASSIC", "--session-timeout", "30000"},
                                              {"--group-instance-id", "i", "--max-messages", "7", "--verbose"},
                                              {"--enable-autocommit", "--reset-policy", "none"},
                                              {"--assignment-strategy", "a.b.RoundRobinAssignor"},
                                              {"--command-config", "a"},
                                              {"--consumer.config", "a"}}) {
    const request found = reading(args);
    CAPTURE(args, found.complaint);
    CHECK(found.run);
    CHECK(found.name == "verifiable-consumer");
  }
}

TEST_CASE("the verifiable consumer says what it takes when it is told nothing, and minds anything wrong with a 1") {
  const request nothing = parse_command_line({"verifiable-consumer"});
  CHECK_FALSE(nothing.run);
  CHECK(nothing.complaint.empty());
  CHECK_THAT(nothing.answer, Catch::Matchers::Contains("--group-remote-assignor"));
  for (const words& args : std::vector<words>{{"--reset-policy", "middle"},
                                              {"--group-protocol", "share"},
                                              {"--max-messages", "many"},
                                              {"--no-such-option"},
                                              {"extra"},
                                              {"--command-config", "a", "--consumer.config", "b"}}) {
    const request found = reading(args);
    CAPTURE(args, found.complaint);
    CHECK_FALSE(found.run);
    CHECK(found.complaint_code == 1);
    CHECK(std::count(found.complaint.begin(), found.complaint.end(), '\n') == 1);
  }
}
