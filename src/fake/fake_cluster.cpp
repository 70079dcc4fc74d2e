// SPDX-License-Identifier: Apache-2.0
#include <kafka/fake_cluster.hpp>

#include <chrono>
#include <set>
#include <stdexcept>
#include <type_traits>

#include "fake/records.hpp"
#include "fake/tcp_server.hpp"

namespace kafka {

namespace {

[[noreturn]] void unknown(std::string what) {
  throw std::invalid_argument("fake cluster: " + std::move(what));
}

fake::topic_state& topic_or_throw(fake::cluster& core, std::string_view topic) {
  fake::topic_state* found = core.state().find_topic(topic);
  if (!found) unknown("no topic '" + std::string(topic) + "'");
  return *found;
}

fake::partition_state& partition_or_throw(fake::cluster& core, std::string_view topic, std::int32_t partition) {
  fake::partition_state* found = topic_or_throw(core, topic).find_partition(partition);
  if (!found) unknown("no partition " + std::to_string(partition) + " of topic '" + std::string(topic) + "'");
  return *found;
}

fake::node_state& node_or_throw(fake::cluster& core, std::int32_t node) {
  fake::node_state* found = core.state().find_node(node);
  if (!found) unknown("no node " + std::to_string(node));
  return *found;
}

/// What a control function of the user is shown.
class shown_request final : public fake_request {
 public:
  explicit shown_request(const fake::call& shown) : shown_(shown) {}
  [[nodiscard]] const recorded_request& header() const noexcept override { return shown_.header(); }
  [[nodiscard]] std::string body_json() const override { return shown_.body_json(); }

 private:
  const fake::call& shown_;
};

}  // namespace

struct fake_cluster::impl {
  explicit impl(const fake_cluster_options& options) : host(options.host), nodes(options.nodes), server(options) {}

  /// Runs `work(cluster, now)` on the cluster's thread and gives its result.
  template <class Work>
  auto on_thread(Work&& work) {
    using result = std::invoke_result_t<Work, fake::cluster&, instant>;
    if constexpr (std::is_void_v<result>) {
      server.run([&](fake::cluster& core, instant now) { work(core, now); });
    } else {
      std::optional<result> out;
      server.run([&](fake::cluster& core, instant now) { out.emplace(work(core, now)); });
      return *std::move(out);
    }
  }

  std::string host;
  std::int32_t nodes;
  fake::tcp_server server;
};

fake_cluster::fake_cluster(const fake_cluster_options& options) : impl_(std::make_unique<impl>(options)) {}
fake_cluster::fake_cluster(fake_cluster&&) noexcept = default;
fake_cluster& fake_cluster::operator=(fake_cluster&&) noexcept = default;
fake_cluster::~fake_cluster() = default;

std::string fake_cluster::bootstrap_servers() const {
  std::string out;
  const bool is_ipv6 = impl_->host.find(':') != std::string::npos;
  for (std::int32_t node = 1; node <= impl_->nodes; ++node) {
    if (!out.empty()) out += ',';
    out += is_ipv6 ? "[" + impl_->host + "]" : impl_->host;
    out += ":" + std::to_string(impl_->server.port(node));
  }
  return out;
}

std::uint16_t fake_cluster::port(std::int32_t node) const {
  if (node < 1 || node > impl_->nodes) unknown("no node " + std::to_string(node));
  return impl_->server.port(node);
}

// --- topics and records ----------------------------------------------------------------------------------------------

uuid fake_cluster::create_topic(std::string_view name, std::int32_t partitions, const fake_topic_options& options) {
  fake::topic_plan plan{
      .name = std::string(name), .partitions = partitions, .replication_factor = options.replication_factor};
  for (const auto& [key, value] : options.configs) plan.configs.emplace_back(key, value);
  return impl_->on_thread([&](fake::cluster& core, instant) {
    fake::created_topic created;
    const fake::refusal refused = core.state().create_topic(plan, false, &created);
    if (refused) unknown("create topic '" + plan.name + "': " + refused.message);
    return created.id;
  });
}

void fake_cluster::add_partitions(std::string_view topic, std::int32_t count) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    const fake::refusal refused = core.state().add_partitions(topic, count, std::nullopt, false);
    if (refused) unknown("add partitions to topic '" + std::string(topic) + "': " + refused.message);
  });
}

void fake_cluster::delete_topic(std::string_view name) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    if (!core.state().delete_topic(name)) unknown("no topic '" + std::string(name) + "'");
  });
}

std::optional<uuid> fake_cluster::topic_id(std::string_view name) const {
  return impl_->on_thread([&](fake::cluster& core, instant) {
    const fake::topic_state* found = core.state().find_topic(name);
    return found ? std::optional(found->id) : std::nullopt;
  });
}

std::int64_t fake_cluster::append(std::string_view topic, std::int32_t partition,
                                  const std::vector<fake_record>& records) {
  return impl_->on_thread([&](fake::cluster& core, instant now) {
    fake::partition_state& into = partition_or_throw(core, topic, partition);
    if (records.empty()) return into.log.end_offset();
    const shared_bytes batch = fake::make_batch(records, now.wall, core.state().buffers());
    return core.state().append(topic_or_throw(core, topic), into, batch, now);
  });
}

std::vector<fake_record> fake_cluster::records(std::string_view topic, std::int32_t partition) const {
  return impl_->on_thread([&](fake::cluster& core, instant) {
    return fake::read_records(partition_or_throw(core, topic, partition).log, core.state().buffers());
  });
}

std::int64_t fake_cluster::start_offset(std::string_view topic, std::int32_t partition) const {
  return impl_->on_thread(
      [&](fake::cluster& core, instant) { return partition_or_throw(core, topic, partition).log.start_offset(); });
}

std::int64_t fake_cluster::end_offset(std::string_view topic, std::int32_t partition) const {
  return impl_->on_thread(
      [&](fake::cluster& core, instant) { return partition_or_throw(core, topic, partition).log.end_offset(); });
}

std::optional<std::int64_t> fake_cluster::committed_offset(std::string_view group, std::string_view topic,
                                                           std::int32_t partition) const {
  return impl_->on_thread([&](fake::cluster& core, instant) {
    const fake::committed_offset* found = core.state().offsets().find(group, {std::string(topic), partition});
    return found ? std::optional(found->offset) : std::nullopt;
  });
}

// --- intercepting requests -------------------------------------------------------------------------------------------

fake_cluster::control_id fake_cluster::control(api_key key, control_function function, std::size_t times) {
  return impl_->on_thread([&](fake::cluster& core, instant) {
    return core.control(
        key,
        [function = std::move(function)](fake::call& asked) -> fake::verdict {
          shown_request shown(asked);
          return function(shown);
        },
        times);
  });
}

void fake_cluster::remove_control(control_id id) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.remove_control(id); });
}

void fake_cluster::remove_all_controls() {
  impl_->on_thread([](fake::cluster& core, instant) { core.remove_all_controls(); });
}

std::vector<recorded_request> fake_cluster::requests() const {
  return impl_->on_thread([](fake::cluster& core, instant) {
    return std::vector<recorded_request>(core.requests().begin(), core.requests().end());
  });
}

void fake_cluster::clear_requests() {
  impl_->on_thread([](fake::cluster& core, instant) { core.clear_requests(); });
}

// --- the life of brokers ---------------------------------------------------------------------------------------------

void fake_cluster::stop_node(std::int32_t node) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.stop_node(node_or_throw(core, node).id); });
}

void fake_cluster::start_node(std::int32_t node) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.start_node(node_or_throw(core, node).id); });
}

bool fake_cluster::is_running(std::int32_t node) const {
  return impl_->on_thread([&](fake::cluster& core, instant) { return node_or_throw(core, node).running; });
}

void fake_cluster::drop_connections(std::int32_t node) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.drop_connections(node_or_throw(core, node).id); });
}

void fake_cluster::set_listed(std::int32_t node, bool listed) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    node_or_throw(core, node).listed = listed;
    core.state().groups().coordinators_changed();
  });
}

void fake_cluster::set_advertised_address(std::int32_t node, std::string_view host, std::int32_t port) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    fake::node_state& changed = node_or_throw(core, node);
    changed.host = std::string(host);
    changed.port = port;
  });
}

std::int32_t fake_cluster::leader(std::string_view topic, std::int32_t partition) const {
  return impl_->on_thread(
      [&](fake::cluster& core, instant) { return partition_or_throw(core, topic, partition).leader; });
}

std::int32_t fake_cluster::leader_epoch(std::string_view topic, std::int32_t partition) const {
  return impl_->on_thread(
      [&](fake::cluster& core, instant) { return partition_or_throw(core, topic, partition).leader_epoch; });
}

void fake_cluster::move_leader(std::string_view topic, std::int32_t partition, std::int32_t node,
                               std::chrono::milliseconds metadata_lag) {
  impl_->on_thread([&](fake::cluster& core, instant now) {
    fake::partition_state& moved = partition_or_throw(core, topic, partition);
    core.state().move_leader(moved, node_or_throw(core, node).id, metadata_lag, now);
  });
}

void fake_cluster::set_in_sync(std::string_view topic, std::int32_t partition, const std::vector<std::int32_t>& nodes) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    core.state().set_in_sync(partition_or_throw(core, topic, partition), nodes);
  });
}

void fake_cluster::set_replicas(std::string_view topic, std::int32_t partition,
                                const std::vector<std::int32_t>& nodes) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    for (const std::int32_t node : nodes) (void)node_or_throw(core, node);
    if (nodes.empty() || std::set<std::int32_t>(nodes.begin(), nodes.end()).size() != nodes.size()) {
      throw std::invalid_argument("a partition needs replicas, each on another node");
    }
    core.state().set_replicas(partition_or_throw(core, topic, partition), nodes);
  });
}

void fake_cluster::set_leader_epoch(std::string_view topic, std::int32_t partition, std::int32_t epoch) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    core.state().set_leader_epoch(partition_or_throw(core, topic, partition), epoch);
  });
}

void fake_cluster::hold_replication(std::string_view topic, std::int32_t partition, bool held) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    core.state().hold_replication(partition_or_throw(core, topic, partition), held);
  });
}

void fake_cluster::elect_uncleanly(std::string_view topic, std::int32_t partition, std::int32_t node,
                                   std::int64_t end_offset) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    fake::partition_state& cut = partition_or_throw(core, topic, partition);
    core.state().elect_uncleanly(cut, node_or_throw(core, node).id, end_offset);
  });
}

void fake_cluster::set_follower_end(std::string_view topic, std::int32_t partition, std::int32_t node,
                                    std::int64_t end_offset) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    fake::partition_state& changed = partition_or_throw(core, topic, partition);
    core.state().set_follower_end(changed, node_or_throw(core, node).id, end_offset);
  });
}

void fake_cluster::delete_records_before(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    core.state().delete_before(partition_or_throw(core, topic, partition), offset);
  });
}

void fake_cluster::set_marker_delay(std::chrono::milliseconds delay) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.state().transactions().set_marker_delay(delay); });
}

void fake_cluster::set_coordinator(std::string_view key, std::int32_t node, std::chrono::milliseconds loading) {
  impl_->on_thread([&](fake::cluster& core, instant now) {
    core.state().set_coordinator(key, node_or_throw(core, node).id);
    core.state().groups().set_loading(key, now.steady + loading);
  });
}

void fake_cluster::cap_version(api_key key, std::int16_t max, std::int32_t node) {
  impl_->on_thread([&](fake::cluster& core, instant) {
    if (node != 0) {
      node_or_throw(core, node).version_caps.insert_or_assign(key, max);
      return;
    }
    for (auto& one : core.state().nodes()) one.version_caps.insert_or_assign(key, max);
  });
}

void fake_cluster::throttle(api_key key, std::chrono::milliseconds duration) {
  impl_->on_thread([&](fake::cluster& core, instant) { core.state().throttle(key, duration); });
}

}  // namespace kafka
