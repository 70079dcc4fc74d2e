// SPDX-License-Identifier: Apache-2.0
#include "client/admin/group_operation.hpp"

#include <algorithm>
#include <set>

namespace kafka::client {

namespace {

/// The newest version of FindCoordinator that names one key.
constexpr std::int16_t one_key_until = 3;

bool cannot_be_asked(const error& failure) {
  return failure == client_errc::value_not_encodable || failure == client_errc::unsupported_version;
}

}  // namespace

group_operation::group_operation(const std::vector<std::string>& groups, std::size_t batch_max)
    : groups_(groups),
      done_(groups.size(), false),
      answered_(groups.size(), false),
      failures_(groups.size()),
      batch_max_(batch_max) {}

bool group_operation::finished() const {
  return failure() || std::find(done_.begin(), done_.end(), false) == done_.end();
}

std::vector<admin_operation::addressed> group_operation::requests() {
  std::vector<addressed> out;
  std::set<std::string> unknown;
  // A request names a group once, and not too many of them: by node and the how-manieth request to it.
  std::map<std::pair<std::int32_t, std::size_t>, items> batches;
  std::map<std::string, std::size_t> named;
  std::map<std::pair<std::int32_t, std::size_t>, std::size_t> opened;
  sent_.clear();
  for (std::size_t item = 0; item < groups_.size(); ++item) {
    if (done_[item]) continue;
    const auto found = coordinators_.find(groups_[item]);
    if (found == coordinators_.end()) {
      unknown.insert(groups_[item]);
      continue;
    }
    const std::size_t repetition = named[groups_[item]]++;
    const std::size_t place = opened[{found->second.id, repetition}]++;
    batches[{found->second.id, repetition * groups_.size() + place / batch_max_}].push_back(item);
  }
  if (!unknown.empty()) find_coordinators({unknown.begin(), unknown.end()}, out);
  for (auto& [where, asked] : batches) {
    question next = ask(asked);
    out.push_back({where.first, std::move(next.request), sent_.size(), next.version_max});
    sent_.push_back({{}, std::move(asked)});
  }
  return out;
}

void group_operation::find_coordinators(std::vector<std::string> keys, std::vector<addressed>& out) {
  if (!finds_one_at_a_time_) {
    protocol::find_coordinator_request request;
    request.coordinator_keys = keys;
    out.push_back({any_node, std::move(request), sent_.size()});
    sent_.push_back({std::move(keys), {}});
    return;
  }
  for (std::string& key : keys) {
    protocol::find_coordinator_request request;
    request.key = key;
    out.push_back({any_node, std::move(request), sent_.size(), one_key_until});
    sent_.push_back({{std::move(key)}, {}});
  }
}

void group_operation::on_reply(reply& answer, std::size_t tag) {
  const sent& about = sent_.at(tag);
  if (answer.failure) return on_failure(answer, about);
  if (!about.keys.empty()) {
    if (const auto* found = std::get_if<protocol::find_coordinator_response>(&answer.response))
      on_coordinators(*found, answer.broker, about);
    return;
  }
  for (const std::size_t item : about.asked) answered_[item] = false;
  on_answer(answer, about.asked);
  for (const std::size_t item : about.asked) {
    if (!answered_[item])
      settle(item, {client_errc::malformed_response, answer.broker + " says nothing of group " + groups_[item]});
  }
}

void group_operation::on_failure(const reply& answer, const sent& about) {
  if (!about.keys.empty()) {
    if (!finds_one_at_a_time_ && cannot_be_asked(answer.failure)) {
      finds_one_at_a_time_ = true;
    } else {
      note_failure(answer.failure);
    }
    return;
  }
  if (cannot_be_asked(answer.failure) && finds_another_way(about.asked)) return;
  if (answer.outcome != write_outcome::not_written) on_unknown_outcome(about.asked);
  for (const std::size_t item : about.asked) {
    if (done_[item]) continue;
    if (answer.failure.retriable()) {
      ask_again(item, answer.failure);
    } else {
      settle(item, answer.failure);
    }
  }
}

void group_operation::on_coordinators(const protocol::find_coordinator_response& response, const std::string& broker,
                                      const sent& about) {
  if (response.coordinators.empty()) {
    on_coordinator(about.keys.front(), response.error_code, response.error_message,
                   {response.node_id, response.host, response.port, std::nullopt}, broker);
    return;
  }
  for (const auto& told : response.coordinators) {
    on_coordinator(told.key, told.error_code, told.error_message, {told.node_id, told.host, told.port, std::nullopt},
                   broker);
  }
}

void group_operation::on_coordinator(const std::string& group, std::int16_t code,
                                     const std::optional<std::string>& message, node found, const std::string& broker) {
  if (code == 0) {
    coordinators_[group] = std::move(found);
    return;
  }
  const error why(static_cast<broker_errc>(code),
                  "FindCoordinator to " + broker + " for group " + group +
                      (message && !message->empty() && *message != "NONE" ? ": " + *message : ""));
  if (why.retriable()) {
    note(why);
  } else {
    settle_group(group, why);
  }
}

void group_operation::settle_group(const std::string& group, const error& why) {
  for (std::size_t item = 0; item < groups_.size(); ++item) {
    if (!done_[item] && groups_[item] == group) settle(item, why);
  }
}

std::size_t group_operation::find(const items& asked, const std::string& group) const {
  for (const std::size_t item : asked) {
    if (!done_[item] && groups_[item] == group) return item;
  }
  return size();
}

node group_operation::coordinator(std::size_t item) const {
  const auto found = coordinators_.find(groups_[item]);
  return found != coordinators_.end() ? found->second : node{};
}

void group_operation::settle(std::size_t item, error failure) {
  done_[item] = true;
  answered_[item] = true;
  failures_[item] = std::move(failure);
}

void group_operation::ask_again(std::size_t item, const error& why) {
  answered_[item] = true;
  coordinators_.erase(groups_[item]);
  note(why);
}

bool group_operation::served(std::size_t item, std::int16_t code, const std::string& context) {
  if (code == 0) return true;
  const error why(static_cast<broker_errc>(code), context);
  if (why.retriable()) {
    ask_again(item, why);
  } else {
    settle(item, why);
  }
  return false;
}

}  // namespace kafka::client
