#pragma once

// Expected failures are values: every function that can fail returns Result<T>. There is one Error for
// the whole program; surfaces map its few codes once to exit codes, HTTP status and protocol errors.
// Values, usable from any thread.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lilux::base {

enum class ErrorCode : std::uint8_t {
  invalid_argument,  // the caller's input is wrong; the message names the field
  not_found,
  denied,             // a rule, a missing capability or the audience forbids it
  approval_required,  // a person has to answer first
  unauthenticated,
  conflict,  // the world is not as the caller assumed
  timeout,
  cancelled,
  over_budget,
  unavailable,  // cannot be done here or now: full disk, safe mode, emergency stop, full queue
  corrupt,      // stored bytes do not verify
  internal,     // a bug of ours
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // names the thing and the cause; lower case, no full stop
  std::string hint;     // what to do about it; a command that can be pasted where there is one
  std::string rule;     // the policy rule that decided, when one did
};

// The stable name of a code as it appears on every surface: "invalid_argument", "denied", ...
std::string_view code_name(ErrorCode code);
// The code of such a name.
std::optional<ErrorCode> error_code(std::string_view name);

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {  // libstdc++ 12 does not mark it nodiscard
 public:
  using std::expected<T, Error>::expected;
};

// Builds the failed side of a Result: `return fail(ErrorCode::not_found, "no call 'x'", "lilux ps")`.
std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {});

// The same error with `context` and ": " put in front of its message.
std::unexpected<Error> in_context(Error error, std::string_view context);

}  // namespace lilux::base

// Unwraps a Result or returns its error from the enclosing function. The only control-flow macro; it needs the
// statement-expression extension and works in plain functions only. The counter lets one stand inside another.
#define LILUX_TRY(expression, name)                    \
  __extension__({                                      \
    auto name = (expression);                          \
    if (!name) [[unlikely]]                            \
      return std::unexpected(std::move(name).error()); \
    ::lilux::base::unwrap(std::move(name));            \
  })
#define LILUX_TRY_JOIN(expression, number) LILUX_TRY(expression, try_result_##number)
#define LILUX_TRY_COUNT(expression, number) LILUX_TRY_JOIN(expression, number)
#define TRY(expression) LILUX_TRY_COUNT(expression, __COUNTER__)

namespace lilux::base {

// What TRY yields; a template so that Result<void> works too.
template <class T>
T unwrap(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace lilux::base
