// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/fake/script.hpp"

namespace kafka::fake {

/// A transactional producer that sends what it is told, whether or not that makes sense. It speaks the protocol before
/// KIP-890 unless `v2`.
class transactional_producer {
 public:
  transactional_producer(script& cluster, std::string id, bool v2 = true)
      : cluster_(cluster), id_(std::move(id)), v2_(v2) {}

  std::int64_t producer_id = -1;
  std::int16_t epoch = -1;
  std::int32_t sequence = 0;
  std::chrono::milliseconds timeout = 60s;

  [[nodiscard]] std::int32_t coordinator() {
    return cluster_.core.state().coordinator(coordinator_type::transaction, id_);
  }

  protocol::init_producer_id_response init(bool with_identity = false, std::int16_t version = 5,
                                           std::optional<std::int32_t> node = {}) {
    protocol::init_producer_id_request request;
    request.transactional_id = id_;
    request.transaction_timeout_ms = static_cast<std::int32_t>(timeout.count());
    if (with_identity) request.producer_id = producer_id;
    if (with_identity) request.producer_epoch = epoch;
    return cluster_.ask(cluster_.connect(node.value_or(coordinator())), request, version);
  }
  /// Takes over what InitProducerId gives; fails the test on an error.
  transactional_producer& begin() {
    const auto made = init();
    REQUIRE(code_of(made.error_code) == broker_errc::none);
    producer_id = made.producer_id;
    epoch = made.producer_epoch;
    sequence = 0;
    return *this;
  }

  broker_errc add(const std::string& topic, std::int32_t partition = 0, std::int16_t version = 3,
                  std::optional<std::int32_t> node = {}) {
    protocol::add_partitions_to_txn_request request;
    request.v3_and_below_transactional_id = id_;
    request.v3_and_below_producer_id = producer_id;
    request.v3_and_below_producer_epoch = epoch;
    request.v3_and_below_topics = {{topic, {partition}, {}}};
    const auto answer = cluster_.ask(cluster_.connect(node.value_or(coordinator())), request, version);
    return code_of(answer.results_by_topic_v3_and_below.at(0).results_by_partition.at(0).partition_error_code);
  }
  broker_errc add_offsets(const std::string& group, std::int16_t version = 4) {
    protocol::add_offsets_to_txn_request request;
    request.transactional_id = id_;
    request.producer_id = producer_id;
    request.producer_epoch = epoch;
    request.group_id = group;
    return code_of(cluster_.ask(cluster_.connect(coordinator()), request, version).error_code);
  }

  /// Sends one batch of `count` records and counts the sequence up if it was taken.
  protocol::produce_response::partition produce(const std::string& topic, std::int32_t count,
                                                std::optional<std::int16_t> version = {}, std::int32_t partition = 0) {
    const topic_state* known = cluster_.core.state().find_topic(std::string_view(topic));
    REQUIRE(known);
    auto request = produce_of(topic, known->id, batch_of(count, {.producer = {producer_id, epoch, sequence, true}}), -1,
                              partition);
    request.transactional_id = id_;
    const auto client = cluster_.connect(cluster_.partition(topic, partition).leader);
    const auto response = cluster_.ask(client, request, version.value_or(v2_ ? std::int16_t{13} : std::int16_t{11}));
    auto answer = response.responses.at(0).partition_responses.at(0);
    if (answer.error_code == 0) sequence += count;
    return answer;
  }
  broker_errc produced(const std::string& topic, std::int32_t count, std::optional<std::int16_t> version = {},
                       std::int32_t partition = 0) {
    return code_of(produce(topic, count, version, partition).error_code);
  }

  protocol::txn_offset_commit_request offsets_request(const std::string& group, const std::string& topic,
                                                      std::int64_t offset) {
    protocol::txn_offset_commit_request request;
    request.transactional_id = id_;
    request.group_id = group;
    request.producer_id = producer_id;
    request.producer_epoch = epoch;
    request.topics = {{topic, {{0, offset, -1, "", {}}}, {}}};
    return request;
  }
  broker_errc commit_offset(const std::string& group, const std::string& topic, std::int64_t offset,
                            std::optional<std::int16_t> version = {}) {
    const auto client = cluster_.connect(cluster_.core.state().coordinator(coordinator_type::group, group));
    const auto answer = cluster_.ask(client, offsets_request(group, topic, offset),
                                     version.value_or(v2_ ? std::int16_t{5} : std::int16_t{4}));
    return code_of(answer.topics.at(0).partitions.at(0).error_code);
  }

  /// EndTxn as it is; nothing is taken over.
  protocol::end_txn_response ask_end(bool committed, std::optional<std::int16_t> version = {}) {
    protocol::end_txn_request request;
    request.transactional_id = id_;
    request.producer_id = producer_id;
    request.producer_epoch = epoch;
    request.committed = committed;
    return cluster_.ask(cluster_.connect(coordinator()), request,
                        version.value_or(v2_ ? std::int16_t{5} : std::int16_t{4}));
  }
  /// EndTxn as a producer does it: goes on with the identity that it gets.
  broker_errc end(bool committed) {
    const auto answer = ask_end(committed);
    if (answer.error_code == 0 && v2_) {
      producer_id = answer.producer_id;
      epoch = answer.producer_epoch;
      sequence = 0;
    }
    return code_of(answer.error_code);
  }

 private:
  script& cluster_;
  std::string id_;
  bool v2_;
};

}  // namespace kafka::fake
