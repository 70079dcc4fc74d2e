// SPDX-License-Identifier: Apache-2.0
#include "net/connection_pool.hpp"

#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "net/connection.hpp"
#include "net/resolver.hpp"

namespace kafka::net {

namespace {

/// Idle blocks that are kept for large responses: enough for two of the largest that a fetch asks for by default
/// (50 MiB, each in a block of 64), one being read while the other is used, and what they grew from.
constexpr std::size_t retained_bytes_max = 144U << 20U;
/// Brokers that moved are forgotten when this many endpoints are known; what is lost is a hint.
constexpr std::size_t endpoints_remembered = 1'000;

std::shared_ptr<const connection_options> completed(connection_options options) {
  if (!options.session.buffers) options.session.buffers = std::make_shared<buffer_pool>(retained_bytes_max);
  return std::make_shared<const connection_options>(std::move(options));
}

}  // namespace

class connection_pool::implementation final : public connection_owner {
 public:
  implementation(boost::asio::any_io_executor executor, connection_options options, connection_observer& observer)
      : executor_(std::move(executor)),
        options_(completed(std::move(options))),
        observer_(observer),
        names_(executor_, options_->resolve) {}
  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;
  ~implementation() {
    for (auto& [id, one] : connections_) one->detach();
  }

  void open(connection_id id, const std::string& host, std::int32_t port) {
    const auto [place, is_new] = connections_.try_emplace(id);
    if (!is_new) return;
    place->second = std::make_shared<connection>(executor_, options_, remembered(host, port), id, host, port);
    place->second->open(*this, names_);
  }

  [[nodiscard]] connection* find(connection_id id) const {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] std::size_t size() const noexcept { return connections_.size(); }

  void hold() { holding_ = true; }
  void release() {
    holding_ = false;
    for (std::size_t next = 0; next < held_.size(); ++next) held_[next]->run_held();
    held_.clear();
  }

  bool collect(connection& due) override {
    if (holding_) held_.push_back(due.shared_from_this());
    return holding_;
  }
  void on_event(connection_id id, session::event& what) override {
    std::visit([&](auto& told) { tell(id, told); }, what);
  }

 private:
  void tell(connection_id id, session::ready& told) { observer_.on_ready(id, told.versions); }
  void tell(connection_id id, session::response& told) { observer_.on_response(id, told.id, std::move(told.body)); }
  void tell(connection_id id, session::written_out& told) { observer_.on_written(id, told.id); }
  void tell(connection_id id, session::request_failed& told) {
    observer_.on_request_failed(id, told.id, told.why, told.outcome);
  }
  void tell(connection_id id, session::closed& told) {
    if (const auto gone = connections_.extract(id)) gone.mapped()->detach();
    observer_.on_closed(id, told.why);
  }

  std::shared_ptr<endpoint_memory> remembered(const std::string& host, std::int32_t port) {
    if (endpoints_.size() >= endpoints_remembered) endpoints_.clear();
    auto& memory = endpoints_[host + ":" + std::to_string(port)];
    if (!memory) memory = std::make_shared<endpoint_memory>();
    return memory;
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<const connection_options> options_;
  connection_observer& observer_;
  resolver names_;
  std::unordered_map<connection_id, std::shared_ptr<connection>> connections_;
  std::unordered_map<std::string, std::shared_ptr<endpoint_memory>> endpoints_;
  bool holding_ = false;
  std::vector<std::shared_ptr<connection>> held_;
};

connection_pool::connection_pool(boost::asio::any_io_executor executor, connection_options options,
                                 connection_observer& observer)
    : implementation_(std::make_unique<implementation>(std::move(executor), std::move(options), observer)) {}

connection_pool::~connection_pool() = default;

void connection_pool::hold() {
  implementation_->hold();
}

void connection_pool::release() {
  implementation_->release();
}

void connection_pool::open(connection_id connection, std::string host, std::int32_t port) {
  implementation_->open(connection, host, port);
}

void connection_pool::send(connection_id connection, request what) {
  if (auto* found = implementation_->find(connection)) found->send(std::move(what));
}

void connection_pool::abandon(connection_id connection, request_id id) {
  if (auto* found = implementation_->find(connection)) found->abandon(id);
}

void connection_pool::close(connection_id connection, const error& why) {
  if (auto* found = implementation_->find(connection)) found->close(why);
}

std::size_t connection_pool::size() const noexcept {
  return implementation_->size();
}

}  // namespace kafka::net
