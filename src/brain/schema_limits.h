#pragma once

// What a schema demands of a value besides its type: bounds, lengths, patterns, formats and whatever else JSON Schema
// has. A value that any thread may read.

#include <memory>

#include "base/json.h"
#include "base/schema.h"

namespace lilux::brain {

class Limits {
 public:
  // None.
  Limits() = default;
  // Of one parameter: what bounds its value. A pattern that cannot be checked here demands nothing.
  static Limits of_value(const base::Json& schema);
  // Of all arguments of a call, where that demands more than each of its parameters does by itself; else nothing.
  static Limits of_call(const base::Json& schema);

  bool hold(const base::Json& value) const { return !schema_ || !schema_->check(value); }

 private:
  explicit Limits(const base::Json& schema);

  // Shared by the copies of a parameter, which are as many as there are sets of tools with it.
  std::shared_ptr<const base::Schema> schema_ = nullptr;
};

}  // namespace lilux::brain
