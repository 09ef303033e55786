#include "surface/ask.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/escape.h"
#include "surface/print.h"
#include "surface/shell_line.h"
#include "sys/machine.h"

namespace lilux::surface {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

void say(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// "y" or the whole word: what was typed for something else is no answer.
bool says(const std::optional<std::string>& line, std::string_view word) {
  if (!line) return false;
  std::string lower = *line;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == word || lower == word.substr(0, 1);
}

std::string trimmed(const std::string& line) {
  const std::size_t from = line.find_first_not_of(" \t");
  return from == std::string::npos ? "" : line.substr(from, line.find_last_not_of(" \t") - from + 1);
}

// A line without its end; nullopt at the end of the input.
std::optional<std::string> read_line(const std::string& prompt) {
  say(prompt);
  std::string line;
  std::array<char, 512> piece{};
  while (std::fgets(piece.data(), piece.size(), stdin)) {
    line += piece.data();
    if (!line.ends_with('\n')) continue;
    line.pop_back();
    return line;
  }
  say("\n");
  return line.empty() ? std::nullopt : std::optional(line);
}

// What begins as a verb or tool does was typed for the prompt, and is the reason of nothing.
std::optional<std::string> read_reason(const std::string& prompt) {
  std::optional<std::string> line = read_line(prompt);
  const Result<ShellLine> read = read_shell_line(line.value_or(""));
  if (!read || read->kind == ShellLine::Kind::sentence || read->kind == ShellLine::Kind::nothing) return line;
  say("   that is a command and no reason, so it is not kept and not run: type it again at the prompt\n");
  return std::nullopt;
}

void show_question(const Json& approval) {
  std::string text = approval.string_or("question") + "\n";
  for (const Json& need : list_of(approval, "needs")) text += "  needs " + need.as_string() + "\n";
  text += "  risk " + approval.string_or("risk") + ", asked by " + approval.string_or("rule") + ": " +
          approval.string_or("reason") + "\n  task " + approval.string_or("task") + ", call " +
          approval.string_or("call") + ", " + std::to_string(approval.integer_or("question_bytes")) +
          " bytes of effect shown above\n";
  say(text);
}

void show_rules(const JsonArray& rules) {
  std::string text;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const JsonArray past = list_of(rules[i], "also_matches");
    text += "  " + std::to_string(i + 1) +
            "  always allow: " + base::escape_for_terminal(rules[i].string_or("capability")) +
            "\n     past calls it would have allowed: " + (past.empty() ? "none" : "") + "\n";
    for (const Json& call : past) text += "       " + base::escape_for_terminal(call.as_string()) + "\n";
  }
  say(text);
}

// The id of the rule to save; nullopt when none is wanted after all.
std::optional<std::string> choose_rule(const JsonArray& rules) {
  show_rules(rules);
  const std::optional<std::string> line =
      read_line("Save which rule and run the call? [1-" + std::to_string(rules.size()) + ", anything else: none] ");
  std::size_t number = 0;
  const char* end = line ? line->data() + line->size() : nullptr;
  if (!line || std::from_chars(line->data(), end, number).ptr != end || number < 1 || number > rules.size())
    return std::nullopt;
  return rules[number - 1].string_or("id");
}

// What is said to approval.answer; nullopt when the question stays open.
std::optional<JsonObject> read_answer(const std::string& call, const JsonArray& rules) {
  const std::string always = rules.empty() ? "" : "[a]lways, ";
  const std::optional<std::string> line =
      read_line("Run it? [y]es, " + always + "[c]hange it, [n]o, anything else: later ");
  JsonObject answer{{"call", call}};
  const bool is_change = says(line, "change");
  if (says(line, "yes")) {
    answer.set("answer", "approve");
  } else if (says(line, "always") && !rules.empty()) {
    const std::optional<std::string> rule = choose_rule(rules);
    if (!rule) return std::nullopt;
    answer.set("answer", "approve");
    answer.set("always", *rule);
  } else if (is_change || says(line, "no")) {
    const std::optional<std::string> note = read_reason(is_change ? "What should be different? " : "Why not? ");
    const bool has_note = note && !note->empty();
    if (is_change && !has_note) return std::nullopt;
    answer.set("answer", is_change ? "request_changes" : "deny");  // a no needs no reason
    if (has_note) answer.set("note", *note);
  } else {
    return std::nullopt;
  }
  return answer;
}

}  // namespace

Result<std::optional<Answered>> ask_person(const MakeCall& make_call, const std::string& call) {
  const Json question = TRY(make_call("approval.show", JsonObject{{"call", call}}));
  const Json* output = question.find("output");
  const Json* approval = output ? output->find("approval") : nullptr;
  if (!approval) return Answered{.envelope = question};
  show_question(*approval);
  sys::drop_typed_ahead(0);
  std::optional<JsonObject> answer = read_answer(call, list_of(*output, "always"));
  if (!answer) return std::optional<Answered>();
  const bool has_rule = answer->find("always") != nullptr;
  Json envelope = TRY(make_call("approval.answer", std::move(*answer)));
  const Json* done = envelope.find("output");
  const Json* result = done ? done->find("result") : nullptr;
  return Answered{.envelope = result ? *result : std::move(envelope), .saved_rule = has_rule};
}

bool agrees(const std::string& question) {
  sys::drop_typed_ahead(0);
  const std::optional<std::string> line = read_line(question + " [Enter] or [y]es, anything else: no ");
  return line && (line->empty() || says(line, "yes"));
}

Agreement agreement(const std::string& question) {
  sys::drop_typed_ahead(0);
  const std::optional<std::string> line = read_line(question + " [Enter] or [y]es, [n]o ");
  if (!line) return {.is_no = false, .line = {}};
  const std::string said = trimmed(*line);
  if (said.empty() || says(said, "yes")) return {.is_yes = true};
  if (says(said, "no") || says(said, "nope") || says(said, "never") || says(said, "cancel")) return {.is_no = true};
  return {.line = said};
}

bool confirm(const std::string& question) {
  sys::drop_typed_ahead(0);
  return says(read_line(question + " [y]es, anything else: no "), "yes");
}

std::string answered(const std::string& question) {
  sys::drop_typed_ahead(0);
  return trimmed(read_line(question).value_or(""));
}

}  // namespace lilux::surface
