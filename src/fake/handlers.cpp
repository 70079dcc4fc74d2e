// SPDX-License-Identifier: Apache-2.0
#include "fake/handlers.hpp"

#include <algorithm>
#include <iterator>

#include "protocol/codec.hpp"
#include "protocol/messages/all.hpp"

namespace kafka::fake {

namespace {

template <class Request>
std::shared_ptr<const void> decode_request(const shared_bytes& body, std::int16_t version, error& failure) {
  auto request = std::make_shared<Request>();
  failure = protocol::decode(body, version, *request);
  if (failure) return nullptr;
  return request;
}

template <class Request>
std::string request_json(const void* body, std::int16_t version) {
  return protocol::to_json(*static_cast<const Request*>(body), version);
}

template <class Request>
constexpr api_handler handled_by(void (*handle)(call&)) noexcept {
  return {&Request::api, &decode_request<Request>, &request_json<Request>, handle};
}

const api_handler table[] = {
    handled_by<protocol::produce_request>(&handle_produce),
    handled_by<protocol::fetch_request>(&handle_fetch),
    handled_by<protocol::list_offsets_request>(&handle_list_offsets),
    handled_by<protocol::metadata_request>(&handle_metadata),
    handled_by<protocol::find_coordinator_request>(&handle_find_coordinator),
    handled_by<protocol::api_versions_request>(&handle_api_versions),
    handled_by<protocol::create_topics_request>(&handle_create_topics),
    handled_by<protocol::delete_topics_request>(&handle_delete_topics),
    handled_by<protocol::init_producer_id_request>(&handle_init_producer_id),
    handled_by<protocol::offset_for_leader_epoch_request>(&handle_offset_for_leader_epoch),
    handled_by<protocol::describe_configs_request>(&handle_describe_configs),
    handled_by<protocol::describe_cluster_request>(&handle_describe_cluster),
};

}  // namespace

const api_handler* find_handler(api_key key) noexcept {
  const auto* found =
      std::find_if(std::begin(table), std::end(table), [&](const api_handler& one) { return one.spec->key == key; });
  return found == std::end(table) ? nullptr : found;
}

}  // namespace kafka::fake
