// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/cluster_view.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// Knows the topics that somebody is interested in, and when to ask the cluster again. Pure.
///
/// A leader epoch never goes backwards while the topic keeps its id (KIP-320, KAFKA-7190): stale answers of lagging
/// brokers are ignored, unless three in a row agree, so that a cluster that was restored from a backup can be followed.
/// A partition or topic that an answer reports with an error keeps what was known of it.
class metadata {
 public:
  metadata(const connection_config& config, bool allow_auto_create, std::uint64_t seed)
      : config_(config), allow_auto_create_(allow_auto_create), random_(seed) {}

  /// Somebody needs this topic; it is looked up now if it is not known, and again, with back-off, until `until` as long
  /// as it does not exist. Known topics are kept fresh from then on.
  void want(std::string_view topic, steady_time until, steady_time now);
  /// Topics whose names somebody needs, instead of those asked for before; known ones are kept fresh from then on. A
  /// broker without look-ups by id (before 2.8) is no place to hear of ids.
  void want_ids(std::set<uuid> ids, steady_time now);
  /// Somebody needs all topics that match, now and as they come; internal ones never do. Null: nobody any more.
  void want_matching(std::function<bool(std::string_view topic)> matches, steady_time now);
  /// Which those are; nothing until the cluster was asked.
  [[nodiscard]] const std::optional<std::set<std::string>>& matching() const noexcept { return matching_; }
  /// What is known is wrong (a broker said so): ask again soon.
  void invalidate() noexcept { stale_ = true; }
  /// A broker named a newer leader in its answer (KIP-951).
  void learn_leader(std::string_view topic, std::int32_t partition, std::int32_t leader, std::int32_t leader_epoch);

  /// The request to send now, if one is due and none is under way.
  [[nodiscard]] std::optional<outgoing> next_request(request_id id, steady_time now);
  /// The answer; returns the brokers it names, for the directory (empty after a failure).
  std::vector<node> on_reply(reply& answer, steady_time now);
  [[nodiscard]] steady_time deadline() const;

  [[nodiscard]] const cluster_view& view() const noexcept { return view_; }
  /// In which racks the replicas of each partition are, as far as that is known: by name, each once (KIP-881). A broker
  /// that is away stays where it was. Empty if nothing is known. Changes only together with the view's version.
  [[nodiscard]] std::vector<std::vector<std::string>> racks_of(std::string_view topic) const;
  /// When the question was asked that the view answers; before every time if there is none yet.
  [[nodiscard]] steady_time as_of() const noexcept { return as_of_; }
  /// How often the cluster was asked about the topics, and which of these questions the view answers: what happened
  /// before question asked() + 1 is in the view once answered() has come to that.
  [[nodiscard]] std::uint64_t asked() const noexcept { return questions_; }
  [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }
  /// The last failure of a whole request, for causes; none after a success.
  [[nodiscard]] const error& last_failure() const noexcept { return last_failure_; }

 private:
  struct interest {
    /// Somebody waits for the topic to appear until then.
    steady_time wanted_until{};
    bool looked_up = false;                           // an answer has told of it, if only that it is not there
    std::map<std::int32_t, unsigned> stale_answers;   // by partition: answers in a row with an older epoch
    std::vector<std::vector<std::int32_t>> replicas;  // of each partition; not in the view, which is copied
  };

  void ask_soon(steady_time now);
  /// Somebody waits for a topic that is not there, or it was never asked for: a request for it may create it.
  [[nodiscard]] bool is_awaited(const std::string& name, const interest& asked, steady_time now) const;
  void ask_for_names(protocol::metadata_request& request, steady_time now);
  void learn_racks(const std::vector<protocol::metadata_response::broker>& told);
  bool merge(protocol::metadata_response& told, steady_time now);
  bool merge_topic(protocol::metadata_response::topic& told, steady_time now);
  bool merge_partitions(protocol::metadata_response::topic& told, topic_view& known, interest& asked);
  void schedule_retry(steady_time now);

  connection_config config_;
  bool allow_auto_create_;
  random_source random_;
  cluster_view view_;
  std::map<std::string, interest, std::less<>> interests_;
  std::map<std::int32_t, std::string> racks_;  // by node
  std::set<uuid> ids_;
  std::function<bool(std::string_view)> matches_;
  std::optional<std::set<std::string>> matching_;
  /// What the request under way asks about.
  enum class question : std::uint8_t { names, awaited, ids, everything };
  question asked_ = question::names;
  bool in_flight_ = false;
  steady_time asked_at_{};
  steady_time as_of_ = steady_time::min();
  std::uint64_t questions_ = 0;
  std::uint64_t answered_ = 0;
  bool stale_ = false;
  unsigned failures_ = 0;
  steady_time not_before_{};
  steady_time refreshed_at_{};
  bool refreshed_once_ = false;
  error last_failure_;
  std::string answered_by_;  // the broker whose answer is being merged, as text
};

}  // namespace kafka::client
