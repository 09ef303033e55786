#include "base/result.h"

#include <memory>

#include <doctest/doctest.h>

namespace lilux::base {
namespace {

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return fail(ErrorCode::invalid_argument, "not positive", "try 1");
  return std::make_unique<int>(value);
}

Result<void> check(int value) {
  TRY(positive(value));
  return {};
}

Result<int> sum(int left, int right) {
  TRY(check(left));
  return *TRY(positive(*TRY(positive(left)))) + *TRY(positive(right));
}

TEST_CASE("TRY gives the value or hands the error on, also inside another TRY") {
  CHECK(sum(1, 2).value() == 3);
  const Result<int> failed = sum(1, 0);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "not positive");
  CHECK(failed.error().hint == "try 1");
  CHECK_FALSE(sum(-1, 1));
}

TEST_CASE("context goes in front of the message and changes nothing else") {
  const Error error = in_context(positive(0).error(), "field 'x'").error();
  CHECK(error.message == "field 'x': not positive");
  CHECK(error.hint == "try 1");
  CHECK(error.code == ErrorCode::invalid_argument);
}

TEST_CASE("every code has a name and is found by it") {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i)
    CHECK(error_code(code_name(static_cast<ErrorCode>(i))) == static_cast<ErrorCode>(i));
  CHECK(code_name(ErrorCode::approval_required) == "approval_required");
  CHECK(error_code("nonsense") == std::nullopt);
}

}  // namespace
}  // namespace lilux::base
