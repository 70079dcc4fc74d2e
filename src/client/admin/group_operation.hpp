// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client/admin/operation.hpp"

namespace kafka::client {

/// A call about groups, which only their coordinators answer: finds the coordinator of each item's group, asks it, and
/// goes on to ask while groups move or are being loaded. What is asked, and what the answers mean, is for the others.
class group_operation : public admin_operation {
 public:
  std::vector<addressed> requests() final;
  void on_reply(reply& answer, std::size_t tag) final;
  bool finished() const final;

 protected:
  /// Indexes of what the user named, in that order.
  using items = std::vector<std::size_t>;

  struct question {
    any_request request;
    /// Not a newer version than this.
    std::int16_t version_max = protocol::no_version;
  };

  /// `groups`: that of each item. At most `batch_max` groups go into one request.
  explicit group_operation(const std::vector<std::string>& groups, std::size_t batch_max = 100);

  /// The question about items that have one coordinator and are of different groups.
  [[nodiscard]] virtual question ask(const items& asked) = 0;
  /// The coordinator's answer; no failure of the whole request. Items that it settles in no way, nor is to ask again,
  /// were not answered, which is an error of theirs.
  virtual void on_answer(reply& answer, const items& asked) = 0;
  /// The coordinator speaks no version that can carry the question. True if there is another way to ask, which
  /// requests() will take from now on.
  [[nodiscard]] virtual bool finds_another_way(const items& /*asked*/) { return false; }
  /// A request may have taken effect, and will be sent once more.
  virtual void on_unknown_outcome(const items& /*asked*/) {}

  [[nodiscard]] const std::string& group(std::size_t item) const { return groups_[item]; }
  [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }
  /// The one of `asked` that is about this group and has no outcome yet; size() if there is none.
  [[nodiscard]] std::size_t find(const items& asked, const std::string& group) const;
  [[nodiscard]] node coordinator(std::size_t item) const;
  /// The item has its outcome.
  void settle(std::size_t item, error failure = {});
  /// The groups that go into one request from now on.
  void set_batch_max(std::size_t groups) noexcept { batch_max_ = groups; }
  /// Whether the coordinator did what was asked of the item. If not, it is either settled, or will be asked again.
  [[nodiscard]] bool served(std::size_t item, std::int16_t code, const std::string& context);
  [[nodiscard]] error outcome(std::size_t item, const error& unfinished) const {
    return done_[item] ? failures_[item] : unfinished;
  }
  /// Will be asked again, of whoever coordinates the group then.
  void ask_again(std::size_t item, const error& why);
  /// Will be asked at once about something else.
  void ask_on(std::size_t item) { answered_[item] = true; }

 private:
  /// What a tag stands for: groups to find, or items that a coordinator was asked about.
  struct sent {
    std::vector<std::string> keys;
    items asked;
  };

  void find_coordinators(std::vector<std::string> keys, std::vector<addressed>& out);
  void on_failure(const reply& answer, const sent& about);
  void on_coordinators(const protocol::find_coordinator_response& response, const std::string& broker,
                       const sent& about);
  void on_coordinator(const std::string& group, std::int16_t code, const std::optional<std::string>& message,
                      node found, const std::string& broker);
  void settle_group(const std::string& group, const error& why);

  std::vector<std::string> groups_;
  std::vector<bool> done_;
  std::vector<bool> answered_;
  std::vector<error> failures_;
  std::map<std::string, node> coordinators_;
  std::vector<sent> sent_;
  std::size_t batch_max_;
  /// Brokers before 3.0 find one coordinator a request (KIP-699).
  bool finds_one_at_a_time_ = false;
};

}  // namespace kafka::client
