#include "surface/own_verbs.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/call_verbs.h"
#include "surface/completion.h"
#include "surface/help.h"
#include "surface/print.h"
#include "surface/session.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/poller.h"
#include "text/shell.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr auto kTopEvery = std::chrono::seconds(2);

std::string line_of(const Json& event) {
  std::string line = std::to_string(event.integer_or("sequence"));
  for (const std::string_view member : {"time", "event", "tool", "call", "task"}) {
    if (const std::string text = event.string_or(member); !text.empty()) line += "  " + text;
  }
  return base::escape_line(line) + "\n";
}

// A call as ledger.query tells it; `begun` is its record from before it ran, where there is one.
Json row_of(const Json& ended, const Json& begun) {
  JsonObject row{
      {"call", ended.string_or("call")}, {"time", begun.string_or("time")}, {"tool", ended.string_or("tool")}};
  const Json* needs = begun.find("needs");
  if (needs && !needs->as_array().empty()) row.set("need", needs->as_array().front());
  row.set("result", ended.string_or("result"));
  if (const Json* error = ended.find("error")) row.set("error", error->string_or("code"));
  row.set("task", ended.string_or("task"));
  return row;
}

bool is_look(const Json& row) {
  return row.string_or("result") == "ok" && row.string_or("need").starts_with("read kernel ");
}

bool print_row(const Json& row, bool is_json) {
  std::string line;
  for (const std::string_view member : {"call", "time", "tool", "need", "result", "error", "task"}) {
    if (const std::string text = row.string_or(member); !text.empty()) line += (line.empty() ? "" : "  ") + text;
  }
  if (is_json)
    print_json(row);
  else
    print(base::escape_line(line) + "\n");
  return std::fflush(stdout) == 0;
}

// The newest calls, and then each as it ends: what `arguments` ask ledger.query for.
Result<int> follow_calls(const Common& common, const Json& arguments) {
  for (const std::string_view name : {"until", "before", "cause"}) {
    if (arguments.find(name))
      return fail(ErrorCode::invalid_argument, "--" + std::string(name) + " does not go with --follow",
                  "leave one of them out");
  }
  Session session = TRY(Session::open(Session::Want::daemon));
  const Json status = TRY(session.call(TRY(request_of(common, "kernel.status", JsonObject{}))));
  const Json newest = TRY(session.call(TRY(request_of(common, "ledger.query", arguments))));
  for (const Json* envelope : {&status, &newest}) {
    if (!envelope->bool_or("ok")) return print_envelope(*envelope, common.is_json);
  }
  std::set<std::string> shown;  // also told as events when they ended while we asked
  std::map<std::string, Json> begun;
  const JsonArray& rows = newest.find("output")->find("calls")->as_array();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const std::string call = row->string_or("call");
    if (row->string_or("result") == "open")
      begun.emplace(call, JsonObject{{"time", row->string_or("time")}, {"needs", JsonArray{row->string_or("need")}}});
    shown.insert(call + row->string_or("result"));
    print_row(*row, common.is_json);
  }
  std::string query = "?event=call.*&since=" + std::to_string(status.find("output")->integer_or("records"));
  for (const std::string name : {"tool", "task"}) {
    if (const std::string value = arguments.string_or(name); !value.empty())
      query += "&" + name + "=" + base::percent_encode(value);
  }
  TRY(session.follow(query, common.timeout, [&](const Json& event) {
    const std::string call = event.string_or("call");
    if (event.string_or("event") == "call.begin") {
      begun.insert_or_assign(call, event);
      return true;
    }
    const auto before = begun.extract(call);
    const Json row = row_of(event, before ? before.mapped() : event);
    const std::string result = row.string_or("result");
    const bool is_wanted = arguments.string_or("result", result) == result &&
                           (arguments.bool_or("looks", true) || !is_look(row)) && !shown.contains(call + result);
    return !is_wanted || print_row(row, common.is_json);
  }));
  return 0;
}

Result<int> top_once(const Common& common, std::string_view before) {
  Session session = TRY(Session::open(Session::Want::any));
  JsonObject whole;
  for (const auto& [name, tool, arguments] : {std::tuple{"kernel", "kernel.status", JsonObject{}},
                                              std::tuple{"tasks", "task.list", JsonObject{{"calls", true}}},
                                              std::tuple{"processes", "process.list", JsonObject{{"own", true}}}}) {
    const Json envelope = TRY(session.call(TRY(request_of(common, tool, arguments))));
    if (!envelope.bool_or("ok")) return print_envelope(envelope, common.is_json);
    const Json& output = *envelope.find("output");
    const Json* rows = output.find(name);
    whole.set(name, rows ? *rows : output);
    if (const Json* calls = output.find("calls"); calls && calls->is_array()) whole.set("calls", *calls);
  }
  const std::string text = shown(Json(whole), sys::terminal_columns(1));
  return print_own(std::move(whole), std::string(before) + text, common.is_json);
}

}  // namespace

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
  const kernel::Folders folders = TRY(own_folders());
  if (port) TRY(start_daemon(folders, port));
  TRY(Session::open(Session::Want::daemon));
  const Addresses at = TRY(daemon_addresses(folders));
  if (port.value_or(0) != 0 && !at.http.ends_with(":" + std::to_string(*port)))
    return fail(ErrorCode::conflict, "lilux is up already, at " + at.http,
                "for another port: lilux down && lilux up --port " + std::to_string(*port));
  return print_own({{"socket", at.socket}, {"http", at.http}, {"token", at.token_file}},
                   "lilux is up: " + at.socket + " and " + at.http + "\n", is_json);
}

Result<int> events_verb(std::span<const std::string_view> words) {
  const std::span<const Flag> flags = find_verb("events")->flags;
  const Command command = TRY(read_words(words, nullptr));
  std::string query;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    const bool is_flag = std::ranges::find(flags, word, &Flag::name) != flags.end();
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
  TRY(session.follow(query, command.common.timeout, [&](const Json& event) {
    if (command.common.is_json)
      print_json(event);
    else
      print(line_of(event));
    return std::fflush(stdout) == 0 && --count > 0;
  }));
  return 0;
}

Result<int> logs_verb(std::span<const std::string_view> words) {
  const Json schema = tools::find("ledger.query")->input_schema();
  Command command = TRY(read_words(words, &schema));
  const auto took = [&](auto is_flag) { return std::erase_if(command.words, is_flag) > 0; };
  const bool is_following = took([](const std::string& word) { return word == "-f" || word == "--follow"; });
  const bool is_all = took([](const std::string& word) { return word == "--all"; });
  std::ranges::replace(command.words, std::string("-n"), std::string("--limit"));
  Json arguments = TRY(arguments_from(schema, {}, command.words));
  if (!is_all) arguments.as_object().set("looks", false);
  if (is_following) return follow_calls(command.common, arguments);
  return make_call(command.common, "ledger.query", std::move(arguments));
}

// At a terminal again and again, until Enter is pressed. No kernel is held between two looks.
Result<int> top_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("top", words, 0));
  const bool is_live = !command.common.is_json && sys::is_terminal(0) && sys::is_terminal(1);
  if (!is_live) return top_once(command.common, "");
  sys::Poller poller = TRY(sys::Poller::create());
  TRY(poller.add(0, {.read = true}, 0));
  std::vector<sys::Ready> typed;
  while (typed.empty()) {
    const int code = TRY(top_once(command.common, "\x1b[H\x1b[2J"));
    if (code != 0) return code;
    print("Enter ends it\n");
    TRY(sys::flush_standard_output());
    TRY(poller.wait(typed, kTopEvery));
  }
  sys::drop_typed_ahead(0);
  return 0;
}

Result<int> service_install_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("service install", words, 0));
  const kernel::Folders folders = TRY(own_folders());
  const std::string folder = sys::parent_of(folders.config.string()) + "/systemd/user";
  TRY(sys::make_directories(folder));
  const std::string file = folder + "/lilux.service";
  TRY(sys::write_file_atomic(file, service_unit(sys::own_program()), 0644));
  const std::string start = "systemctl --user daemon-reload && systemctl --user enable --now lilux";
  const std::string remove = "systemctl --user disable --now lilux && rm " + text::quote(file);
  return print_own({{"file", file}, {"start", start}, {"remove", remove}},
                   "wrote " + file + "\nstart it: " + start + "\nremove it: " + remove + "\n", command.common.is_json);
}

Result<int> help_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::string topic;
  for (const std::string& word : command.words) topic.append(topic.empty() ? "" : " ").append(word);
  const std::string text = topic.empty() ? general_help() : TRY(help_about(topic));
  return print_own({{"text", text}}, text, command.common.is_json);
}

Result<int> complete_verb(std::span<const std::string_view> words) {
  if (!words.empty() && words[0] == "--") words = words.subspan(1);
  if (words.empty()) return 0;
  for (const Candidate& candidate : candidates(words.first(words.size() - 1), words.back(), call_quietly))
    print(candidate.word + "\t" + candidate.summary + "\n");
  return 0;
}

Result<int> completion_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("completion", words, 1));
  if (command.words.empty())
    return fail(ErrorCode::invalid_argument, "for which shell?", "lilux completion bash, zsh or fish");
  const std::string script = TRY(completion_script(command.words[0]));
  return print_own({{"text", script}}, script, command.common.is_json);
}

}  // namespace lilux::surface
