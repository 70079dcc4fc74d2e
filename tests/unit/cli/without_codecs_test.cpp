// SPDX-License-Identifier: Apache-2.0
#include "cli/unpacking_source.hpp"
#include "support/catch.hpp"

using namespace kafka::cli;
using Catch::Matchers::Contains;

namespace {

class text_source final : public byte_source {
 public:
  explicit text_source(std::string of) : text_(std::move(of)) {}
  std::size_t read(char* to, std::size_t size) override {
    const std::size_t taken = text_.copy(to, size);
    text_.erase(0, taken);
    return taken;
  }

 private:
  std::string text_;
};

std::string read_all(const std::string& text) {
  text_source from(text);
  unpacking_source unpacking(from, "orders.gz");
  char buffer[100];
  return {buffer, unpacking.read(buffer, sizeof buffer)};
}

}  // namespace

TEST_CASE("a program built without a codec says so instead of sending packed bytes") {
  CHECK_THROWS_WITH(read_all("\x1F\x8B\x08"),
                    Contains("orders.gz: is packed with gzip") && Contains("KAFKA_WITH_ZLIB"));
  CHECK_THROWS_WITH(read_all("\x28\xB5\x2F\xFD"),
                    Contains("orders.gz: is packed with zstd") && Contains("KAFKA_WITH_ZSTD"));
  CHECK(read_all("plain\n") == "plain\n");
}
