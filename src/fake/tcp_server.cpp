// SPDX-License-Identifier: Apache-2.0
#include "fake/tcp_server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace kafka::fake {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// What one read takes from a socket.
constexpr std::size_t read_bytes = 256U << 10U;
/// When more than this waits to be sent, the client does not read: its next request has to wait.
constexpr std::size_t unsent_bytes_max = 1U << 20U;
/// How many pieces one write gathers.
constexpr std::size_t gathered_pieces = 64;

instant read_clocks() {
  return {std::chrono::steady_clock::now(),
          std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

[[noreturn]] void refuse(const error_code& why, const tcp::endpoint& endpoint) {
  throw std::system_error(why.value(), std::system_category(),
                          "fake cluster: " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port()));
}

/// The port of one node. While the node does not run, the port stays bound but refuses connections, so that nobody else
/// takes it.
class listener {
 public:
  listener(asio::io_context& context, std::int32_t node, const tcp::endpoint& endpoint)
      : node_(node), endpoint_(endpoint), acceptor_(context) {
    bind();
    endpoint_ = acceptor_.local_endpoint();
  }

  [[nodiscard]] std::int32_t node() const noexcept { return node_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return endpoint_.port(); }
  [[nodiscard]] bool listening() const noexcept { return listening_; }
  [[nodiscard]] tcp::acceptor& acceptor() noexcept { return acceptor_; }

  void listen() {
    error_code failure;
    acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) refuse(failure, endpoint_);
    acceptor_.non_blocking(true);
    listening_ = true;
  }
  void stop() {
    error_code ignored;
    acceptor_.close(ignored);
    listening_ = false;
    bind();
  }

 private:
  void bind() {
    error_code failure;
    acceptor_.open(endpoint_.protocol(), failure);
    if (!failure) acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint_, failure);
    if (failure) refuse(failure, endpoint_);
  }

  std::int32_t node_;
  tcp::endpoint endpoint_;
  tcp::acceptor acceptor_;
  bool listening_ = false;
};

struct session {
  session(connection_id its_id, tcp::socket its_socket) : id(its_id), socket(std::move(its_socket)) {}

  connection_id id;
  tcp::socket socket;
  std::deque<shared_bytes> unsent;
  std::size_t unsent_bytes = 0;
  bool writing = false;  // waits until the socket takes more
  bool reading = false;  // waits until the socket has something
  bool closing = false;  // to be closed when all is sent
};

using session_pointer = std::shared_ptr<session>;

}  // namespace

class tcp_server::impl {
 public:
  explicit impl(const fake_cluster_options& options);
  ~impl();

  void run(const std::function<void(cluster&, instant)>& work);
  [[nodiscard]] std::uint16_t port(std::int32_t node) const {
    return listeners_.at(static_cast<std::size_t>(node - 1)).port();
  }

 private:
  void accept_on(listener& from);
  void take_client(listener& from, tcp::socket socket);
  void read_when_ready(const session_pointer& client);
  void read(const session_pointer& client);
  void write(const session_pointer& client);
  void write_when_ready(const session_pointer& client);
  void forget(const session_pointer& client);
  /// Does what the cluster wants done, until there is nothing more to do now.
  void settle();
  void perform(send& order);
  void perform(const close& order);
  void follow_nodes();
  void arm();

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  cluster cluster_;
  std::deque<listener> listeners_;
  std::map<connection_id, session_pointer> sessions_;
  /// Sessions that are not read from because the cluster has enough of them.
  std::vector<session_pointer> paused_;
  asio::steady_timer timer_{context_};
  steady_time armed_ = never;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(read_bytes);
  std::thread thread_;
};

tcp_server::impl::impl(const fake_cluster_options& options) : cluster_(options) {
  error_code failure;
  const auto address = asio::ip::make_address(options.host, failure);
  if (failure) throw std::system_error(failure.value(), std::system_category(), "fake cluster: host " + options.host);
  for (auto& node : cluster_.state().nodes()) {
    const int port = options.port == 0 ? 0 : options.port + node.id - 1;
    listeners_.emplace_back(context_, node.id, tcp::endpoint(address, static_cast<std::uint16_t>(port)));
    node.port = listeners_.back().port();
  }
  follow_nodes();
  thread_ = std::thread([this] { context_.run(); });
}

tcp_server::impl::~impl() {
  context_.stop();
  thread_.join();
}

void tcp_server::impl::run(const std::function<void(cluster&, instant)>& work) {
  // On this thread only a control function can call, from inside a step, after which settle() comes anyway.
  if (std::this_thread::get_id() == thread_.get_id()) return work(cluster_, read_clocks());
  std::packaged_task<void()> task([&] {
    work(cluster_, read_clocks());
    settle();
  });
  auto done = task.get_future();
  asio::post(context_, [&task] { task(); });
  done.get();
}

// --- sockets ---------------------------------------------------------------------------------------------------------

void tcp_server::impl::accept_on(listener& from) {
  from.acceptor().async_wait(tcp::acceptor::wait_read, [this, &from](const error_code& stopped) {
    if (stopped || !from.listening()) return;
    for (;;) {
      error_code failure;
      tcp::socket socket = from.acceptor().accept(failure);
      if (failure) break;
      take_client(from, std::move(socket));
    }
    accept_on(from);
  });
}

void tcp_server::impl::take_client(listener& from, tcp::socket socket) {
  error_code failure;
  socket.set_option(tcp::no_delay(true), failure);
  socket.non_blocking(true, failure);
  const auto id = cluster_.connect(from.node(), read_clocks());
  if (failure || !id) return;
  auto client = std::make_shared<session>(*id, std::move(socket));
  sessions_.emplace(*id, client);
  read_when_ready(client);
}

void tcp_server::impl::read_when_ready(const session_pointer& client) {
  if (client->reading || client->closing) return;
  client->reading = true;
  client->socket.async_wait(tcp::socket::wait_read, [this, client](const error_code& stopped) {
    client->reading = false;
    if (!stopped && !client->closing) read(client);
  });
}

void tcp_server::impl::read(const session_pointer& client) {
  error_code failure;
  const std::size_t count = client->socket.read_some(asio::buffer(buffer_), failure);
  if (failure && failure != asio::error::would_block && failure != asio::error::try_again) {
    cluster_.disconnect(client->id);
    forget(client);
    return settle();
  }
  if (count > 0) {
    cluster_.accept(client->id, std::span(buffer_).first(count), read_clocks());
    settle();
  }
  if (client->closing || !client->socket.is_open()) return;
  if (cluster_.wants_input(client->id)) {
    read_when_ready(client);
  } else {
    paused_.push_back(client);
  }
}

void tcp_server::impl::write(const session_pointer& client) {
  while (!client->unsent.empty()) {
    std::array<asio::const_buffer, gathered_pieces> pieces;
    const std::size_t used = std::min(pieces.size(), client->unsent.size());
    for (std::size_t index = 0; index < used; ++index) {
      const auto& piece = client->unsent[index];
      pieces[index] = asio::const_buffer(piece.data(), piece.size());
    }
    error_code failure;
    std::size_t sent = client->socket.write_some(std::span(pieces).first(used), failure);
    if (failure == asio::error::would_block || failure == asio::error::try_again) return write_when_ready(client);
    if (failure) {
      cluster_.disconnect(client->id);
      return forget(client);
    }
    client->unsent_bytes -= sent;
    while (!client->unsent.empty() && sent >= client->unsent.front().size()) {
      sent -= client->unsent.front().size();
      client->unsent.pop_front();
    }
    if (sent > 0) client->unsent.front() = client->unsent.front().slice(sent);
  }
  if (client->closing) forget(client);
}

void tcp_server::impl::write_when_ready(const session_pointer& client) {
  if (client->writing) return;
  client->writing = true;
  client->socket.async_wait(tcp::socket::wait_write, [this, client](const error_code& stopped) {
    client->writing = false;
    if (stopped || !client->socket.is_open()) return;
    const bool was_full = client->unsent_bytes > unsent_bytes_max;
    write(client);
    if (was_full && client->unsent_bytes <= unsent_bytes_max) cluster_.set_writable(client->id, true, read_clocks());
    settle();
  });
}

void tcp_server::impl::forget(const session_pointer& client) {
  client->closing = true;
  client->unsent.clear();
  error_code ignored;
  client->socket.close(ignored);
  sessions_.erase(client->id);
}

// --- the cluster -----------------------------------------------------------------------------------------------------

void tcp_server::impl::perform(send& order) {
  const auto found = sessions_.find(order.connection);
  if (found == sessions_.end()) return;
  const session_pointer client = found->second;
  for (auto& piece : order.pieces) {
    if (piece.empty()) continue;
    client->unsent_bytes += piece.size();
    client->unsent.push_back(std::move(piece));
  }
  if (!client->writing) write(client);
  if (client->unsent_bytes > unsent_bytes_max) cluster_.set_writable(client->id, false, read_clocks());
}

void tcp_server::impl::perform(const close& order) {
  const auto found = sessions_.find(order.connection);
  if (found == sessions_.end()) return;
  const session_pointer client = found->second;
  client->closing = true;
  if (client->unsent.empty()) forget(client);
}

void tcp_server::impl::settle() {
  for (;;) {
    auto actions = cluster_.take_actions();
    for (auto& order : actions) {
      std::visit([this](auto& one) { perform(one); }, order);
    }
    const instant now = read_clocks();
    if (cluster_.deadline() <= now.steady) {
      cluster_.advance(now);
    } else if (actions.empty()) {
      break;
    }
  }
  follow_nodes();
  for (const auto& client : std::exchange(paused_, {})) {
    if (client->closing) continue;
    if (cluster_.wants_input(client->id)) {
      read_when_ready(client);
    } else {
      paused_.push_back(client);
    }
  }
  arm();
}

void tcp_server::impl::follow_nodes() {
  for (auto& one : listeners_) {
    const bool wanted = cluster_.state().is_running(one.node());
    if (wanted && !one.listening()) {
      one.listen();
      accept_on(one);
    } else if (!wanted && one.listening()) {
      one.stop();
    }
  }
}

void tcp_server::impl::arm() {
  const steady_time wanted = cluster_.deadline();
  if (wanted == armed_) return;
  armed_ = wanted;
  if (wanted == never) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(wanted);
  timer_.async_wait([this](const error_code& stopped) {
    if (stopped) return;
    armed_ = never;
    settle();
  });
}

// --- the shell -------------------------------------------------------------------------------------------------------

tcp_server::tcp_server(const fake_cluster_options& options) : impl_(std::make_unique<impl>(options)) {}
tcp_server::~tcp_server() = default;

void tcp_server::run(const std::function<void(cluster&, instant)>& work) {
  impl_->run(work);
}
std::uint16_t tcp_server::port(std::int32_t node) const {
  return impl_->port(node);
}

}  // namespace kafka::fake
