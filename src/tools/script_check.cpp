#include "tools/script_check.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "base/json.h"
#include "kernel/kernel.h"
#include "text/bash.h"
#include "tools/common.h"
#include "tools/script_faults.h"
#include "tools/shell.h"

namespace lilux::tools::script {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using item::Problem;
using item::ScriptLanguage;
using kernel::CallContext;

namespace {

constexpr std::string_view kTool = "shell.run";
constexpr std::int64_t kSecondsMax = 20;
// Of a listing, which has other things to tell.
constexpr std::int64_t kGlanceSecondsMax = 2;
constexpr int kLooksMax = 16;
constexpr std::size_t kLookBytesMax = std::size_t{512} << 10;  // a larger program takes its interpreter many seconds
constexpr std::chrono::seconds kLooksTimeMax{2};

// Each writes the first fault that it finds, and ends with 0.
constexpr std::string_view kPython =
    "import sys, json, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "try:\n"
    "    compile(sys.stdin.buffer.read(), 'script', 'exec', dont_inherit=True)\n"
    "except SyntaxError as fault:\n"
    "    print(json.dumps({'line': fault.lineno or 1, 'column': max(fault.offset or 1, 1), 'message': fault.msg}))\n"
    "except ValueError as fault:\n"
    "    print(json.dumps({'line': 1, 'column': 1, 'message': str(fault)}))\n"
    "except (RecursionError, MemoryError):\n"
    "    print(json.dumps({'line': 1, 'column': 1, 'message': 'it is nested deeper than Python compiles'}))\n";
// A file may be of the old sort of module or of the new one.
constexpr std::string_view kNode =
    "cd \"$(mktemp -d)\" && cat > a.cjs && cp a.cjs a.mjs && node --check a.mjs > mjs 2>&1 || node --check a.cjs > cjs "
    "2>&1 || { grep -q 'import statement outside\\|token .export' cjs && cat mjs || cat cjs; }";
constexpr std::string_view kBash = "bash -n /dev/stdin 2>&1; true";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t number_at(std::string_view text, std::size_t at) {
  std::size_t number = 1;
  std::from_chars(text.data() + std::min(at, text.size()), text.data() + text.size(), number);
  return std::max<std::size_t>(number, 1);
}

Problem problem_at(text::Position position, std::string message) {
  return {.fault = {.position = position, .message = std::move(message), .hint = {}}};
}

std::vector<Problem> said_by_python(const std::string& said) {
  const Result<Json> fault = base::parse_json(said);
  if (!fault || !fault->is_object()) return {};
  const text::Position position{.line = static_cast<std::size_t>(fault->integer_or("line", 1)),
                                .column = static_cast<std::size_t>(fault->integer_or("column", 1))};
  return {problem_at(position, fault->string_or("message"))};
}

// /tmp/x/a.cjs:3, the line, one with ^^ under the place, nothing, SyntaxError: what
std::vector<Problem> said_by_node(const std::string& said) {
  const std::vector<std::string> lines = lines_of(said);
  const auto message = std::ranges::find_if(lines, [](const auto& line) { return line.starts_with("SyntaxError: "); });
  if (message == lines.end() || lines.size() < 3) return {};
  const std::size_t colon = lines[0].rfind(':');
  const std::size_t caret = lines[2].find('^');
  return {problem_at({.line = colon == std::string::npos ? 1 : number_at(lines[0], colon + 1),
                      .column = caret == std::string::npos ? 1 : caret + 1},
                     message->substr(std::string_view("SyntaxError: ").size()))};
}

// /dev/stdin: line 3: syntax error: unexpected end of file
std::vector<Problem> said_by_bash(const std::string& said) {
  constexpr std::string_view kLine = ": line ";
  const std::size_t at = said.find(kLine);
  if (at == std::string::npos) return {};
  const std::string rest = said.substr(at + kLine.size(), said.find('\n', at) - at - kLine.size());
  const std::size_t colon = rest.find(": ");
  return {problem_at({.line = number_at(rest, 0), .column = 1},
                     colon == std::string::npos ? rest : rest.substr(colon + 2))};
}

struct Interpreter {
  std::string_view name;
  JsonArray words;
  std::vector<Problem> (*said)(const std::string&);
};

Interpreter interpreter_of(ScriptLanguage language) {
  if (language == ScriptLanguage::python)
    return {.name = "python3", .words = {"python3", "-I", "-S", "-c", kPython}, .said = said_by_python};
  if (language == ScriptLanguage::javascript)
    return {.name = "node", .words = {"bash", "-c", kNode}, .said = said_by_node};
  return {.name = "bash", .words = {"bash", "-c", kBash}, .said = said_by_bash};
}

JsonObject arguments_for(const Interpreter& by, const item::Script& script, std::int64_t seconds) {
  return {{"argv", by.words}, {"stdin", script.code}, {"timeout", seconds}, {"preview", true}};
}

bool is_of_our_grammar(const item::Script& script) {
  return script.language == ScriptLanguage::shell && text::parse_bash(script.code).has_value();
}

struct Look {
  Checked found;
  bool is_done = false;  // it says what is wrong, or that nothing is
};
Look looked_at(CallContext& call, const item::Script& script, std::int64_t seconds) {
  if (script.code.size() > kLookBytesMax)
    return {.found = {.problems = {},
                      .by = "its head alone: a program of more than 512 KiB is not compiled to look at it"}};
  // What is refused there may still be right: bash has the last word.
  if (is_of_our_grammar(script))
    return {.found = {.problems = {}, .by = "Lilux's own grammar of bash; it was not run"}, .is_done = true};
  const Interpreter by = interpreter_of(script.language);
  const Result<Json> ran = call.call_tool(kTool, arguments_for(by, script, seconds));
  const std::string name(by.name);
  const std::string why = !ran                                     ? ran.error().message
                          : ran->integer_or("exit_code", 1) == 0   ? std::string()
                          : ran->integer_or("exit_code", 1) == 127 ? "there is no " + name + " here"
                                                                   : name + " did not end well";
  std::vector<Problem> problems = ran ? by.said(ran->string_or("stdout")) : std::vector<Problem>();
  if (!why.empty() && problems.empty())
    return {.found = {.problems = {}, .by = "its head alone, without " + name + ": " + why}};
  return {.found = {.problems = std::move(problems), .by = name + ", in the sandbox; it was not run"}, .is_done = true};
}

// Whether it would be looked at without a question to anybody.
bool is_free(const CallContext& call, const item::Script& script) {
  if (is_of_our_grammar(script)) return true;
  const auto request =
      base::decode<shell::RunRequest>(arguments_for(interpreter_of(script.language), script, kGlanceSecondsMax));
  const auto needed =
      request ? shell::assess_run(call, *request) : Result<kernel::Assessment>(std::unexpected(request.error()));
  const auto rules = call.kernel().rules(call.caller().project);
  const auto autonomy = call.kernel().autonomy();
  if (!needed || !rules || !autonomy) return false;
  const auto is_held = [&](const policy::Need& need) { return holds(call, need).value_or(false); };
  const policy::Question question{.tool = kTool,
                                  .needs = needed->needs,
                                  .risk = needed->risk,
                                  .has_effect = true,
                                  .who = call.caller().principal,
                                  .autonomy = *autonomy};
  return std::ranges::all_of(needed->needs, is_held) && (*rules)->decide(question).effect == policy::Effect::allow;
}

}  // namespace

Checked check_syntax(CallContext& call, const item::Script& script) {
  Look look = looked_at(call, script, kSecondsMax);
  if (look.is_done) call.kernel().kept().get<ScriptFaults>()->keep(call, script, look.found.problems);
  return std::move(look.found);
}

void Glance::over(item::Item& item) {
  const auto* script = std::get_if<item::Script>(&item.detail);
  if (!script || item.is_broken()) return;
  const auto faults = call_.kernel().kept().get<ScriptFaults>();
  std::optional<std::vector<Problem>> known = faults->known(call_, *script);
  const auto now = std::chrono::steady_clock::now();
  if (looks_ == 0) began_ = now;
  const bool is_small = script->code.size() <= kLookBytesMax;
  if (!known && is_small && looks_ < kLooksMax && now - began_ < kLooksTimeMax && is_free(call_, *script)) {
    ++looks_;
    Look look = looked_at(call_, *script, kGlanceSecondsMax);
    if (look.is_done) faults->keep(call_, *script, look.found.problems);
    known = std::move(look.found.problems);
  }
  if (known) std::ranges::move(*known, std::back_inserter(item.problems));
}

}  // namespace lilux::tools::script
