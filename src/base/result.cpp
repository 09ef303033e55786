#include "base/result.h"

#include <utility>

namespace lilux::base {

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::denied: return "denied";
    case ErrorCode::approval_required: return "approval_required";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::over_budget: return "over_budget";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::internal: return "internal";
  }
  std::unreachable();
}

std::optional<ErrorCode> error_code(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    if (code_name(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return std::nullopt;
}

std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint) {
  return std::unexpected(Error{.code = code, .message = std::move(message), .hint = std::move(hint), .rule = {}});
}

std::unexpected<Error> in_context(Error error, std::string_view context) {
  error.message = std::string(context) + ": " + error.message;
  return std::unexpected(std::move(error));
}

}  // namespace lilux::base
