// SPDX-License-Identifier: Apache-2.0
// list_groups: a broker lists the groups that it coordinates, so all of them are asked.
#include <algorithm>
#include <map>

#include "client/admin/operation.hpp"

namespace kafka::client {

namespace {

constexpr std::int16_t states_since = 4;
constexpr std::int16_t types_since = 5;

/// The others are node ids plus one.
constexpr std::size_t metadata_tag = 0;

template <class Value>
bool passes(const std::vector<Value>& filter, Value value) {
  return filter.empty() || std::find(filter.begin(), filter.end(), value) != filter.end();
}

/// The filters are applied here: what a broker does not know of it cannot filter by, and would refuse to.
class groups_listing final : public admin_operation {
 public:
  explicit groups_listing(group_filter filter) : filter_(std::move(filter)) {}

  std::vector<addressed> requests() override {
    std::vector<addressed> out;
    if (!knows_brokers_) {
      out.push_back({any_node, metadata_of({}), metadata_tag});
      return out;
    }
    for (const auto& [id, broker] : brokers_) {
      if (!broker.done) out.push_back({id, protocol::list_groups_request{}, static_cast<std::size_t>(id) + 1});
    }
    return out;
  }

  void on_reply(reply& answer, std::size_t tag) override {
    if (tag == metadata_tag) {
      if (answer.failure) note_failure(answer.failure);
      if (auto* told = std::get_if<protocol::metadata_response>(&answer.response)) on_metadata(*told);
      return;
    }
    const auto id = static_cast<std::int32_t>(tag - 1);
    const auto found = brokers_.find(id);
    if (found == brokers_.end()) return;
    error why = answer.failure;
    auto* listed = std::get_if<protocol::list_groups_response>(&answer.response);
    if (listed && listed->error_code != 0)
      why = {static_cast<broker_errc>(listed->error_code), "ListGroups to " + answer.broker};
    if (listed && !why && !filter_.states.empty() && answer.version < states_since) {
      why = {client_errc::unsupported_version,
             "ListGroups to " + answer.broker + ": it does not tell the states of groups"};
    }
    if (why) return on_failure(found->second, why, !listed);
    if (listed) take(*listed, answer.version, id);
    found->second.done = true;
  }

  bool finished() const override {
    if (failure()) return true;
    return knows_brokers_ && std::all_of(brokers_.begin(), brokers_.end(), [](auto& one) { return one.second.done; });
  }

  bool has_items() const override { return !brokers_.empty(); }

  admin_result result(const error& unfinished) override {
    group_list out;
    for (auto& [name, listing] : groups_) out.groups.push_back(std::move(listing));
    for (auto& [id, broker] : brokers_) {
      const error& why = broker.done ? broker.failure : unfinished;
      if (why) out.failures.push_back({std::move(broker.who), why});
    }
    return out;
  }

 private:
  struct asked_broker {
    node who;
    bool done = false;
    error failure;
  };

  void on_metadata(const protocol::metadata_response& told) {
    std::map<std::int32_t, asked_broker> now;
    for (const auto& one : told.brokers) now[one.node_id].who = {one.node_id, one.host, one.port, one.rack};
    // Groups of a broker that is gone are others' now, perhaps of some that have answered.
    const bool lost = std::any_of(brokers_.begin(), brokers_.end(),
                                  [&](auto& one) { return !one.second.done && !now.contains(one.first); });
    for (auto& [id, broker] : brokers_) {
      if (!lost && now.contains(id)) now[id] = std::move(broker);
    }
    brokers_ = std::move(now);
    knows_brokers_ = !brokers_.empty();
    if (!knows_brokers_) note({client_errc::no_brokers, "Metadata names none"});
  }

  void on_failure(asked_broker& broker, const error& why, bool unreachable) {
    if (!why.retriable()) {
      broker.done = true;
      broker.failure = why;
      return;
    }
    note(why);
    // It may be gone for good: metadata knows.
    if (unreachable) knows_brokers_ = false;
  }

  void take(protocol::list_groups_response& listed, std::int16_t version, std::int32_t coordinator) {
    for (auto& one : listed.groups) {
      group_listing out;
      out.group_id = std::move(one.group_id);
      out.protocol_type = std::move(one.protocol_type);
      out.coordinator = coordinator;
      out.state = parse_group_state(one.group_state).value_or(group_state::unknown);
      // Brokers that do not tell the type have groups of one type only.
      out.type =
          version < types_since ? group_type::classic : parse_group_type(one.group_type).value_or(group_type::unknown);
      if (passes(filter_.states, out.state) && passes(filter_.types, out.type)) groups_[out.group_id] = std::move(out);
    }
  }

  group_filter filter_;
  bool knows_brokers_ = false;
  std::map<std::int32_t, asked_broker> brokers_;
  std::map<std::string, group_listing> groups_;
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::list_groups call) {
  return std::make_unique<groups_listing>(std::move(call.filter));
}

}  // namespace kafka::client
