#include "surface/verbs.h"

#include <algorithm>
#include <array>

#include "tools/table.h"

namespace lilux::surface {

namespace {

constexpr std::array<std::string_view, 2> kKindName{"kind", "name"};
constexpr std::array<std::string_view, 3> kKindNameInputs{"kind", "name", "inputs"};
constexpr std::array<std::string_view, 1> kQuery{"query"};
constexpr std::array<std::string_view, 1> kCall{"call"};
constexpr std::array<std::string_view, 2> kCallNote{"call", "note"};
constexpr std::array<std::string_view, 1> kTask{"task"};
constexpr std::array<std::string_view, 1> kTopic{"topic"};
constexpr std::array<std::string_view, 1> kId{"id"};
constexpr std::array<std::string_view, 2> kIdEffect{"id", "effect"};
constexpr std::array<std::string_view, 1> kKey{"key"};
constexpr std::array<std::string_view, 1> kPath{"path"};
constexpr std::array<std::string_view, 1> kLevel{"level"};
constexpr std::array<std::string_view, 1> kText{"text"};
constexpr std::array<std::string_view, 1> kFormat{"format"};
constexpr std::array<std::string_view, 1> kLast{"last"};

constexpr std::array<Flag, 7> kCommonFlags{{
    {"--json", "", "Print one JSON object"},
    {"--yes", "", "Answer what is asked and not critical"},
    {"--reason", "TEXT", "Why; it is recorded"},
    {"--as-task", "ID", "As that task, with its capabilities and budget"},
    {"--timeout", "TIME", "End the call then, its processes too: 30s"},
    {"--idempotency-key", "KEY", "The same key gives the same answer, once"},
    {"--args", "JSON", "All arguments as one object; -: from standard input"},
}};
constexpr std::array<Flag, 5> kEventFlags{{
    {"--since", "N", "From this sequence number on"},
    {"--event", "GLOB", "Only these events: 'call.*'"},
    {"--tool", "GLOB", "Only of these tools: 'fs.*'"},
    {"--task", "ID", "Only of this task"},
    {"--count", "N", "End after so many"},
}};
constexpr std::array<Flag, 3> kLogFlags{{
    {"--follow", "", "Or -f: the newest, and then each as it ends"},
    {"--all", "", "Those too that only looked at Lilux itself"},
    {"-n", "N", "So many; as --limit"},
}};
constexpr std::array<Flag, 6> kInstallFlags{{
    {"--project", "", "In the project's own file instead of the user's"},
    {"--name", "NAME", "Of the entry; lilux when absent"},
    {"--expose", "GLOBS", "Only these tools: 'fs.*,task.list'"},
    {"--hook", "", "Also judge what the client does with tools of its own; claude only"},
    {"--remove", "", "Take out again what the same words put in"},
    {"--print", "", "Show the change and make none"},
}};
constexpr std::array<Flag, 2> kUpFlags{{
    {"--foreground", "", "Stay in front and print the addresses"},
    {"--port", "N", "Serve HTTP there; 0: any free one"},
}};

constexpr std::array<Flag, 7> kMcpFlags{{
    {"--expose", "four|all|GLOB,...", "Which tools; four, the default, reach everything"},
    {"--grant", "CAPABILITY", "It may do no more than this: 'read fs /src/**'; may be repeated"},
    {"--calls", "N", "No more calls than that"},
    {"--tokens", "N", "No more model tokens than that"},
    {"--usd", "N", "No more money than that"},
    {"--wall_ms", "N", "No more time in calls than that"},
    {"--here", "", "Be the kernel too, for as long as the client is there"},
}};

constexpr std::array<Flag, 5> kSearchFlags{{
    {"--corpus", "FILE", "Documents: {\"_id\", \"title\", \"text\"} on each line"},
    {"--queries", "FILE", "Queries: {\"_id\", \"text\"} on each line"},
    {"--run", "FILE", "Write the ranking there, as trec_eval reads it"},
    {"--qrels", "FILE", "Judgements between tabs; prints how good the ranking is"},
    {"--depth", "N", "Documents for each query; 1000 when absent"},
}};

constexpr std::array<Flag, 3> kBrainEvalFlags{{
    {"--model", "FILE", "What brain train wrote, or a folder of such files, which decide together"},
    {"--examples", "FILE", "{\"text\", \"label\"} on each line; label oos: out of scope"},
    {"--predictions", "FILE", "Write {\"label\", \"confidence\", \"micros\"} for each there"},
}};
constexpr std::array<Flag, 2> kBrainTrainFlags{{
    {"--examples", "FILE", "{\"text\", \"label\"} on each line; label oos: out of scope"},
    {"--out", "FILE", "Write the model there"},
}};
constexpr std::array<Flag, 4> kCallEvalFlags{{
    {"--cases", "FILE", "Sentences with tools, on a line each"},
    {"--predictions", "FILE", "Write the calls there, on a line each"},
    {"--now", "TIME", "What 'tomorrow' is told from; without it such words stay as they are"},
    {"--weights", "FILE", "Instead of the tables that are shipped"},
}};
constexpr std::array<Flag, 3> kCallTrainFlags{{
    {"--cases", "FILE", "Cases with answers; may be repeated"},
    {"--out", "FILE", "Write the tables there, for --weights"},
    {"--source", "FILE", "Write them there as src/brain/caller_table.cpp"},
}};

constexpr std::array<Flag, 4> kRetrieveFlags{{
    {"--tools", "FILE", "The pool of tools"},
    {"--queries", "FILE", "Queries, on a line each"},
    {"--predictions", "FILE", "Write the ranked names there, on a line each"},
    {"--meanings", "FILE", "Instead of the table that is shipped"},
}};
constexpr std::array<Flag, 2> kRetrieveTrainFlags{{
    {"--pairs", "FILE", "Pairs of texts that mean the like; may be repeated"},
    {"--out", "FILE", "Write the table there, for --meanings and src/brain/meanings.bin"},
}};

constexpr auto kVerbs = std::to_array<Verb>({
    {.name = "approve",
     .summary = "Run a call that waits; without one, list what waits",
     .tool = "approval.answer",
     .positional = kCallNote,
     .fixed = R"({"answer": "approve"})",
     .usage = "[call] [note]"},
    {.name = "bootstrap",
     .summary = "Write down how this project is built and tested",
     .tool = "item.run",
     .fixed = R"({"kind": "directive", "name": "bootstrap", "source": "system", "mode": "drive"})",
     .show = shown_run},
    {.name = "brain call-eval",
     .summary = "Make calls from sentences and schemas of others and say how right they are",
     .usage = "--cases FILE [--predictions FILE] [--now TIME] [--weights FILE]",
     .flags = kCallEvalFlags},
    {.name = "brain call-train",
     .summary = "Learn from cases what call-eval decides by",
     .usage = "--cases FILE... [--out FILE] [--source FILE]",
     .flags = kCallTrainFlags},
    {.name = "brain eval",
     .summary = "Measure a classifier on labelled texts",
     .usage = "--model FILE --examples FILE [--predictions FILE]",
     .flags = kBrainEvalFlags},
    {.name = "brain explain",
     .summary = "Tell why a sentence is routed as it is",
     .tool = "brain.explain",
     .positional = kText},
    {.name = "brain export",
     .summary = "Print training data for function calling, a conversation on each line",
     .tool = "brain.export",
     .positional = kFormat,
     .show = shown_lines},
    {.name = "brain forget",
     .summary = "Forget what was learned from answers to a sentence, or --last, --since, --all",
     .tool = "brain.forget",
     .positional = kText},
    {.name = "brain retrieve-eval",
     .summary = "Rank a pool of tools for queries by what the tools say of themselves",
     .usage = "--tools FILE --queries FILE [--predictions FILE] [--meanings FILE]",
     .flags = kRetrieveFlags},
    {.name = "brain retrieve-train",
     .summary = "Learn from pairs of texts what words mean, for retrieve-eval",
     .usage = "--pairs FILE... --out FILE",
     .flags = kRetrieveTrainFlags},
    {.name = "brain rollback",
     .summary = "Go back to before the newest answers, so many of them or --since a time",
     .tool = "brain.forget",
     .positional = kLast,
     .usage = "<number> | --since TIME"},
    {.name = "brain status",
     .summary = "Show what the router knows and how right it was so far",
     .tool = "brain.status"},
    {.name = "brain train",
     .summary = "Learn a classifier from labelled texts",
     .usage = "--examples FILE --out FILE",
     .flags = kBrainTrainFlags},
    {.name = "call",
     .summary = "Call any tool: lilux call fs.read --path README.md",
     .usage = "<tool> [--field value]..."},
    {.name = "changes",
     .summary = "Send a waiting call back with a note",
     .tool = "approval.answer",
     .positional = kCallNote,
     .fixed = R"({"answer": "request_changes"})"},
    {.name = "complete",
     .summary = "Print what may come next; the completion of shells asks it",
     .usage = "-- [word]..."},
    {.name = "completion", .summary = "Print completion for bash, zsh or fish", .usage = "bash|zsh|fish"},
    {.name = "config",
     .summary = "Show the settings in force and where each comes from",
     .tool = "kernel.config",
     .positional = kKey},
    {.name = "context",
     .summary = "Write .ai/project_context.md from what is really there",
     .tool = "item.run",
     .fixed = R"({"kind": "directive", "name": "context", "source": "system", "mode": "drive"})",
     .show = shown_run},
    {.name = "deny",
     .summary = "Refuse a call that waits",
     .tool = "approval.answer",
     .positional = kCallNote,
     .fixed = R"({"answer": "deny"})"},
    {.name = "doctor",
     .summary = "Check everything and say how to mend it",
     .tool = "kernel.doctor",
     .positional = kTopic,
     .show = shown_doctor,
     .must_hold = "healthy"},
    {.name = "do",
     .summary = "Say what is wanted; a call that only looks is made, others are asked about",
     .usage = "'<sentence>'"},
    {.name = "down", .summary = "Stop the daemon", .tool = "kernel.stop"},
    {.name = "events", .summary = "Follow what happens", .flags = kEventFlags},
    {.name = "help", .summary = "Help about a tool or verb; `help tools` lists the tools", .usage = "[tool or verb]"},
    {.name = "import",
     .summary = "Make items of what Claude Code, Codex, Cursor and others left behind",
     .tool = "item.import",
     .usage = "--from claude,codex,cursor,gemini,kiwi,llmunix,llmos,aios,mixos [--dry_run]",
     .show = shown_import},
    {.name = "init",
     .summary = "Lay out .ai/ in this project and tell agents about it",
     .tool = "item.run",
     .fixed = R"({"kind": "directive", "name": "init", "source": "system", "mode": "drive"})",
     .show = shown_run},
    {.name = "item create",
     .summary = "Make an item; its text from --content, or all of it from --args -",
     .tool = "item.create",
     .positional = kKindName},
    {.name = "item delete", .summary = "Delete an item", .tool = "item.delete", .positional = kKindName},
    {.name = "item load", .summary = "Show one item", .tool = "item.load", .positional = kKindName, .show = shown_item},
    {.name = "item run",
     .summary = "Run a directive or script; show another item to be used",
     .tool = "item.run",
     .positional = kKindNameInputs,
     .show = shown_run,
     .must_hold = "succeeded"},
    {.name = "item update",
     .summary = "Change an item's text, or stamp it as it is",
     .tool = "item.update",
     .positional = kKindName},
    {.name = "item validate",
     .summary = "Show all that is wrong with an item",
     .tool = "item.validate",
     .positional = kKindName,
     .show = shown_validated,
     .must_hold = "valid"},
    {.name = "item which",
     .summary = "Show which item of a name is used, and why",
     .tool = "item.which",
     .positional = kKindName},
    {.name = "kill",
     .summary = "End a task and everything below it, or one process",
     .tool = "task.kill",
     .positional = kTask,
     .usage = "<task or pid>"},
    {.name = "logs",
     .summary = "Show the newest calls; -f goes on showing",
     .tool = "ledger.query",
     .flags = kLogFlags},
    {.name = "mcp cost",
     .summary = "Show what a client's context pays for each choice of tools",
     .usage = "[GLOB,GLOB...]..."},
    {.name = "mcp hook",
     .summary = "Judge what a client is about to do by itself; its hook runs this",
     .usage = "claude"},
    {.name = "mcp install",
     .summary = "Enter `mcp serve` into the configuration of a client",
     .usage = "claude|codex|cursor|goose|vscode [-- word for mcp serve...]",
     .flags = kInstallFlags},
    {.name = "mcp serve",
     .summary = "Serve the tools to an MCP client on standard input and output",
     .flags = kMcpFlags},
    {.name = "policy add", .summary = "Add a rule", .tool = "policy.add", .positional = kIdEffect},
    {.name = "policy autonomy",
     .summary = "Show or set the level: manual, supervised, full",
     .tool = "policy.autonomy",
     .positional = kLevel},
    {.name = "policy list", .summary = "List the rules in force", .tool = "policy.list"},
    {.name = "policy remove",
     .summary = "Remove a rule, or switch a built-in one off",
     .tool = "policy.remove",
     .positional = kId},
    {.name = "policy test",
     .summary = "Explain a call: lilux policy test 'fs.read /etc/shadow'",
     .usage = "'<tool> <args>'"},
    {.name = "policy trust",
     .summary = "Trust a folder: what it declares may be run, and clients that name it may work in it",
     .tool = "policy.trust",
     .positional = kPath},
    {.name = "ps", .summary = "Show tasks and what they started", .tool = "task.tree"},
    {.name = "redo", .summary = "Bring back what an undo took back", .tool = "undo.redo", .positional = kCall},
    {.name = "resume",
     .summary = "Go on after an emergency stop, or with a suspended task",
     .tool = "kernel.resume",
     .usage = "[task]"},
    {.name = "route",
     .summary = "Show which calls a sentence asks for; make none",
     .tool = "brain.route",
     .positional = kText,
     .show = shown_route},
    {.name = "rules", .summary = "List the rules that answer events and sentences", .tool = "rule.list"},
    {.name = "run",
     .summary = "Run a program in the sandbox, make real what it changed, and exit as it does",
     .usage = "[everywhere's flags] [--unconfined] <command> [argument]...",
     .takes_command = true},
    {.name = "search",
     .summary = "Search items, tools and memory",
     .tool = "search.query",
     .positional = kQuery,
     .show = shown_hits},
    {.name = "search eval",
     .summary = "Rank a judged collection in BEIR layout and say how well",
     .usage = "--corpus FILE --queries FILE [--run FILE] [--qrels FILE] [--depth N]",
     .flags = kSearchFlags},
    {.name = "service install", .summary = "Write a systemd user unit"},
    {.name = "shell",
     .summary = "The prompt that `lilux` alone gives; without a terminal, run the lines of standard input"},
    {.name = "status", .summary = "Show how the kernel is", .tool = "kernel.status"},
    {.name = "stop",
     .summary = "Emergency: halt every call and process until `lilux resume`",
     .tool = "kernel.emergency_stop"},
    {.name = "top", .summary = "Show tasks, calls and processes at a glance"},
    {.name = "undo",
     .summary = "Take back a call, --task a task, or --since a time; without one, the newest",
     .tool = "undo.apply",
     .positional = kCall,
     .usage = "[call] [--task ID] [--since TIME]"},
    {.name = "up", .summary = "Start the daemon", .flags = kUpFlags},
    {.name = "version", .summary = "Print the version"},
    {.name = "volume merge",
     .summary = "Bring a branch of a volume into it",
     .tool = "volume.merge",
     .show = shown_merge,
     .must_hold = "merged",
     .shows_calls = true},
    {.name = "why",
     .summary = "Tell why a call was made, up to the intent behind it",
     .tool = "ledger.why",
     .positional = kCall,
     .show = shown_why},
});

template <class Take>
void for_each_name(Take take) {
  for (const Verb& verb : kVerbs) take(verb.name, ' ');
  for (const kernel::Tool& tool : tools::table()) take(tool.name, '.');
}

void sort_unique(std::vector<std::string_view>& words) {
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

}  // namespace

std::span<const Verb> verbs() {
  return kVerbs;
}

const Verb* checking_verb(std::string_view tool) {
  const auto found = std::ranges::find_if(
      kVerbs, [&](const Verb& verb) { return verb.tool == tool && verb.fixed.empty() && !verb.must_hold.empty(); });
  return found == kVerbs.end() ? nullptr : &*found;
}

const Verb* find_verb(std::string_view name) {
  const auto verb = std::ranges::find(kVerbs, name, &Verb::name);
  return verb == kVerbs.end() ? nullptr : &*verb;
}

std::span<const Flag> common_flags() {
  return kCommonFlags;
}

std::vector<std::string_view> first_words() {
  std::vector<std::string_view> words;
  for_each_name([&](std::string_view name, char between) { words.push_back(name.substr(0, name.find(between))); });
  sort_unique(words);
  return words;
}

std::vector<std::string_view> second_words(std::string_view first) {
  std::vector<std::string_view> words;
  for_each_name([&](std::string_view name, char between) {
    if (name.size() > first.size() + 1 && name.starts_with(first) && name[first.size()] == between)
      words.push_back(name.substr(first.size() + 1));
  });
  sort_unique(words);
  return words;
}

}  // namespace lilux::surface
