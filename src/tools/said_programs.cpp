#include "tools/said_programs.h"

#include <algorithm>
#include <array>

#include "brain/phrase.h"
#include "sys/process.h"

namespace lilux::tools {

namespace {

constexpr std::string_view kFolders = "/usr/local/bin:/usr/bin:/bin";
// Programs that requests begin with as well: only what looks like a command line is one.
constexpr auto kAlsoWords = std::to_array<std::string_view>(
    {"apply", "arch",   "as",   "at",     "batch",  "calendar", "clear",  "column", "compare", "convert",
     "cut",   "diff",   "dig",  "edit",   "expand", "expect",   "factor", "file",   "find",    "fold",
     "free",  "from",   "get",  "groups", "head",   "host",     "import", "info",   "install", "join",
     "kill",  "last",   "less", "link",   "locate", "login",    "look",   "mail",   "make",    "man",
     "more",  "mount",  "nice", "open",   "paste",  "patch",    "play",   "print",  "rename",  "reset",
     "say",   "script", "see",  "set",    "size",   "sort",     "split",  "start",  "stat",    "strings",
     "strip", "sum",    "sync", "tail",   "test",   "time",     "top",    "touch",  "true",    "unlink",
     "users", "view",   "wait", "watch",  "which",  "who",      "write",  "yes"});
constexpr auto kEnglish = std::to_array<std::string_view>(
    {"a", "an", "the", "my", "of", "it", "its", "that", "this", "to", "me", "with", "in", "for", "everything", "all"});
constexpr auto kRun = std::to_array<std::string_view>({"run", "execute", "start", "launch"});

bool is_name(std::string_view word) {
  return word.size() > 1 &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-_.") == std::string_view::npos;
}

// An option, a path, a number, or the name of what is there.
bool is_argument(std::string_view word, const IsThere& is_there) {
  const std::size_t last = word.find_last_not_of(".?!,");
  return word.starts_with('-') || word.substr(0, last + 1).find_first_of("./~=*0123456789") != std::string_view::npos ||
         (is_there && is_there(word));
}

}  // namespace

std::optional<std::string> program_advice(std::string_view text, const IsThere& is_there) {
  const brain::Spoken said = brain::spoken(text);
  const auto is_any = [](const auto& all, std::string_view word) { return std::ranges::find(all, word) != all.end(); };
  if (said.words.empty()) return std::nullopt;
  const std::size_t first = said.words.size() > 1 && is_any(kRun, said.words.front().folded) ? 1 : 0;
  const auto own = [&](std::size_t at) {
    return text.substr(said.words[at].begin, said.words[at].end - said.words[at].begin);
  };
  const std::string_view program = own(first);
  if (!is_name(program) || !sys::resolve_program(std::string(program), kFolders, "/")) return std::nullopt;
  bool has_argument = false;
  for (std::size_t at = first + 1; at < said.words.size(); ++at)
    has_argument = has_argument || is_argument(own(at), is_there);
  bool is_english = false;  // "make a copy of a.txt"
  for (std::size_t at = first + 1; at < said.words.size(); ++at)
    is_english = is_english || is_any(kEnglish, said.words[at].folded);
  if ((!has_argument || is_english) && is_any(kAlsoWords, program)) return std::nullopt;
  return "'" + std::string(program) + "' is a program, which runs behind '!', in the sandbox: `!" +
         std::string(text.substr(said.words[first].begin)) + "`";
}

}  // namespace lilux::tools
