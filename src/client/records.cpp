// SPDX-License-Identifier: Apache-2.0
#include <kafka/record.hpp>
#include <new>
#include <type_traits>
#include <utility>

#include "client/record_chunk.hpp"

namespace kafka {

record record_view::retain() const {
  record out;
  out.topic = topic_;
  out.partition = partition_;
  out.offset = offset_;
  out.timestamp = timestamp_;
  out.timestamp_type = timestamp_type_;
  if (!key_.is_null()) out.key = key_.str();
  if (!value_.is_null()) out.value = value_.str();
  out.headers.reserve(headers_.size());
  for (const header& one : headers_) {
    out.headers.emplace_back(one.key,
                             one.value.is_null() ? std::optional<std::string>() : std::optional(one.value.str()));
  }
  return out;
}

records::records() noexcept = default;
records::records(std::vector<client::record_chunk> chunks) : chunks_(std::move(chunks)) {
  for (const client::record_chunk& chunk : chunks_) count_ += chunk.count;
}
records::records(records&& other) noexcept
    : chunks_(std::move(other.chunks_)), count_(std::exchange(other.count_, 0)) {}
records& records::operator=(records&& other) noexcept {
  chunks_ = std::move(other.chunks_);
  count_ = std::exchange(other.count_, 0);
  return *this;
}
records::~records() = default;

records::iterator records::begin() const {
  return count_ == 0 ? iterator() : iterator(*this);
}

void records::iterator::advance() {
  static_assert(sizeof(protocol::record_cursor) <= sizeof(cursor_) && alignof(protocol::record_cursor) <= 8 &&
                std::is_trivially_copyable_v<protocol::record_cursor>);
  auto* cursor = std::launder(reinterpret_cast<protocol::record_cursor*>(cursor_));
  while (true) {
    if (left_ > 0) {
      protocol::record_ref next;
      if (cursor->next(next)) {
        --left_;
        current_.offset_ = next.offset;
        current_.timestamp_ = next.timestamp;
        current_.key_ = next.key;
        current_.value_ = next.value;
        current_.headers_ = next.headers;
        return;
      }
      left_ = 0;  // cannot be: the whole chunk was checked
    }
    if (chunk_ == owner_->chunks_.size()) {
      owner_ = nullptr;
      return;
    }
    const client::record_chunk& chunk = owner_->chunks_[chunk_++];
    cursor = new (cursor_) protocol::record_cursor(chunk.cursor);
    left_ = chunk.count;
    current_.topic_ = *chunk.topic;
    current_.partition_ = chunk.partition;
    current_.leader_epoch_ = chunk.leader_epoch;
    current_.timestamp_type_ = chunk.timestamp_type;
  }
}

}  // namespace kafka
