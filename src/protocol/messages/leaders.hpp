// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

/// Who leads a partition now, told by a broker that does not lead it any more, to save a round of Metadata (KIP-951).
struct leader_id_and_epoch {
  std::int32_t leader_id = -1;     // -1: not known
  std::int32_t leader_epoch = -1;  // -1: not known
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("LeaderId", self.leader_id, default_value(-1));
    visit("LeaderEpoch", self.leader_epoch, default_value(-1));
  }
  bool operator==(const leader_id_and_epoch&) const = default;
};

/// Where that leader is (KIP-951).
struct node_endpoint {
  std::int32_t node_id = 0;
  std::string host{};
  std::int32_t port = 0;
  std::optional<std::string> rack{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("NodeId", self.node_id);
    visit("Host", self.host);
    visit("Port", self.port);
    visit("Rack", self.rack);
  }
  bool operator==(const node_endpoint&) const = default;
};

}  // namespace kafka::protocol
