// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/admin_session.hpp"
#include "cli/failures.hpp"

namespace kafka::cli {

/// The groups that were named, or else all that members consume with; brokers that cannot tell theirs are failures.
[[nodiscard]] inline std::vector<std::string> names_or_all(admin_session& admin, const std::vector<std::string>& named,
                                                           failures& wrong) {
  if (!named.empty()) return named;
  std::vector<std::string> names;
  const group_list told = admin->list_groups({.types = {group_type::classic, group_type::consumer}});
  for (const group_listing& each : told.groups) names.push_back(each.group_id);
  for (const broker_failure& each : told.failures) {
    wrong.add(each.failure.with_context("the groups of " + to_string(each.broker) + " are missing"));
  }
  return names;
}

}  // namespace kafka::cli
