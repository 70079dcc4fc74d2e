// SPDX-License-Identifier: Apache-2.0
#include <kafka/properties.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "support/catch.hpp"

using namespace kafka;
using namespace std::chrono_literals;

namespace {

std::vector<property> parsed(std::string_view text) {
  std::vector<property> properties;
  REQUIRE_FALSE(parse_properties(text, properties));
  return properties;
}

/// A file that is gone when the test is over.
class scratch_file {
 public:
  explicit scratch_file(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / ("kafka_properties_test." + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  ~scratch_file() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("keys end at =, : or white space, and values keep what follows") {
  CHECK(parsed("a=1\nb : 2\nc 3\nd\ne=\nf= x=y \ng:=1\n  h\t=\t4") == std::vector<property>{{"a", "1", 1},
                                                                                            {"b", "2", 2},
                                                                                            {"c", "3", 3},
                                                                                            {"d", "", 4},
                                                                                            {"e", "", 5},
                                                                                            {"f", "x=y ", 6},
                                                                                            {"g", "=1", 7},
                                                                                            {"h", "4", 8}});
}

TEST_CASE("blank lines and comments are skipped, also after white space") {
  CHECK(parsed("\n  \n# a=1\n ! b=2\nc=#3\n#d \\\ne=5") == std::vector<property>{{"c", "#3", 5}, {"e", "5", 7}});
}

TEST_CASE("a line that ends in an odd number of backslashes goes on") {
  CHECK(parsed("a=1,\\\n   2,\\\r\n\t3\nb=x\\\\\nc=\\\n") ==
        std::vector<property>{{"a", "1,2,3", 1}, {"b", "x\\", 4}, {"c", "", 5}});
  CHECK(parsed("a=1\\") == std::vector<property>{{"a", "1", 1}});
}

TEST_CASE("line ends of all three systems count as one") {
  CHECK(parsed("a=1\r\nb=2\rc=3\n\rd=4") ==
        std::vector<property>{{"a", "1", 1}, {"b", "2", 2}, {"c", "3", 3}, {"d", "4", 5}});
}

TEST_CASE("escapes in keys and values are Java's") {
  CHECK(parsed(R"(a\ b\=c\:d=\t\n\r\f\\\q)") == std::vector<property>{{"a b=c:d", "\t\n\r\f\\q", 1}});
  CHECK(parsed(R"(k=\u0041\u00e4\u20AC\uD83D\uDE00)") ==
        std::vector<property>{{"k", "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 1}});
}

TEST_CASE("a byte order mark does not belong to the first key") {
  CHECK(parsed("\xEF\xBB\xBF"
               "a=1") == std::vector<property>{{"a", "1", 1}});
}

TEST_CASE("a broken unicode escape is an error that names its line") {
  std::vector<property> properties;
  for (const char* bad :
       {R"(\u12)", R"(\u12G4)", R"(\u-123)", R"(\uD83D)", R"(\uD83Dx)", R"(\uDE00)", R"(\uD83D\u0041)"}) {
    CAPTURE(bad);
    const error failure = parse_properties(std::string("x=1\n\ny=") + bad, properties);
    CHECK(failure == client_errc::invalid_config);
    CHECK(failure.cause() == "line 3: a broken \\u escape");
    CHECK(properties == std::vector<property>{{"x", "1", 1}});
  }
}

TEST_CASE("one file serves clients of every kind") {
  const scratch_file file("bootstrap.servers = a:9092\nlinger.ms = 7\nfetch.min.bytes = 9\nretry.backoff.ms = 3\n");
  producer_config producer;
  consumer_config consumer;
  admin_config admin;
  REQUIRE_FALSE(load_properties(file.path(), producer));
  REQUIRE_FALSE(load_properties(file.path(), consumer));
  REQUIRE_FALSE(load_properties(file.path(), admin));
  CHECK(producer.linger == 7ms);
  CHECK(consumer.fetch_bytes_min == 9);
  CHECK(admin.bootstrap_servers == "a:9092");
  CHECK(admin.connection.retry_backoff == 3ms);
}

TEST_CASE("a bad line in a file is named and nothing of the file is taken") {
  const scratch_file file("linger.ms=7\n\nno.such.key=1\n");
  producer_config config;
  const error failure = load_properties(file.path(), config);
  CHECK(failure == client_errc::invalid_config);
  CHECK_THAT(failure.cause(), Catch::Matchers::StartsWith(file.path() + ": line 3: no.such.key"));
  CHECK(config.linger == 5ms);
}

TEST_CASE("a file that cannot be read is an error") {
  producer_config config;
  const error failure = load_properties("/no/such/file", config);
  CHECK(failure == client_errc::invalid_argument);
  CHECK_THAT(failure.cause(), Catch::Matchers::StartsWith("/no/such/file"));
  CHECK(load_properties("/", config) == client_errc::invalid_argument);
}
