// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <kafka/broker_errc.hpp>

namespace kafka::client {

/// What a broker's answer to a batch means for it.
enum class produce_verdict : std::uint8_t {
  written,        ///< It is in the log, now or since an earlier attempt.
  again,          ///< Certainly not written; may be sent again.
  unknown,        ///< May be written; the same bytes may be sent again.
  refused,        ///< Certainly not written, and never will be.
  too_large,      ///< Not written; its parts may be.
  bad_records,    ///< Not written because of some of its records; the others may be.
  out_of_order,   ///< Not written: the broker waits for another sequence number, or knows none.
  epoch_refused,  ///< Not written: the broker knows a later epoch.
};

/// Reads an answer. `base_offset` is the answer's: a broker that appended, and then could not wait until the replicas
/// had followed, answers with an error and the offset.
[[nodiscard]] produce_verdict judge(broker_errc code, std::int64_t base_offset) noexcept;

/// Whether the answer says that our metadata is wrong.
[[nodiscard]] bool tells_stale_metadata(broker_errc code) noexcept;

}  // namespace kafka::client
