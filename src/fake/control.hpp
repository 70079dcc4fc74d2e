// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <kafka/fake_cluster.hpp>

#include "fake/call.hpp"

namespace kafka::fake {

using control_id = std::uint64_t;

/// What a control function inside the project wants: one of the public verdicts, or an answer of its own making.
struct verdict : fake_verdict {
  verdict() = default;
  verdict(const fake_verdict& plain) : fake_verdict(plain) {}

  /// Answers with `response`, whatever it says, without handling the request.
  template <class Response>
  [[nodiscard]] static verdict answer(Response response) {
    verdict out;
    out.respond = [response = std::move(response)](call& one) { one.answer(response); };
    return out;
  }
  /// Answers with these bytes after the response header, without handling the request.
  [[nodiscard]] static verdict answer_bytes(shared_bytes body) {
    verdict out;
    out.respond = [body = std::move(body)](call& one) { one.answer_body({{body}, body.size()}); };
    return out;
  }
  /// Handles the request as usual, then lets `edit` change the answer: `edit(Response&)`.
  template <class Response>
  [[nodiscard]] static verdict edited(std::function<void(Response&)> edit) {
    verdict out;
    out.edit_key = Response::api.key;
    out.edit = [edit = std::move(edit)](void* response) { edit(*static_cast<Response*>(response)); };
    return out;
  }

  [[nodiscard]] bool passes() const noexcept { return what == kind::pass && !respond && !edit; }

  std::function<void(call&)> respond;
  std::function<void(void*)> edit;
  api_key edit_key{};
};

/// Sees the call before it is handled; `as<M>()` gives the decoded request.
using control_function = std::function<verdict(call&)>;

struct control_entry {
  control_id id = 0;
  api_key key{};
  control_function function;
  std::size_t times_left = 0;
};

}  // namespace kafka::fake
