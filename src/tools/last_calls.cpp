#include "tools/last_calls.h"

#include <string_view>
#include <utility>

#include "base/time.h"
#include "kernel/kernel.h"
#include "kernel/record.h"
#include "sys/path.h"
#include "tools/references.h"

namespace lilux::tools::brain_tools {

using base::Json;
using base::Result;
using kernel::CallContext;

namespace {

constexpr std::int64_t kCallsMax = 30;                            // looked back at
constexpr std::int64_t kBackUs = std::int64_t{3600} * 1'000'000;  // and how far

// A path as it was canonical then: of what the call needed, the one that ends with it.
std::string canonical(const std::string& path, const std::vector<std::string>& needs) {
  std::string bare = path;
  while (bare.starts_with("./")) bare.erase(0, 2);
  while (bare.size() > 1 && bare.ends_with('/')) bare.pop_back();
  std::string found;
  for (const std::string& need : needs) {
    const std::size_t at = need.find(" fs ");
    const std::string target = at == std::string::npos ? "" : need.substr(at + 4);
    if (target != bare && !target.ends_with("/" + bare)) continue;
    if (!found.empty() && found != target) return {};
    found = target;
  }
  return found;
}

// Long arguments and secrets stand in a record as digests alone.
bool leaves_out(const Json& arguments) {
  return arguments.find("digest") || base::to_text(arguments).contains(kernel::kSecretMark);
}

// As it was recorded; nothing when that cannot be read, or was not asked for.
std::optional<LastCall> last_call(kernel::Kernel& kernel, const kernel::CallRow& row) {
  const auto body_at = [&](const ledger::Position& position) -> Result<kernel::Body> {
    return kernel::body_of(TRY(kernel.ledger().read(position)));
  };
  const Result<kernel::Body> first = body_at(row.first);
  const Result<kernel::Body> last = row.outcome ? body_at(*row.outcome) : first;
  if (!first || !last || !first->arguments || !first->arguments->is_object()) return std::nullopt;
  if (first->reason == kLookedUp) return std::nullopt;
  MadeCall made{.tool = row.tool, .arguments = *first->arguments, .output = last->output.value_or(base::JsonObject{})};
  bool is_whole = !leaves_out(*first->arguments);
  if (last->output_object) {
    const Result<std::string> kept = kernel.store().get(*last->output_object);
    made.output = kept ? base::parse_json(*kept).value_or(base::JsonObject{}) : Json(base::JsonObject{});
  }
  if (!made.output.is_object()) made.output = base::JsonObject{};
  const std::vector<std::string> needs = first->needs.value_or(std::vector<std::string>{});
  constexpr std::string_view kRead = "read fs ";
  if (row.tool == "fs.list" && needs.size() == 1 && needs.front().starts_with(kRead))
    made.arguments.as_object().set("path", needs.front().substr(kRead.size()));  // of where the caller stood
  for (const std::string_view name : {"path", "source", "destination"}) {
    const Json* value = made.arguments.find(name);
    if (!value || !value->is_string()) continue;
    const std::string whole = canonical(value->as_string(), needs);
    is_whole = is_whole && !whole.empty();
    if (whole.empty())
      made.arguments.as_object().erase(name);
    else
      made.arguments.as_object().set(name, whole);
  }
  return LastCall{.call = row.call, .made = std::move(made), .is_whole = is_whole};
}

std::vector<LastCall> found(const CallContext& call, std::optional<std::string> result, std::size_t most) {
  std::vector<LastCall> all;
  const auto index = call.kernel().index();
  if (!index) return all;
  const auto rows = index->get().query(
      {.task = call.task(), .result = std::move(result), .since_us = base::now_us() - kBackUs, .limit = kCallsMax});
  for (const kernel::CallRow& row : rows.value_or(std::vector<kernel::CallRow>{})) {
    if (all.size() == most) break;
    if (!row.cause.empty() || row.tool.starts_with("brain.") || row.tool.starts_with("kernel.")) continue;
    if (std::optional<LastCall> one = last_call(call.kernel(), row)) all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

std::vector<LastCall> last_calls(const CallContext& call) {
  return found(call, "ok", kCallsMax);
}

std::optional<LastCall> newest_call(const CallContext& call) {
  // Running a program is three of them.
  constexpr std::size_t kOfRun = 3;
  for (LastCall& one : found(call, std::nullopt, kOfRun))
    if (one.made.tool != "process.wait" && one.made.tool != "shell.commit") return std::move(one);
  return std::nullopt;
}

}  // namespace lilux::tools::brain_tools
