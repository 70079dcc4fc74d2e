// SPDX-License-Identifier: Apache-2.0
#include "net/session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kafka::net {

namespace {

steady_time after(steady_time now, std::chrono::milliseconds wait) noexcept {
  return wait < never - now ? now + wait : never;
}

std::string name_of(const inflight::entry& entry) {
  return std::string(to_string(entry.key)) + " version " + std::to_string(entry.version);
}

}  // namespace

session::session(session_options options, handshake_memory& memory)
    : options_(std::move(options)),
      handshake_(options_.software_name, options_.software_version, memory),
      inflight_(options_.client_id),
      frames_(options_.buffers) {}

void session::opened(steady_time now) {
  if (is_closed() || state_ != state::unopened) return;
  state_ = state::handshaking;
  handshake_deadline_ = after(now, options_.handshake_timeout);
  take_step(handshake_.start(now), now);
}

void session::take_step(handshake::step step, steady_time now) {
  if (auto* question = std::get_if<handshake::question>(&step)) {
    request asked{.key = question->key,
                  .version = question->version,
                  .body = std::move(question->body),
                  .deadline = handshake_deadline_};
    const protocol::api_spec* api = protocol::find_api(question->key);
    if (!inflight_.push(std::move(asked), *api, true)) end({client_errc::limit_exceeded, options_.peer});
  } else if (auto* versions = std::get_if<protocol::api_versions>(&step)) {
    state_ = state::ready;
    last_activity_ = now;
    frames_.trust(options_.frame_bytes_max);
    events_.emplace_back(ready{std::move(*versions)});
  } else {
    end(std::get<error>(step).with_context(options_.peer));
  }
}

void session::commit(std::size_t count, steady_time now) {
  if (is_closed()) return;
  frames_.commit(count);
  take_frames(now);
}

void session::receive(std::span<const std::byte> bytes, steady_time now) {
  while (!bytes.empty() && !is_closed()) {
    const auto room = prepare();
    const auto part = bytes.first(std::min(room.size(), bytes.size()));
    std::memcpy(room.data(), part.data(), part.size());
    commit(part.size(), now);
    bytes = bytes.subspan(part.size());
  }
}

void session::take_frames(steady_time now) {
  shared_bytes frame;
  while (!is_closed() && frames_.next(frame)) take_frame(frame, now);
  if (is_closed()) return;
  if (frames_.failure()) return end(frames_.failure().with_context(options_.peer));
  // A frame that belongs to nothing is refused before it is read, let alone allocated.
  const auto begun = frames_.partial_correlation_id();
  if (!begun) return;
  const auto expected = inflight_.expected();
  if (!expected || expected->correlation_id != *begun) end(wrong_correlation_id(*begun));
}

void session::take_frame(const shared_bytes& frame, steady_time now) {
  const std::int32_t got = protocol::correlation_id_of(frame);
  const auto expected = inflight_.expected();
  if (!expected || expected->correlation_id != got) return end(wrong_correlation_id(got));
  const std::int16_t header_version = protocol::find_api(expected->key)->response_header_version(expected->version);
  protocol::response_prefix prefix;
  if (error failure = protocol::read_response_prefix(frame, header_version, prefix)) {
    return end(failure.with_context(options_.peer + ": answer to " + name_of(*expected)));
  }
  inflight_.answered();
  last_activity_ = now;
  shared_bytes body = frame.slice(prefix.body_offset);
  if (expected->internal) {
    take_step(handshake_.answered(body, now), now);
  } else if (!expected->abandoned) {
    events_.emplace_back(response{expected->id, std::move(body)});
  }
}

error session::wrong_correlation_id(std::int32_t got) const {
  std::string text = options_.peer + ": a response has correlation id " + std::to_string(got);
  if (const auto expected = inflight_.expected()) {
    text += ", expected was " + std::to_string(expected->correlation_id) + " (" + name_of(*expected) + ")";
  } else {
    text += ", but none was expected";
  }
  return {state_ == state::ready ? client_errc::malformed_response : client_errc::not_kafka, std::move(text)};
}

void session::send(request what, steady_time now) {
  if (told_closed_) return;
  const request_id id = what.id;
  if (const error why = why_refused(what, now)) return fail(id, why, write_outcome::not_written);
  last_activity_ = now;
  const protocol::api_spec& api = *protocol::find_api(what.key);
  if (!inflight_.push(std::move(what), api, false)) {
    fail(id, {client_errc::limit_exceeded, options_.peer + ": the request is larger than 2 GiB"},
         write_outcome::not_written);
  }
}

error session::why_refused(const request& what, steady_time now) const {
  const auto refuse = [&](client_errc code, std::string_view why) {
    return error(code, std::string(to_string(what.key)) + " to " + options_.peer + ": " + std::string(why));
  };
  if (is_closed()) {
    return *why_closed_ ? *why_closed_ : refuse(client_errc::connection_lost, "the connection was closed");
  }
  if (state_ != state::ready) return refuse(client_errc::invalid_argument, "the connection is not ready");
  if (!protocol::find_api(what.key)) return refuse(client_errc::invalid_argument, "not an API we speak");
  if (what.deadline <= now) return refuse(client_errc::request_timed_out, "its deadline passed before it was sent");
  if (inflight_.size() >= options_.requests_max) {
    return refuse(client_errc::limit_exceeded, "too many requests wait for their answers");
  }
  return {};
}

void session::abandon(request_id id) {
  // What is queued but not told yet is not told either.
  const auto concerned = [id](const event& queued) {
    return std::visit(
        [id](const auto& told) {
          if constexpr (requires { told.id; }) return told.id == id;
          return false;
        },
        queued);
  };
  const auto untold = events_.begin() + static_cast<std::ptrdiff_t>(event_at_);
  events_.erase(std::remove_if(untold, events_.end(), concerned), events_.end());
  inflight_.abandon(id);
}

bool session::wants_write() const noexcept {
  return !is_closed() && inflight_.wants_write();
}

std::size_t session::gather(std::span<std::span<const std::byte>> out) {
  return is_closed() ? 0 : inflight_.gather(out);
}

void session::written(std::size_t count, steady_time now) {
  if (is_closed()) return;
  if (count != 0) last_activity_ = now;
  inflight_.written(count, completed_);
  for (const request_id id : completed_) events_.emplace_back(written_out{id});
  completed_.clear();
}

void session::tick(steady_time now) {
  if (is_closed()) return;
  std::vector<inflight::entry> dropped;
  const auto overdue = inflight_.expire(now, dropped);
  for (const auto& entry : dropped) {
    fail(entry.id, {client_errc::request_timed_out, name_of(entry) + " to " + options_.peer + ": was not sent in time"},
         write_outcome::not_written);
  }
  if (overdue) {
    const char* what = overdue->state == request_state::written ? " got no answer in time" : " was not sent in time";
    return end({client_errc::request_timed_out, options_.peer + ": " + name_of(*overdue) + what});
  }
  if (is_idle() && now >= after(last_activity_, options_.idle_timeout)) end({});
}

bool session::is_idle() const noexcept {
  return state_ == state::ready && inflight_.size() == 0 && options_.idle_timeout.count() > 0;
}

steady_time session::deadline() const noexcept {
  if (is_closed()) return never;
  return is_idle() ? std::min(inflight_.deadline(), after(last_activity_, options_.idle_timeout))
                   : inflight_.deadline();
}

void session::lost(std::error_code reason, steady_time now) {
  if (is_closed()) return;
  end({client_errc::connection_lost, options_.peer + ": " + how_lost(reason, now)});
}

std::string session::how_lost(std::error_code reason, steady_time now) {
  std::string text(handshake_.lost(reason, now));
  if (text.empty()) text = reason ? "the connection broke" : "the peer closed the connection";
  if (reason) text += " (" + reason.message() + ")";
  if (frames_.partial_bytes() != 0) {
    text += ", after " + std::to_string(frames_.partial_bytes());
    if (frames_.partial_frame_bytes() != 0) text += " of " + std::to_string(frames_.partial_frame_bytes());
    text += " bytes of a response";
  }
  return text;
}

void session::close(const error& why) {
  if (!is_closed()) end(why);
}

/// The bytes of requests stay: the transport may still be reading them.
void session::end(error why) {
  const error told = why ? why : error(client_errc::connection_lost, options_.peer + ": closed by this client");
  inflight_.for_each_pending([&](const inflight::entry& entry) {
    if (entry.internal || entry.abandoned) return;
    const bool kept_back = entry.state == request_state::waiting;
    fail(entry.id, told.with_context(name_of(entry)), kept_back ? write_outcome::not_written : write_outcome::unknown);
  });
  why_closed_ = std::move(why);
}

void session::fail(request_id id, const error& why, write_outcome outcome) {
  events_.emplace_back(request_failed{id, why.with_outcome(outcome), outcome});
}

bool session::next(event& out) {
  if (event_at_ != events_.size()) {
    out = std::move(events_[event_at_++]);
    if (event_at_ == events_.size()) {
      events_.clear();
      event_at_ = 0;
    }
    return true;
  }
  if (!why_closed_ || told_closed_) return false;
  told_closed_ = true;
  out = closed{*why_closed_};
  return true;
}

}  // namespace kafka::net
