#include "surface/cli.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "surface/call_verbs.h"
#include "surface/help.h"
#include "surface/own_verbs.h"
#include "surface/print.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

using Words = std::span<const std::string_view>;

// Verbs with words of their own; those of help.h are one call each.
constexpr std::array<std::pair<std::string_view, Result<int> (*)(Words)>, 7> kOwn{{
    {"call", call_verb},
    {"events", events_verb},
    {"logs", logs_verb},
    {"policy test", policy_test_verb},
    {"service", service_verb},
    {"top", top_verb},
    {"up", up_verb},
}};

bool has(Words words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// What follows the one or two words of a verb; nothing when it is another verb.
std::optional<Words> words_after(std::string_view verb, Words words) {
  const std::size_t space = verb.find(' ');
  if (words.empty() || words[0] != verb.substr(0, space)) return std::nullopt;
  if (space == std::string_view::npos) return words.subspan(1);
  if (words.size() < 2 || words[1] != verb.substr(space + 1)) return std::nullopt;
  return words.subspan(2);
}

// What is printed without asking anybody: help and completion. Nothing when the words are something else.
Result<std::optional<std::string>> text_for(std::string_view first, Words rest) {
  if (first == "--help" || first == "-h" || (first == "help" && rest.empty())) return std::optional(general_help());
  if (first == "help") {
    std::string topic;
    for (const std::string_view word : rest) topic.append(topic.empty() ? "" : " ").append(word);
    return std::optional(TRY(help_about(topic)));
  }
  if (has(rest, "--help")) {
    std::string topic(first == "call" ? rest[0] : first);
    if (first != "call" && !rest[0].starts_with('-')) topic.append(" ").append(rest[0]);
    return std::optional(TRY(help_about(topic)));
  }
  if (first == "completion") return std::optional(TRY(completion(rest.empty() ? std::string_view() : rest[0])));
  return std::optional<std::string>();
}

Result<int> run(Words words) {
  const std::string_view first = words.empty() ? std::string_view("help") : words[0];
  const Words rest = words.empty() ? words : words.subspan(1);
  if (first == "--version" || first == "-V" || first == "version")
    return print_own({{"version", LILUX_VERSION}}, std::string("lilux ") + LILUX_VERSION + "\n", has(rest, "--json"));
  if (const std::optional<std::string> text = TRY(text_for(first, rest))) {
    print(*text);
    return 0;
  }
  for (const auto& [name, verb] : kOwn) {
    if (const std::optional<Words> after = words_after(name, words)) return verb(*after);
  }
  for (const Verb& verb : verbs()) {
    if (const std::optional<Words> after = words_after(verb.name, words)) return table_verb(verb, *after);
  }
  // Any tool in two words: lilux ledger verify.
  const std::string tool = std::string(first) + "." + std::string(rest.empty() ? "" : rest[0]);
  if (tools::find(tool)) {
    std::vector<std::string_view> call(rest.begin(), rest.end());
    call[0] = tool;
    return call_verb(call);
  }
  const Result<std::string> about = help_about(std::string(first));
  return fail(ErrorCode::invalid_argument, "unknown verb '" + std::string(first.substr(0, 60)) + "'",
              about ? "see `lilux help " + std::string(first) + "`" : near_verb(first));
}

}  // namespace

int run_command_line(Words words) {
  const Words rest = words.empty() ? words : words.subspan(1);
  const Result<int> code = run(rest);
  return code ? *code
              : print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(code.error())}),
                               has(rest, "--json"));
}

}  // namespace lilux::surface
