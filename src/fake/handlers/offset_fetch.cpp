// SPDX-License-Identifier: Apache-2.0
// OffsetFetch, 1 to 10.
// - 2 lets null topics ask for everything that the group stored, and adds an error for the whole answer; before, it
//   stands at each partition.
// - 7 adds require_stable: what a transaction that is not over has an offset for is UNSTABLE_OFFSET_COMMIT (KIP-447).
// - 8 asks for several groups at once (KIP-709), 9 names the member that asks (KIP-848), 10 names topics by id.
// A group that is not there has stored nothing; that is no error.
#include <map>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"
#include "protocol/messages/offset_fetch.hpp"

namespace kafka::fake {

namespace {

using protocol::offset_fetch_request;
using protocol::offset_fetch_response;

constexpr std::int16_t group_error_since = 2;
constexpr std::int16_t groups_since = 8;
constexpr std::int16_t ids_since = 10;

/// What one group is asked.
struct question {
  call& one;
  const std::string& group;
  bool require_stable;
};

template <class Partition>
Partition answer_partition(const question& asked, const std::string& topic, std::int32_t partition,
                           broker_errc refused = broker_errc::none) {
  const group_offsets& offsets = asked.one.state().offsets();
  Partition out;
  out.partition_index = partition;
  out.committed_offset = -1;
  broker_errc code = refused;
  if (code == broker_errc::none && asked.require_stable && offsets.is_pending(asked.group, {topic, partition})) {
    code = broker_errc::unstable_offset_commit;
  }
  out.error_code = static_cast<std::int16_t>(code);
  const committed_offset* stored = offsets.find(asked.group, {topic, partition});
  if (code != broker_errc::none || !stored) return out;
  out.committed_offset = stored->offset;
  out.committed_leader_epoch = stored->leader_epoch;
  out.metadata = stored->metadata.value_or(std::string());
  return out;
}

/// All that the group stored, by topic.
template <class Topic, class Partition>
std::vector<Topic> answer_all(const question& asked) {
  std::vector<Topic> out;
  for (const auto& [key, stored] : asked.one.state().offsets().all(asked.group)) {
    if (out.empty() || out.back().name != key.first) out.emplace_back().name = key.first;
    out.back().partitions.push_back(answer_partition<Partition>(asked, key.first, key.second));
  }
  return out;
}

offset_fetch_response::group answer_group(const question& asked, const offset_fetch_request::group& wanted) {
  using topic = offset_fetch_response::group_topic;
  using partition = offset_fetch_response::group_partition;
  cluster_state& state = asked.one.state();
  const bool by_id = asked.one.version() >= ids_since;
  offset_fetch_response::group out;
  out.group_id = wanted.group_id;
  broker_errc refused = refusal_of_group(asked.one, asked.group);
  if (refused == broker_errc::none) refused = state.groups().fetch(asked.group, wanted.member_id, wanted.member_epoch);
  out.error_code = static_cast<std::int16_t>(refused);
  if (refused != broker_errc::none) return out;
  if (!wanted.topics) {
    out.topics = answer_all<topic, partition>(asked);
    for (auto& one : out.topics) {
      const topic_state* known = state.find_topic(std::string_view(one.name));
      if (known) one.topic_id = known->id;
    }
    return out;
  }
  for (const auto& one : *wanted.topics) {
    const topic_state* known = by_id ? state.find_topic(one.topic_id) : nullptr;
    const broker_errc code = by_id && !known ? broker_errc::unknown_topic_id : broker_errc::none;
    auto& answered = out.topics.emplace_back();
    answered.name = known ? known->name : one.name;
    answered.topic_id = one.topic_id;
    for (const std::int32_t index : one.partition_indexes) {
      answered.partitions.push_back(answer_partition<partition>(asked, answered.name, index, code));
    }
  }
  return out;
}

void answer_one_group(const question& asked, const offset_fetch_request& request, offset_fetch_response& response) {
  using topic = offset_fetch_response::topic;
  using partition = offset_fetch_response::partition;
  const broker_errc refused = refusal_of_group(asked.one, asked.group);
  const bool whole = asked.one.version() >= group_error_since;
  if (whole) response.error_code = static_cast<std::int16_t>(refused);
  if (refused != broker_errc::none && whole) return;
  if (!request.topics) {
    response.topics = answer_all<topic, partition>(asked);
    return;
  }
  for (const auto& one : *request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = one.name;
    for (const std::int32_t index : one.partition_indexes) {
      answered.partitions.push_back(answer_partition<partition>(asked, one.name, index, refused));
    }
  }
}

}  // namespace

void handle_offset_fetch(call& one) {
  const auto& request = *one.as<offset_fetch_request>();
  offset_fetch_response response;
  if (one.version() >= groups_since) {
    for (const auto& wanted : request.groups) {
      response.groups.push_back(answer_group({one, wanted.group_id, request.require_stable}, wanted));
    }
  } else {
    answer_one_group({one, request.group_id, request.require_stable}, request, response);
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
