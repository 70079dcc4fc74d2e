// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_session.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace kafka::cli {

void list_topics(const topics_list_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  const std::vector<std::string> names = admin->list_topics(options.internal);
  std::string& out = work.out.text;
  if (options.json) out += '[';
  bool first = true;
  for (const std::string& name : names) {
    if (options.json) {
      if (!first) out += ',';
      append_json(out, bytes_view(name));
      first = false;
    } else {
      out += name;
      out += '\n';
    }
    work.out.step();
  }
  if (options.json) out += "]\n";
}

}  // namespace kafka::cli
