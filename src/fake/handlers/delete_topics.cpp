// SPDX-License-Identifier: Apache-2.0
// DeleteTopics, 1 to 6. 6 names topics by id as well (KIP-516): exactly one of name and id must be given. 5 adds a
// sentence to errors.
#include <set>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "protocol/messages/delete_topics.hpp"

namespace kafka::fake {

namespace {

using result = protocol::delete_topics_response::topic;

result failed(std::optional<std::string> name, const uuid& id, broker_errc code, std::string message) {
  result out;
  out.name = std::move(name);
  out.topic_id = id;
  out.error_code = static_cast<std::int16_t>(code);
  if (!message.empty()) out.error_message = std::move(message);
  return out;
}

result remove(call& one, const std::optional<std::string>& name, const uuid& id, std::set<std::string>& seen) {
  if (one.forced_error() != broker_errc::none) return failed(name, id, one.forced_error(), {});
  if (name && !id.is_zero()) {
    return failed(name, id, broker_errc::invalid_request, "You may not specify both topic name and topic id.");
  }
  if (!name && id.is_zero()) {
    return failed(name, id, broker_errc::invalid_request, "Neither topic name nor id were specified.");
  }
  const topic_state* found = name ? one.state().find_topic(*name) : one.state().find_topic(id);
  const std::string key = found ? found->name : name ? *name : id.str();
  if (!seen.insert(key).second) {
    return failed(name, id, broker_errc::invalid_request, name ? "Duplicate topic name." : "Duplicate topic id.");
  }
  if (!found) {
    return name ? failed(name, id, broker_errc::unknown_topic_or_partition,
                         "This server does not host this topic-partition.")
                : failed(name, id, broker_errc::unknown_topic_id, "This server does not host this topic ID.");
  }
  result out;
  out.name = found->name;
  out.topic_id = found->id;
  one.state().delete_topic(*out.name);
  return out;
}

}  // namespace

void handle_delete_topics(call& one) {
  const auto& request = *one.as<protocol::delete_topics_request>();
  protocol::delete_topics_response response;
  std::set<std::string> seen;
  for (const auto& topic : request.topics) response.responses.push_back(remove(one, topic.name, topic.topic_id, seen));
  for (const auto& name : request.topic_names) response.responses.push_back(remove(one, name, {}, seen));
  one.answer(std::move(response));
}

}  // namespace kafka::fake
