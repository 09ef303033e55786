#include "tools/command_notes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "tools/confined.h"
#include "tools/fs_common.h"

namespace lilux::tools {

using base::Result;
using kernel::CallContext;

namespace {

constexpr std::size_t kLinesMax = 200;  // the last ones

struct Sign {
  std::string_view text;
  std::string_view note;
  bool is_sure = true;  // else words that a command may say that did what it should
};
constexpr std::string_view kNetwork =
    "the sandbox has no network, and none can be given to it; with --unconfined a command has yours, and asks";
constexpr std::string_view kTrace = "nothing can be traced in the sandbox; with --unconfined it can, and asks";
constexpr auto kSigns = std::to_array<Sign>({{"ould not resolve", kNetwork},
                                             {"name resolution", kNetwork},
                                             {"Name or service not known", kNetwork},
                                             {"EAI_AGAIN", kNetwork},
                                             {"Network is unreachable", kNetwork},
                                             {"Failed to establish a new connection", kNetwork},
                                             {"Could not fetch URL", kNetwork},
                                             {"(from versions: none)", kNetwork},  // pip, which says no more
                                             {"getaddrinfo", kNetwork, false},
                                             {"PTRACE", kTrace, false},
                                             {"ptrace", kTrace, false}});

constexpr auto kRefusals = std::to_array<std::string_view>(
    {"o such file or directory", "ermission denied", "esource busy", "ead-only file system", "peration not permitted"});

// There, and the same as outside.
constexpr auto kShown = std::to_array<std::string_view>(
    {"/bin", "/dev", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/sbin", "/sys", "/tmp", "/usr"});
constexpr std::string_view kHome = "/tmp/home";
constexpr std::string_view kSettings = "/etc";  // shown in part

// Where the home folder of the sandbox lies, by its tier.
bool is_in_its_home(const std::string& path, const std::string& folder) {
  return sys::is_beneath(path, kHome) || sys::is_beneath(path, folder + kHome.data());
}

bool is_outside(const CallContext& call, const std::string& path, const std::string& folder) {
  const auto is_beneath = [&](std::string_view tree) { return sys::is_beneath(path, tree); };
  const std::string& project = call.caller().project;
  if ((!project.empty() && is_beneath(project)) || is_beneath(folder) || path == "/") return false;
  if (is_beneath(call.kernel().folders().home)) return true;
  return std::ranges::none_of(kShown, is_beneath) && (!is_beneath(kSettings) || sys::exists(path));
}

// A hidden path that these words are, or lie below, wherever in the project the program stood.
bool is_named_by(const std::string& hidden, std::string_view word) {
  while (word.starts_with("./") || word.starts_with("../")) word.remove_prefix(word.find('/') + 1);
  if (word.starts_with('/')) return sys::is_beneath(std::string(word), hidden);
  for (std::size_t end = word.find('/');; end = word.find('/', end + 1)) {
    const std::string_view beginning = word.substr(0, end);
    if (!beginning.empty() && hidden.ends_with("/" + std::string(beginning))) return true;
    if (end == std::string_view::npos) return false;
  }
}

std::optional<std::string> note_on_hidden(const std::vector<std::string>& words, const CallContext& call,
                                          const std::string& run) {
  for (const std::string& hidden : hidden_from(call, run)) {
    if (std::ranges::none_of(words, [&](const std::string& word) { return is_named_by(hidden, word); })) continue;
    return sys::quoted(hidden) +
           " is hidden by a rule about reading, so it stands empty and closed in the sandbox: `lilux policy list`";
  }
  return std::nullopt;
}

std::optional<std::string> note_on_outside(const std::vector<std::string>& words, const CallContext& call,
                                           const std::string& run) {
  const std::string folder = run_folder(call, run);
  const Result<Sight> sight = Sight::of(call);
  for (const std::string& word : words) {
    if (!word.starts_with('/')) continue;
    if (is_in_its_home(word, folder))
      return "the home folder of the sandbox is an empty one: what lies in yours is named by its whole path, and a "
             "rule "
             "lets it be read (capability 'read fs ~/data/**'); with --unconfined a command has all of it, and asks";
    const policy::Need need{.verb = policy::Verb::read, .resource = "fs", .target = word};
    const bool is_opened = !sight || sight->decide(need).effect == policy::Effect::allow;
    if (is_outside(call, word, folder) && !is_opened)
      return sys::quoted(word) +
             " lies outside of the project, so it is not there in the sandbox: a rule lets it be read (capability "
             "'read fs ~/data/**'); with --unconfined a command has all of it, and asks";
  }
  return std::nullopt;
}

// What the line says besides; nothing where it tells of no refusal.
std::optional<std::string> without_refusal(std::string_view line) {
  for (const std::string_view sign : kRefusals) {
    if (const std::size_t at = line.find(sign); at != std::string_view::npos)
      return std::string(line).replace(at, sign.size(), " ");
  }
  return std::nullopt;
}

// What stands in quotes, of whatever kind, or between blanks and colons.
void add_words(std::string line, std::vector<std::string>& words) {
  constexpr std::string_view kEnds = " \t\r:,;()<>[]'\"`=";
  for (const std::string_view quote : {"\u2018", "\u2019", "\u201c", "\u201d"}) {
    for (std::size_t at = line.find(quote); at != std::string::npos; at = line.find(quote, at))
      line.replace(at, quote.size(), "'");
  }
  for (std::size_t at = line.find_first_not_of(kEnds); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kEnds, at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = line.find_first_not_of(kEnds, end);
  }
}

}  // namespace

std::vector<std::string> refused_words(std::string_view standard_error) {
  std::vector<std::string> words;
  std::size_t end = standard_error.size();
  for (std::size_t line = 0; line < kLinesMax && end != 0; ++line) {
    const std::size_t before = standard_error.rfind('\n', end - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view said = standard_error.substr(begin, end - begin);
    if (std::optional<std::string> rest = without_refusal(said)) add_words(std::move(*rest), words);
    end = begin == 0 ? 0 : begin - 1;
  }
  return words;
}

std::vector<std::string> notes_on(const CallContext& call, const std::string& run, Ended ended,
                                  std::string_view standard_error) {
  std::vector<std::string> made;
  for (const Sign& sign : kSigns) {
    const bool is_new = made.empty() || made.back() != sign.note;
    if (is_new && (sign.is_sure || ended == Ended::badly) && standard_error.contains(sign.text))
      made.emplace_back(sign.note);
  }
  const std::vector<std::string> words = refused_words(standard_error);
  if (words.empty()) return made;
  const std::optional<std::string> hidden = note_on_hidden(words, call, run);
  const std::optional<std::string> outside = note_on_outside(words, call, run);
  if (hidden) made.push_back(*hidden);
  if (outside) made.push_back(*outside);
  return made;
}

}  // namespace lilux::tools
