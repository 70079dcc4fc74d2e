// SPDX-License-Identifier: Apache-2.0
#include "fake/cluster.hpp"

#include <algorithm>

#include "fake/frame_queue.hpp"
#include "fake/handlers.hpp"
#include "protocol/api.hpp"
#include "protocol/codec.hpp"
#include "protocol/encoder.hpp"
#include "protocol/messages/headers.hpp"
#include "protocol/registry.hpp"

namespace kafka::fake {

namespace {

/// A driver is asked to stop reading when so many bytes of complete requests wait behind one that is being handled.
constexpr std::size_t waiting_bytes_max = 4U << 20U;

/// Size and header of a response whose body has `body_bytes` bytes.
std::vector<shared_bytes> response_prefix(std::int16_t header_version, std::int32_t correlation_id,
                                          std::size_t body_bytes) {
  protocol::response_header header;
  header.correlation_id = correlation_id;
  const bool flexible = protocol::response_header::api.flexible(header_version);
  protocol::wire_sink counted;
  protocol::encoder(counted, header_version, flexible).message(header);
  const auto size = static_cast<std::int32_t>(counted.size() + body_bytes);
  counted.integer(size);
  protocol::wire_sink sink(counted, std::in_place);
  sink.integer(size);
  protocol::encoder(sink, header_version, flexible).message(header);
  return std::move(sink).finish();
}

}  // namespace

/// One client. Its stage says what the request at its head waits for; later requests lie in the queue as bytes.
struct cluster::connection {
  enum class stage : std::uint8_t {
    idle,      // no request
    delayed,   // a verdict holds the request back until the timer
    waiting,   // the handler waits for an event or the timer
    finished,  // the answer is ready and goes out at the timer
    hung,      // nothing will ever be answered again
    muted,     // throttled until the timer
  };

  connection(connection_id its_id, std::int32_t its_node, std::size_t frame_bytes_max)
      : id(its_id), node(its_node), input(frame_bytes_max) {}

  connection_id id;
  std::int32_t node;
  frame_queue input;
  stage at = stage::idle;
  std::unique_ptr<call> current;
  verdict order;
  steady_time timer = never;
  bool writable = true;
  bool dropped = false;
};

cluster::cluster(const fake_cluster_options& options) : options_(options), state_(options) {}
cluster::~cluster() = default;

// --- connections -----------------------------------------------------------------------------------------------------

std::optional<connection_id> cluster::connect(std::int32_t node, instant) {
  if (!state_.is_running(node)) return std::nullopt;
  const connection_id id = next_connection_++;
  connections_.emplace(id, std::make_unique<connection>(id, node, options_.request_bytes_max));
  return id;
}

void cluster::accept(connection_id id, std::span<const std::byte> bytes, instant now) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second->dropped) return;
  connection& one = *found->second;
  state_.advance(now);
  const bool possible = one.input.put(bytes);
  pump(one, now);
  // What came before the impossible size is still answered, if it can be at once.
  if (!possible) drop(one);
  wake_waiting(now);
  bury();
}

void cluster::disconnect(connection_id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  set_timer(*found->second, never);
  waiting_.erase(id);
  connections_.erase(found);
}

void cluster::set_writable(connection_id id, bool writable, instant now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->writable = writable;
  if (!writable) return;
  pump(*found->second, now);
  wake_waiting(now);
  bury();
}

bool cluster::wants_input(connection_id id) const {
  const auto found = connections_.find(id);
  return found != connections_.end() && found->second->input.waiting_bytes() < waiting_bytes_max;
}

void cluster::drop(connection& one) {
  if (one.dropped) return;
  one.dropped = true;
  set_timer(one, never);
  waiting_.erase(one.id);
  dropped_.push_back(one.id);
  actions_.emplace_back(close{one.id});
}

/// Connections end only here, when nobody holds a reference to one.
void cluster::bury() {
  for (const connection_id id : dropped_) connections_.erase(id);
  dropped_.clear();
}

// --- time ------------------------------------------------------------------------------------------------------------

void cluster::set_timer(connection& one, steady_time at) {
  if (one.timer != never) timers_.erase({one.timer, one.id});
  one.timer = at;
  if (at != never) timers_.emplace(at, one.id);
}

steady_time cluster::deadline() const {
  if (state_.has_signals() || !dropped_.empty()) return steady_time::min();
  return std::min(state_.deadline(), timers_.empty() ? never : timers_.begin()->first);
}

void cluster::advance(instant now) {
  state_.advance(now);
  wake_waiting(now);
  while (!timers_.empty() && timers_.begin()->first <= now.steady) {
    connection& one = *connections_.at(timers_.begin()->second);
    set_timer(one, never);
    using stage = connection::stage;
    if (one.at == stage::delayed || one.at == stage::waiting) {
      run_handler(one, now);
    } else if (one.at == stage::finished) {
      send_answer(one, now);
    } else if (one.at == stage::muted) {
      one.at = stage::idle;
    }
    pump(one, now);
    wake_waiting(now);
  }
  bury();
}

std::vector<action> cluster::take_actions() {
  return std::exchange(actions_, {});
}

/// Runs the calls that wait for something that happened, until nothing more happens.
void cluster::wake_waiting(instant now) {
  while (state_.has_signals()) {
    std::vector<event_id> happened = state_.take_signals();
    std::sort(happened.begin(), happened.end());
    const std::vector<connection_id> candidates(waiting_.begin(), waiting_.end());
    for (const connection_id id : candidates) {
      const auto found = connections_.find(id);
      if (found == connections_.end() || found->second->at != connection::stage::waiting) continue;
      connection& one = *found->second;
      const auto& events = one.current->events();
      const bool concerned = std::any_of(events.begin(), events.end(), [&](event_id event) {
        return std::binary_search(happened.begin(), happened.end(), event);
      });
      if (!concerned) continue;
      run_handler(one, now);
      pump(one, now);
    }
  }
}

// --- requests --------------------------------------------------------------------------------------------------------

void cluster::pump(connection& one, instant now) {
  while (!one.dropped && one.at == connection::stage::idle && one.writable) {
    if (!start_next(one, now)) return;
  }
}

bool cluster::start_next(connection& one, instant now) {
  const auto frame = one.input.take();
  if (!frame) return false;
  // Key, version, correlation id and client id stand at the same place in both header versions.
  protocol::request_header header;
  std::size_t consumed = 0;
  if (protocol::decode_prefix(*frame, 1, header, consumed)) return drop(one), true;
  const auto key = static_cast<api_key>(header.request_api_key);
  const handler_function handler = find_handler(key);
  const auto announced = handler ? state_.announced(one.node, key) : std::nullopt;
  // Brokers hang up on what they do not know; only ApiVersions is answered in any version (KIP-511).
  if (!announced) return drop(one), true;
  const protocol::message_type& type = *protocol::find_request(key);
  const std::int16_t version = header.request_api_version;
  const bool known = announced->contains(version) && type.api.versions.contains(version);
  if (!known && key != api_key::api_versions) return drop(one), true;

  std::unique_ptr<protocol::any_message> body;
  if (known) {
    if (protocol::decode_prefix(*frame, type.api.request_header_version(version), header, consumed)) {
      return drop(one), true;
    }
    body = std::make_unique<protocol::any_message>(type);
    if (body->decode(frame->slice(consumed), version)) return drop(one), true;
  }
  recorded_request seen{.key = key,
                        .version = version,
                        .node = one.node,
                        .connection = one.id,
                        .correlation_id = header.correlation_id,
                        .client_id = header.client_id.value_or(std::string()),
                        .arrived = now.steady};
  record(seen);
  start(one, std::make_unique<call>(state_, handler, std::move(seen), std::move(body)), now);
  return true;
}

void cluster::record(const recorded_request& request) {
  if (options_.recorded_requests_max == 0) return;
  if (recorded_.size() >= options_.recorded_requests_max) recorded_.pop_front();
  recorded_.push_back(request);
}

void cluster::start(connection& one, std::unique_ptr<call> started, instant now) {
  one.current = std::move(started);
  one.current->set_now(now);
  one.current->set_throttle(state_.throttle_of(one.current->header().key));
  one.order = ask_controls(*one.current);
  // A control function may have stopped this node.
  if (!one.dropped) obey(one, one.order, now);
}

verdict cluster::ask_controls(call& asked) {
  // A copy: a control function may add and remove others.
  const auto controls = controls_;
  for (const auto& entry : controls) {
    if (entry->key != asked.header().key || entry->times_left == 0) continue;
    verdict given = entry->function(asked);
    if (given.passes()) continue;
    if (entry->times_left != SIZE_MAX && --entry->times_left == 0) std::erase(controls_, entry);
    return given;
  }
  return {};
}

void cluster::obey(connection& one, const verdict& order, instant now) {
  using kind = fake_verdict::kind;
  if (order.respond) {
    order.respond(*one.current);
    return finish(one, now);
  }
  if (order.edit && order.edit_key == one.current->header().key) one.current->set_edit(order.edit);
  switch (order.what) {
    case kind::drop_connection:
      return drop(one);
    case kind::swallow:
      one.at = connection::stage::hung;
      return;
    case kind::delay:
      one.at = connection::stage::delayed;
      return set_timer(one, now.steady + order.duration);
    case kind::fail:
      one.current->force_error(order.code);
      break;
    default:
      break;
  }
  run_handler(one, now);
}

void cluster::run_handler(connection& one, instant now) {
  set_timer(one, never);
  waiting_.erase(one.id);
  one.current->run(now);
  if (one.dropped) return;
  if (one.current->result() != call::outcome::waiting) return finish(one, now);
  one.at = connection::stage::waiting;
  waiting_.insert(one.id);
  set_timer(one, one.current->wait_until());
}

void cluster::finish(connection& one, instant now) {
  using kind = fake_verdict::kind;
  auto result = one.current->result();
  if (one.order.what == kind::apply_then_fail && one.current->forced_error() == broker_errc::none) {
    one.current->begin_again();
    one.current->force_error(one.order.code);
    one.current->run(now);
    result = one.current->result();
  }
  if (result == call::outcome::closed || result == call::outcome::running) return drop(one);
  if (one.order.what == kind::apply_then_drop) return drop(one);
  if (one.order.what == kind::apply_then_swallow) {
    one.at = connection::stage::hung;
    return;
  }
  if (one.order.what == kind::apply_then_delay && one.order.duration.count() > 0) {
    one.at = connection::stage::finished;
    return set_timer(one, now.steady + one.order.duration);
  }
  send_answer(one, now);
}

void cluster::send_answer(connection& one, instant now) {
  call& done = *one.current;
  if (done.result() == call::outcome::answered) {
    protocol::encoded_message body = done.take_body();
    const api_key key = done.header().key;
    const std::int16_t header_version = protocol::find_api(key)->response_header_version(done.version());
    send out{one.id, {}};
    out.pieces = response_prefix(header_version, done.header().correlation_id, body.size);
    for (auto& piece : body.pieces) out.pieces.push_back(std::move(piece));
    actions_.emplace_back(std::move(out));
  }
  // Since KIP-219 a client is told at once, and then nothing more of it is read until the time has passed.
  const auto throttle = done.throttle();
  one.current.reset();
  one.at = throttle.count() > 0 ? connection::stage::muted : connection::stage::idle;
  if (throttle.count() > 0) set_timer(one, now.steady + throttle);
}

// --- controls and nodes ----------------------------------------------------------------------------------------------

control_id cluster::control(api_key key, control_function function, std::size_t times) {
  const control_id id = next_control_++;
  controls_.push_back(std::make_shared<control_entry>(control_entry{id, key, std::move(function), times}));
  return id;
}

void cluster::remove_control(control_id id) {
  std::erase_if(controls_, [&](const auto& entry) {
    if (entry->id != id) return false;
    entry->times_left = 0;
    return true;
  });
}

void cluster::remove_all_controls() {
  for (const auto& entry : controls_) entry->times_left = 0;
  controls_.clear();
}

void cluster::stop_node(std::int32_t node) {
  node_state* found = state_.find_node(node);
  if (!found) return;
  state_.set_running(*found, false);
  drop_connections(node);
}

void cluster::start_node(std::int32_t node) {
  if (node_state* found = state_.find_node(node)) state_.set_running(*found, true);
}

void cluster::drop_connections(std::int32_t node) {
  for (auto& [id, one] : connections_) {
    if (one->node == node) drop(*one);
  }
}

}  // namespace kafka::fake
