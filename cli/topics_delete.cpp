// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/admin_session.hpp"
#include "cli/commands.hpp"
#include "cli/confirmation.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
void delete_topic(const topics_delete_options& options, context& work) {
  if (!options.yes && !confirmed("Delete topic " + options.topic + " with all its records?", work.interrupted))
    throw usage_error("topic " + options.topic + " is deleted with all its records: say --yes if you mean it");
  admin_session admin(options.cluster, work.interrupted);
  for (const topic_result& each : admin->delete_topics({options.topic})) {
    if (each.failure) throw each.failure;
  }
  std::fprintf(stderr, "deleted topic %s\n", options.topic.c_str());
}

}  // namespace kafka::cli
