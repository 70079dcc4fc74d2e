// SPDX-License-Identifier: Apache-2.0
#include <kafka/error.hpp>

#include <iterator>
#include <ostream>

namespace kafka {

namespace {

struct client_error {
  std::string_view name;
  bool retriable;
  const char* sentence;
};

constexpr bool retriable = true;
constexpr bool lasting = false;

/// In order of their codes.
constexpr client_error table[] = {
    {"ok", lasting, "No error"},
    {"invalid_argument", lasting, "The call got a value that it cannot take"},
    {"invalid_config", lasting, "A configuration value is not valid"},
    {"closed", lasting, "The client is closed"},
    {"would_deadlock", lasting, "A blocking call inside a callback of the client would wait for itself"},
    {"invalid_state", lasting, "The call does not fit what went before"},
    {"cancelled", lasting, "The operation was cancelled"},
    {"buffer_full", retriable, "The buffer for unsent records is full"},
    {"record_too_large", lasting, "The record is larger than a batch or a request may be"},
    {"unsupported_feature", lasting, "The library was built without this feature"},
    {"unsupported_version", lasting, "The broker speaks no version that can do this"},
    {"no_such_offset", lasting, "The position is outside the log, and no reset policy says where to go on"},
    {"log_truncated", lasting, "Records that were read are no longer in the log"},
    {"topic_recreated", lasting, "The topic was deleted and made again under its name"},
    {"timed_out", retriable, "The operation did not finish before its deadline"},
    {"request_timed_out", retriable, "The broker did not answer the request in time"},
    {"resolve_failed", retriable, "The host name could not be resolved"},
    {"connect_failed", retriable, "No connection to the broker could be made"},
    {"connection_lost", retriable, "The connection to the broker was lost"},
    {"not_kafka", lasting, "The other side does not speak the Kafka protocol"},
    {"no_brokers", retriable, "No broker could be reached"},
    {"authentication_failed", lasting, "The broker refused the credentials"},
    {"malformed_response", lasting, "The bytes do not follow the protocol"},
    {"corrupt_batch", lasting, "A record batch is corrupt"},
    {"limit_exceeded", lasting, "A size or count is over its limit"},
    {"value_not_encodable", lasting, "The version of the request cannot carry a value"},
};

static_assert(std::size(table) == 1 + static_cast<std::size_t>(client_errc::value_not_encodable));

const client_error* find(int code) noexcept {
  return code >= 0 && code < static_cast<int>(std::size(table)) ? &table[code] : nullptr;
}

class client_error_category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "kafka.client"; }
  [[nodiscard]] std::string message(int code) const override {
    const client_error* row = find(code);
    return row ? row->sentence : "Unknown client error " + std::to_string(code);
  }
};

error_class default_class(const std::error_code& code) noexcept {
  if (code.category() == broker_category()) {
    const auto broker = static_cast<broker_errc>(code.value());
    if (broker == broker_errc::transaction_abortable) return error_class::abortable;
    return is_retriable(broker) ? error_class::retriable : error_class::fatal;
  }
  if (code.category() == client_category()) {
    const client_error* row = find(code.value());
    return row && row->retriable ? error_class::retriable : error_class::fatal;
  }
  return error_class::fatal;
}

/// Appends the name of the code as documentation has it; of a foreign category, its name and number.
void append_code_name(std::string& out, const std::error_code& code) {
  if (code.category() == broker_category()) {
    const auto broker = static_cast<broker_errc>(code.value());
    out += broker_error_name(broker);
    if (broker_error_name(broker) == "UNKNOWN_CODE") out.append("_").append(std::to_string(code.value()));
  } else if (const client_error* row = code.category() == client_category() ? find(code.value()) : nullptr) {
    out += row->name;
  } else {
    out.append(code.category().name()).append(":").append(std::to_string(code.value()));
  }
}

}  // namespace

const std::error_category& client_category() noexcept {
  static const client_error_category category;
  return category;
}

std::error_code make_error_code(client_errc code) noexcept {
  return {static_cast<int>(code), client_category()};
}

error::error(std::error_code code, std::string cause) : error(code, std::move(cause), default_class(code)) {}

error::error(std::error_code code, std::string cause, error_class severity, write_outcome outcome)
    : code_(code), severity_(severity), outcome_(outcome), cause_(std::move(cause)) {
  if (!code_) return;
  append_code_name(text_, code_);
  text_.append(": ").append(code_.message());
  if (!cause_.empty()) text_.append(" (").append(cause_).append(")");
}

error error::with_context(std::string_view context) const {
  if (!code_) return *this;
  std::string cause(context);
  if (!cause_.empty()) cause += ": " + cause_;
  return {code_, std::move(cause), severity_, outcome_};
}

error error::with_outcome(write_outcome outcome) const {
  error out(*this);
  out.outcome_ = outcome;
  return out;
}

std::ostream& operator<<(std::ostream& out, const error& value) {
  return out << (value ? value.what() : "no error");
}

}  // namespace kafka
