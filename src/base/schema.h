#pragma once

// JSON Schema 2020-12 for schemas that arrive at run time: from MCP servers, scripts, people. Any schema is bounded in
// time, memory and stack, and nothing is fetched from a network. A compiled schema is const; any thread may check by
// it.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"

namespace lilux::base {

struct SchemaOptions {
  // Gives the document of an address that a schema refers to, from memory or disk. Null: only what is built in, which
  // are the metaschemas of 2020-12.
  std::function<Result<Json>(const std::string& address)> resolve = nullptr;
  bool asserts_formats = false;          // else "format" only describes, as the standard has it
  std::size_t documents_max = 100;       // that the references of one schema may lead to
  std::size_t schemas_max = 100'000;     // in all of them
  std::size_t patterns_max = 1'000'000;  // instructions of all regular expressions
  std::size_t depth_max = 1'000;         // of schemas inside each other while checking one value
  std::size_t steps_max = 20'000'000;    // for checking one value; seconds at most
};

// Why a value does not fit. What the value contains is not repeated, as it may be secret; names of members are.
struct SchemaViolation {
  std::string at;       // JSON pointer to the value that is wrong; empty for the whole
  std::string keyword;  // "required"; empty when the check was given up because it took too much
  std::string message;  // "expected a string, found the integer 3"
  std::string fix;      // what to do, where that can be told
};

class Schema {
 public:
  // Fails with invalid_argument and the place of the mistake for what is no schema, has a reference to nothing or
  // exceeds a limit; with unavailable for what only we cannot do, a pattern with look-ahead for example. Drafts 6 and 7
  // and 2019-09 are read as docs/json-schema.md says.
  static Result<Schema> compile(Json schema, const SchemaOptions& options = {});

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // The first thing that is wrong; nothing when the value fits.
  std::optional<SchemaViolation> check(const Json& value) const;
  // The same as an error: "at /entries/2/name: expected a string, found the integer 3".
  Result<void> validate(const Json& value) const;

 private:
  struct Compiled;
  explicit Schema(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace lilux::base
