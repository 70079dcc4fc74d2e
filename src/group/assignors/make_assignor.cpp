// SPDX-License-Identifier: Apache-2.0
#include <kafka/assignor.hpp>

#include "group/assignors/range.hpp"
#include "group/assignors/round_robin.hpp"
#include "group/assignors/sticky.hpp"

namespace kafka {

std::shared_ptr<assignor> make_assignor(std::string_view name) {
  static constexpr std::string_view java_package = "org.apache.kafka.clients.consumer.";
  const bool is_class = name.starts_with(java_package);
  if (is_class) name.remove_prefix(java_package.size());
  if (name == (is_class ? "RangeAssignor" : "range")) return std::make_shared<group::range_assignor>();
  if (name == (is_class ? "RoundRobinAssignor" : "roundrobin")) return std::make_shared<group::round_robin_assignor>();
  if (name == (is_class ? "StickyAssignor" : "sticky")) return std::make_shared<group::sticky_assignor>();
  if (name == (is_class ? "CooperativeStickyAssignor" : "cooperative-sticky"))
    return std::make_shared<group::cooperative_sticky_assignor>();
  return nullptr;
}

}  // namespace kafka
