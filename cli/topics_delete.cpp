// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <unistd.h>

#include "cli/admin_session.hpp"
#include "cli/commands.hpp"
#include "cli/line_reader.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

bool confirmed(const std::string& topic, const interrupts& interrupted) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return false;
  std::fprintf(stderr, "Delete topic %s with all its records? [y/N] ", topic.c_str());
  std::fflush(stderr);
  descriptor_source input(STDIN_FILENO, interrupted.descriptor(), "standard input");
  line_reader answers(input);
  const std::optional<std::string_view> answer = answers.next();
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

}  // namespace

void delete_topic(const topics_delete_options& options, context& work) {
  if (!options.yes && !confirmed(options.topic, work.interrupted))
    throw usage_error("topic " + options.topic + " is deleted with all its records: say --yes if you mean it");
  admin_session admin(options.cluster, work.interrupted);
  for (const topic_result& each : admin->delete_topics({options.topic})) {
    if (each.failure) throw each.failure;
  }
  std::fprintf(stderr, "deleted topic %s\n", options.topic.c_str());
}

}  // namespace kafka::cli
