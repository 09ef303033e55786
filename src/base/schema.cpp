#include "base/schema.h"

#include <utility>

#include "base/schema_check.h"
#include "base/schema_compiler.h"

namespace lilux::base {

struct Schema::Compiled {
  schema::Program program;
  schema::CheckLimits limits;
};

Schema::Schema(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(Json json, const SchemaOptions& options) {
  auto compiled = std::make_unique<Compiled>();
  compiled->limits = {.depth_max = options.depth_max, .steps_max = options.steps_max};
  TRY(schema::Compiler(compiled->program, options).compile(std::move(json)));
  return Schema(std::move(compiled));
}

std::optional<SchemaViolation> Schema::check(const Json& value) const {
  using schema::Check;
  if (Check(compiled_->limits, Check::Voice::silent).fits(compiled_->program, value)) return std::nullopt;
  Check loud(compiled_->limits, Check::Voice::loud);
  loud.fits(compiled_->program, value);
  return loud.violation();
}

Result<void> Schema::validate(const Json& value) const {
  const std::optional<SchemaViolation> violation = check(value);
  if (!violation) return {};
  const std::string at = violation->at.empty() ? "the value: " : "at " + violation->at + ": ";
  return fail(ErrorCode::invalid_argument, at + violation->message, violation->fix);
}

}  // namespace lilux::base
