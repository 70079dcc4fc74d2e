// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs, 1 to 4. Topics and brokers; other resources are refused. 1 has sources and synonyms, 3 types and
// documentation (KIP-569).
#include <algorithm>
#include <set>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "protocol/messages/describe_configs.hpp"

namespace kafka::fake {

namespace {

using protocol::describe_configs_request;
using wanted_resource = describe_configs_request::resource;
using result = protocol::describe_configs_response::result;
using described = protocol::describe_configs_response::config;

namespace resource_type {
constexpr std::int8_t topic = 2;
constexpr std::int8_t broker = 4;
}  // namespace resource_type

struct value {
  std::string name;
  std::string text;
  config_source source = config_source::standard;
};

/// `values` begins with the one in force; what it would be without it follows.
described describe(const describe_configs_request& request, const config_key& key, const std::vector<value>& values,
                   bool read_only) {
  described out;
  out.name = values.front().name;
  out.value = values.front().text;
  out.read_only = read_only;
  out.config_source = static_cast<std::int8_t>(values.front().source);
  out.config_type = static_cast<std::int8_t>(key.type);
  if (request.include_documentation) {
    out.documentation = std::string(key.documentation);
  } else {
    out.documentation.reset();
  }
  if (request.include_synonyms) {
    for (const auto& one : values) {
      if (one.name.empty()) continue;
      out.synonyms.push_back({one.name, one.text, static_cast<std::int8_t>(one.source), {}});
    }
  }
  return out;
}

bool is_wanted(const wanted_resource& wanted, std::string_view name) {
  // An empty list asks for none; null for all.
  if (!wanted.configuration_keys) return true;
  const auto& keys = *wanted.configuration_keys;
  return std::find(keys.begin(), keys.end(), name) != keys.end();
}

void describe_topic(const describe_configs_request& request, const wanted_resource& wanted, const topic_state& topic,
                    result& out) {
  for (const auto& key : topic_config_keys()) {
    if (!is_wanted(wanted, key.name)) continue;
    std::vector<value> values;
    const auto given = topic.configs.find(key.name);
    if (given != topic.configs.end()) {
      values.push_back({std::string(key.name), given->second, config_source::topic});
    } else {
      values.push_back({std::string(key.name), std::string(key.standard), config_source::standard});
    }
    described made = describe(request, key, values, false);
    if (request.include_synonyms) {
      if (given == topic.configs.end()) made.synonyms.clear();
      if (!key.broker_name.empty()) {
        made.synonyms.push_back({std::string(key.broker_name),
                                 std::string(key.standard),
                                 static_cast<std::int8_t>(config_source::standard),
                                 {}});
      }
    }
    out.configs.push_back(std::move(made));
  }
}

void describe_broker(call& one, const describe_configs_request& request, const wanted_resource& wanted, result& out) {
  const auto& options = one.state().options();
  const auto add = [&](const config_key& key, std::vector<value> values, bool read_only) {
    if (is_wanted(wanted, values.front().name)) out.configs.push_back(describe(request, key, values, read_only));
  };
  const auto fixed = [&](std::string_view name, std::string text, config_type type, std::string_view standard) {
    std::vector<value> values{{std::string(name), std::move(text), config_source::static_broker}};
    if (!standard.empty()) values.push_back({std::string(name), std::string(standard), config_source::standard});
    add({.name = name, .type = type}, std::move(values), true);
  };
  fixed("auto.create.topics.enable", options.auto_create_topics ? "true" : "false", config_type::boolean, "true");
  fixed("default.replication.factor", std::to_string(options.default_replication_factor), config_type::int32, "1");
  fixed("node.id", std::to_string(one.node()), config_type::int32, {});
  fixed("num.partitions", std::to_string(options.default_partitions), config_type::int32, "1");
  fixed("socket.request.max.bytes", std::to_string(options.request_bytes_max), config_type::int32, "104857600");
  for (const auto& key : group_config_keys()) {
    const auto given = options.broker_configs.find(std::string(key.name));
    std::vector<value> values{{std::string(key.name), std::string(key.standard), config_source::standard}};
    if (given != options.broker_configs.end()) {
      values.insert(values.begin(), {std::string(key.name), given->second, config_source::static_broker});
    }
    add(key, std::move(values), true);
  }
  for (const auto& key : topic_config_keys()) {
    if (key.broker_name.empty()) continue;
    add(key, {{std::string(key.broker_name), std::string(key.standard), config_source::standard}}, false);
  }
  std::sort(out.configs.begin(), out.configs.end(), [](auto& left, auto& right) { return left.name < right.name; });
}

result describe_resource(call& one, const describe_configs_request& request, const wanted_resource& wanted) {
  result out;
  out.resource_type = wanted.resource_type;
  out.resource_name = wanted.resource_name;
  out.error_message.reset();
  const auto refuse = [&](broker_errc code, std::string message) {
    out.error_code = static_cast<std::int16_t>(code);
    if (!message.empty()) out.error_message = std::move(message);
    return out;
  };
  if (one.forced_error() != broker_errc::none) return refuse(one.forced_error(), {});
  if (wanted.resource_type == resource_type::topic) {
    const topic_state* topic = one.state().find_topic(std::string_view(wanted.resource_name));
    if (!topic) {
      return refuse(broker_errc::unknown_topic_or_partition, "This server does not host this topic-partition.");
    }
    describe_topic(request, wanted, *topic, out);
    return out;
  }
  if (wanted.resource_type == resource_type::broker) {
    // Only the broker itself knows its configuration; an empty name asks for the cluster's dynamic defaults: none.
    if (wanted.resource_name.empty()) return out;
    if (wanted.resource_name != std::to_string(one.node())) {
      return refuse(broker_errc::invalid_request, "Unexpected broker id, expected " + std::to_string(one.node()) +
                                                      " or empty string, but received " + wanted.resource_name);
    }
    describe_broker(one, request, wanted, out);
    return out;
  }
  return refuse(broker_errc::invalid_request, "Unsupported resource type: " + std::to_string(wanted.resource_type));
}

}  // namespace

void handle_describe_configs(call& one) {
  const auto& request = *one.as<describe_configs_request>();
  protocol::describe_configs_response response;
  for (const auto& wanted : request.resources) response.results.push_back(describe_resource(one, request, wanted));
  one.answer(std::move(response));
}

}  // namespace kafka::fake
