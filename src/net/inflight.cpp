// SPDX-License-Identifier: Apache-2.0
#include "net/inflight.hpp"

#include <algorithm>
#include <utility>

#include "protocol/frame.hpp"

namespace kafka::net {

namespace {

/// Bodies up to this size are copied behind their header: a piece of its own in a gathering write costs more.
constexpr std::size_t copied_body_bytes_max = 512;

/// Size prefix and header without the client id, rounded up.
constexpr std::size_t header_bytes_max = 32;

constexpr std::int32_t correlation_id(std::uint64_t index) noexcept {
  return static_cast<std::int32_t>(index & 0x7FFF'FFFFU);
}

}  // namespace

bool inflight::push(request&& what, const protocol::api_spec& api, bool internal) {
  if (end_ - begin_ == slots_.size()) grow();
  std::size_t body_bytes = 0;
  for (const shared_bytes& piece : what.body.pieces) body_bytes += piece.size();
  slot& made = at(end_);
  made.prefix.clear();
  made.prefix.reserve(header_bytes_max + client_id_.size() + copied_body_bytes_max);
  made.body.clear();
  if (!protocol::append_request_prefix(made.prefix, api, what.version, correlation_id(end_), client_id_, body_bytes)) {
    return false;
  }
  if (body_bytes <= copied_body_bytes_max) {
    for (const shared_bytes& piece : what.body.pieces) {
      made.prefix.insert(made.prefix.end(), piece.data(), piece.data() + piece.size());
    }
  } else {
    made.body = std::move(what.body.pieces);
  }
  made.id = what.id;
  made.deadline = what.deadline;
  made.key = what.key;
  made.version = what.version;
  made.expects_response = what.expects_response;
  made.internal = internal;
  made.abandoned = made.done = false;
  deadline_bound_ = std::min(deadline_bound_, made.deadline);
  ++pending_;
  ++end_;
  step_over_done();
  return true;
}

/// Bytes that a transport is writing stay where they are: only the slots move, not what they point to.
void inflight::grow() {
  std::vector<slot> grown(std::max<std::size_t>(8, slots_.size() * 2));
  for (std::uint64_t index = begin_; index != end_; ++index) {
    grown[index & (grown.size() - 1)] = std::move(at(index));
  }
  slots_ = std::move(grown);
}

std::size_t inflight::gather(std::span<std::span<const std::byte>> out) {
  std::size_t shown = 0;
  std::size_t piece = write_piece_;
  std::size_t offset = write_offset_;
  for (std::uint64_t index = write_at_; index != end_ && shown != out.size(); ++index, piece = 0) {
    const slot& from = at(index);
    for (; piece <= from.body.size() && shown != out.size(); ++piece, offset = 0) {
      const auto bytes = piece == 0 ? std::span(from.prefix) : from.body[piece - 1].span();
      if (bytes.size() == offset) continue;
      out[shown++] = bytes.subspan(offset);
      staged_end_ = index + 1;
    }
  }
  return shown;
}

void inflight::written(std::size_t count, std::vector<request_id>& completed) {
  while (write_at_ != end_) {
    slot& which = at(write_at_);
    if (!write_slot(which, count)) break;
    which.prefix.clear();
    which.body.clear();
    if (!which.expects_response && !which.done) {
      if (!which.abandoned) completed.push_back(which.id);
      finish(which);
    }
    ++write_at_;
    write_piece_ = write_offset_ = 0;
  }
  staged_end_ = write_at_ + (write_piece_ + write_offset_ != 0 ? 1 : 0);
  step_over_done();
}

/// Moves the write position on by up to `count` bytes within one request; true if that was its end.
bool inflight::write_slot(slot& which, std::size_t& count) noexcept {
  for (; write_piece_ <= which.body.size(); ++write_piece_, write_offset_ = 0) {
    const std::size_t bytes = write_piece_ == 0 ? which.prefix.size() : which.body[write_piece_ - 1].size();
    if (count < bytes - write_offset_) {
      write_offset_ += std::exchange(count, 0);
      return false;
    }
    count -= bytes - write_offset_;
  }
  return true;
}

std::optional<inflight::entry> inflight::expected() const noexcept {
  if (expected_at_ == end_ || state_of(expected_at_) == request_state::waiting) return std::nullopt;
  return describe(expected_at_);
}

void inflight::answered() noexcept {
  finish(at(expected_at_));
  step_over_done();
}

bool inflight::abandon(request_id id) {
  for (std::uint64_t index = begin_; index != end_; ++index) {
    slot& which = at(index);
    if (which.id != id || which.internal || which.done || which.abandoned) continue;
    if (state_of(index) == request_state::waiting) {
      drop(which);
      step_over_done();
    } else {
      which.abandoned = true;
    }
    return true;
  }
  return false;
}

std::optional<inflight::entry> inflight::expire(steady_time now, std::vector<entry>& dropped) {
  if (now < deadline_bound_) return std::nullopt;
  std::optional<entry> overdue;
  deadline_bound_ = never;
  for (std::uint64_t index = begin_; index != end_; ++index) {
    slot& which = at(index);
    if (which.done) continue;
    if (which.deadline > now) {
      deadline_bound_ = std::min(deadline_bound_, which.deadline);
    } else if (state_of(index) == request_state::waiting && !which.internal) {
      dropped.push_back(describe(index));
      drop(which);
    } else if (!overdue) {
      overdue = describe(index);
    }
  }
  step_over_done();
  return overdue;
}

inflight::entry inflight::describe(std::uint64_t index) const noexcept {
  const slot& which = at(index);
  return {which.id,
          which.key,
          which.version,
          state_of(index),
          which.internal,
          which.abandoned,
          which.expects_response,
          which.deadline,
          correlation_id(index)};
}

request_state inflight::state_of(std::uint64_t index) const noexcept {
  if (at(index).done) return request_state::done;
  if (index < write_at_) return request_state::written;
  return index < staged_end_ ? request_state::staged : request_state::waiting;
}

void inflight::finish(slot& which) noexcept {
  which.done = true;
  if (--pending_ == 0) deadline_bound_ = never;
}

void inflight::drop(slot& which) noexcept {
  which.prefix.clear();
  which.body.clear();
  finish(which);
}

/// Brings the three positions past what is done. A dropped request has no bytes, so that there is nothing to write.
void inflight::step_over_done() noexcept {
  while (write_at_ != end_ && write_piece_ + write_offset_ == 0 && at(write_at_).prefix.empty()) ++write_at_;
  staged_end_ = std::max(staged_end_, write_at_);
  while (expected_at_ != end_ && (at(expected_at_).done || !at(expected_at_).expects_response)) ++expected_at_;
  while (begin_ != write_at_ && at(begin_).done) ++begin_;
}

}  // namespace kafka::net
