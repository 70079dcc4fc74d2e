// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/admin_session.hpp"
#include "cli/commands.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {

void create_topic(const topics_create_options& options, context& work) {
  new_topic topic{
      .name = options.topic, .partitions = options.partitions, .replication_factor = options.replication_factor};
  for (const std::string& each : options.configs) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos || equals == 0) throw usage_error("--config: \"" + each + "\" is not key=value");
    topic.configs.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  admin_session admin(options.cluster, work.interrupted);
  for (const topic_result& each : admin->create_topics({topic})) {
    if (each.failure) throw each.failure;
  }
  std::fprintf(stderr, "created topic %s\n", options.topic.c_str());
}

}  // namespace kafka::cli
