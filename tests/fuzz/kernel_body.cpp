// Bodies of ledger records, one a line, each behind the letter of its kind (c, i, o, n): the quick reader of the index
// says what the parser says, and the state they leave survives its own snapshot.

#include <string>

#include "base/field.h"
#include "kernel/body_skim.h"
#include "kernel/state.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::kernel;
using lilux::base::Json;
using lilux::fuzz::require;

void check_skim(const Json& json) {
  const auto skimmed = skim(lilux::base::to_text(json));
  require(skimmed.has_value() == json.is_object());
  if (!skimmed) return;
  require(skimmed->call == json.string_or("call") && skimmed->tool == json.string_or("tool"));
  require(skimmed->task == json.string_or("task") && skimmed->principal == json.string_or("principal"));
  require(skimmed->cause == json.string_or("cause") && skimmed->result == json.string_or("result"));
  require(skimmed->undo == json.string_or("undo"));
  const auto member = [&](std::string_view name) { return json.find(name) ? *json.find(name) : Json(); };
  require(skimmed->error_code == member("error").string_or("code"));
  require(skimmed->wall_us == member("cost").integer_or("wall_us"));
  require(skimmed->has_inverse == member("inverse").is_object());
  require(skimmed->changes == (json.find("changes") ? lilux::base::to_text(member("changes")) : ""));
}

std::uint8_t kind_of(char letter) {
  const std::size_t at = std::string_view("ciont").find(letter);
  return at == std::string_view::npos ? 9 : static_cast<std::uint8_t>(at + 1);
}

// Our own writer names every row by what is in it.
void name_rows(Body& body) {
  if (!body.changes) return;
  for (Change& change : *body.changes) {
    const std::string_view key = change.table == "approval" ? "call" : "id";
    const bool is_named = change.table == "task" || change.table == "approval" || change.table == "hook";
    if (is_named && change.value.is_object()) change.id = change.value.string_or(key);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lilux::fuzz::Input input(data, size);
  State state;
  lilux::ledger::Position position;
  while (!input.is_empty()) {
    const std::string_view line = input.line();
    if (line.empty()) continue;
    const auto json = lilux::base::parse_json(line.substr(1));
    const auto skimmed = skim(line.substr(1));
    if (!json) continue;
    require(skimmed.has_value() == json->is_object());
    check_skim(*json);
    auto body = lilux::base::decode<Body>(*json);
    if (!body) continue;
    const auto again = lilux::base::decode<Body>(lilux::base::encode(*body));
    require(again && lilux::base::encode(*again) == lilux::base::encode(*body));
    name_rows(*body);
    position.sequence += 1;
    apply(state, kind_of(line.front()), position, *body);
  }
  const std::string text = snapshot_text(state);
  const auto back = state_from_snapshot(text);
  require(back && snapshot_text(*back) == text);
  require(back->runnable == state.runnable && back->tasks.size() == state.tasks.size());
  require(back->dependents.size() == state.dependents.size() && back->intents.size() == state.intents.size());
  for (const auto& [urgency, task] : state.runnable) require(state.tasks.contains(task));
  return 0;
}
