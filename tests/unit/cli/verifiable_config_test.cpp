// SPDX-License-Identifier: Apache-2.0
#include "cli/verifiable_config.hpp"

#include <cstdlib>

#include <unistd.h>

#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

template <class Config>
struct result {
  Config config;
  std::vector<std::string> ignored;
  std::string name;
};

template <class Config, class Options>
result<Config> make_from(Options options, const std::optional<std::string>& file) {
  result<Config> made;
  options.bootstrap_servers = options.bootstrap_servers.empty() ? "a:1" : options.bootstrap_servers;
  if (file) {
    made.name = "verifiable_config_test.XXXXXX";
    const int descriptor = ::mkstemp(made.name.data());
    REQUIRE(descriptor >= 0);
    REQUIRE(::write(descriptor, file->data(), file->size()) == static_cast<::ssize_t>(file->size()));
    ::close(descriptor);
    options.properties_file = made.name;
  }
  try {
    made.config = make_verifiable_config(options, [&made](const std::string& what) { made.ignored.push_back(what); });
  } catch (...) {
    ::unlink(made.name.c_str());
    throw;
  }
  ::unlink(made.name.c_str());
  return made;
}

result<producer_config> make(const verifiable_producer_options& options, const std::optional<std::string>& file = {}) {
  return make_from<producer_config>(options, file);
}

result<consumer_config> make_reading(const verifiable_consumer_options& options,
                                     const std::optional<std::string>& file = {}) {
  return make_from<consumer_config>(options, file);
}

}  // namespace

TEST_CASE("the tool sends once, to all replicas, unless told otherwise") {
  const producer_config plain = make({}).config;
  CHECK(plain.bootstrap_servers == "a:1");
  CHECK(plain.acks == acks::all);
  CHECK(plain.retries == 0);
  CHECK(plain.idempotence == idempotence::off);
  CHECK(make({.acks = acks::none}).config.acks == acks::none);
  CHECK(make({.bootstrap_servers = "a,b:2"}).config.bootstrap_servers == "a:9092,b:2");
}

TEST_CASE("the file wins over the tool's options") {
  const producer_config config =
      make({.acks = acks::leader}, "acks=all\nretries = 7\nlinger.ms=3\nbootstrap.servers=c:5\n").config;
  CHECK(config.acks == acks::all);
  CHECK(config.retries == 7);
  CHECK(config.linger == 3ms);
  CHECK(config.bootstrap_servers == "c:5");
  CHECK(config.idempotence == idempotence::automatic);
  CHECK(make({}, "enable.idempotence=true\n").config.idempotence == idempotence::on);
}

TEST_CASE("keys that only Java's client heeds are ignored, and that is told") {
  const result<producer_config> made =
      make({}, "key.serializer=a.b.C\nsecurity.protocol=PLAINTEXT\n\nmetric.reporters=\n");
  REQUIRE(made.ignored.size() == 3);
  CHECK(made.ignored[0] == made.name + ": line 1: key.serializer is ignored");
  CHECK_THAT(made.ignored[2], Contains("line 4: metric.reporters"));
}

TEST_CASE("security that is not there is refused, not left out") {
  CHECK_THROWS_WITH(make({}, "a=b\nsecurity.protocol=SASL_SSL\n"), Contains("line 2: security.protocol"));
  CHECK_THROWS_WITH(make({}, "sasl.jaas.config=secret\n"), Contains("sasl.jaas.config") && !Contains("secret"));
  CHECK_THROWS_WITH(make({}, "ssl.keystore.password=secret\n"), !Contains("secret"));
}

TEST_CASE("what is wrong in the file is told with its place") {
  CHECK_THROWS_WITH(make({}, "\nacks=9\n"), Contains("line 2: acks"));
  CHECK_THROWS_WITH(make({}, "a=\\u00\n"), Contains("line 1"));
  CHECK_THROWS_WITH(make({.properties_file = "no/such/file"}), Contains("no/such/file"));
  CHECK_THROWS_AS(make({.cluster = {.properties = {"linger.ms=soon"}}}), std::runtime_error);
}

TEST_CASE("the verifiable consumer's options win over its file, and -X over both") {
  const std::string file =
      "enable.auto.commit=true\ngroup.id=x\nauto.offset.reset=latest\nmax.poll.records=3\n"
      "partition.assignment.strategy=sticky\nsession.timeout.ms=7000\ngroup.instance.id=i\n";
  const consumer_config plain = make_reading({.group_id = "g"}, file).config;
  CHECK(plain.bootstrap_servers == "a:1");
  CHECK(plain.group_id == "g");
  CHECK_FALSE(plain.auto_commit);
  CHECK(plain.offset_reset == offset_reset::earliest);
  CHECK(plain.poll_records_max == 3);
  CHECK(plain.assignors == "org.apache.kafka.clients.consumer.RangeAssignor");
  CHECK(plain.session_timeout == 7s);
  CHECK(plain.group_instance_id == "i");
  const consumer_config told = make_reading({.cluster = {.properties = {"session.timeout.ms=9000"}},
                                             .group_id = "g",
                                             .group_instance_id = "j",
                                             .session_timeout = 8000,
                                             .auto_commit = true,
                                             .reset_policy = "none",
                                             .assignment_strategy = "cooperative-sticky"},
                                            file)
                                   .config;
  CHECK(told.session_timeout == 9s);
  CHECK(told.group_instance_id == "j");
  CHECK(told.auto_commit);
  CHECK(told.offset_reset == offset_reset::none);
  CHECK(told.assignors == "cooperative-sticky");
  CHECK(make_reading({.group_id = "g"}).config.poll_records_max == 500);
}

TEST_CASE(
    "the group protocol comes from the option, else from the file, and the coordinator's has no assignors of ours") {
  const consumer_config told =
      make_reading({.group_protocol = "CONSUMER", .group_remote_assignor = "uniform"}, "group.protocol=classic\n")
          .config;
  CHECK(told.group_protocol == group_protocol::consumer);
  CHECK(told.remote_assignor == "uniform");
  CHECK(told.assignors == consumer_config().assignors);
  CHECK(make_reading({}, "group.protocol=consumer\n").config.group_protocol == group_protocol::consumer);
  CHECK(make_reading({}).config.group_protocol == group_protocol::classic);
  CHECK_THROWS_AS(make_reading({.session_timeout = 10'000}, "group.protocol=consumer\n"), std::runtime_error);
}

TEST_CASE("a session timeout is refused where the coordinator decides") {
  CHECK_THROWS_AS(make_reading({.group_protocol = "consumer", .session_timeout = 10'000}), std::runtime_error);
  CHECK_THROWS_WITH(make_reading({}, "sasl.jaas.config=secret\n"), Contains("sasl.jaas.config") && !Contains("secret"));
}
