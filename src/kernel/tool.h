#pragma once

// A tool is one row of one table: a typed, named operation and everything the call path has to know about it. Surfaces,
// schemas, help, permission checks and ledger entries come from the row. Rows are constants; run and assess are called
// on any worker thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/json.h"
#include "base/result.h"
#include "policy/policy.h"

namespace lilux::kernel {

class CallContext;

// none: nothing changes; the answer needs no durable record. state: only Lilux's own state changes, through the one
// record of the call, so it happens wholly or not at all. world: something outside changes, so the intent is durable
// first.
enum class Effect : std::uint8_t { none, state, world };
constexpr std::array<std::string_view, 3> enum_names(Effect) {
  return {"none", "state", "world"};
}
// How completely a call of this tool can be taken back.
enum class Undo : std::uint8_t { none, partial, exact };
constexpr std::array<std::string_view, 3> enum_names(Undo) {
  return {"none", "partial", "exact"};
}
// people: refused to agents, MCP and HTTP sessions and to anything descended from a task.
enum class Audience : std::uint8_t { everyone, people };
constexpr std::array<std::string_view, 2> enum_names(Audience) {
  return {"everyone", "people"};
}

// What given arguments would do, worked out before anything is done.
struct Assessment {
  std::vector<policy::Need> needs = {};
  policy::Risk risk = policy::Risk::low;
  bool is_irreversible = false;
  bool only_properties = false;  // of the paths alone: mode, owner, attributes; no content, nothing below
  // Canonical; captured before the effect and restored by undo. With an inverse they are only looked at afterwards, so
  // that undo notices when somebody else has changed them.
  std::vector<std::string> paths = {};
  std::vector<std::string> folders = {};  // whose own mode changes, and of what they hold only what `paths` names
  std::optional<base::JsonObject> inverse = {};  // the call that takes this one back, see kernel/inverse.h
  std::vector<std::string> scratch = {};         // temporary names the effect may leave behind when killed
  std::string undo_limit = {};                   // what undo would not bring back; said before, not after
};

struct Traits {
  Effect effect = Effect::none;
  policy::Risk risk = policy::Risk::low;  // of a typical call; Assessment has the one of given arguments
  Undo undo = Undo::none;
  bool is_idempotent = false;  // running it twice is as good as once; settles unknown calls
  Audience audience = Audience::everyone;
  std::chrono::milliseconds timeout{30'000};
  bool runs_stopped = false;    // answers during an emergency stop and in safe mode too
  bool is_urgent = false;       // waits for no other call
  bool is_long = false;         // often takes minutes, or waits for something to happen
  bool outlives_call = false;   // leaves something alive, or may, so it needs the daemon
  bool starts_program = false;  // its output's "pid" is a process of the caller's task
  bool runs_program = false;    // in the sandbox, to its end: that it began is recorded, with the tier
};

struct Tool {
  std::string_view name;
  std::string_view summary;
  Traits traits;
  base::Json (*input_schema)();
  base::Json (*output_schema)();
  base::Result<Assessment> (*assess)(const CallContext&, const base::Json& arguments);
  base::Result<base::Json> (*run)(CallContext&, const base::Json& arguments);
  // The exact effect for the person who is asked: a diff, a command line, a host. Null: the arguments say it.
  base::Result<std::string> (*preview)(const CallContext&, const base::Json& arguments);
  // The arguments as they may be recorded: secrets replaced by `digest` of them. Fails when they are not such
  // arguments.
  base::Result<base::Json> (*redact)(const base::Json& arguments,
                                     const std::function<std::string(std::string_view)>& digest);
  bool has_secrets = true;  // among its arguments; without, they are recorded as they are
};

namespace row {

template <class F>
struct Signature;
template <class Response, class Request>
struct Signature<base::Result<Response> (*)(CallContext&, const Request&)> {
  using request = Request;
  using response = Response;
};

template <auto Run>
base::Result<base::Json> run(CallContext& call, const base::Json& arguments) {
  using S = Signature<decltype(Run)>;
  return base::encode(TRY(Run(call, TRY(base::decode<typename S::request>(arguments)))));
}

template <auto Run, auto Assess>
base::Result<Assessment> assess(const CallContext& call, const base::Json& arguments) {
  return Assess(call, TRY(base::decode<typename Signature<decltype(Run)>::request>(arguments)));
}

template <auto Run, auto Preview>
base::Result<std::string> preview(const CallContext& call, const base::Json& arguments) {
  return Preview(call, TRY(base::decode<typename Signature<decltype(Run)>::request>(arguments)));
}

template <class Request>
base::Result<base::Json> redact(const base::Json& arguments,
                                const std::function<std::string(std::string_view)>& digest) {
  return base::encode_redacted(TRY(base::decode<Request>(arguments)), digest);
}

}  // namespace row

// Builds a row: tool<run, assess>("fs.read", "Read a file", {...}); a third function adds the preview.
template <auto Run, auto Assess, auto Preview = nullptr>
constexpr Tool tool(std::string_view name, std::string_view summary, Traits traits = {}) {
  using S = row::Signature<decltype(Run)>;
  Tool made{.name = name,
            .summary = summary,
            .traits = traits,
            .input_schema = &base::schema_of<typename S::request>,
            .output_schema = &base::schema_of<typename S::response>,
            .assess = &row::assess<Run, Assess>,
            .run = &row::run<Run>,
            .preview = nullptr,
            .redact = &row::redact<typename S::request>,
            .has_secrets = base::has_secret<typename S::request>()};
  if constexpr (!std::is_null_pointer_v<decltype(Preview)>) made.preview = &row::preview<Run, Preview>;
  return made;
}

}  // namespace lilux::kernel
