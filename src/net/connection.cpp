// SPDX-License-Identifier: Apache-2.0
#include "net/connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <span>
#include <utility>

namespace kafka::net {

namespace asio = boost::asio;

namespace {

session_options named(session_options options, const std::string& peer) {
  options.peer = peer;
  return options;
}

dial_options dialling(const connection_options& options, const std::string& peer) {
  return {peer, options.connect_timeout, options.connect_timeout_max, options.resolve_timeout};
}

/// "[::1]" is how an IPv6 address looks beside a port.
std::string without_brackets(const std::string& host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

std::string peer_name(const std::string& host, std::int32_t port) {
  const bool is_bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return (is_bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

connection::connection(const asio::any_io_executor& executor, std::shared_ptr<const connection_options> options,
                       std::shared_ptr<endpoint_memory> memory, connection_id id, const std::string& host,
                       std::int32_t port)
    : options_(std::move(options)),
      memory_(std::move(memory)),
      id_(id),
      host_(without_brackets(host)),
      port_(port),
      peer_(peer_name(host, port)),
      dialer_(dialling(*options_, peer_), memory_->dial),
      session_(named(options_->session, peer_), memory_->handshake),
      stream_(executor),
      timer_(executor) {}

/// Read once for all that is done in one go: a clock costs more than a request.
steady_time connection::time() const {
  return running_ ? time_ : std::chrono::steady_clock::now();
}

void connection::open(connection_owner& owner, resolver& names) {
  owner_ = &owner;
  names_ = &names;
  if (host_.empty() || port_ <= 0 || port_ > UINT16_MAX) {
    return close(error(client_errc::connect_failed, peer_ + ": is no address"));
  }
  dialer_.start(time());
  boost::system::error_code not_literal;
  (void)asio::ip::make_address(host_, not_literal);
  if (!not_literal) {
    take(dialer_.resolved({{host_}, {}}, time()));
  } else {
    look_up_ = names.resolve(host_, [self = shared_from_this()](const resolution& found) {
      self->look_up_ = 0;
      self->take(self->dialer_.resolved(found, self->time()));
      self->run();
    });
  }
  schedule();
}

void connection::take(const dialer::step& step) {
  if (look_up_ != 0) names_->cancel(std::exchange(look_up_, 0));
  if (const auto* address = std::get_if<std::string>(&step)) {
    connect(*address);
  } else {
    session_.close(std::get<error>(step));
  }
}

void connection::connect(const std::string& address) {
  boost::system::error_code failure;
  const asio::ip::address parsed = asio::ip::make_address(address, failure);
  if (failure) return take(dialer_.connect_failed("is no address", time()));
  stream_.async_connect({parsed, static_cast<std::uint16_t>(port_)}, options_->stream,
                        [self = shared_from_this(), attempt = ++attempt_](const boost::system::error_code& outcome) {
                          self->on_connected(attempt, outcome);
                        });
}

void connection::on_connected(unsigned attempt, const boost::system::error_code& failure) {
  if (attempt != attempt_ || session_.is_closed()) return;
  if (failure) {
    take(dialer_.connect_failed(failure.message(), time()));
  } else if (stream_.is_own_peer()) {
    stream_.close();
    take(dialer_.connect_failed("nobody listens there (the connection met itself)", time()));
  } else {
    dialer_.connected();
    session_.opened(time());
    read();
  }
  run();
}

void connection::send(request what) {
  session_.send(std::move(what), time());
  schedule();
}

void connection::abandon(request_id id) {
  session_.abandon(id);
}

void connection::close(const error& why) {
  session_.close(why);
  shut();
  schedule();
}

void connection::detach() {
  owner_ = nullptr;
  session_.close({});
  shut();
}

/// Everything that waits ends at once, with operation_aborted.
void connection::shut() {
  if (look_up_ != 0 && names_) names_->cancel(look_up_);
  look_up_ = 0;
  names_ = nullptr;
  stream_.close();
  timer_.cancel();
  timer_at_ = never;
}

void connection::read() {
  if (session_.is_closed()) return;
  stream_.async_read_some(session_.prepare(),
                          [self = shared_from_this()](const boost::system::error_code& failure, std::size_t count) {
                            self->on_read(failure, count);
                          });
}

void connection::on_read(const boost::system::error_code& failure, std::size_t count) {
  if (session_.is_closed()) return;
  if (count != 0) session_.commit(count, time());
  if (failure) {
    // A write that failed knows better than the end of the stream that follows it.
    const boost::system::error_code& reason = write_failure_ ? write_failure_ : failure;
    session_.lost(reason == asio::error::eof ? std::error_code{} : std::error_code(reason), time());
  }
  run();
  if (owner_) read();
}

std::size_t connection::gather() {
  std::array<std::span<const std::byte>, pieces_max> shown;
  const std::size_t count = session_.gather(shown);
  std::transform(shown.begin(), shown.begin() + count, pieces_.begin(),
                 [](std::span<const std::byte> piece) { return asio::const_buffer(piece.data(), piece.size()); });
  return count;
}

/// Writes what there is without waiting, and waits for room only if there was none.
void connection::flush() {
  while (!writing_ && !write_failure_ && session_.wants_write()) {
    const auto pieces = std::span<const asio::const_buffer>(pieces_).first(gather());
    boost::system::error_code failure;
    const std::size_t taken = stream_.write_now(pieces, failure);
    session_.written(taken, time());
    if (failure == asio::error::would_block || failure == asio::error::try_again) return write_later();
    if (failure) return on_write_failure(failure);
    if (taken < asio::buffer_size(pieces)) return write_later();
  }
}

void connection::write_later() {
  const auto pieces = std::span<const asio::const_buffer>(pieces_).first(gather());
  writing_ = true;
  stream_.async_write_some(pieces,
                           [self = shared_from_this()](const boost::system::error_code& failure, std::size_t count) {
                             self->writing_ = false;
                             if (self->session_.is_closed()) return;
                             self->session_.written(count, self->time());
                             if (failure) self->on_write_failure(failure);
                             self->run();
                           });
}

/// What the peer said before it went (an answer, or why it refuses us) may still be unread: the end is told by the
/// read, which ends soon too.
void connection::on_write_failure(const boost::system::error_code& failure) {
  write_failure_ = failure;
  if (failure == asio::error::connection_reset || failure == asio::error::broken_pipe) return;
  session_.lost(failure, time());
}

/// Calls of the observer are never made from inside calls of ours: they and the writes wait for the executor, so that
/// the requests of one step leave together.
void connection::schedule() {
  if (scheduled_ || running_ || !owner_) return;
  scheduled_ = true;
  if (owner_->collect(*this)) return;
  asio::post(timer_.get_executor(), [self = shared_from_this()] { self->run_held(); });
}

void connection::run_held() {
  scheduled_ = false;
  run();
}

void connection::run() {
  if (!owner_) return;
  const auto self = shared_from_this();
  time_ = time();
  running_ = true;
  deliver();
  if (owner_) flush();
  running_ = false;
  if (!owner_) return;
  if (session_.is_closed()) shut();
  if (session_.has_event()) schedule();
  arm_timer();
}

/// The owner may detach or destroy while it is told.
void connection::deliver() {
  session::event event;
  while (owner_ && session_.next(event)) {
    if (const auto* end = std::get_if<session::closed>(&event)) {
      if (end->why && !session_.was_ready()) dialer_.disappointed();
      shut();
    }
    owner_->on_event(id_, event);
  }
}

void connection::arm_timer() {
  const steady_time wanted = std::min(dialer_.deadline(), session_.deadline());
  if (session_.is_closed() || wanted >= timer_at_) return;
  timer_at_ = wanted;
  timer_.expires_at(wanted);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failure) { self->on_timer(failure); });
}

void connection::on_timer(const boost::system::error_code& failure) {
  if (failure || session_.is_closed()) return;
  timer_at_ = never;
  const steady_time woken = time();
  if (const auto step = dialer_.tick(woken)) {
    ++attempt_;
    stream_.close();
    take(*step);
  }
  session_.tick(woken);
  run();
}

}  // namespace kafka::net
