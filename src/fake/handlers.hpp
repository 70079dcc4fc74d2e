// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <kafka/api_key.hpp>
#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "fake/call.hpp"
#include "protocol/schema.hpp"

namespace kafka::fake {

/// How one API is handled.
struct api_handler {
  const protocol::api_spec* spec = nullptr;
  /// The decoded body; null with `failure` set if the bytes are malformed.
  std::shared_ptr<const void> (*decode)(const shared_bytes& body, std::int16_t version, error& failure) = nullptr;
  std::string (*json)(const void* body, std::int16_t version) = nullptr;
  void (*handle)(call& one) = nullptr;
};

/// Null for an API that this cluster does not handle.
[[nodiscard]] const api_handler* find_handler(api_key key) noexcept;

// One handler a file, in handlers/. Each reads `one.as<its request>()`, which is never null there, and answers, waits
// or closes.
void handle_api_versions(call& one);
void handle_metadata(call& one);
void handle_create_topics(call& one);
void handle_delete_topics(call& one);
void handle_produce(call& one);
void handle_fetch(call& one);
void handle_list_offsets(call& one);
void handle_offset_for_leader_epoch(call& one);
void handle_init_producer_id(call& one);
void handle_find_coordinator(call& one);
void handle_describe_configs(call& one);
void handle_describe_cluster(call& one);

}  // namespace kafka::fake
