#include "surface/cli.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/time.h"
#include "surface/ask.h"
#include "surface/help.h"
#include "surface/session.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/self.h"
#include "text/shell.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kInputBytesMax = std::size_t{64} << 20;
constexpr std::string_view kEndings = "call.[!b]*";  // every event of a call but its beginning
constexpr std::int64_t kRecordsBefore = 50;          // that `logs -f` begins with

// What stands for every command.
struct Common {
  bool is_json = false;
  bool is_yes = false;
  std::string reason;
  std::string task;
  std::string key;
  std::optional<std::string> arguments;
  std::optional<std::chrono::milliseconds> timeout;
};

struct Command {
  Common common;
  std::vector<std::string> words;  // without the common flags
};

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

constexpr std::array<std::string_view, 4> kSwitches{"--json", "--yes", "-y", "--no-color"};
constexpr std::array<std::string_view, 5> kValued{"--args", "--reason", "--as-task", "--idempotency-key", "--timeout"};

// Common flags before the verb, or between it and the tool, go behind those words: `lilux --json status`.
std::vector<std::string_view> verb_first(std::span<const std::string_view> words) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> flags;
  std::size_t at = 0;
  for (; at < words.size(); ++at) {
    const std::string_view flag = words[at].substr(0, words[at].find('='));
    if (std::ranges::find(kSwitches, words[at]) != kSwitches.end()) {
      flags.push_back(words[at]);
    } else if (std::ranges::find(kValued, flag) != kValued.end()) {
      flags.push_back(words[at]);
      if (flag == words[at] && at + 1 < words.size()) flags.push_back(words[++at]);
    } else if (words[at].starts_with('-') && !names.empty()) {
      break;
    } else {
      names.push_back(words[at]);
    }
  }
  names.insert(names.end(), flags.begin(), flags.end());
  names.insert(names.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  return names;
}

// Takes the common flags out, wherever they stand before a bare "--".
Result<Command> read_words(std::span<const std::string_view> words, const Json* schema) {
  Command command;
  const Json* fields = schema ? schema->find("properties") : nullptr;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word(words[i]);
    const std::string flag = word.substr(0, word.find('='));
    const auto value = [&]() -> Result<std::string> {
      if (flag.size() < word.size()) return word.substr(flag.size() + 1);
      if (i + 1 >= words.size()) return fail(ErrorCode::invalid_argument, flag + " needs a value", "lilux help");
      return std::string(words[++i]);
    };
    const bool is_field = fields && flag.size() > 2 && fields->find(std::string_view(flag).substr(2));
    if (word == "--") {
      command.words.insert(command.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (is_field)
      command.words.push_back(word);
    else if (word == "--json")
      command.common.is_json = true;
    else if (word == "--yes" || word == "-y")
      command.common.is_yes = true;
    else if (word == "--no-color")
      continue;  // nothing is coloured
    else if (flag == "--args")
      command.common.arguments = TRY(value());
    else if (flag == "--reason")
      command.common.reason = TRY(value());
    else if (flag == "--as-task")
      command.common.task = TRY(value());
    else if (flag == "--idempotency-key")
      command.common.key = TRY(value());
    else if (flag == "--timeout")
      command.common.timeout = TRY(base::parse_duration(TRY(value())));
    else
      command.words.push_back(word);
  }
  return command;
}

Result<Json> whole_arguments(const std::string& text) {
  Result<Json> parsed = base::parse_json(text == "-" ? TRY(sys::read_all(0, kInputBytesMax, "standard input")) : text);
  if (!parsed) return base::in_context(std::move(parsed.error()), "--args");
  return parsed;
}

Result<std::int64_t> number_of(std::string_view flag, const std::string& text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && rest == text.data() + text.size() && number >= 0 && number <= most) return number;
  return fail(ErrorCode::invalid_argument,
              std::string(flag) + ": '" + std::string(base::clipped(text, 100)) + "' is no whole number from 0 to " +
                  std::to_string(most),
              "for example " + std::string(flag) + " 10");
}

int exit_of(const Json& envelope) {
  if (envelope.bool_or("ok")) return 0;
  const Json* error = envelope.find("error");
  return exit_code(base::error_code(error ? error->string_or("code") : "").value_or(ErrorCode::internal));
}

int print_envelope(const Json& envelope, bool is_json) {
  if (is_json) {
    print(base::to_text(envelope, base::JsonStyle::spaced) + "\n");
  } else if (envelope.bool_or("ok")) {
    print(shown(*envelope.find("output"), sys::terminal_columns(1)));
  } else if (const Json* error = envelope.find("error")) {
    std::string text = "lilux: " + error->string_or("message") + "\n";
    for (const std::string name : {"hint", "rule"}) {
      if (const std::string value = error->string_or(name); !value.empty())
        text.append("  " + name + ": " + value + "\n");
    }
    text = base::escape_for_terminal(text);  // names of files and what an agent typed are in it
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  return exit_of(envelope);
}

// Of a verb that is more or less than one call.
int print_own(JsonObject output, const std::string& text, bool is_json) {
  if (is_json)
    return print_envelope(JsonObject{{"ok", true}, {"call", nullptr}, {"output", std::move(output)}}, is_json);
  print(text);
  return 0;
}

Result<kernel::CallRequest> request_of(const Common& common, std::string_view tool, Json arguments) {
  kernel::CallRequest request{.tool = std::string(tool),
                              .arguments = std::move(arguments),
                              .task = common.task,
                              .caller = own_caller(TRY(own_folders())),
                              .reason = common.reason,
                              .idempotency_key = common.key,
                              .timeout = common.timeout,
                              .is_answered_yes = common.is_yes};
  return request;
}

bool is_at_terminal(const Common& common) {
  return !common.is_json && sys::is_terminal(0) && sys::is_terminal(2);
}

Result<Json> envelope_of(const Common& common, std::string_view tool, Json arguments) {
  const auto row = std::ranges::find(tools::table(), tool, &kernel::Tool::name);
  const bool needs_daemon = row != tools::table().end() && row->traits.outlives_call;
  Result<Session> session = Session::open(needs_daemon ? Session::Want::daemon : Session::Want::any);
  // The emergency stop must take hold on a full disk too, where no kernel can be opened to record it.
  if (!session && tool == "kernel.emergency_stop" && !is_held(session.error())) {
    TRY(kernel::Kernel::stop_next(TRY(own_folders())));
    return Json(JsonObject{{"ok", true}, {"call", nullptr}, {"output", JsonObject{{"stopped", true}}}});
  }
  if (!session) return std::unexpected(session.error());
  return session->call(TRY(request_of(common, tool, std::move(arguments))));
}

MakeCall maker_of(const Common& common) {
  return [asking = Common{.task = common.task}](std::string_view tool, Json arguments) {
    return envelope_of(asking, tool, std::move(arguments));
  };
}

Result<int> make_call(const Common& common, std::string_view tool, Json arguments) {
  Json envelope = TRY(envelope_of(common, tool, arguments));
  const Json* error = envelope.find("error");
  if (error && error->string_or("code") == "approval_required" && is_at_terminal(common)) {
    std::optional<Answered> answered = TRY(ask_person(maker_of(common), envelope.string_or("call")));
    // Made again, the call finds what its approved twin gave, and takes it; under a new rule it would run anew.
    if (answered)
      envelope =
          answered->saved_rule ? std::move(answered->envelope) : TRY(envelope_of(common, tool, std::move(arguments)));
  }
  // Approving prints what the approved call gave, as its caller would have seen it.
  const Json* output = envelope.find("output");
  const Json* result = tool == "approval.answer" && output ? output->find("result") : nullptr;
  return print_envelope(result ? *result : envelope, common.is_json);
}

// Without a call: everything that waits, put as questions at a terminal and listed elsewhere.
Result<int> approve_all(const Common& common) {
  if (!is_at_terminal(common)) return make_call(common, "approval.list", JsonObject{});
  const Json waiting = TRY(envelope_of(common, "approval.list", JsonObject{}));
  const Json* output = waiting.find("output");
  const Json* approvals = output ? output->find("approvals") : nullptr;
  if (!approvals || approvals->as_array().empty()) return print_envelope(waiting, false);
  for (const Json& approval : approvals->as_array()) {
    const auto answered = TRY(ask_person(maker_of(common), approval.string_or("call")));
    if (answered) print_envelope(answered->envelope, false);
  }
  return 0;
}

// What is asked about a verb that has no flags of its own and takes so many words.
Result<Command> only_words(std::string_view verb, std::span<const std::string_view> words, std::size_t most) {
  Command command = TRY(read_words(words, nullptr));
  if (command.words.size() <= most) return command;
  return fail(ErrorCode::invalid_argument, "unexpected word '" + command.words[most] + "'",
              "lilux help " + std::string(verb));
}

bool is_tool(std::string_view name) {
  return std::ranges::find(tools::table(), name, &kernel::Tool::name) != tools::table().end();
}

Json schema_of(std::string_view tool) {
  const auto row = std::ranges::find(tools::table(), tool, &kernel::Tool::name);
  return row == tools::table().end() ? Json(JsonObject{}) : row->input_schema();
}

Result<int> call_verb(std::span<const std::string_view> words) {
  if (words.empty())
    return fail(ErrorCode::invalid_argument, "which tool?",
                "lilux call fs.read --path README.md; `lilux help tools` lists them all");
  const Json schema = schema_of(words[0]);
  Command command = TRY(read_words(words.subspan(1), &schema));
  // Alone and an object, --args is all the arguments even for a tool that has a field of that name.
  if (command.words.size() == 2 && command.words[0] == "--args" && command.words[1].starts_with('{')) {
    command.common.arguments = command.words[1];
    command.words.clear();
  }
  if (command.common.arguments && !command.words.empty())
    return fail(ErrorCode::invalid_argument, "both --args and flags for fields are given", "use one of them");
  if (command.common.arguments)
    return make_call(command.common, words[0], TRY(whole_arguments(*command.common.arguments)));
  const bool is_known = schema.find("properties") != nullptr;
  return make_call(command.common, words[0],
                   is_known ? TRY(arguments_from(schema, {}, command.words)) : Json(JsonObject{}));
}

Result<int> table_verb(const Verb& verb, std::span<const std::string_view> words) {
  const Json schema = schema_of(verb.tool);
  const Command command = TRY(read_words(words, &schema));
  const bool is_bare = command.words.empty();
  if (is_bare && verb.name == "approve") return approve_all(command.common);
  if (verb.name == "kill" && !is_bare && command.words[0].find_first_not_of("0123456789") == std::string::npos) {
    return make_call(
        command.common, "process.kill",
        TRY(arguments_from(schema_of("process.kill"), std::array<std::string_view, 1>{"pid"}, command.words)));
  }
  Json arguments = TRY(arguments_from(schema, verb.positional, command.words));
  if (!verb.fixed.empty()) {
    for (const auto& [key, value] : TRY(base::parse_json(verb.fixed)).as_object())
      arguments.as_object().set(key, value);
  }
  return make_call(command.common, verb.tool, std::move(arguments));
}

// lilux policy test '<tool> <args>': args as JSON, as flags, or as the one word a tool cannot do without.
Result<int> policy_test(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  if (command.words.empty())
    return fail(ErrorCode::invalid_argument, "which call?", "lilux policy test 'fs.read /etc/shadow'");
  std::string line;
  for (const std::string& word : command.words)
    line.append(line.empty() ? "" : " ").append(command.words.size() > 1 ? text::quote(word) : word);
  const std::size_t space = line.find(' ');
  const std::string tool = line.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
  const Json schema = schema_of(tool);
  Json arguments = JsonObject{};
  if (rest.starts_with('{')) {
    arguments = TRY(base::parse_json(rest));
  } else if (!rest.empty() && is_tool(tool)) {
    const auto parsed = text::simple_commands("x " + rest);
    std::vector<std::string> parts =
        parsed && parsed->size() == 1 ? parsed->front() : std::vector<std::string>{"x", rest};
    parts.erase(parts.begin());
    std::vector<std::string_view> positional;
    if (const Json* required = schema.find("required")) {
      for (const Json& name : required->as_array()) positional.push_back(name.as_string());
    }
    if (tool == "process.spawn") positional.push_back("args");
    arguments = TRY(arguments_from(schema, positional, parts));
  }
  return make_call(command.common, "policy.test", JsonObject{{"tool", tool}, {"arguments", std::move(arguments)}});
}

Result<int> up_verb(std::span<const std::string_view> words) {
  bool is_foreground = false;
  bool is_json = false;
  std::optional<std::uint16_t> port;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json")
      is_json = true;
    else if (words[i] == "--foreground")
      is_foreground = true;
    else if (words[i] == "--port" && i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, "--port needs a value", "for example --port 7800; 0: any free one");
    else if (words[i] == "--port")
      port = static_cast<std::uint16_t>(TRY(number_of("--port", std::string(words[++i]), 65535)));
    else
      return fail(ErrorCode::invalid_argument, "unknown word '" + std::string(words[i]) + "'",
                  "lilux up [--foreground] [--port N] [--json]");
  }
  if (is_foreground) {
    TRY(run_daemon(port, [&](const Addresses& at) {
      print_own({{"socket", at.socket}, {"http", at.http}, {"token", at.token_file}},
                std::string("lilux ") + LILUX_VERSION + " serves " + at.socket + " and " + at.http + " (token in " +
                    at.token_file + ")\n",
                is_json);
      std::fflush(stdout);
    }));
    return 0;
  }
  if (port) TRY(start_daemon(TRY(own_folders()), port));
  TRY(Session::open(Session::Want::daemon));
  const std::string socket = socket_path(TRY(own_folders()).runtime.string());
  return print_own({{"socket", socket}}, "lilux is up: " + socket + "\n", is_json);
}

Result<int> events_verb(std::span<const std::string_view> words, std::string query) {
  constexpr std::array<std::string_view, 5> kFlags{"--since", "--event", "--tool", "--task", "--count"};
  const Command command = TRY(read_words(words, nullptr));
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    const bool is_flag = std::ranges::find(kFlags, word) != kFlags.end();
    if (is_flag && i + 1 == command.words.size())
      return fail(ErrorCode::invalid_argument, word + " needs a value", "lilux help events");
    if (word == "--count")
      count = TRY(number_of(word, command.words[++i], std::numeric_limits<std::int64_t>::max()));
    else if (is_flag)
      query += (query.empty() ? "?" : "&") + word.substr(2) + "=" + base::percent_encode(command.words[++i]);
    else
      return fail(ErrorCode::invalid_argument, "unknown word '" + word + "'",
                  "lilux events [--since N] [--event GLOB] [--tool GLOB] [--task ID] [--count N]");
  }
  Session session = TRY(Session::open(Session::Want::running));
  TRY(session.follow(query, [&](const Json& event) {
    if (command.common.is_json)
      print(base::to_text(event, base::JsonStyle::spaced) + "\n");
    else
      print(base::escape_for_terminal(std::to_string(event.integer_or("sequence")) + "  " + event.string_or("time") +
                                      "  " + event.string_or("event") + "  " + event.string_or("tool") + "  " +
                                      event.string_or("call") + "\n"));
    return std::fflush(stdout) == 0 && --count > 0;
  }));
  return 0;
}

// With -f the newest calls and then each as it ends.
Result<int> logs_verb(std::span<const std::string_view> words) {
  std::vector<std::string_view> rest;
  std::ranges::copy_if(words, std::back_inserter(rest), [](auto word) { return word != "-f" && word != "--follow"; });
  if (rest.size() == words.size()) {
    const auto logs = std::ranges::find(verbs(), "logs", &Verb::name);
    return table_verb(*logs, words);
  }
  Session session = TRY(Session::open(Session::Want::daemon));
  const Json status = TRY(session.call(TRY(request_of({}, "kernel.status", JsonObject{}))));
  const Json* output = status.find("output");
  if (!output) return print_envelope(status, false);
  const std::int64_t since = std::max<std::int64_t>(output->integer_or("records") - kRecordsBefore, 0);
  return events_verb(rest, "?event=" + base::percent_encode(kEndings) + "&since=" + std::to_string(since));
}

Result<int> top_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("top", words, 0));
  Session session = TRY(Session::open(Session::Want::any));
  JsonObject whole;
  for (const auto& [name, tool, arguments] :
       {std::tuple{"kernel", "kernel.status", JsonObject{}}, std::tuple{"tasks", "task.list", JsonObject{}},
        std::tuple{"processes", "process.list", JsonObject{{"own", true}}}}) {
    const Json envelope = TRY(session.call(TRY(request_of(command.common, tool, arguments))));
    if (!envelope.bool_or("ok")) return print_envelope(envelope, command.common.is_json);
    const Json& output = *envelope.find("output");
    const Json* rows = output.find(name);
    whole.set(name, rows ? *rows : output);
  }
  const std::string text = shown(Json(whole), sys::terminal_columns(1));
  return print_own(std::move(whole), text, command.common.is_json);
}

Result<int> service_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  if (command.words != std::vector<std::string>{"install"})
    return fail(ErrorCode::invalid_argument, "lilux service does one thing: install", "lilux service install");
  const kernel::Folders folders = TRY(own_folders());
  const std::string folder = sys::parent_of(folders.config.string()) + "/systemd/user";
  TRY(sys::make_directories(folder));
  const std::string file = folder + "/lilux.service";
  TRY(sys::write_file_atomic(file, service_unit(sys::own_program()), 0644));
  const std::string start = "systemctl --user daemon-reload && systemctl --user enable --now lilux";
  return print_own({{"file", file}, {"start", start}}, "wrote " + file + "\nstart it: " + start + "\n",
                   command.common.is_json);
}

Result<int> help_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::string topic;
  for (const std::string& word : command.words) topic.append(topic.empty() ? "" : " ").append(word);
  const std::string text = topic.empty() ? general_help() : TRY(help_about(topic));
  return print_own({{"text", text}}, text, command.common.is_json);
}

Result<int> completion_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("completion", words, 1));
  if (command.words.empty())
    return fail(ErrorCode::invalid_argument, "for which shell?", "lilux completion bash, zsh or fish");
  const std::string script = TRY(completion(command.words[0]));
  return print_own({{"text", script}}, script, command.common.is_json);
}

// `--help` anywhere but as an argument of a program that is to be run.
bool wants_help(std::span<const std::string_view> words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--help" && (i == 0 || words[i - 1] != "--args")) return true;
  }
  return false;
}

std::unexpected<base::Error> unknown_verb(std::string_view first, std::string_view second) {
  const std::string name(base::clipped(first, 60));
  if (const std::string words = second_words(first); !words.empty()) {
    return second.empty() ? fail(ErrorCode::invalid_argument, "'" + name + "' needs a second word",
                                 "one of " + words + "; see `lilux help " + name + "`")
                          : fail(ErrorCode::invalid_argument,
                                 "'" + name + "' has no '" + std::string(base::clipped(second, 60)) + "'",
                                 near_second_word(first, second));
  }
  return fail(ErrorCode::invalid_argument, "unknown verb '" + name + "'", near_verb(first));
}

Result<int> run(std::span<const std::string_view> words) {
  const std::string_view first = words.empty() ? std::string_view("help") : words[0];
  const auto rest = words.empty() ? words : words.subspan(1);
  if (first == "--version" || first == "-V" || first == "version") {
    const bool is_json = std::ranges::find(rest, std::string_view("--json")) != rest.end();
    return print_own({{"version", LILUX_VERSION}}, std::string("lilux ") + LILUX_VERSION + "\n", is_json);
  }
  if (first == "--help" || first == "-h") return help_verb({});
  if (first == "help") return help_verb(rest);
  if (wants_help(rest)) {
    std::vector<std::string_view> topic;
    if (first != "call" || rest[0].starts_with('-')) topic.push_back(first);
    if (!rest[0].starts_with('-')) topic.push_back(rest[0]);
    if (!help_about(topic.size() == 2 ? std::string(first) + " " + std::string(rest[0]) : std::string(topic[0])))
      topic.resize(1);  // the second word was no part of the name: lilux undo c123 --help
    if (std::ranges::find(rest, std::string_view("--json")) != rest.end()) topic.push_back("--json");
    return help_verb(topic);
  }
  if (first == "call") return call_verb(rest);
  if (first == "up") return up_verb(rest);
  if (first == "events") return events_verb(rest, "");
  if (first == "logs") return logs_verb(rest);
  if (first == "top") return top_verb(rest);
  if (first == "service") return service_verb(rest);
  if (first == "completion") return completion_verb(rest);
  if (first == "policy" && !rest.empty() && rest[0] == "test") return policy_test(rest.subspan(1));
  const std::string tool = std::string(first) + "." + std::string(rest.empty() ? "" : rest[0]);
  for (const Verb& verb : verbs()) {
    const std::size_t space = verb.name.find(' ');
    const bool is_two = space != std::string_view::npos;
    if (is_two ? first == verb.name.substr(0, space) && !rest.empty() && rest[0] == verb.name.substr(space + 1)
               : first == verb.name && !is_tool(tool)) {  // `undo list` is a tool, `undo <call>` the verb
      return table_verb(verb, is_two ? rest.subspan(1) : rest);
    }
  }
  if (is_tool(tool)) {  // any tool in two words: lilux ledger verify
    std::vector<std::string_view> call(rest.begin(), rest.end());
    call[0] = tool;
    return call_verb(call);
  }
  return unknown_verb(first, rest.empty() || rest[0].starts_with('-') ? std::string_view() : rest[0]);
}

}  // namespace

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return 2;
    case ErrorCode::unauthenticated: return 3;
    case ErrorCode::unavailable: return 4;
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::cancelled: return 5;
    case ErrorCode::denied:
    case ErrorCode::approval_required: return 6;
    case ErrorCode::corrupt: return 7;
    case ErrorCode::timeout:
    case ErrorCode::over_budget: return 8;
    case ErrorCode::internal: return 1;
  }
  std::unreachable();
}

int run_command_line(std::span<const std::string_view> given) {
  std::vector<std::string_view> words = verb_first(given.empty() ? given : given.subspan(1));
  if (!words.empty() && words[0] == "--json") words.insert(words.begin(), "help");
  const bool is_json = std::ranges::find(words, std::string_view("--json")) != words.end();
  const Result<int> code = run(words);
  const int exit =
      code ? *code : print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(code.error())}), is_json);
  // What was asked for and did not arrive must not look like success.
  const Result<void> written = sys::flush_standard_output();
  if (written) return exit;
  return print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(written.error())}), false);
}

}  // namespace lilux::surface
