// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/connection_pool.hpp"
#include "net/dialer.hpp"
#include "net/handshake.hpp"
#include "net/request.hpp"
#include "net/resolver.hpp"
#include "net/session.hpp"
#include "net/stream.hpp"

namespace kafka::net {

/// What the connections to one host and port have in common over time.
struct endpoint_memory {
  handshake_memory handshake;
  dial_memory dial;
};

class connection;

/// Who a connection reports to: the pool.
class connection_owner {
 public:
  /// There is something to write or to tell. True: run_held will be called soon.
  virtual bool collect(connection& due) = 0;
  /// The first is_closed event ends the connection.
  virtual void on_event(connection_id connection, session::event& what) = 0;

 protected:
  ~connection_owner() = default;
};

/// Moves the bytes of one session and tells it the time; decides nothing. Pending operations keep it alive, so that the
/// bytes they use are there until they end.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(const boost::asio::any_io_executor& executor, std::shared_ptr<const connection_options> options,
             std::shared_ptr<endpoint_memory> memory, connection_id id, const std::string& host, std::int32_t port);

  /// Events go to `owner`, later, until detach(); both must live until then.
  void open(connection_owner& owner, resolver& names);
  void send(request what);
  void abandon(request_id id);
  void close(const error& why);
  /// The socket is closed, and nothing is reported any more.
  void detach();
  /// Does what it was collected for.
  void run_held();

 private:
  void take(const dialer::step& step);
  void connect(const std::string& address);
  void on_connected(unsigned attempt, const boost::system::error_code& failure);
  void read();
  void on_read(const boost::system::error_code& failure, std::size_t count);
  void flush();
  void write_later();
  void on_write_failure(const boost::system::error_code& failure);
  [[nodiscard]] std::size_t gather();

  [[nodiscard]] steady_time time() const;
  void schedule();
  void run();
  void deliver();
  void shut();
  void arm_timer();
  void on_timer(const boost::system::error_code& failure);

  std::shared_ptr<const connection_options> options_;
  std::shared_ptr<endpoint_memory> memory_;
  connection_id id_;
  std::string host_;
  std::int32_t port_;
  std::string peer_;
  connection_owner* owner_ = nullptr;
  resolver* names_ = nullptr;
  resolver::ticket look_up_ = 0;

  dialer dialer_;
  session session_;
  stream stream_;
  boost::asio::steady_timer timer_;
  steady_time timer_at_ = never;
  unsigned attempt_ = 0;  // tells the outcome of a connect that timed out from that of the present one
  bool writing_ = false;
  bool scheduled_ = false;
  bool running_ = false;
  steady_time time_{};  // while running_
  boost::system::error_code write_failure_;

  // As many pieces as Asio passes to one system call.
  static constexpr std::size_t pieces_max = 64;
  std::array<boost::asio::const_buffer, pieces_max> pieces_;
};

}  // namespace kafka::net
