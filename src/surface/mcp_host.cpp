// The table as a client of the Model Context Protocol sees it.

#include <algorithm>
#include <memory>

#include "surface/mcp.h"
#include "text/glob.h"

namespace lilux::surface {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr kernel::Scheduler::Options kPool{.workers = 16, .queue_max = 1000};

Json described(const kernel::Tool& tool) {
  const kernel::Traits& traits = tool.traits;
  const bool is_read_only = traits.effect == kernel::Effect::none;
  return JsonObject{{"name", wire_name(tool.name)},
                    {"title", tool.summary},
                    {"description", tool.summary},
                    {"inputSchema", tool.input_schema()},
                    {"outputSchema", tool.output_schema()},
                    {"annotations", JsonObject{{"title", tool.summary},
                                               {"readOnlyHint", is_read_only},
                                               {"destructiveHint", !is_read_only && traits.undo != kernel::Undo::exact},
                                               {"idempotentHint", traits.is_idempotent},
                                               {"openWorldHint", false}}}};
}

Json failed(const base::Error& error) {
  return call_result(kernel::envelope({.call = {}, .output = std::unexpected(error)}));
}

}  // namespace

std::string wire_name(std::string_view tool) {
  std::string name(tool);
  std::ranges::replace(name, '.', '_');
  return name;
}

Json call_result(const Json& envelope) {
  const Json* output = envelope.find("output");
  const Json* error = envelope.find("error");
  const Json& told = output ? *output : error ? *error : envelope;
  JsonObject result{
      {"content", JsonArray{JsonObject{{"type", "text"}, {"text", base::to_text(told, base::JsonStyle::spaced)}}}},
      {"isError", output == nullptr}};
  if (output) result.set("structuredContent", *output);
  return result;
}

ToolHost::ToolHost(std::span<const kernel::Tool> table, const std::vector<std::string>& globs, kernel::Caller caller,
                   Make make)
    : caller_(std::move(caller)), make_(std::move(make)), pool_(kPool) {
  for (const kernel::Tool& tool : table) {
    const bool fits = globs.empty() ||
                      std::ranges::any_of(globs, [&](const auto& glob) { return text::name_matches(glob, tool.name); });
    if (fits && tool.traits.audience == kernel::Audience::everyone) offered_.push_back(&tool);
  }
}

JsonObject ToolHost::info() const {
  return {{"name", "lilux"}, {"title", "Lilux"}, {"version", LILUX_VERSION}};
}

std::string ToolHost::instructions() const {
  return "Tools on this machine, each under the policy of the person who owns it. A call may be denied, with the rule "
         "that "
         "did it, or wait for that person: then its error says `lilux approve <call>`, and the same call made again "
         "afterwards gives the result. What changed files can be taken back with undo_apply.";
}

JsonArray ToolHost::tools() const {
  JsonArray all;
  for (const kernel::Tool* tool : offered_) all.push_back(described(*tool));
  return all;
}

std::expected<void, mcp::RpcError> ToolHost::call(Call call) {
  const auto found =
      std::ranges::find_if(offered_, [&](const kernel::Tool* tool) { return wire_name(tool->name) == call.tool; });
  if (found == offered_.end())
    return std::unexpected(
        mcp::RpcError{.code = mcp::RpcCode::invalid_params, .message = "there is no tool '" + call.tool + "'"});
  kernel::CallRequest request{
      .tool = std::string((*found)->name), .arguments = std::move(call.arguments), .caller = caller_};
  request.cancel = call.cancel;
  const auto done = std::make_shared<decltype(call.done)>(std::move(call.done));  // of the work, and of its refusal
  const Result<void> queued = pool_.push(5, [this, request = std::move(request), done] {
    const Result<Json> envelope = make_(request);
    (*done)(envelope ? call_result(*envelope) : failed(envelope.error()));
  });
  if (!queued) (*done)(failed(queued.error()));
  return {};
}

}  // namespace lilux::surface
