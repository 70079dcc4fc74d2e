// SPDX-License-Identifier: Apache-2.0
#include "client/transactional_loop.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "client/client_base.hpp"

namespace kafka::client {

namespace {

using namespace std::chrono_literals;

/// One attempt of a call that is made until its outcome is known.
constexpr auto attempt = 1000ms;
/// For a transaction's outcome, after it was asked to stop.
constexpr auto grace = 30s;
constexpr backoff between_failures{100ms, 1000ms};

error invalid(const char* why) {
  return {client_errc::invalid_config, why};
}

transactional_processor_config checked(transactional_processor_config config) {
  if (config.consumer.group_id.empty()) throw invalid("a transactional processor needs group.id");
  if (config.producer.transactional_id.empty()) throw invalid("a transactional processor needs transactional.id");
  if (config.topics.empty()) throw invalid("a transactional processor needs topics to read");
  if (config.batch_records_max == 0) throw invalid("batch_records_max: at least 1");
  if (config.batch_time_max < 0ms || config.batch_time_max >= config.producer.transaction_timeout) {
    throw invalid("batch_time_max: from 0 to less than transaction.timeout.ms");
  }
  return config;
}

bool is_fenced(const error& why) noexcept {
  return why == broker_errc::producer_fenced || why == broker_errc::invalid_producer_epoch;
}

/// The call's own deadline passed: the same call is to be made again. (That of a record has the same code.)
bool is_open_outcome(const error& why) noexcept {
  return why == client_errc::timed_out && why.retriable();
}

/// The record itself is wrong: sent again it would be refused again.
bool can_never_be_sent(const error& why) noexcept {
  return why == client_errc::record_too_large || why == client_errc::invalid_argument ||
         why == client_errc::value_not_encodable;
}

template <class First, class Second>
auto both(First first, Second second) {
  return [first = std::move(first), second = std::move(second)](const std::vector<topic_partition>& partitions) {
    first(partitions);
    if (second) second(partitions);
  };
}

}  // namespace

transactional_loop::transactional_loop(transactional_processor_config config)
    : config_(checked(std::move(config))), random_(random_seed()) {
  consumer_config reader = config_.consumer;
  reader.read_committed = true;
  reader.auto_commit = false;
  // Stored beside the transactions it could come late and move the group back.
  reader.commit_first_position = false;
  reader.poll_records_max = std::min(reader.poll_records_max, config_.batch_records_max);
  const rebalance_listener& user = config_.consumer.on_rebalance;
  reader.on_rebalance.on_assigned = both([this](const auto& which) { on_assigned(which); }, user.on_assigned);
  reader.on_rebalance.on_revoked = both([this](const auto& which) { on_revoked(which); }, user.on_revoked);
  reader.on_rebalance.on_lost = both([this](const auto& which) { on_lost(which); }, user.on_lost);
  producer_.emplace(config_.producer);
  consumer_.emplace(std::move(reader));
  consumer_->subscribe(config_.topics);
}

// --- what the group decides

void transactional_loop::on_assigned(const std::vector<topic_partition>& partitions) {
  for (const topic_partition& one : partitions) restart_.erase(one);
  fresh_.insert(partitions.begin(), partitions.end());
}

void transactional_loop::on_revoked(const std::vector<topic_partition>& partitions) {
  // The next member begins where the transaction ends, so it has to end now.
  (void)end(true);
  for (const topic_partition& one : partitions) {
    fresh_.erase(one);
    restart_.erase(one);
  }
}

void transactional_loop::on_lost(const std::vector<topic_partition>& partitions) {
  // Whoever has them by now reads the same records: ours must not count. The group would refuse them anyway.
  for (const topic_partition& one : partitions) {
    fresh_.erase(one);
    restart_.erase(one);
  }
  if (open_) give_up({broker_errc::illegal_generation, "the partitions went to others during the transaction"});
}

// --- the loop

void transactional_loop::run(const transactional_processor::record_handler& handler, std::stop_token stop,
                             const transactional_processor::error_handler& on_error) {
  if (closed_) throw error(client_errc::closed, "the processor was closed");
  stop_ = std::move(stop);
  stopped_at_.reset();
  on_error_ = &on_error;
  const std::stop_callback wake(stop_, [this] { consumer_->wakeup(); });
  try {
    while (!stop_.stop_requested()) round(handler);
    (void)end(true);
    if (is_fenced(fatal_) || fatal_ == client_errc::timed_out) throw error(fatal_);
  } catch (...) {
    if (open_) {
      give_up({});
    } else if (!fatal_) {
      go_back();
    }
    on_error_ = nullptr;
    throw;
  }
  on_error_ = nullptr;
}

void transactional_loop::round(const transactional_processor::record_handler& handler) {
  if (fatal_) replace_producer();
  make_ready();
  if (!ready_) return;
  const auto is_known = [this](const topic_partition& one) { return consumer_->position_of(one).has_value(); };
  if (!open_ && must_store_first() && std::any_of(fresh_.begin(), fresh_.end(), is_known)) (void)begin();
  read(handler);
  if (is_due()) (void)end(true);
  if (went_back_) pause();
}

void transactional_loop::make_ready() {
  if (ready_) return;
  if (!initialized_) {
    const error failure = insist(0s, [this](error& told) { producer_->init_transactions(told, attempt); });
    if (is_open_outcome(failure)) return;  // was asked to stop
    if (failure) {
      fatal_ = failure;
      throw error(failure);
    }
    initialized_ = true;
  }
  if (!restart_.empty() && !ask_where_to_go_on()) return pause();
  ready_ = true;
}

bool transactional_loop::ask_where_to_go_on() {
  std::vector<topic_partition> which;
  for (const auto& [where, offset] : restart_) which.push_back(where);
  try {
    for (const group_offset& one : consumer_->committed(which, attempt)) restart_[one.partition] = one.offset;
  } catch (const error& failure) {
    if (!failure.retriable()) throw;
    tell(failure);
    return false;
  }
  go_back();
  return true;
}

void transactional_loop::replace_producer() {
  if (is_fenced(fatal_) || replaced_) {
    replaced_ = false;  // whoever runs the loop again wants another attempt
    throw error(fatal_);
  }
  replaced_ = true;
  ready_ = initialized_ = false;
  (void)producer_->close(0ms);
  producer_.emplace(config_.producer);
  fatal_ = {};
}

void transactional_loop::read(const transactional_processor::record_handler& handler) {
  went_back_ = false;
  error failure;
  const records found = consumer_->poll(patience(), failure);
  if (failure) {
    if (failure == client_errc::closed || consumer_->is_refused()) throw error(failure);
    tell(failure);
  }
  topic_partition where;
  for (const record_view& record : found) {
    if (where.partition == record.partition() && where.topic == record.topic()) continue;
    where = {std::string(record.topic()), record.partition()};
    restart_.try_emplace(where, record.offset());
  }
  if (fatal_) return;  // what was polled is read again as well
  group_offset* at = nullptr;
  for (const record_view& record : found) {
    if (!open_) at = nullptr;
    if (!begin()) return;
    if (!handle(handler, record)) return;
    if (!at || at->partition.partition != record.partition() || at->partition.topic != record.topic()) {
      at = &done_[{std::string(record.topic()), record.partition()}];
      at->partition = {std::string(record.topic()), record.partition()};
    }
    at->offset = record.offset() + 1;
    at->leader_epoch = record.leader_epoch();
    ++handled_count_;
    if (stop_.stop_requested()) {
      if (end(false)) go_back();
      return;
    }
    if (is_due() && !end(false)) return;
  }
}

bool transactional_loop::handle(const transactional_processor::record_handler& handler, const record_view& record) {
  transactional_output output(*this);
  try {
    handler(record, output);
  } catch (...) {
    if (!send_failure_) throw;
  }
  if (!send_failure_) return true;
  const error why = send_failure_;
  if (can_never_be_sent(why)) throw error(why);
  give_up(why);
  return false;
}

void transactional_loop::send(const message& record) {
  if (!open_) throw error(client_errc::invalid_state, "a record sent outside of its handler");
  if (send_failure_) throw error(send_failure_);
  try {
    producer_->send(record, detached);
  } catch (const error& failure) {
    send_failure_ = failure;
    throw;
  }
}

bool transactional_loop::begin() {
  if (open_) return true;
  error failure;
  producer_->begin(failure);
  if (failure) {
    give_up(failure);
    return false;
  }
  open_ = true;
  opened_at_ = clock::now();
  handled_count_ = 0;
  send_failure_ = {};
  return true;
}

bool transactional_loop::is_due() const {
  return open_ && (handled_count_ >= config_.batch_records_max || clock::now() >= opened_at_ + config_.batch_time_max);
}

bool transactional_loop::must_store_first() const {
  return config_.consumer.commit_first_position && config_.consumer.offset_reset == offset_reset::latest;
}

std::chrono::milliseconds transactional_loop::patience() const {
  if (!open_) return 1s;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(opened_at_ + config_.batch_time_max - clock::now());
  return std::max<std::chrono::milliseconds>(left, 0ms);
}

// --- the end of a transaction

std::vector<group_offset> transactional_loop::positions(bool all_handled) const {
  std::vector<group_offset> out;
  for (const auto& [where, handled] : done_) {
    group_offset& one = out.emplace_back(handled);
    // Beyond the markers of the transactions that were read.
    if (all_handled) one.offset = std::max(one.offset, consumer_->position_of(where).value_or(-1));
  }
  if (!must_store_first()) return out;
  for (const topic_partition& where : fresh_) {
    if (done_.contains(where)) continue;
    const auto waiting = restart_.find(where);
    const auto from = waiting == restart_.end() ? consumer_->position_of(where) : std::optional(waiting->second);
    if (from) out.push_back({where, *from, -1, {}});
  }
  return out;
}

error transactional_loop::send_offsets(const std::vector<group_offset>& stored) {
  error failure;
  if (stored.empty()) return failure;
  const clock::time_point until = clock::now() + grace;
  do {
    producer_->send_offsets(stored, consumer_->group_metadata(), failure, attempt);
  } while (is_open_outcome(failure) && !stop_.stop_requested() && clock::now() < until);
  return failure;
}

bool transactional_loop::end(bool all_handled) {
  if (!open_) return true;
  const std::vector<group_offset> stored = positions(all_handled);
  if (const error refused = send_offsets(stored)) {
    give_up(refused);
    return false;
  }
  if (const error failure = insist(grace, [this](error& told) { producer_->commit(told, attempt); })) {
    if (is_open_outcome(failure)) {
      open_ = false;
      fatal_ = failure;  // to be found out by the next producer of our name
      done_.clear();
    } else {
      give_up(failure);
    }
    return false;
  }
  for (const group_offset& one : stored) {
    restart_[one.partition] = one.offset;
    fresh_.erase(one.partition);
  }
  if (all_handled) restart_.clear();
  open_ = replaced_ = false;
  failures_ = 0;
  done_.clear();
  records_ += handled_count_;
  ++committed_;
  return true;
}

void transactional_loop::give_up(const error& why) {
  if (why) {
    tell(why);
    ++failures_;
  }
  open_ = false;
  went_back_ = true;
  send_failure_ = {};
  done_.clear();
  fatal_ = insist(grace, [this](error& told) { producer_->abort(told, attempt); });
  if (fatal_) return;
  ++aborted_;
  go_back();
}

void transactional_loop::go_back() {
  const std::vector<topic_partition> assigned = consumer_->assigned();
  for (const auto& [where, offset] : std::exchange(restart_, {})) {
    if (std::find(assigned.begin(), assigned.end(), where) != assigned.end()) {
      consumer_->seek(where, position::at(offset));
    }
  }
}

template <class Call>
error transactional_loop::insist(std::chrono::seconds after_stop, Call call) {
  for (;;) {
    error failure;
    call(failure);
    if (!is_open_outcome(failure)) return failure;
    if (stop_.stop_requested()) {
      if (!stopped_at_) stopped_at_ = clock::now();
      if (clock::now() - *stopped_at_ >= after_stop) return failure;
    }
    tell(failure);
  }
}

void transactional_loop::tell(const error& failure) const {
  if (on_error_ && *on_error_) (*on_error_)(failure);
}

void transactional_loop::pause() {
  const auto length = between_failures.wait(failures_, random_);
  std::mutex mutex;
  std::unique_lock lock(mutex);
  (void)std::condition_variable_any().wait_for(lock, stop_, length, [] { return false; });
}

transactional_processor_counts transactional_loop::counts() const noexcept {
  return {records_.load(), committed_.load(), aborted_.load()};
}

error transactional_loop::close(std::chrono::milliseconds timeout) {
  if (std::exchange(closed_, true)) return {};
  const steady_time until = after(timeout);
  error left = consumer_->close(timeout);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
  (void)producer_->close(std::max<std::chrono::milliseconds>(rest, 0ms));
  return left;
}

}  // namespace kafka::client
