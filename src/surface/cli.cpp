#include "surface/cli.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/result.h"
#include "kernel/call.h"
#include "surface/arguments.h"
#include "surface/brain_calls.h"
#include "surface/brain_eval.h"
#include "surface/call_verbs.h"
#include "surface/help.h"
#include "surface/mcp_hook.h"
#include "surface/mcp_install.h"
#include "surface/mcp_serve.h"
#include "surface/own_verbs.h"
#include "surface/print.h"
#include "surface/search_eval.h"
#include "surface/shell.h"
#include "surface/verbs.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

using Words = std::span<const std::string_view>;

// Verbs that are not simply one call.
constexpr auto kOwn = std::to_array<std::pair<std::string_view, Result<int> (*)(Words)>>({
    {"approve", approve_verb},
    {"brain call-eval", brain_call_eval_verb},
    {"brain call-train", brain_call_train_verb},
    {"brain eval", brain_eval_verb},
    {"brain retrieve-eval", brain_retrieve_eval_verb},
    {"brain retrieve-train", brain_retrieve_train_verb},
    {"brain train", brain_train_verb},
    {"call", call_verb},
    {"complete", complete_verb},
    {"completion", completion_verb},
    {"do", do_verb},
    {"events", events_verb},
    {"help", help_verb},
    {"kill", kill_verb},
    {"logs", logs_verb},
    {"mcp cost", mcp_cost_verb},
    {"mcp hook", mcp_hook_verb},
    {"mcp install", mcp_install_verb},
    {"mcp serve", mcp_serve_verb},
    {"policy test", policy_test_verb},
    {"resume", resume_verb},
    {"run", run_command_verb},
    {"search eval", search_eval_verb},
    {"service install", service_install_verb},
    {"shell", shell_verb},
    {"top", top_verb},
    {"undo", undo_verb},
    {"up", up_verb},
});

bool has(Words words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// `--help` anywhere but as an argument of a program that is to be run.
bool wants_help(Words words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--help" && (i == 0 || words[i - 1] != "--args")) return true;
  }
  return false;
}

std::unexpected<base::Error> unknown_verb(std::string_view first, std::string_view second) {
  const std::string name(base::clipped(first, 60));
  std::string words;
  for (const std::string_view word : second_words(first)) words.append(words.empty() ? "" : ", ").append(word);
  if (words.empty()) return fail(ErrorCode::invalid_argument, "unknown verb '" + name + "'", near_word(first));
  if (second.empty())
    return fail(ErrorCode::invalid_argument, "'" + name + "' needs a second word",
                "one of " + words + "; see `lilux help " + name + "`");
  return fail(ErrorCode::invalid_argument, "'" + name + "' has no '" + std::string(base::clipped(second, 60)) + "'",
              near_word(first, second));
}

Result<int> help_for(std::string_view first, Words rest) {
  std::vector<std::string_view> topic;
  if (first != "call" || rest[0].starts_with('-')) topic.push_back(first);
  if (!rest[0].starts_with('-')) topic.push_back(rest[0]);
  if (!help_about(topic.size() == 2 ? std::string(first) + " " + std::string(rest[0]) : std::string(topic[0])))
    topic.resize(1);  // the second word was no part of the name: lilux undo c123 --help
  if (has(rest, "--json")) topic.push_back("--json");
  return help_verb(topic);
}

Result<int> run_verb(const Verb& verb, Words words) {
  const auto own = std::ranges::find(kOwn, verb.name, &decltype(kOwn)::value_type::first);
  return own == kOwn.end() ? table_verb(verb, words) : own->second(words);
}

Result<int> run(Words words) {
  if (words.empty() && (sys::is_terminal(1) || !sys::is_terminal(0))) return shell_verb({});
  const std::string_view first = words.empty() ? std::string_view("help") : words[0];
  const Words rest = words.empty() ? words : words.subspan(1);
  if (first == "--version" || first == "-V" || first == "version")
    return print_own({{"version", LILUX_VERSION}}, std::string("lilux ") + LILUX_VERSION + "\n", has(rest, "--json"));
  if (words.empty() || first == "--help" || first == "-h") return help_verb({});
  if (wants_help(rest.first(count_own(words) - 1))) return help_for(first, rest);
  if (!rest.empty()) {
    const std::string second(rest[0]);
    if (const Verb* verb = find_verb(std::string(first) + " " + second)) return run_verb(*verb, rest.subspan(1));
    // Any tool in two words: lilux ledger verify. `undo list` is a tool, `undo <call>` the verb.
    if (const std::string tool = std::string(first) + "." + second; tools::find(tool)) {
      std::vector<std::string_view> call(rest.begin(), rest.end());
      call[0] = tool;
      return call_verb(call);
    }
  }
  if (const Verb* verb = find_verb(first)) return run_verb(*verb, rest);
  if (tools::find(first)) return call_verb(words);  // lilux fs.read README.md
  return unknown_verb(first, rest.empty() || rest[0].starts_with('-') ? std::string_view() : rest[0]);
}

}  // namespace

int run_command_line(std::span<const std::string_view> given) {
  std::vector<std::string_view> words = verb_first(given.empty() ? given : given.subspan(1));
  if (!words.empty() && words[0] == "--json") words.insert(words.begin(), "help");
  const bool is_json = has(Words(words).first(count_own(words)), "--json");
  const Result<int> code = run(words);
  const int exit =
      code ? *code : print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(code.error())}), is_json);
  // What was asked for and did not arrive must not look like success.
  const Result<void> written = sys::flush_standard_output();
  if (written) return exit;
  return print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(written.error())}), false);
}

}  // namespace lilux::surface
