// SPDX-License-Identifier: Apache-2.0
// Our messages against Kafka's own definitions, of which tests/golden/schema.jsonl.gz holds the facts.
#include "protocol/schema.hpp"

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include "golden/golden.hpp"
#include "protocol/messages/all.hpp"
#include "protocol/schema_dump.hpp"
#include "support/catch.hpp"
#include "tools/json_value.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

using tools::json_value;

std::string text_of(const json_value& object, std::string_view name, std::string otherwise = "") {
  const json_value* member = object.member(name);
  if (!member) return otherwise;
  if (const auto* text = member->get_if<std::string>()) return *text;
  if (const auto* number = member->get_if<json_value::number>()) return number->text;
  if (const auto* truth = member->get_if<bool>()) return *truth ? "true" : "false";
  return otherwise;
}

/// `3+`, `1-4`, `2` or `none`.
std::optional<version_range> range_of(const std::string& text) {
  if (text == "none") return std::nullopt;
  version_range out;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out.min);
  REQUIRE(failure == std::errc());
  const std::string rest(end, text.data() + text.size());
  if (rest.empty()) {
    out.max = out.min;
  } else if (rest != "+") {
    out.max = static_cast<std::int16_t>(std::stoi(rest.substr(1)));
  }
  return out;
}

std::optional<version_range> both(std::optional<version_range> left, std::optional<version_range> right) {
  if (!left || !right) return std::nullopt;
  const version_range out{std::max(left->min, right->min), std::min(left->max, right->max)};
  return out.min <= out.max ? std::optional(out) : std::nullopt;
}

/// One message definition of Kafka's.
class definition {
 public:
  explicit definition(const std::string& line) : root_(*tools::parse_json(line)) {
    if (const json_value* structs = root_.member("commonStructs")) {
      for (const auto& entry : *structs->get_if<json_value::array>()) common_[text_of(entry, "name")] = &entry;
    }
  }

  [[nodiscard]] std::string get(std::string_view name, std::string otherwise = "") const {
    return text_of(root_, name, std::move(otherwise));
  }
  [[nodiscard]] std::optional<version_range> versions() const { return range_of(get("validVersions")); }

  /// Its fields as schema_dump would list ours.
  [[nodiscard]] std::vector<field_facts> facts() const {
    std::vector<field_facts> out;
    list(root_, *versions(), "", out);
    return out;
  }

 private:
  void list(const json_value& holder, version_range parent, const std::string& path,
            std::vector<field_facts>& out) const {
    for (const json_value& field : *holder.member("fields")->get_if<json_value::array>()) {
      const auto versions = both(parent, range_of(text_of(field, "versions")));
      if (!versions) continue;  // gone before the oldest version that is left
      std::string type = text_of(field, "type");
      const std::string prefix = type.starts_with("[]") ? "[]" : "";
      const std::string element = type.substr(prefix.size());
      const bool is_struct = element[0] >= 'A' && element[0] <= 'Z';
      field_facts facts;
      facts.path = path + text_of(field, "name");
      facts.type = prefix + (is_struct ? "struct" : element == "records" ? "bytes" : element);
      facts.versions = *versions;
      facts.null_in = both(versions, range_of(text_of(field, "nullableVersions", "none")));
      if (field.member("tag")) {
        facts.tag = static_cast<std::uint32_t>(std::stoul(text_of(field, "tag")));
        CHECK(both(parent, range_of(text_of(field, "taggedVersions"))) == versions);
      }
      facts.default_text = default_of(field, type, facts.null_in.has_value());
      facts.ignorable = text_of(field, "ignorable") == "true";
      facts.never_flexible = text_of(field, "flexibleVersions") == "none";
      out.push_back(facts);
      if (!is_struct) continue;
      list(field.member("fields") ? field : *common_.at(element), *versions, facts.path + '.', out);
    }
  }

  static std::string default_of(const json_value& field, const std::string& type, bool nullable) {
    const std::string text = text_of(field, "default");
    if (text == "null" || (type == "records" && nullable)) return "null";
    if (type.starts_with("[]") || type == "string" || type == "bytes" || type == "records")
      return text.empty() ? "empty" : text;
    if (type == "bool") return text.empty() ? "false" : text;
    if (type == "uuid") return "zero";
    if (type[0] >= 'A' && type[0] <= 'Z') return "struct";
    if (type == "float64") return text.empty() ? "0" : text;
    return std::to_string(text.empty() ? 0 : std::stoll(text, nullptr, 0));
  }

  json_value root_;
  std::map<std::string, const json_value*> common_;
};

std::map<std::string, definition> definitions() {
  std::map<std::string, definition> out;
  for (const std::string& line : golden::lines_of("schema.jsonl.gz")) {
    definition next(line);
    const std::string name = next.get("name");
    out.emplace(name, std::move(next));
  }
  return out;
}

std::string print(const field_facts& facts) {
  const auto range = [](version_range versions) {
    return std::to_string(versions.min) + "-" + std::to_string(versions.max);
  };
  return facts.path + " " + facts.type + " in " + range(facts.versions) +
         (facts.null_in ? " null in " + range(*facts.null_in) : "") +
         (facts.tag ? " tag " + std::to_string(*facts.tag) : "") + " default " + facts.default_text +
         (facts.ignorable ? " ignorable" : "") + (facts.never_flexible ? " never flexible" : "");
}

std::vector<std::string> printed(const std::vector<field_facts>& all) {
  std::vector<std::string> out;
  for (const auto& facts : all) out.push_back(print(facts));
  return out;
}

}  // namespace

TEST_CASE("every field of every message has the attributes that Kafka's definitions give it, in their order") {
  const auto kafka = definitions();
  std::size_t messages = 0;
  for_each_message([&]<class M>() {
    INFO(M::name);
    CHECK(printed(schema_dump::of<M>()) == printed(kafka.at(M::name).facts()));
    ++messages;
  });
  CHECK(messages == 116);
}

TEST_CASE("every message has the key, the versions and the flexible versions that Kafka's definitions give it") {
  const auto kafka = definitions();
  for_each_message([&]<class M>() {
    INFO(M::name);
    const definition& theirs = kafka.at(M::name);
    CHECK(M::api.versions == theirs.versions());
    const auto flexible = range_of(theirs.get("flexibleVersions"));
    CHECK(M::api.flexible_since == (flexible ? flexible->min : no_version));
  });
  all_requests::for_each([&]<class Request>() {
    INFO(Request::name);
    const definition& theirs = kafka.at(Request::name);
    CHECK(std::to_string(static_cast<int>(Request::api.key)) == theirs.get("apiKey"));
    const bool unstable = theirs.get("latestVersionUnstable") == "true";
    CHECK(Request::api.stable_max == Request::api.versions.max - (unstable ? 1 : 0));
    CHECK(Request::api.key == Request::response::api.key);
  });
}

TEST_CASE("every member is initialised with the default that its field declares") {
  for_each_message([&]<class M>() {
    INFO(M::name);
    for (const field_facts& facts : schema_dump::of<M>()) {
      INFO(facts.path);
      CHECK(facts.initialiser_is_the_default);
    }
  });
}

TEST_CASE("known tagged fields are listed in order of their tags, as the encoder writes them") {
  for_each_message([&]<class M>() {
    std::map<std::string, std::int64_t> last;
    for (const field_facts& facts : schema_dump::of<M>()) {
      if (!facts.tag) continue;
      INFO(M::name << " " << facts.path);
      const std::string parent = facts.path.substr(0, facts.path.find_last_of('.') + 1);
      const auto [before, first] = last.try_emplace(parent, -1);
      CHECK(before->second < *facts.tag);
      before->second = *facts.tag;
    }
  });
}

TEST_CASE("the README names every API of Kafka that we do not speak") {
  std::ifstream file(KAFKA_SOURCE_DIR "/src/protocol/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  std::size_t unspoken = 0;
  for (const auto& [name, theirs] : definitions()) {
    if (theirs.get("type") != "request" || !theirs.versions()) continue;
    const std::string api = name.substr(0, name.size() - std::string_view("Request").size());
    bool spoken = false;
    all_requests::for_each([&]<class Request>() { spoken = spoken || Request::name == name; });
    if (spoken) continue;
    ++unspoken;
    INFO(api);
    CHECK(readme.str().find(api + " " + theirs.get("apiKey")) != std::string::npos);
  }
  CHECK(unspoken == 33);
}
