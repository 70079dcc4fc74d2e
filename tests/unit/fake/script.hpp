// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fake/cluster.hpp"
#include "fake/records.hpp"
#include "protocol/api.hpp"
#include "protocol/codec.hpp"
#include "protocol/frame.hpp"
#include "protocol/messages/all.hpp"
#include "protocol/record_batch_writer.hpp"
#include "support/catch.hpp"

namespace kafka::fake {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// A cluster in virtual time together with the clients that talk to it: what its driver would do, as a script.
class script {
 public:
  explicit script(const fake_cluster_options& options = {}) : core(options) {}

  /// A connection; fails the test if the node does not take it.
  connection_id connect(std::int32_t node = 1) {
    const auto id = core.connect(node, now);
    REQUIRE(id);
    return *id;
  }

  /// A whole request as bytes.
  template <class Request>
  static std::vector<std::byte> framed(const Request& request, std::int16_t version, std::int32_t correlation_id = 7) {
    protocol::encoded_message body;
    const error failure = protocol::encode(request, version, body);
    INFO(failure.message());
    REQUIRE_FALSE(failure);
    std::vector<std::byte> out;
    REQUIRE(protocol::append_request_prefix(out, Request::api, version, correlation_id, "test", body.size));
    const shared_bytes flat = body.flatten();
    out.insert(out.end(), flat.span().begin(), flat.span().end());
    return out;
  }

  template <class Request>
  void send(connection_id client, const Request& request, std::int16_t version = Request::api.stable_max,
            std::int32_t correlation_id = 7) {
    send_bytes(client, framed(request, version, correlation_id));
  }
  void send_bytes(connection_id client, std::span<const std::byte> bytes) {
    core.accept(client, bytes, now);
    perform();
  }

  /// Lets time pass, doing what is due on the way.
  void pass(std::chrono::milliseconds time) {
    const steady_time end = now.steady + time;
    while (core.deadline() <= end) {
      const auto step = std::max(core.deadline(), now.steady) - now.steady;
      now.steady += step;
      now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(step);
      core.advance(now);
      perform();
    }
    now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(end - now.steady);
    now.steady = end;
    perform();
  }
  /// Does what changes of core.state() woke.
  void settle() { pass(0ms); }

  /// How many answers came for a client and were not taken.
  std::size_t answers(connection_id client) { return inbox_[client].size(); }
  [[nodiscard]] bool is_closed(connection_id client) const { return closed_.contains(client); }

  /// The next answer as bytes, header included.
  shared_bytes take_bytes(connection_id client) {
    REQUIRE_FALSE(inbox_[client].empty());
    shared_bytes out = inbox_[client].front();
    inbox_[client].pop_front();
    return out;
  }
  template <class Response>
  Response take(connection_id client, std::int16_t version = Response::api.stable_max,
                std::int32_t correlation_id = 7) {
    const shared_bytes frame = take_bytes(client);
    protocol::response_prefix prefix;
    REQUIRE_FALSE(protocol::read_response_prefix(frame, Response::api.response_header_version(version), prefix));
    CHECK(prefix.correlation_id == correlation_id);
    Response out;
    const error failure =
        protocol::decode(frame.slice(prefix.body_offset), version, out, protocol::trailing_bytes::refused);
    INFO(failure.message());
    REQUIRE_FALSE(failure);
    return out;
  }
  /// Asks and takes the answer.
  template <class Request>
  typename Request::response ask(connection_id client, const Request& request,
                                 std::int16_t version = Request::api.stable_max) {
    send(client, request, version);
    return take<typename Request::response>(client, version);
  }

  // --- what most tests need

  uuid create_topic(const std::string& name, std::int32_t partitions = 1, config_map configs = {},
                    std::int16_t replicas = 1) {
    topic_plan plan{.name = name, .partitions = partitions, .replication_factor = replicas};
    for (const auto& [key, value] : configs) plan.configs.emplace_back(key, value);
    created_topic created;
    const refusal refused = core.state().create_topic(plan, false, &created);
    INFO(refused.message);
    REQUIRE_FALSE(refused);
    return created.id;
  }
  partition_state& partition(std::string_view topic, std::int32_t index = 0) {
    partition_state* found = core.state().find_partition(topic, index);
    REQUIRE(found);
    return *found;
  }
  /// Appends one batch without a client.
  std::int64_t append(std::string_view topic, std::initializer_list<const char*> values, std::int32_t index = 0) {
    std::vector<fake_record> records;
    for (const char* value : values) records.push_back({.value = value});
    topic_state* found = core.state().find_topic(topic);
    REQUIRE(found);
    return core.state().append(*found, partition(topic, index), make_batch(records, now.wall, buffers), now);
  }

  fake::cluster core;
  instant now{steady_time(1000s), wall_time(1'700'000'000'000ms)};
  buffer_pool buffers;

 private:
  void perform() {
    for (auto& order : core.take_actions()) {
      if (auto* sent = std::get_if<fake::send>(&order)) {
        std::vector<std::byte>& stream = streams_[sent->connection];
        for (const auto& piece : sent->pieces) stream.insert(stream.end(), piece.span().begin(), piece.span().end());
        cut(sent->connection, stream);
      } else {
        closed_.insert(std::get<close>(order).connection);
      }
    }
  }
  void cut(connection_id client, std::vector<std::byte>& stream) {
    protocol::frame_reader reader;
    reader.trust(1U << 30U);
    std::span<const std::byte> rest = stream;
    while (!rest.empty()) {
      const auto room = reader.prepare();
      const std::size_t count = std::min(room.size(), rest.size());
      std::memcpy(room.data(), rest.data(), count);
      reader.commit(count);
      rest = rest.subspan(count);
      for (shared_bytes frame; reader.next(frame);) inbox_[client].push_back(frame);
    }
    // The cluster sends whole frames only.
    CHECK(reader.partial_bytes() == 0);
    stream.clear();
  }

  std::map<connection_id, std::vector<std::byte>> streams_;
  std::map<connection_id, std::deque<shared_bytes>> inbox_;
  std::set<connection_id> closed_;
};

/// What makes a batch of a producer special.
struct batch_shape {
  compression codec = compression::none;
  protocol::producer_stamp producer = {};
  timestamp_ms timestamp = 1'700'000'000'000;
  bool with_keys = true;
};

/// A batch of records "0", "1", ...
inline shared_bytes batch_of(std::int32_t count, const batch_shape& shape = {}) {
  static buffer_pool buffers;
  protocol::record_batch_writer writer(buffers, {});
  for (std::int32_t index = 0; index < count; ++index) {
    const std::string text = std::to_string(index);
    REQUIRE(writer.append(shape.timestamp + index, shape.with_keys ? bytes_view(text) : bytes_view(), text));
  }
  protocol::sealed_batch batch;
  protocol::record_batch_seal seal;
  seal.codec = shape.codec;
  seal.producer = shape.producer;
  REQUIRE_FALSE(writer.seal(seal, batch));
  return batch.bytes();
}

/// A Produce request with one batch for one partition.
inline protocol::produce_request produce_of(const std::string& topic, const uuid& id, shared_bytes records,
                                            std::int16_t acks = -1, std::int32_t partition = 0) {
  protocol::produce_request out;
  out.acks = acks;
  out.timeout_ms = 1000;
  out.topic_data = {{topic, id, {{partition, std::move(records), {}}}, {}}};
  return out;
}

/// A Fetch request without a session for one partition.
inline protocol::fetch_request fetch_of(const std::string& topic, const uuid& id, std::int64_t offset,
                                        std::chrono::milliseconds max_wait = 0ms, std::int32_t partition = 0) {
  protocol::fetch_request out;
  out.max_wait_ms = static_cast<std::int32_t>(max_wait.count());
  out.min_bytes = 1;
  protocol::fetch_request::partition_data wanted;
  wanted.partition = partition;
  wanted.fetch_offset = offset;
  wanted.partition_max_bytes = 1U << 20U;
  out.topics = {{topic, id, {wanted}, {}}};
  return out;
}

inline broker_errc code_of(std::int16_t number) {
  return static_cast<broker_errc>(number);
}

}  // namespace kafka::fake
