// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/admin_session.hpp"
#include "cli/confirmation.hpp"
#include "cli/failures.hpp"
#include "cli/group_commands.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {

void delete_groups(const groups_delete_options& options, context& work) {
  std::string names;
  for (const std::string& each : options.groups) names += (names.empty() ? "" : ", ") + each;
  if (!options.yes && !confirmed("Delete " + names + " with all stored offsets?", work.interrupted))
    throw usage_error(names + ": groups are deleted with all their offsets: say --yes if you mean it");
  admin_session admin(options.cluster, work.interrupted);
  failures wrong;
  for (const group_result& each : admin->delete_groups(options.groups)) {
    wrong.add(each.failure);
    if (!each.failure) std::fprintf(stderr, "deleted group %s\n", each.group_id.c_str());
  }
  wrong.end(work.out);
}

}  // namespace kafka::cli
