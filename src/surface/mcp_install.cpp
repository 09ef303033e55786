#include "surface/mcp_install.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/ask.h"
#include "surface/call_verbs.h"
#include "surface/mcp_clients.h"
#include "surface/print.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/self.h"
#include "text/diff.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kShownAround = 40;
struct Options {
  Common common;
  Installation wanted;
  bool is_print = false;
  bool has_hook = false;
};

// A file as it is and as it should be.
struct Change {
  std::string file;
  bool is_there = false;
  std::string before;
  std::string after;
  std::string diff() const { return text::unified_diff(before, after, {.old_name = file, .new_name = file}); }
  bool has_patch() const { return diff().find("\n@@ ") != std::string::npos; }  // else its lines are too long
};

// What a person is shown: the diff, and of lines that are too long for one the part that changes.
std::string shown_change(const Change& change) {
  if (change.has_patch()) return change.diff();
  const auto [before, after] = std::ranges::mismatch(change.before, change.after);
  const auto same = static_cast<std::size_t>(before - change.before.begin());
  const std::size_t shorter = std::min(change.before.size(), change.after.size());
  std::size_t tail = 0;
  while (tail < shorter - same &&
         change.before[change.before.size() - 1 - tail] == change.after[change.after.size() - 1 - tail])
    ++tail;
  const std::size_t from = same - std::min(same, kShownAround);
  const auto part = [&](const std::string& text) {
    const std::size_t to = std::min(text.size() - tail + kShownAround, text.size());
    return text.substr(from, to - from) + "\n";
  };
  return change.diff() + "-..." + part(change.before) + "+..." + part(change.after);
}

Result<void> check_name(const std::string& name) {
  const bool is_plain = !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (is_plain) return {};
  return fail(ErrorCode::invalid_argument, "--name: '" + std::string(base::clipped(name, 100)) + "' is no name",
              "letters, digits, - and _, at most " + std::to_string(kNameMax));
}

Result<Options> options_of(std::span<const std::string_view> given) {
  Command command = TRY(read_words(given, nullptr));
  Options options{.common = std::move(command.common), .wanted = {.program = sys::own_program()}};
  std::string client;
  const std::vector<std::string>& words = command.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string flag = words[i].substr(0, words[i].find('='));
    const auto value = [&]() -> Result<std::string> {
      if (flag.size() < words[i].size()) return words[i].substr(flag.size() + 1);
      if (i + 1 == words.size())
        return fail(ErrorCode::invalid_argument, flag + " needs a value", "lilux help mcp install");
      return words[++i];
    };
    if (words[i] == "--") {
      options.wanted.serve.insert(options.wanted.serve.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                  words.end());
      break;
    }
    if (flag == "--name")
      options.wanted.name = TRY(value());
    else if (flag == "--expose")
      options.wanted.serve.insert(options.wanted.serve.end(), {"--expose", TRY(value())});
    else if (words[i] == "--project")
      options.wanted.is_project = true;
    else if (words[i] == "--remove")
      options.wanted.is_removal = true;
    else if (words[i] == "--print")
      options.is_print = true;
    else if (words[i] == "--hook")
      options.has_hook = true;
    else if (client.empty() && !words[i].starts_with('-'))
      client = words[i];
    else
      return fail(ErrorCode::invalid_argument, "unexpected word '" + std::string(base::clipped(words[i], 100)) + "'",
                  "lilux help mcp install; words for `lilux mcp serve` follow a lone --");
  }
  options.wanted.client = TRY(client_of(client));
  TRY(check_name(options.wanted.name));
  if (options.has_hook && !options.wanted.client->has_hook)
    return fail(ErrorCode::invalid_argument,
                "--hook: Lilux knows no hook of " + std::string(options.wanted.client->name) +
                    " that holds back every use of its own tools, and does so when it fails",
                "leave --hook out; docs/mcp-install.md says what passes Lilux by then");
  return options;
}

Result<Change> change_of(std::string file) {
  Change change{.file = std::move(file)};
  const auto found = TRY(sys::stat_if_there(change.file));
  if (!found) return change;
  if (!found->is_regular())
    return fail(ErrorCode::invalid_argument,
                sys::quoted(change.file) + " is a " + std::string(sys::type_name(found->type)) + ", not a file",
                "put it elsewhere and try again");
  change.is_there = true;
  change.before = TRY(sys::read_file(change.file, kFileBytesMax));
  if (!base::is_utf8(change.before))
    return fail(ErrorCode::invalid_argument, sys::quoted(change.file) + " is not UTF-8", "mend the file");
  change.after = change.before;
  return change;
}

// What a person would put in by hand.
std::string snippet(Result<std::string> text) {
  return text ? "; or put this in by hand:\n" + *text : "";
}

using MakeText = Result<std::string> (*)(const Installation&, const std::string& before);

Result<Change> planned(const Installation& wanted, std::string file, MakeText make) {
  Change change = TRY(change_of(std::move(file)));
  Result<std::string> after = make(wanted, change.before);
  if (after) {
    change.after = std::move(*after);
    return change;
  }
  base::Error error = std::move(after.error());
  const bool is_text = error.code == ErrorCode::invalid_argument;
  if (is_text && !wanted.is_removal) error.hint += snippet(make(wanted, ""));
  return base::in_context(std::move(error), sys::quoted(change.file));
}

Result<std::vector<Change>> plan(const Options& options) {
  const Installation& wanted = options.wanted;
  if (!sys::exists(wanted.program))
    return fail(ErrorCode::unavailable, "the running program is gone: " + sys::quoted(wanted.program), "start it anew");
  std::vector<Change> changes;
  changes.push_back(TRY(planned(wanted, TRY(server_file(wanted)), with_server)));
  if (options.has_hook) changes.push_back(TRY(planned(wanted, TRY(hook_file(wanted)), with_hook)));
  return changes;
}

// Yes of a person, given before or now.
Result<bool> is_agreed(const Common& common) {
  if (common.is_yes) return true;
  if (is_at_terminal(common)) {
    TRY(sys::flush_standard_output());
    return confirm("Write it?");
  }
  return fail(ErrorCode::approval_required, "nothing is written: nobody is there to ask",
              "run it again with --yes, or put in by hand what is shown above");
}

// An edit of what was shown, and of nothing else: should the file have changed since, it still fits or is refused.
Result<Json> write(const Common& common, const Change& change) {
  Common agreed = common;
  agreed.is_yes = true;
  if (agreed.reason.empty()) agreed.reason = "lilux mcp install";
  if (change.is_there && !change.has_patch()) {
    if (TRY(sys::read_file(change.file, kFileBytesMax)) != change.before)
      return fail(ErrorCode::conflict, sys::quoted(change.file) + " has changed meanwhile", "try again");
    return asked_envelope(agreed, "fs.write", JsonObject{{"path", change.file}, {"content", change.after}});
  }
  if (change.is_there)
    return asked_envelope(agreed, "fs.edit", JsonObject{{"path", change.file}, {"patch", change.diff()}});
  return asked_envelope(
      agreed, "fs.write",
      JsonObject{{"path", change.file}, {"content", change.after}, {"create_dirs", true}, {"must_not_exist", true}});
}

JsonObject row_of(const Change& change, const std::string& call) {
  JsonObject row{{"file", change.file}, {"diff", shown_change(change)}};
  if (!call.empty()) row.set("call", call);
  return row;
}

Result<int> write_all(const Options& options, const std::vector<Change>& changes) {
  JsonArray rows;
  std::string text;
  for (const Change& change : changes) {
    const Json envelope = TRY(write(options.common, change));
    if (!envelope.bool_or("ok")) {
      print(text);
      return print_envelope(envelope, options.common.is_json);
    }
    const std::string call = envelope.string_or("call");
    rows.emplace_back(row_of(change, call));
    text += "wrote " + base::escape_line(change.file) + "\n  take it back: lilux undo " + call + "\n";
  }
  return print_own({{"changes", std::move(rows)}, {"written", true}}, text, options.common.is_json);
}

}  // namespace

Result<int> mcp_install_verb(std::span<const std::string_view> words) {
  const Options options = TRY(options_of(words));
  std::vector<Change> changes = TRY(plan(options));
  const bool is_json = options.common.is_json;
  JsonArray rows;
  std::string same;
  std::string diffs;
  for (const Change& change : changes) {
    if (change.after == change.before) {
      same += base::escape_line(change.file) + (options.wanted.is_removal ? " has no such entry" : " has it already") +
              ": nothing to do\n";
      continue;
    }
    rows.emplace_back(row_of(change, ""));
    diffs += base::escape_for_terminal(shown_change(change));
  }
  std::erase_if(changes, [](const Change& change) { return change.after == change.before; });
  if (!is_json) print(same + diffs);
  if (options.is_print || changes.empty())
    return print_own({{"changes", std::move(rows)}, {"written", false}}, "", is_json);
  if (!options.wanted.is_project) sys::set_own_umask(077);  // clients keep their tokens there, and the mode as it is
  if (!TRY(is_agreed(options.common))) {
    print("nothing is written\n");
    return 0;
  }
  return write_all(options, changes);
}

}  // namespace lilux::surface
