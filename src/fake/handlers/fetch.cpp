// SPDX-License-Identifier: Apache-2.0
// Fetch, 4 to 18.
// - A long poll: answered when min_bytes are there, when a partition has an error, or after max_wait.
// - The first batch that is found is returned though it is larger than the limits (KIP-74), whole batches only.
// - 7 adds sessions (KIP-227), 9 the leader epoch that the client knows (KIP-320), 11 reading from followers (KIP-392),
//   12 truncation, told by the epoch of the last record read (KIP-595); 13 names topics by id, 16 tells the current
//   leader with NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH (KIP-951).
#include <algorithm>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/leader.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::fake {

namespace {

using protocol::fetch_request;
using protocol::fetch_response;
using answered_topic = fetch_response::topic_data;
using answered_partition = fetch_response::partition_data;

constexpr std::int16_t followers_since = 11;
constexpr std::int16_t ids_since = 13;
constexpr std::int16_t leader_since = 16;
constexpr std::int8_t read_committed = 1;

/// Kept while a long poll waits: what the session part of the request came to must not be done twice.
struct fetch_progress {
  bool begun = false;
  fetch_plan plan;
};

/// One pass over the partitions.
struct reading {
  fetch_response response;
  std::vector<event_id> events;
  std::size_t bytes_left = 0;
  std::size_t bytes = 0;      // given out
  std::size_t available = 0;  // what lies there up to the limits
  bool urgent = false;        // something that must not wait: an error, a truncation
};

void set_error(answered_partition& out, broker_errc code) {
  out.error_code = static_cast<std::int16_t>(code);
  out.high_watermark = -1;
  out.records = shared_bytes();
}

/// Whether the client's last record is no longer in the log; says then where the logs part.
bool diverged(const partition_state& partition, const fetched_partition& asked, answered_partition& out) {
  if (asked.wanted.last_fetched_epoch < 0) return false;
  const epoch_end known = partition.log.end_of_epoch(asked.wanted.last_fetched_epoch, partition.leader_epoch);
  if (known.epoch < 0) return false;
  if (known.epoch >= asked.wanted.last_fetched_epoch && known.end_offset >= asked.wanted.fetch_offset) return false;
  out.diverging_epoch.epoch = known.epoch;
  out.diverging_epoch.end_offset = known.end_offset;
  return true;
}

broker_errc refusal_of(const call& one, const fetched_partition& asked, const topic_state* topic,
                       const partition_state* partition) {
  if (one.forced_error() != broker_errc::none) return one.forced_error();
  if (!topic && one.version() >= ids_since) return broker_errc::unknown_topic_id;
  if (!partition) return broker_errc::unknown_topic_or_partition;
  const broker_errc epoch = check_epoch(*partition, asked.wanted.current_leader_epoch);
  if (epoch != broker_errc::none) return epoch;
  const bool may_read =
      partition->leader == one.node() || (one.version() >= followers_since && partition->has_replica(one.node()));
  if (!may_read) return broker_errc::not_leader_or_follower;
  const std::int64_t offset = asked.wanted.fetch_offset;
  const bool in_range = offset >= partition->log.start_offset() && offset <= partition->end_at(one.node());
  answered_partition parted;  // where logs part is told first: it explains why the offset is not there
  return in_range || diverged(*partition, asked, parted) ? broker_errc::none : broker_errc::offset_out_of_range;
}

/// The aborted transactions that the records which are given out touch.
void tell_aborted(const partition_state& partition, std::int64_t from, answered_partition& out) {
  if (!partition.transactions.any_aborted(from)) return;
  protocol::record_batch_reader reader(*out.records);
  std::int64_t end = from;
  while (reader.next() == protocol::batch_step::batch) end = reader.batch().next_offset();
  for (const aborted_range& one : partition.transactions.aborted(from, end)) {
    out.aborted_transactions->push_back({one.producer_id, one.first_offset, {}});
  }
}

void read(const call& one, const fetch_request& request, const fetched_partition& asked,
          const partition_state& partition, answered_partition& out, reading& pass) {
  const partition_log& log = partition.log;
  const std::int64_t end = partition.end_at(one.node());
  out.high_watermark = std::min(log.high_watermark(), end);
  out.last_stable_offset = std::min(partition.last_stable_offset(), end);
  out.log_start_offset = log.start_offset();
  out.records = shared_bytes();
  if (request.isolation_level != read_committed) out.aborted_transactions.reset();
  if (diverged(partition, asked, out)) {
    pass.urgent = true;
    return;
  }
  if (one.version() >= followers_since && !request.rack_id.empty() && partition.leader == one.node()) {
    out.preferred_read_replica = one.state().preferred_replica(partition, request.rack_id, asked.wanted.fetch_offset);
    if (out.preferred_read_replica >= 0) {
      pass.urgent = true;  // nothing is read here
      return;
    }
  }
  const auto partition_bytes = static_cast<std::size_t>(std::max(0, asked.wanted.partition_max_bytes));
  const bool committed = request.isolation_level == read_committed;
  const std::int64_t limit = committed ? out.last_stable_offset : out.high_watermark;
  const std::int64_t offset = asked.wanted.fetch_offset;
  out.records = log.read(offset, limit, std::min(partition_bytes, pass.bytes_left), pass.bytes == 0);
  if (committed) tell_aborted(partition, offset, out);
  pass.bytes += out.records->size();
  pass.bytes_left -= std::min(pass.bytes_left, out.records->size());
  const auto enough = static_cast<std::size_t>(std::max(0, request.min_bytes));
  pass.available += std::min(std::max<std::size_t>(partition_bytes, 1), log.available(offset, limit, enough));
  pass.events.push_back(partition.changed);
}

answered_partition answer_partition(call& one, const fetch_request& request, const fetched_partition& asked,
                                    reading& pass) {
  cluster_state& state = one.state();
  topic_state* topic =
      one.version() >= ids_since ? state.find_topic(asked.topic_id) : state.find_topic(std::string_view(asked.topic));
  const partition_state* partition = topic ? topic->find_partition(asked.wanted.partition) : nullptr;
  answered_partition out;
  out.partition_index = asked.wanted.partition;
  const broker_errc code = refusal_of(one, asked, topic, partition);
  if (code == broker_errc::none) {
    read(one, request, asked, *partition, out, pass);
    return out;
  }
  set_error(out, code);
  pass.urgent = true;
  const bool tells = code == broker_errc::not_leader_or_follower || code == broker_errc::fenced_leader_epoch;
  if (tells && partition && one.version() >= leader_since) tell_leader(one, *partition, pass.response, out);
  return out;
}

/// Whether a session's client has not been told all of this before. Remembers it as told.
bool has_news(fetched_partition& asked, const answered_partition& out) {
  const bool is_error = out.error_code != 0;
  const bool news = is_error || asked.told_error || (out.records && !out.records->empty()) ||
                    out.high_watermark != asked.told_high_watermark || out.log_start_offset != asked.told_log_start ||
                    out.preferred_read_replica >= 0 || out.diverging_epoch.epoch >= 0;
  asked.told_error = is_error;
  asked.told_high_watermark = out.high_watermark;
  asked.told_log_start = out.log_start_offset;
  return news;
}

void add(fetch_response& response, const fetched_partition& asked, answered_partition out) {
  auto& topics = response.responses;
  if (topics.empty() || topics.back().topic != asked.topic || topics.back().topic_id != asked.topic_id) {
    answered_topic& made = topics.emplace_back();
    made.topic = asked.topic;
    made.topic_id = asked.topic_id;
  }
  topics.back().partitions.push_back(std::move(out));
}

/// Puts the answers together. In a session what gave records goes to the end, so that no partition starves the others.
void assemble(fetch_plan& plan, fetched_partitions& partitions, std::vector<answered_partition>& answers,
              fetch_response& response) {
  response.session_id = plan.session_id;
  fetched_partitions served;
  std::size_t index = 0;
  for (auto asked = partitions.begin(); asked != partitions.end(); ++index) {
    answered_partition& answer = answers[index];
    const auto current = asked++;
    const bool gave_records = answer.records && !answer.records->empty();
    if (has_news(*current, answer) || !plan.incremental) add(response, *current, std::move(answer));
    if (gave_records && plan.incremental) served.splice(served.end(), partitions, current);
  }
  partitions.splice(partitions.end(), served);
}

void refuse(call& one, broker_errc code) {
  fetch_response response;
  response.error_code = static_cast<std::int16_t>(code);
  one.answer(std::move(response));
}

bool is_session_error(broker_errc code) noexcept {
  return code == broker_errc::fetch_session_id_not_found || code == broker_errc::invalid_fetch_session_epoch ||
         code == broker_errc::fetch_session_topic_id_error;
}

}  // namespace

void handle_fetch(call& one) {
  const auto& request = *one.as<fetch_request>();
  if (is_session_error(one.forced_error())) return refuse(one, one.forced_error());
  fetch_sessions& sessions = one.state().find_node(one.node())->sessions;
  auto& progress = one.memory<fetch_progress>();
  if (!progress.begun) {
    progress.begun = true;
    progress.plan = sessions.begin(request, one.version());
  }
  fetch_plan& plan = progress.plan;
  if (plan.code != broker_errc::none) return refuse(one, plan.code);
  // The session may have been ended, by another connection, while this request waited.
  fetched_partitions* partitions = plan.session_id == 0 ? &plan.own : sessions.find(plan.session_id);
  if (!partitions) return refuse(one, broker_errc::fetch_session_id_not_found);

  reading pass;
  pass.bytes_left = static_cast<std::size_t>(std::max(0, request.max_bytes));
  std::vector<answered_partition> answers;
  answers.reserve(partitions->size());
  for (const auto& asked : *partitions) answers.push_back(answer_partition(one, request, asked, pass));

  const bool enough = static_cast<std::int64_t>(std::max(pass.bytes, pass.available)) >= request.min_bytes;
  const bool now = enough || pass.urgent || partitions->empty() || request.max_wait_ms <= 0 || one.timed_out();
  if (!now) {
    const auto until =
        one.resumed() ? one.wait_until() : one.now().steady + std::chrono::milliseconds(request.max_wait_ms);
    return one.wait(until, std::move(pass.events));
  }
  assemble(plan, *partitions, answers, pass.response);
  one.answer(std::move(pass.response));
}

}  // namespace kafka::fake
