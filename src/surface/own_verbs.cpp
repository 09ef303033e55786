#include "surface/own_verbs.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <optional>
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

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kEndings = "call.[!b]*";  // every event of a call but its beginning
constexpr auto kTopEvery = std::chrono::seconds(2);
constexpr std::int64_t kRecordsBefore = 50;  // that `logs -f` begins with

std::string line_of(const Json& event) {
  std::string line = std::to_string(event.integer_or("sequence"));
  for (const std::string_view member : {"time", "event", "tool", "call", "task"}) {
    if (const std::string text = event.string_or(member); !text.empty()) line += "  " + text;
  }
  return base::escape_line(line) + "\n";
}

// Prints events as they come; the words narrow what `query` asks for.
Result<int> follow(std::span<const std::string_view> words, std::string query) {
  const std::span<const Flag> flags = find_verb("events")->flags;
  const Command command = TRY(read_words(words, nullptr));
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
  TRY(session.follow(query, [&](const Json& event) {
    if (command.common.is_json)
      print_json(event);
    else
      print(line_of(event));
    return std::fflush(stdout) == 0 && --count > 0;
  }));
  return 0;
}

Result<int> top_once(const Common& common, std::string_view before) {
  Session session = TRY(Session::open(Session::Want::any));
  JsonObject whole;
  for (const auto& [name, tool, arguments] :
       {std::tuple{"kernel", "kernel.status", JsonObject{}}, std::tuple{"tasks", "task.list", JsonObject{}},
        std::tuple{"processes", "process.list", JsonObject{{"own", true}}}}) {
    const Json envelope = TRY(session.call(TRY(request_of(common, tool, arguments))));
    if (!envelope.bool_or("ok")) return print_envelope(envelope, common.is_json);
    const Json& output = *envelope.find("output");
    const Json* rows = output.find(name);
    whole.set(name, rows ? *rows : output);
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
  const std::string socket = socket_path(folders.runtime.string());
  const std::string http = TRY(daemon_address(folders));
  if (port.value_or(0) != 0 && !http.ends_with(":" + std::to_string(*port)))
    return fail(ErrorCode::conflict, "lilux is up already, at " + http,
                "for another port: lilux down && lilux up --port " + std::to_string(*port));
  return print_own({{"socket", socket}, {"http", http}, {"token", token_path(folders.state.string())}},
                   "lilux is up: " + socket + " and " + http + "\n", is_json);
}

Result<int> events_verb(std::span<const std::string_view> words) {
  return follow(words, "");
}

Result<int> logs_verb(std::span<const std::string_view> words) {
  std::vector<std::string_view> rest;
  const auto is_own = [](auto word) { return word == "-f" || word == "--follow" || word == "--all"; };
  std::ranges::copy_if(words, std::back_inserter(rest), std::not_fn(is_own));
  const bool is_all = std::ranges::find(words, std::string_view("--all")) != words.end();
  if (rest.size() + (is_all ? 1 : 0) == words.size()) {
    Verb verb = *find_verb("logs");
    if (!is_all) verb.fixed = R"({"looks": false})";
    return table_verb(verb, rest);
  }
  Session session = TRY(Session::open(Session::Want::daemon));
  const Json status = TRY(session.call(TRY(request_of({}, "kernel.status", JsonObject{}))));
  const Json* output = status.find("output");
  if (!output) return print_envelope(status, false);
  const std::int64_t since = std::max<std::int64_t>(output->integer_or("records") - kRecordsBefore, 0);
  return follow(rest, "?event=" + base::percent_encode(kEndings) + "&since=" + std::to_string(since));
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
  for (const Candidate& candidate : candidates(words.first(words.size() - 1), words.back()))
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
