// lilux do: a sentence is routed, shown, and its calls are made: at once when they only look and it is sure, else when
// a person says so.

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/field.h"
#include "brain/bands.h"
#include "surface/arguments.h"
#include "surface/ask.h"
#include "surface/call_verbs.h"
#include "surface/print.h"
#include "surface/shell.h"
#include "surface/shell_line.h"
#include "surface/verbs.h"
#include "sys/file.h"
#include "text/shell.h"
#include "tools/references.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr int kDenied = 6;
constexpr double kNearFrom = 0.2;  // a guess that is less likely helps nobody

// What makes these very calls, whatever the sentence may mean by then.
std::string command_of(const JsonArray& calls) {
  std::string text;
  for (const Json& call : calls) {
    const Json* arguments = call.find("arguments");
    text += (text.empty() ? "lilux call " : "; lilux call ") + call.string_or("tool");
    if (arguments && !arguments->as_object().empty()) text += " --args " + text::quote(base::to_text(*arguments));
  }
  return text;
}

std::unexpected<base::Error> nobody_looks(const JsonArray& calls) {
  const auto changes = [](const Json& call) { return !tools::is_harmless(call.string_or("tool")); };
  const auto waits = [](const Json& call) { return !list_of(call, "results").empty(); };
  const auto first = std::ranges::find_if(calls, changes);
  return fail(ErrorCode::approval_required,
              "nobody is here to look at it first: " + shown_call(first == calls.end() ? calls.front() : *first),
              std::ranges::any_of(calls, waits) ? "say it at a terminal; or --yes, when it is what you want"
                                                : "when it is what you want: " + command_of(calls));
}

// On standard error: standard output is for what comes of it.
void say(std::string_view text) {
  const std::string safe = base::escape_for_terminal(text) + "\n";
  std::fwrite(safe.data(), 1, safe.size(), stderr);
}

void show_route(const Json& route) {
  std::string text = shown_calls(route);
  text.pop_back();  // its last end of line
  say(text);
}

// What was refused too often is not offered any more, however sure it is.
std::unexpected<base::Error> refused_before(const Json& route) {
  const JsonArray calls = list_of(route, "calls");
  return fail(ErrorCode::not_found,
              "you said no too often to what was as sure as " + calls.front().string_or("tool") + " is here (" +
                  shown_confidence(route) + "), so it is not offered",
              "call it by its name; `lilux brain status` shows your answers, `lilux brain rollback 5` forgets the "
              "newest five, `lilux brain forget --all` all");
}

std::unexpected<base::Error> nobody_knows(const std::string& text, const Json& route) {
  const std::string advice = route.string_or("advice");
  const bool is_known = route.string_or("layer") == "table";
  std::optional<base::Error> error = is_known ? std::nullopt : misspelt(text);
  if (error) return std::unexpected(std::move(*error));
  const std::string tool = route.string_or("tool");
  std::string missing;
  for (const Json& name : list_of(route, "missing")) missing += (missing.empty() ? "" : ", ") + name.as_string();
  std::string others;
  for (const Json& other : list_of(route, "runners_up"))
    others += (others.empty() ? "" : ", ") + other.string_or("tool") + " (" + shown_confidence(other) + ")";
  if (is_known && missing.empty())
    return fail(ErrorCode::invalid_argument, advice, "say it without; `lilux help " + tool + "` shows what there is");
  if (!advice.empty() && !is_known) return fail(ErrorCode::not_found, "no sentence does that", advice);
  const bool is_field = !tool.empty() && missing.find(' ') == std::string::npos;
  if (!missing.empty())
    return fail(ErrorCode::invalid_argument,
                is_field ? tool + " needs what is not said: " + missing : "it is not said: " + missing,
                (advice.empty() ? "say it too" : advice) + ", or make the call by its name" +
                    (is_field ? ": `lilux help " + tool + "`" : ""));
  const JsonArray calls = list_of(route, "calls");
  const Json* confidence = route.find("confidence");
  if (!calls.empty() && confidence && confidence->as_real() >= brain::kVerifyFrom) return refused_before(route);
  // Its arguments are guesses as well, and nobody said them.
  const bool is_near = !calls.empty() && confidence && confidence->as_real() >= kNearFrom;
  const std::string guess = is_near ? calls.front().string_or("tool") + " (" + shown_confidence(route) + ")" : others;
  return fail(ErrorCode::not_found, "no tool fits that surely enough",
              guess.empty() ? "`lilux search <words>` looks for tools; `lilux help tools` lists them"
                            : "nearest: " + guess + "; `lilux help tools` lists all");
}

brain::Mention mention_of(const Json& result) {
  return {.wanted = base::enum_from_name<brain::Wanted>(result.string_or("kind")).value_or(brain::Wanted::any),
          .item_kind = result.string_or("item_kind"),
          .nth = static_cast<int>(result.integer_or("nth"))};
}

// The call with what earlier ones of the sentence gave in its place.
Result<Json> whole_call(const Json& call, const std::vector<tools::MadeCall>& made) {
  Json arguments = *call.find("arguments");
  for (const Json& result : list_of(call, "results")) {
    const auto from = static_cast<std::size_t>(result.integer_or("call"));
    if (from >= made.size())
      return fail(ErrorCode::invalid_argument,
                  "'" + call.string_or("tool") + "' waits for the result of a call that is not made",
                  "make the calls one after the other");
    const tools::Thing thing = TRY(tools::brain_tools::picked(made[from], mention_of(result)));
    arguments.as_object().set(result.string_or("argument"), thing.value);
  }
  return JsonObject{{"tool", call.string_or("tool")}, {"arguments", std::move(arguments)}};
}

// What an undo takes back, in a line: "fs.delete of /a/b.txt".
void show_what_is_undone(const Json& whole) {
  if (whole.string_or("tool") != "undo.apply") return;
  const std::string call = whole.find("arguments")->string_or("call");
  const Result<Json> envelope = asked_envelope({}, "undo.preview", JsonObject{{"call", call}});
  const Json* preview = envelope ? envelope->find("output") : nullptr;
  if (call.empty() || !preview) return;
  constexpr std::size_t kShown = 5;
  const JsonArray paths = list_of(*preview, "paths");
  std::string text = "   takes back " + preview->string_or("tool");
  for (std::size_t i = 0; i < paths.size() && i < kShown; ++i) text += (i == 0 ? " of " : ", ") + paths[i].as_string();
  if (paths.size() > kShown) text += " and " + std::to_string(paths.size() - kShown) + " more";
  say(text);
}

// What only now is known is looked at, unless it only looks: nobody has seen it before.
Result<bool> is_let_happen(const Common& common, const Json& routed, const Json& whole) {
  if (list_of(routed, "results").empty()) return true;
  if (!common.is_json) say("-> " + shown_call(whole));
  if (tools::is_harmless(whole.string_or("tool")) || common.is_yes) return true;
  if (!is_at_terminal(common)) return nobody_looks(JsonArray{whole});
  show_what_is_undone(whole);
  return agreement("Let it happen?").is_yes;
}

// Whether all that changes something is asked about later, when it is known what that is.
bool is_asked_later(const Json& route) {
  const JsonArray calls = list_of(route, "calls");
  const auto can_begin = [](const Json& call) {
    return tools::is_harmless(call.string_or("tool")) || !list_of(call, "results").empty();
  };
  return calls.size() > 1 && std::ranges::all_of(calls, can_begin);
}

Result<int> make_calls(const Common& common, const Json& route) {
  std::vector<tools::MadeCall> made;
  JsonArray envelopes;
  int code = 0;
  for (const Json& call : list_of(route, "calls")) {
    const Json whole = TRY(whole_call(call, made));
    if (!TRY(is_let_happen(common, call, whole))) return kDenied;
    const std::string tool = whole.string_or("tool");
    Json envelope = TRY(asked_envelope(common, tool, *whole.find("arguments")));
    if (!common.is_json) code = print_envelope(envelope, false);
    const Json* output = envelope.find("output");
    if (common.is_json && !envelope.bool_or("ok")) return print_envelope(envelope, true);
    if (!envelope.bool_or("ok")) return code;
    made.push_back({.tool = tool,
                    .arguments = *whole.find("arguments"),
                    .output = output && output->is_object() ? *output : Json(JsonObject{})});
    envelopes.push_back(std::move(envelope));
  }
  if (common.is_json) return print_own({{"route", route}, {"calls", std::move(envelopes)}}, "", true);
  return code;
}

// What is answered at the terminal is learned from. A sentence of several calls says nothing of one alone, and one that
// speaks of what came before means something else each time.
void keep_answer(const Common& common, const std::string& text, const Json& route, std::string_view answer,
                 const Json* meant = nullptr) {
  const JsonArray calls = list_of(route, "calls");
  if ((!meant && calls.size() != 1) || !list_of(route, "referred").empty()) return;
  const Json& call = meant ? *meant : calls.front();
  JsonObject lesson{{"text", text},
                    {"answer", answer},
                    {"tool", call.string_or("tool")},
                    {"layer", route.string_or("layer")},
                    {"band", route.string_or("band")}};
  if (const Json* confidence = route.find("confidence")) lesson.set("confidence", *confidence);
  if (const Json* arguments = call.find("arguments")) lesson.set("arguments", *arguments);
  const Result<Json> kept = asked_envelope({.task = common.task}, "brain.learn", std::move(lesson));
  const Json* error = kept ? kept->find("error") : nullptr;
  if (error) say("   not learned: " + error->string_or("message"));
  if (kept && !error && meant)
    say("   learned: '" + text + "' means that; `lilux brain forget '" + text + "'` takes it back");
}

// The call that a person writes as they would in the shell.
Result<Json> written_call(const ShellLine& read, const std::string& line) {
  const bool is_one = read.kind == ShellLine::Kind::commands && read.stages.size() == 1;
  const kernel::Tool* tool = is_one ? tools::find(read.stages.front().front()) : nullptr;
  if (!tool)
    return fail(ErrorCode::invalid_argument, "'" + line + "' is no call of a tool and no sentence",
                "type it at the prompt");
  const std::vector<std::string>& words = read.stages.front();
  const std::vector<std::string_view> rest(words.begin() + 1, words.end());
  const Json schema = tool->input_schema();
  const Command command = TRY(read_words(rest, &schema));
  return JsonObject{{"tool", tool->name},
                    {"arguments", TRY(arguments_from(schema, positional_of(schema), command.words))}};
}

// What came of a sentence: the call that it meant, where that was one and went well.
struct Said {
  int code = 0;
  std::optional<Json> meant = {};
};
Result<Said> say_it(const Common& common, const std::string& text, bool may_correct);

bool is_named_value(const std::string& line) {
  const std::size_t equals = line.find('=');
  return equals != 0 && equals != std::string::npos &&
         line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == equals;
}

bool is_number(const std::string& line) {
  return !line.empty() && line.find_first_not_of("0123456789") == std::string::npos;
}

// Which argument of the call an answer without a name is for: a number, or the name of a file. `invalid_argument` where
// it may be for several, or a number is for none; nothing for any other answer.
Result<std::optional<std::string>> meant_argument(const Json& call, const std::string& line) {
  constexpr std::array<std::string_view, 4> kPlaces{"path", "source", "destination", "directory"};
  const bool is_count = is_number(line);
  const bool is_place = line.find_first_of(" \t") == std::string::npos &&
                        (line.find_first_of("./~") != std::string::npos || sys::stat(line).has_value());
  if (!is_count && !is_place) return std::nullopt;
  std::string all;
  std::vector<std::string> fit;
  for (const auto& [name, value] : call.find("arguments")->as_object()) {
    all += (all.empty() ? "" : ", ") + std::string(name);
    if (is_count ? value.is_integer() : std::ranges::find(kPlaces, name) != kPlaces.end()) fit.emplace_back(name);
  }
  if (fit.size() == 1) return fit.front();
  if (fit.empty() && is_place) return std::nullopt;
  return fail(
      ErrorCode::invalid_argument,
      "'" + line + "' may be for " + (fit.empty() ? "nothing here: no answer has a number" : "several of " + all),
      all.empty() ? "say it otherwise" : "name it: " + all.substr(0, all.find(',')) + "=" + line);
}

// The call that was offered with other values: "path=b.txt limit=5", or a name or number alone. Nothing where the
// answer is another one.
Result<std::optional<Json>> mended(const Json& call, const std::string& line) {
  const kernel::Tool* tool = tools::find(call.string_or("tool"));
  if (!tool || tools::find(line.substr(0, line.find(' ')))) return std::nullopt;
  std::string named = line;
  if (!is_named_value(line)) {
    const std::optional<std::string> argument = TRY(meant_argument(call, line));
    if (!argument) return std::nullopt;
    named = *argument + "=" + line;
  }
  const Json schema = tool->input_schema();
  const std::string name = named.substr(0, named.find('='));
  if (!schema.find("properties")->find(name))
    return fail(ErrorCode::invalid_argument, std::string(tool->name) + " takes no '" + name + "'",
                "`lilux help " + std::string(tool->name) + "` shows what it takes");
  const ShellLine read = TRY(read_shell_line(std::string(tool->name) + " " + named));
  const Json other = TRY(written_call(read, line));
  JsonObject arguments = call.find("arguments")->as_object();
  for (const auto& [field, value] : other.find("arguments")->as_object()) arguments.set(field, value);
  return JsonObject{{"tool", tool->name}, {"arguments", std::move(arguments)}};
}

// What a person types where something else was offered: a call, other values for the one that was offered, or the
// sentence in other words.
Result<Said> instead(const Common& common, const Json& route, const std::string& line) {
  const JsonArray offered = list_of(route, "calls");
  if (const auto call = offered.size() == 1 ? TRY(mended(offered.front(), line)) : std::nullopt) {
    say("-> " + shown_call(*call));
    const bool is_let = tools::is_harmless(call->string_or("tool")) || agreement("Let it happen?").is_yes;
    if (!is_let) return Said{.code = kDenied};
    const int code = TRY(make_call(common, call->string_or("tool"), *call->find("arguments")));
    return Said{.code = code, .meant = code == 0 ? std::optional(*call) : std::nullopt};
  }
  const ShellLine read = TRY(read_shell_line(line));
  if (read.kind == ShellLine::Kind::sentence) return say_it(common, read.text, false);
  const Json meant = TRY(written_call(read, line));
  const int code = TRY(make_call(common, meant.string_or("tool"), *meant.find("arguments")));
  return Said{.code = code, .meant = code == 0 ? std::optional(meant) : std::nullopt};
}

Result<Said> made(const Common& common, const Json& route) {
  const JsonArray calls = list_of(route, "calls");
  const int code = TRY(make_calls(common, route));
  const bool is_one = code == 0 && calls.size() == 1 && list_of(route, "referred").empty();
  return Said{.code = code, .meant = is_one ? std::optional(calls.front()) : std::nullopt};
}

Result<Said> asked(const Common& common, const std::string& text, const Json& route, bool may_correct) {
  const Agreement agreed = agreement("Let it happen?");
  if (agreed.is_yes) {
    Said done = TRY(made(common, route));
    if (done.code == 0) keep_answer(common, text, route, "accepted");  // what fails was not what was meant
    return done;
  }
  if (!agreed.is_no) {
    say("   that is neither yes nor no: nothing is done, and nothing learned of it");
    return agreed.line.empty() || !may_correct ? Result<Said>(Said{.code = kDenied})
                                               : instead(common, route, agreed.line);
  }
  keep_answer(common, text, route, "refused");
  if (!may_correct) return Said{.code = kDenied};
  const std::string line = answered(
      "What was meant? Say it otherwise, a value as path=b.txt, or a call like fs.read README.md; Enter for nothing: ");
  if (line.empty()) return Said{.code = kDenied};
  Said done = TRY(instead(common, route, line));
  if (done.meant) keep_answer(common, text, route, "corrected", &*done.meant);
  return done;
}

Result<Said> say_it(const Common& given, const std::string& text, bool may_correct) {
  Common common = given;
  const Json envelope = TRY(asked_envelope({.task = common.task}, "brain.route", JsonObject{{"text", text}}));
  const Json* route = envelope.find("output");
  if (!route) return Said{.code = print_envelope(envelope, common.is_json)};
  const std::string band = route->string_or("band");
  if (const std::string problem = route->string_or("problem"); !problem.empty()) say("lilux: " + problem);
  if (band == "defer") return nobody_knows(text, *route);
  if (!common.is_json) show_route(*route);
  if (common.reason.empty()) common.reason = base::clipped("said: " + text, kernel::kReasonMax);
  if (band == "execute" || common.is_yes) return made(common, *route);
  if (!is_at_terminal(common)) return nobody_looks(list_of(*route, "calls"));
  return is_asked_later(*route) ? made(common, *route) : asked(common, text, *route, may_correct);
}

}  // namespace

Result<int> do_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::string text;
  for (const std::string& word : command.words) text.append(text.empty() ? "" : " ").append(word);
  if (text.empty()) return fail(ErrorCode::invalid_argument, "what is wanted?", "lilux do 'show me README.md'");
  return TRY(say_it(command.common, text, true)).code;
}

}  // namespace lilux::surface
