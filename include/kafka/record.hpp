// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/types.hpp>

namespace kafka {

/// One header of a record. Keys may repeat; values may be null. Borrows.
struct header {
  std::string_view key;
  bytes_view value;

  friend bool operator==(const header&, const header&) noexcept = default;
};

/// A record to send. Borrows everything; it is copied into its batch before the call that takes it returns.
struct message {
  std::string_view topic = {};
  /// Null: no key; the partition is then chosen to fill batches evenly.
  bytes_view key = {};
  /// Null: a tombstone.
  bytes_view value = {};
  std::span<const header> headers = {};
  /// Milliseconds since the epoch; -1 stamps the record when it is sent.
  timestamp_ms timestamp = -1;
  /// Unset: chosen by producer_config::partitioner.
  std::optional<std::int32_t> partition = {};
  /// If not empty: the value in pieces, which are written one after the other in the place of `value`.
  std::span<const bytes_view> value_pieces = {};
  /// The caller's own; delivery_batch gives it back.
  std::uint64_t opaque = 0;
};

/// The headers of a record_view, decoded while they are iterated; nothing is allocated. Borrows from the records.
class header_range {
 public:
  class iterator {
   public:
    using value_type = header;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() noexcept = default;
    const header& operator*() const noexcept { return current_; }
    const header* operator->() const noexcept { return &current_; }
    iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept { return at.ended_; }

   private:
    friend class header_range;
    iterator(std::string_view encoded, std::int32_t count) : rest_(encoded), left_(count), ended_(false) { advance(); }
    void advance();

    std::string_view rest_;
    std::int32_t left_ = 0;
    bool ended_ = true;
    header current_{};
  };

  header_range() noexcept = default;
  /// `encoded` holds `count` headers in the form of record batches v2, already checked.
  header_range(std::string_view encoded, std::int32_t count) noexcept : encoded_(encoded), count_(count) {}

  [[nodiscard]] iterator begin() const { return {encoded_, count_}; }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(count_); }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  std::string_view encoded_;
  std::int32_t count_ = 0;
};

/// A record that owns its bytes; what record_view::retain gives. Independent of the records it came from.
struct record {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  timestamp_ms timestamp = -1;
  kafka::timestamp_type timestamp_type = kafka::timestamp_type::create_time;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  friend bool operator==(const record&, const record&) = default;
};

/// A fetched record. Borrows from the `records` that it came from and must not outlive it; cheap to copy.
class record_view {
 public:
  record_view() noexcept = default;

  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  [[nodiscard]] std::int32_t partition() const noexcept { return partition_; }
  [[nodiscard]] std::int64_t offset() const noexcept { return offset_; }
  [[nodiscard]] timestamp_ms timestamp() const noexcept { return timestamp_; }
  [[nodiscard]] kafka::timestamp_type timestamp_type() const noexcept { return timestamp_type_; }
  /// The leader epoch of the record's batch, -1 where the broker did not say (KIP-320).
  [[nodiscard]] std::int32_t leader_epoch() const noexcept { return leader_epoch_; }
  [[nodiscard]] bytes_view key() const noexcept { return key_; }
  [[nodiscard]] bytes_view value() const noexcept { return value_; }
  [[nodiscard]] const header_range& headers() const noexcept { return headers_; }

  /// A copy that owns its bytes, so that one kept record does not keep a whole fetched buffer alive.
  [[nodiscard]] record retain() const;

 private:
  friend class records;

  std::string_view topic_;
  std::int32_t partition_ = 0;
  std::int32_t leader_epoch_ = -1;
  std::int64_t offset_ = 0;
  timestamp_ms timestamp_ = -1;
  kafka::timestamp_type timestamp_type_ = kafka::timestamp_type::create_time;
  bytes_view key_;
  bytes_view value_;
  header_range headers_;
};

namespace client {
struct record_chunk;
}

/// What one poll returned: records of one or more partitions, in offset order within each. Owns the fetched buffers;
/// its memory counts against prefetch_bytes_max until it is destroyed. Movable; may be read by several threads at once.
class records {
 public:
  class iterator {
   public:
    using value_type = record_view;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() noexcept = default;
    const record_view& operator*() const noexcept { return current_; }
    const record_view* operator->() const noexcept { return &current_; }
    iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept { return at.owner_ == nullptr; }

   private:
    friend class records;
    explicit iterator(const records& owner) : owner_(&owner) { advance(); }
    void advance();

    const records* owner_ = nullptr;
    std::size_t chunk_ = 0;
    std::size_t left_ = 0;
    alignas(8) std::byte cursor_[80] = {};  // where the decoder is; its type is not public
    record_view current_;
  };

  records() noexcept;
  /// Made by the consumer.
  explicit records(std::vector<client::record_chunk> chunks);
  records(records&& other) noexcept;
  records& operator=(records&& other) noexcept;
  ~records();

  /// Decodes while it goes; a single pass costs no allocation.
  [[nodiscard]] iterator begin() const;
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  /// How many records there are.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  std::vector<client::record_chunk> chunks_;
  std::size_t count_ = 0;
};

}  // namespace kafka
