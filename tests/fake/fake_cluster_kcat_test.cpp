// SPDX-License-Identifier: Apache-2.0
// librdkafka, through kcat, against the fake cluster: what others' clients do with it.
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <kafka/fake_cluster.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"

namespace kafka {
namespace {

/// A folder for one test's files.
class scratch {
 public:
  scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fake-kcat-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()));
    folder_ = pattern;
  }
  ~scratch() { std::filesystem::remove_all(folder_); }

  /// Runs kcat with these arguments and this standard input; checks that it succeeds and gives its output.
  std::string kcat(const std::string& arguments, const std::string& input = {}) {
    std::ofstream(folder_ / "in") << input;
    const int status = run(arguments);
    INFO(arguments);
    INFO(read("err"));
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return read("out");
  }
  /// The same without input and without checks, which are for one thread alone.
  std::string output_of_kcat(const std::string& arguments) {
    std::ofstream(folder_ / "in").flush();
    (void)run(arguments);
    return read("out");
  }

 private:
  int run(const std::string& arguments) {
    const std::string at = folder_.string();
    const std::string command = "timeout 60 kcat " + arguments + " <" + at + "/in >" + at + "/out 2>" + at + "/err";
    return std::system(command.c_str());
  }
  std::string read(const char* name) {
    std::ostringstream out;
    out << std::ifstream(folder_ / name).rdbuf();
    return out.str();
  }

  std::filesystem::path folder_;
};

/// The lines in order, with blanks between.
std::string sorted_lines(const std::string& text) {
  std::istringstream input(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& line : lines) out.append(out.empty() ? "" : " ").append(line);
  return out;
}

bool kcat_is_here() {
  static const bool here = std::system("kcat -V >/dev/null 2>&1") == 0;
  if (!here) WARN("skipped: kcat is not installed; scripts/setup installs it");
  CHECK((here || std::getenv("KAFKA_TEST_NEEDS_KCAT") == nullptr));
  return here;
}

TEST_CASE("kcat lists brokers and topics") {
  if (!kcat_is_here()) return;
  fake_cluster cluster({.nodes = 3});
  cluster.create_topic("orders", 4, {.replication_factor = 3});
  const std::string listed = scratch().kcat("-L -b " + cluster.bootstrap_servers());
  CHECK(listed.find("3 brokers:") != std::string::npos);
  CHECK(listed.find("127.0.0.1:" + std::to_string(cluster.port(2))) != std::string::npos);
  CHECK(listed.find("topic \"orders\" with 4 partitions:") != std::string::npos);
  CHECK(listed.find("replicas: 2,3,1, isrs: 2,3,1") != std::string::npos);
}

TEST_CASE("kcat produces and consumes with every codec, idempotent or not") {
  if (!kcat_is_here()) return;
  fake_cluster cluster({.nodes = 2});
  std::string input;
  for (int index = 0; index < 2000; ++index) {
    input += "key-" + std::to_string(index) + ":value " + std::to_string(index) + "\n";
  }
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    for (const std::string idempotence : {"false", "true"}) {
      CAPTURE(codec, idempotence);
      scratch files;
      const std::string topic = codec + "-" + idempotence;
      cluster.create_topic(topic);
      const std::string where = " -b " + cluster.bootstrap_servers() + " -t " + topic;
      files.kcat("-P -K: -H one=1 -H two= -z " + codec + " -X enable.idempotence=" + idempotence + where, input);
      CHECK(files.kcat("-C -K: -e -q" + where) == input);
      const auto records = cluster.records(topic, 0);
      REQUIRE(records.size() == 2000);
      CHECK(records[1999].key == "key-1999");
      CHECK(records[1999].value == "value 1999");
      CHECK(records[1999].headers.size() == 2);
      CHECK(records[1999].headers[0] == std::pair<std::string, std::optional<std::string>>("one", "1"));
    }
  }
}

TEST_CASE("kcat creates a topic by producing to it") {
  if (!kcat_is_here()) return;
  fake_cluster cluster({.default_partitions = 3});
  scratch files;
  files.kcat("-P -t new -p 1 -b " + cluster.bootstrap_servers(), "a\nb\n");
  CHECK(cluster.end_offset("new", 1) == 2);
  CHECK(cluster.end_offset("new", 0) == 0);
}

TEST_CASE("kcat finds offsets by time and reads from them") {
  if (!kcat_is_here()) return;
  fake_cluster cluster;
  cluster.create_topic("t");
  for (int index = 0; index < 10; ++index) {
    cluster.append("t", 0, {{.timestamp = 1'700'000'000'000 + index * 1000, .value = std::to_string(index)}});
  }
  scratch files;
  const std::string where = " -b " + cluster.bootstrap_servers();
  CHECK(files.kcat("-C -t t -p 0 -o s@1700000003500 -e -q" + where) == "4\n5\n6\n7\n8\n9\n");
  CHECK(files.kcat("-C -t t -p 0 -o s@1700000003000 -o e@1700000006000 -e -q" + where) == "3\n4\n5\n");
  CHECK(files.kcat("-C -t t -p 0 -o -2 -e -q" + where) == "8\n9\n");
  CHECK(files.kcat("-C -t t -p 0 -o 7 -c 2 -e -q" + where) == "7\n8\n");
  CHECK(files.kcat("-Q -t t:0:1700000008500" + where).find("offset 9") != std::string::npos);
  CHECK(files.kcat("-Q -t t:0:-1" + where).find("offset 10") != std::string::npos);
  CHECK(files.kcat("-Q -t t:0:-2" + where).find("offset 0") != std::string::npos);
}

TEST_CASE("kcat gets along with older brokers") {
  if (!kcat_is_here()) return;
  for (const std::string version : {"2.1", "2.8", "3.9"}) {
    CAPTURE(version);
    fake_cluster cluster({.broker_version = version});
    cluster.create_topic("t");
    scratch files;
    const std::string where = " -t t -b " + cluster.bootstrap_servers();
    files.kcat("-P -z lz4 -X enable.idempotence=true" + where, "a\nb\n");
    CHECK(files.kcat("-C -e -q" + where) == "a\nb\n");
  }
}

TEST_CASE("kcat reads a topic as a member of a group, and goes on where it stopped") {
  if (!kcat_is_here()) return;
  for (const std::string version : {"2.1", "2.8", "3.9", "4.3"}) {
    for (const std::string assignor : {"range", "roundrobin", "cooperative-sticky"}) {
      CAPTURE(version, assignor);
      fake_cluster cluster(
          {.nodes = 2, .broker_version = version, .broker_configs = {{"group.initial.rebalance.delay.ms", "0"}}});
      cluster.create_topic("t", 3);
      for (int index = 0; index < 6; ++index) cluster.append("t", index % 3, {{.value = std::to_string(index)}});
      scratch files;
      const std::string options = " -q -b " + cluster.bootstrap_servers() + " -X auto.offset.reset=earliest" +
                                  " -X partition.assignment.strategy=" + assignor + " -G g t";
      CHECK(sorted_lines(files.kcat("-e" + options)) == "0 1 2 3 4 5");
      for (int partition = 0; partition < 3; ++partition) CHECK(cluster.committed_offset("g", "t", partition) == 2);
      cluster.append("t", 1, {{.value = "new"}});
      CHECK(files.kcat("-e" + options) == "new\n");
      CHECK(cluster.committed_offset("g", "t", 1) == 3);
    }
  }
}

TEST_CASE("two kcats share the partitions of a topic") {
  if (!kcat_is_here()) return;
  for (const std::string assignor : {"range", "roundrobin"}) {
    CAPTURE(assignor);
    fake_cluster cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "2000"}}});
    cluster.create_topic("t", 4);
    for (int index = 0; index < 40; ++index) cluster.append("t", index % 4, {{.value = std::to_string(index % 4)}});
    // Each gets two partitions of ten records and ends after twenty.
    const std::string options = "-q -c 20 -b " + cluster.bootstrap_servers() + " -X auto.offset.reset=earliest" +
                                " -X partition.assignment.strategy=" + assignor + " -G g t";
    scratch one;
    scratch two;
    std::string other;
    std::thread beside([&] { other = two.output_of_kcat(options); });
    const std::string mine = one.output_of_kcat(options);
    beside.join();
    const auto partitions_in = [](const std::string& output) {
      std::istringstream lines(output);
      std::set<std::string> out;
      for (std::string line; std::getline(lines, line);) out.insert(line);
      return out;
    };
    CHECK(partitions_in(mine).size() == 2);
    CHECK(partitions_in(other).size() == 2);
    CHECK(sorted_lines(mine + other).size() == 79);  // forty numbers, no record twice, none lost
    auto all = partitions_in(mine);
    all.merge(partitions_in(other));
    CHECK(all.size() == 4);
  }
}

TEST_CASE("kcat sends again what was written but not answered, losing and doubling nothing") {
  if (!kcat_is_here()) return;
  fake_cluster cluster({.nodes = 3});
  cluster.create_topic("t", 1, {.replication_factor = 3});
  const std::int32_t first = cluster.leader("t", 0);
  // The first batch is written and its answer lost with the connection.
  cluster.control(
      api_key::produce,
      [&](fake_request& request) {
        if (request.node() != first) return request.pass();
        return request.apply_then_drop();
      },
      1);
  std::string input;
  for (int index = 0; index < 100; ++index) input += std::to_string(index) + "\n";
  scratch files;
  files.kcat("-P -t t -X enable.idempotence=true -X retry.backoff.ms=10 -b " + cluster.bootstrap_servers(), input);
  CHECK(files.kcat("-C -t t -e -q -b " + cluster.bootstrap_servers()) == input);
}

}  // namespace
}  // namespace kafka
