// SPDX-License-Identifier: Apache-2.0
// Writes docs/configuration.md from the configuration table.
#include <kafka/properties.hpp>

#include "client/config_table.hpp"

namespace kafka {
namespace {

std::string code(std::string_view text) {
  if (text.empty()) return {};
  std::string quoted = "`";
  quoted += text;
  quoted += '`';
  return quoted;
}

template <class Config>
void append_row(std::string& page, const client::config_row<Config>& row, std::string_view prefix) {
  const std::optional<std::string> standard = client::member_text(row, Config{});
  page += "| ";
  page += row.key.empty() ? "(in code only)" : code(row.key);
  if (!row.origin.empty()) page += row.origin == "librdkafka" ? " ²" : " ¹";
  page += " | ";
  page += code(std::string(prefix) + std::string(row.name));
  page += " | ";
  page += standard ? code(*standard) : std::string();
  page += " | ";
  page += client::range_text(row);
  page += " | ";
  page += row.doc;
  page += " |\n";
}

template <class Config>
void append_table(std::string& page, std::string_view title, std::string_view about, std::string_view prefix = {}) {
  page += "\n## ";
  page += title;
  page += "\n\n";
  page += about;
  page += "\n\n| Property | Member | Default | Range | Meaning |\n|---|---|---|---|---|\n";
  for (const client::config_row<Config>& row : client::config_rows<Config>()) append_row(page, row, prefix);
}

constexpr std::string_view head =
    R"(<!-- Generated from src/client/config_table.cpp by `kafka-cli config-doc`; a test compares. -->
# Configuration

Clients are configured by plain structs (`include/kafka/config.hpp`) or by text: `kafka::set_property`,
`kafka::load_properties` (files as of java.util.Properties) and `kafka-cli -X key=value` take the property names below,
which are those of Kafka's Java client. Defaults are Java's (Kafka 4.x) except where the meaning says otherwise. Times
(`.ms`) are whole milliseconds, sizes are bytes. A value out of its range is refused when the client is made, with the
property's name. Properties of the Java client that are not listed are refused, too, rather than ignored.

¹ asio-kafka's own name: Java has no such property. ² librdkafka's name: Java has none, or has one for each codec.
)";

}  // namespace

std::string configuration_markdown() {
  std::string page(head);
  append_table<producer_config>(page, "Producer", "`kafka::producer_config`; besides, the properties of connections.");
  append_table<consumer_config>(page, "Consumer", "`kafka::consumer_config`; besides, the properties of connections.");
  append_table<admin_config>(page, "Admin", "`kafka::admin_config`; besides, the properties of connections.");
  append_table<connection_config>(page, "Connections", "`kafka::connection_config`, the same for every client.",
                                  "connection.");
  return page;
}

}  // namespace kafka
