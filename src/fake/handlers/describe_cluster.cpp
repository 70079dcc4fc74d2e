// SPDX-License-Identifier: Apache-2.0
// DescribeCluster, 0 to 2. 1 adds the kind of endpoint (KIP-919): 1 brokers; 2 controllers, which a broker's listener
// does not know. 2 adds fenced brokers, of which there are none here.
#include "protocol/messages/describe_cluster.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"

namespace kafka::fake {

void handle_describe_cluster(call& one) {
  const auto& request = *one.as<protocol::describe_cluster_request>();
  const cluster_state& state = one.state();
  protocol::describe_cluster_response response;
  response.endpoint_type = one.version() >= 1 ? request.endpoint_type : std::int8_t{1};
  if (one.forced_error() != broker_errc::none) {
    response.error_code = static_cast<std::int16_t>(one.forced_error());
    return one.answer(std::move(response));
  }
  if (response.endpoint_type != 1) {
    const bool controllers = response.endpoint_type == 2;
    response.error_code = static_cast<std::int16_t>(controllers ? broker_errc::mismatched_endpoint_type
                                                                : broker_errc::unsupported_endpoint_type);
    response.error_message = controllers ? "The request was sent to an endpoint of the wrong type."
                                         : "Unsupported endpoint type " + std::to_string(response.endpoint_type);
    return one.answer(std::move(response));
  }
  response.cluster_id = state.cluster_id();
  response.controller_id = state.controller();
  for (const auto& node : state.nodes()) {
    if (node.serves()) response.brokers.push_back({node.id, node.host, node.port, node.rack, false, {}});
  }
  constexpr std::int32_t cluster_operations = 0x1FA0;  // all that there are, as without an authorizer
  if (request.include_cluster_authorized_operations) response.cluster_authorized_operations = cluster_operations;
  one.answer(std::move(response));
}

}  // namespace kafka::fake
