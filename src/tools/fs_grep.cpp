// fs.grep: lines of files, by their text. Each file is held against the rules and the rights of its task, because the
// call was judged by the folder alone.

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "base/number.h"
#include "base/pattern.h"
#include "git/ignores.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/glob.h"
#include "text/wild.h"
#include "tools/common.h"
#include "tools/fs.h"
#include "tools/fs_common.h"

namespace lilux::tools::fs {

using base::ErrorCode;
using base::fail;
using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kLimitDefault = 200;
constexpr std::uint64_t kEntriesMax = 2'000'000;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{16} << 20;
constexpr std::uint64_t kBytesMax = std::uint64_t{512} << 20;  // of one call
constexpr std::chrono::seconds kTimeMax{10};                   // likewise
constexpr std::size_t kBinaryLook = 8192;                      // a NUL in there: it is no text
constexpr std::size_t kLineBytesMax = 500;

// Every character for itself.
std::string as_expression(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_mark = byte > ' ' && byte < 0x7f && !std::isalnum(byte) && c != '_';
    if (is_mark) made += '\\';
    made += c;
  }
  return made;
}

Result<base::Pattern> pattern_of(const GrepRequest& request) {
  const std::string expression = request.literal.value_or(false) ? as_expression(request.pattern) : request.pattern;
  Result<base::Pattern> pattern = base::Pattern::compile(expression);
  if (!pattern || !request.ignore_case.value_or(false)) return pattern;
  return base::Pattern::compile("(?i:" + expression + ")");
}

// Which files are looked at; all without a glob.
class Chosen {
 public:
  static Result<Chosen> of(const GrepRequest& request, const std::string& root) {
    Chosen made;
    if (!request.glob) return made;
    if (request.glob->contains('/'))
      made.path_ = TRY(text::PathGlob::compile((root == "/" ? "" : text::escape_glob(root)) + "/" + *request.glob));
    else
      made.name_ = TRY(text::NameGlob::compile(*request.glob));
    return made;
  }
  bool has(const sys::Place& place) const {
    return (!name_ || name_->matches(place.name)) && (!path_ || path_->matches(place.path));
  }

 private:
  std::optional<text::NameGlob> name_;
  std::optional<text::PathGlob> path_;
};

// After this line of this file a search goes on: "12:/home/me/a".
struct Mark {
  std::int64_t line = 0;
  std::string path = {};
};
Result<Mark> mark_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto line = base::number_from<std::int64_t>(std::string_view(text).substr(0, colon));
  if (colon == std::string::npos || !line || *line < 0 || !text::is_canonical_path(text.substr(colon + 1)))
    return fail(ErrorCode::invalid_argument, "field 'from' is no place in a search", "give 'next' of an answer");
  return Mark{.line = *line, .path = text.substr(colon + 1)};
}

// As trees are walked: a folder before what is in it, and that before its next neighbour.
bool is_before(const std::string& left, const std::string& right) {
  const auto key = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)) + 1; };
  return std::ranges::lexicographical_compare(left, right, {}, key, key);
}

class Grep {
 public:
  Grep(const CallContext& call, const GrepRequest& request, std::string root, base::Pattern pattern, Chosen chosen,
       Sight sight)
      : call_(call),
        request_(request),
        root_(std::move(root)),
        pattern_(std::move(pattern)),
        chosen_(std::move(chosen)),
        sight_(std::move(sight)),
        rule_(sight_.decide(reading(root_)).rule) {}

  Result<GrepResponse> run() {
    if (request_.from) mark_ = TRY(mark_of(*request_.from));
    if (!request_.ignored.value_or(false)) ignores_ = TRY(git::Ignores::of(root_));
    const auto visit = [this](const sys::Place& place, const sys::Stat& found) { return look(place, found); };
    const Result<sys::TreeSize> walked = sys::walk_tree(TRY(sys::open_parent(root_)), kEntriesMax, visit);
    const bool is_cut = made_.truncated || (!walked && walked.error().code == ErrorCode::over_budget);
    if (!walked && !is_cut) return std::unexpected(walked.error());
    made_.truncated = is_cut;
    if (is_cut && !mark_.path.empty()) made_.next = std::to_string(mark_.line) + ":" + mark_.path;
    return std::move(made_);
  }

 private:
  static policy::Need reading(const std::string& path) {
    return {.verb = Verb::read, .resource = "fs", .target = path};
  }

  // What another rule than that of the folder takes away, or asks about, was not allowed with the folder.
  Result<bool> may_read(const std::string& path) const {
    const policy::Decision decision = sight_.decide(reading(path));
    if (decision.effect != policy::Effect::allow && decision.rule != rule_) return false;
    return decision.effect != policy::Effect::deny && TRY(holds(call_, reading(path)));
  }

  Result<bool> is_kept_out(const std::string& path, bool is_folder) {
    if (!ignores_ || !TRY(ignores_->has(path, is_folder))) return false;
    made_.ignored = made_.ignored.value_or(0) + 1;
    return true;
  }

  // Ends the walk; the answer says where to go on.
  std::unexpected<base::Error> stop() {
    made_.truncated = true;
    return fail(ErrorCode::over_budget, "enough was read");
  }

  Result<sys::Descend> look(const sys::Place& place, const sys::Stat& found) {
    if (++seen_ % 256 == 0) TRY(call_.check_alive());
    const bool is_done = !mark_.path.empty() && is_before(place.path, mark_.path);
    if (found.is_directory()) {
      const bool is_inside = place.path == root_ || (place.name != ".git" && !sight_.is_denied(place.path));
      if (!is_inside || (is_done && !sys::is_beneath(mark_.path, place.path))) return sys::Descend::no;
      return TRY(is_kept_out(place.path, true)) ? sys::Descend::no : sys::Descend::yes;
    }
    if (is_done || !found.is_regular() || !chosen_.has(place) || !TRY(may_read(place.path))) return sys::Descend::no;
    if (TRY(is_kept_out(place.path, false))) return sys::Descend::no;
    if (bytes_ > kBytesMax || std::chrono::steady_clock::now() - began_ > kTimeMax) return stop();
    TRY(read(place, found));
    return sys::Descend::no;
  }

  Result<void> read(const sys::Place& place, const sys::Stat& found) {
    const std::int64_t after = place.path == mark_.path ? mark_.line : 0;
    const Result<sys::Fd> fd = found.size > kFileBytesMax ? Result<sys::Fd>(fail(ErrorCode::over_budget, "too large"))
                                                          : sys::open_regular(place);
    const Result<std::string> bytes =
        fd ? sys::read_at(fd->get(), 0, kFileBytesMax, place.path) : std::unexpected(fd.error());
    const bool is_text = bytes && !std::string_view(*bytes).substr(0, kBinaryLook).contains('\0');
    if (!is_text) {
      ++made_.skipped;
    } else {
      ++made_.files;
      bytes_ += bytes->size();
      TRY(find_lines(place.path, *bytes, after));
    }
    mark_ = {.line = std::numeric_limits<std::int64_t>::max(), .path = place.path};
    return {};
  }

  Result<void> find_lines(const std::string& path, std::string_view bytes, std::int64_t after) {
    const bool is_plain = request_.literal.value_or(false) && !request_.ignore_case.value_or(false);
    if (is_plain && !bytes.contains(request_.pattern)) return {};
    std::vector<std::string_view> lines;
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      lines.push_back(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    for (std::size_t i = static_cast<std::size_t>(std::min<std::int64_t>(after, std::ssize(lines))); i < lines.size();
         ++i) {
      if (i % 4096 == 0) TRY(call_.check_alive());
      if (!pattern_.is_found_in(lines[i])) continue;
      if (std::ssize(made_.matches) >= request_.limit.value_or(kLimitDefault)) return stop();
      made_.matches.push_back(row(path, lines, i));
      mark_ = {.line = made_.matches.back().line, .path = path};
    }
    return {};
  }

  GrepRow row(const std::string& path, const std::vector<std::string_view>& lines, std::size_t at) const {
    const auto shown = [](std::string_view line) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      return base::to_valid_utf8(base::clipped(line, kLineBytesMax));
    };
    GrepRow made{.path = base::to_valid_utf8(path),
                 .line = static_cast<std::int64_t>(at) + 1,
                 .text = shown(lines[at]),
                 .before = {},
                 .after = {}};
    const auto around = static_cast<std::size_t>(request_.context.value_or(0));
    if (around == 0) return made;
    made.before.emplace();
    made.after.emplace();
    for (std::size_t i = at - std::min(at, around); i < at; ++i) made.before->push_back(shown(lines[i]));
    for (std::size_t i = at + 1; i <= at + around && i < lines.size(); ++i) made.after->push_back(shown(lines[i]));
    return made;
  }

  const CallContext& call_;
  const GrepRequest& request_;
  std::string root_;
  base::Pattern pattern_;
  Chosen chosen_;
  Sight sight_;
  std::string rule_;  // that let the call through
  std::optional<git::Ignores> ignores_ = {};
  Mark mark_ = {};  // as far as it has been looked
  std::uint64_t seen_ = 0;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  GrepResponse made_ = {};
};

}  // namespace

Result<Assessment> assess_grep(const CallContext& call, const GrepRequest& request) {
  TRY(pattern_of(request));
  if (request.from) TRY(mark_of(*request.from));
  const std::string root = TRY(call.resolve(request.path.value_or("."), Final::follow));
  TRY(Chosen::of(request, root));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = root});
  return made;
}

Result<GrepResponse> grep(CallContext& call, const GrepRequest& request) {
  const std::string root = TRY(call.resolve(request.path.value_or("."), Final::follow));
  Grep grep(call, request, root, TRY(pattern_of(request)), TRY(Chosen::of(request, root)), TRY(Sight::of(call)));
  return grep.run();
}

}  // namespace lilux::tools::fs
