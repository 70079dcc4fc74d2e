// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kafka::cli {

/// Resolves the escapes of kcat's formats and delimiters: \n \r \t, \xNN (one or two hexadecimal digits), \NNN (up to
/// three digits, octal if the first is 0, else decimal), and \c for any other character c itself. A backslash at the
/// very end stands for itself.
[[nodiscard]] std::string unescaped(std::string_view text);

}  // namespace kafka::cli
