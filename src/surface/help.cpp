#include "surface/help.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/nearest.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::array<std::string_view, 0> kNone{};
constexpr std::array<std::string_view, 1> kCall{"call"};
constexpr std::array<std::string_view, 2> kCallNote{"call", "note"};
constexpr std::array<std::string_view, 1> kTask{"task"};
constexpr std::array<std::string_view, 1> kId{"id"};
constexpr std::array<std::string_view, 2> kIdEffect{"id", "effect"};
constexpr std::array<std::string_view, 1> kKey{"key"};
constexpr std::array<std::string_view, 1> kPath{"path"};
constexpr std::array<std::string_view, 1> kLevel{"level"};

constexpr std::array kVerbs{
    Verb{"approve", "approval.answer", kCallNote, R"({"answer": "approve"})",
         "Run a call that waits; without one, list what waits"},
    Verb{"changes", "approval.answer", kCallNote, R"({"answer": "request_changes"})",
         "Send a waiting call back with a note"},
    Verb{"config", "kernel.config", kKey, "", "Show the settings in force and where each comes from"},
    Verb{"deny", "approval.answer", kCallNote, R"({"answer": "deny"})", "Refuse a call that waits"},
    Verb{"doctor", "kernel.doctor", kNone, "", "Check everything and say how to mend it"},
    Verb{"down", "kernel.stop", kNone, "", "Stop the daemon"},
    Verb{"kill", "task.kill", kTask, "", "End a task and everything below it"},
    Verb{"logs", "ledger.query", kNone, "", "Show the newest calls; -f goes on showing"},
    Verb{"policy add", "policy.add", kIdEffect, "", "Add a rule"},
    Verb{"policy autonomy", "policy.autonomy", kLevel, "", "Show or set the level: manual, supervised, full"},
    Verb{"policy list", "policy.list", kNone, "", "List the rules in force"},
    Verb{"policy remove", "policy.remove", kId, "", "Remove a rule, or switch a built-in one off"},
    Verb{"policy trust", "policy.trust", kPath, "", "Let clients that name this folder work in it"},
    Verb{"ps", "task.tree", kNone, "", "Show tasks and what they started"},
    Verb{"redo", "undo.redo", kCall, "", "Bring back what an undo took back"},
    Verb{"resume", "kernel.resume", kNone, "", "Go on after an emergency stop"},
    Verb{"status", "kernel.status", kNone, "", "Show how the kernel is"},
    Verb{"stop", "kernel.emergency_stop", kNone, "", "Emergency: halt every call and process until `lilux resume`"},
    Verb{"undo", "undo.apply", kCall, "", "Take back a call, --task a task, or --since a time"},
    Verb{"why", "ledger.why", kCall, "", "Tell why a call was made, up to the intent behind it"},
};

// Verbs that are more than one call.
constexpr std::array kOthers{
    Verb{"call", "", kNone, "", "Call any tool: lilux call fs.read --path README.md"},
    Verb{"completion", "", kNone, "", "Print completion for bash, zsh or fish"},
    Verb{"events", "", kNone, "", "Follow what happens: --since N, --event GLOB"},
    Verb{"help", "", kNone, "", "Help about a tool or verb; `help tools` lists the tools"},
    Verb{"policy test", "", kNone, "", "Explain a call: lilux policy test 'fs.read /etc/shadow'"},
    Verb{"service install", "", kNone, "", "Write a systemd user unit"},
    Verb{"top", "", kNone, "", "Show tasks, calls and processes at a glance"},
    Verb{"up", "", kNone, "", "Start the daemon; --foreground stays in front"},
};

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()) + 2, ' ');
}

std::string tool_help(const kernel::Tool& tool) {
  std::string text = std::string(tool.name) + ": " + std::string(tool.summary) + "\n\nUsage: lilux call " +
                     std::string(tool.name) + " [flags]\n\n";
  const Json schema = tool.input_schema();
  const Json* required = schema.find("required");
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    const bool is_required =
        required && std::ranges::find(required->as_array(), Json(name)) != required->as_array().end();
    const std::string type = field.string_or("type", "JSON");
    text += "  " + padded("--" + name + (type == "boolean" ? "" : " <" + type + ">"), 28) +
            field.string_or("description") + (is_required ? " (required)" : "") + "\n";
    if (const Json* choices = field.find("enum"))
      text += "  " + padded("", 28) + base::to_text(*choices, base::JsonStyle::spaced) + "\n";
  }
  text += "\nRisk " + std::string(base::enum_name(tool.traits.risk)) + ", undo " +
          std::string(base::enum_name(tool.traits.undo)) +
          (tool.traits.audience == kernel::Audience::people ? ", for people only" : "") + ".\n";
  return text;
}

// The tools whose names begin so.
std::string tools_help(std::string_view prefix) {
  std::string text;
  for (const kernel::Tool& tool : tools::table()) {
    if (tool.name.starts_with(prefix)) text += padded(tool.name, 22) + std::string(tool.summary) + "\n";
  }
  return text;
}

constexpr std::string_view kExitCodes =
    "0    ok\n1    a bug of Lilux\n2    usage: the arguments are wrong\n3    the token is missing or wrong\n4    not "
    "reachable, stopped, or out of room\n"
    "5    the tool failed: nothing there, a conflict, cancelled\n6    denied, or waiting for a person: lilux approve "
    "<call>\n7    verification failed\n8    budget or time used up\n130  interrupted\n";

std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const auto& table : {std::span<const Verb>(kVerbs), std::span<const Verb>(kOthers)}) {
    for (const Verb& verb : table) words.emplace_back(verb.name.substr(0, verb.name.find(' ')));
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// "add", "autonomy", ... of policy: of verbs of two words and of tools.
std::vector<std::string> words_after(std::string_view first) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view name, char between) {
    if (name.size() > first.size() + 1 && name.starts_with(first) && name[first.size()] == between)
      words.emplace_back(name.substr(first.size() + 1));
  };
  for (const kernel::Tool& tool : tools::table()) add(tool.name, '.');
  for (const auto& table : {std::span<const Verb>(kVerbs), std::span<const Verb>(kOthers)}) {
    for (const Verb& verb : table) add(verb.name, ' ');
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::string flags_of(const kernel::Tool& tool) {
  std::string text;
  for (const auto& [name, field] : tool.input_schema().find("properties")->as_object())
    text.append(text.empty() ? "--" : " --").append(name);
  return text;
}

std::string bash_completion() {
  std::string tools;
  std::string cases;
  for (const kernel::Tool& tool : tools::table()) {
    tools.append(tools.empty() ? "" : " ").append(tool.name);
    cases += "      " + std::string(tool.name) + ") words='" + flags_of(tool) +
             " --args --json --yes --reason --timeout' ;;\n";
  }
  return "_lilux() {\n  local current=${COMP_WORDS[COMP_CWORD]} words=''\n  if [ \"$COMP_CWORD\" = 1 ]; then words='" +
         joined(first_words()) +
         "'\n  elif [ \"$COMP_CWORD\" = 2 ]; then\n    case ${COMP_WORDS[1]} in\n      call|help) words='" + tools +
         "' ;;\n      policy) words='add autonomy list remove test trust' ;;\n      completion) words='bash zsh fish' "
         ";;\n      service) words='install' ;;\n    esac\n"
         "  elif [ \"${COMP_WORDS[1]}\" = call ]; then\n    case ${COMP_WORDS[2]} in\n" +
         cases +
         "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n  [ ${#COMPREPLY[@]} -gt 0 ] || "
         "COMPREPLY=($(compgen -f -- \"$current\"))\n}\ncomplete -F _lilux lilux\n";
}

std::string zsh_completion() {
  return "#compdef lilux\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion();
}

std::string fish_completion() {
  std::string text =
      "complete -c lilux -f\ncomplete -c lilux -n __fish_use_subcommand -a '" + joined(first_words()) + "'\n";
  std::string tools;
  for (const kernel::Tool& tool : tools::table()) {
    tools.append(tools.empty() ? "" : " ").append(tool.name);
    for (const auto& [name, field] : tool.input_schema().find("properties")->as_object()) {
      text += "complete -c lilux -n '__fish_seen_subcommand_from " + std::string(tool.name) + "' -l " + name + "\n";
    }
  }
  return text + "complete -c lilux -n '__fish_seen_subcommand_from call help' -a '" + tools +
         "'\ncomplete -c lilux -n '__fish_seen_subcommand_from policy' -a 'add autonomy list remove test trust'\n";
}

}  // namespace

std::span<const Verb> verbs() {
  return kVerbs;
}

std::string near_verb(std::string_view word) {
  const std::vector<std::string> words = first_words();
  const std::vector<std::string_view> names(words.begin(), words.end());
  const auto near = base::nearest(word, names);
  return near ? "did you mean 'lilux " + std::string(*near) + "'?" : "`lilux help` lists the verbs";
}

std::string second_words(std::string_view first) {
  std::string text;
  for (const std::string& word : words_after(first)) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

std::string near_second_word(std::string_view first, std::string_view second) {
  const std::vector<std::string> words = words_after(first);
  const std::vector<std::string_view> names(words.begin(), words.end());
  const auto near = base::nearest(second, names);
  const std::string name(first);
  return near ? "did you mean 'lilux " + name + " " + std::string(*near) + "'?"
              : "`lilux help " + name + "` lists what it has";
}

std::string general_help() {
  std::string text =
      "Lilux stands between agents and this machine: every effect is checked, approved where it must be, recorded with "
      "its\nreason, and can be undone.\n\n"
      "  lilux call fs.write --path notes.txt --content hello    make a call\n  lilux logs                             "
      "                 see what was done\n"
      "  lilux undo <call>                                       take it back\n\nVerbs:\n";
  std::vector<Verb> all(kVerbs.begin(), kVerbs.end());
  all.insert(all.end(), kOthers.begin(), kOthers.end());
  std::ranges::sort(all, {}, &Verb::name);
  for (const Verb& verb : all) text += "  " + padded(verb.name, 16) + std::string(verb.summary) + "\n";
  return text +
         "\nEverywhere: --json (one JSON object), --yes (answer what is not critical), --reason TEXT, --as-task ID, "
         "--timeout 30s,\n"
         "--idempotency-key KEY. `lilux help <tool or verb>`, `lilux help tools`, `lilux help exit-codes`.\n";
}

Result<std::string> help_about(const std::string& words) {
  if (words == "tools") return tools_help("");
  if (words == "exit-codes") return std::string(kExitCodes);
  // "ledger verify" is the tool ledger.verify.
  std::string topic = words;
  std::string dotted = words;
  std::ranges::replace(dotted, ' ', '.');
  if (tools::find(dotted)) topic = dotted;
  std::vector<std::string_view> names{"tools", "exit-codes"};
  for (const kernel::Tool& tool : tools::table()) {
    if (tool.name == topic) return tool_help(tool);
    names.push_back(tool.name);
  }
  std::string text;
  for (const auto& table : {std::span<const Verb>(kVerbs), std::span<const Verb>(kOthers)}) {
    for (const Verb& verb : table) {
      names.push_back(verb.name);
      if (verb.name != topic && verb.name.substr(0, verb.name.find(' ')) != topic) continue;
      text += "lilux " + std::string(verb.name) + ": " + std::string(verb.summary) + "\n";
      if (const kernel::Tool* tool = tools::find(verb.tool)) text += "\n" + tool_help(*tool) + "\n";
    }
  }
  if (text.empty()) text = tools_help(topic + ".");
  if (!text.empty()) return text;
  const auto near = base::nearest(topic, names);
  return fail(ErrorCode::invalid_argument, "no help about '" + std::string(base::clipped(topic, 60)) + "'",
              near ? "did you mean 'lilux help " + std::string(*near) + "'?" : "lilux help");
}

Result<std::string> completion(std::string_view shell) {
  if (shell == "bash") return bash_completion();
  if (shell == "zsh") return zsh_completion();
  if (shell == "fish") return fish_completion();
  return fail(ErrorCode::invalid_argument, "no completion for '" + std::string(shell.substr(0, 40)) + "'",
              "lilux completion bash, zsh or fish");
}

std::string service_unit(const std::string& program) {
  std::string quoted = "\"";
  for (const char c : program) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '%') quoted += '%';
    quoted += c;
  }
  quoted += '"';
  return "[Unit]\nDescription=Lilux, the kernel between agents and this machine\n\n[Service]\nExecStart=" + quoted +
         " up "
         "--foreground\nRestart=on-failure\nRestartSec=1\nTimeoutStopSec=10\nUMask=0077\n\n[Install]\nWantedBy=default."
         "target\n";
}

}  // namespace lilux::surface
