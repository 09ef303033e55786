// volume.*: what is done to whole volumes. What changes in their folders is kept before it does, as files are.

#include "tools/volume.h"

#include <algorithm>
#include <ranges>

#include "base/escape.h"
#include "base/time.h"
#include "git/ancestry.h"
#include "item/volume_outside.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "text/diff.h"
#include "text/shell.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"
#include "tools/item_work.h"
#include "tools/volume_branch.h"
#include "tools/volume_broken.h"
#include "tools/volume_restore.h"
#include "tools/volumes.h"

namespace lilux::tools::volume_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

Assessment reads(const item::Volume& volume) {
  return Assessment{.needs = {read_need(volume)}, .risk = Risk::low};
}

Result<std::vector<std::string>> files_between(const item::Volume& volume, const std::string& from,
                                               const std::string& to) {
  return TRY(volume.diff({.from = from, .to = to})).files;
}

Result<Touched> touched_by_revert(const item::Volume& volume, const std::string& commit) {
  const git::Repository repository = TRY(volume.repository());
  const git::Record record = TRY(git::record_of(repository, TRY(repository.commit_at(commit))));
  Touched touched;
  touched.files = TRY(files_between(volume, record.parents.empty() ? "" : record.parents.front(), record.id));
  if (record.parents.size() > 1) touched.remerge = item::Remerge{.merged = record.parents[1]};
  if (!record.takes_back.empty()) touched.remerge = item::Remerge{.merged = record.takes_back, .is_again = true};
  return touched;
}

Result<Touched> touched_by_merge(const item::Volume& volume, const std::string& branch) {
  const git::Repository repository = TRY(volume.repository());
  const std::string theirs = TRY(repository.commit_at(branch));
  const std::string ours = TRY(repository.tip(git::kMain)).value_or("");  // before its first commit it has nothing
  if (!ours.empty() && TRY(git::meeting_of(repository, ours, theirs)).has_all) return Touched{};
  return Touched{.files = TRY(files_between(volume, ours, theirs)), .remerge = item::Remerge{theirs, true}};
}

constexpr std::size_t kNamedMax = 20;

// What people changed and nobody has committed yet, in front of the commits.
CommitRow row_of(const std::vector<std::string>& open) {
  CommitRow row{.message = "Not committed yet, changed outside of Lilux: "};
  for (std::size_t i = 0; i < std::min(open.size(), kNamedMax); ++i) row.message += (i == 0 ? "" : ", ") + open[i];
  if (open.size() > kNamedMax) row.message += " and " + std::to_string(open.size() - kNamedMax) + " more";
  return row;
}

struct Promoted {
  FoundItem found;
  const item::Volume* to = nullptr;
  item::Copy copy = {};
};

// Read once: what is looked at here is what will be promoted.
Result<void> check_promoted(const CallContext& call, const Promoted& promoted) {
  const std::string path = sys::quoted(path_of(promoted.found));
  const auto file = std::ranges::find(promoted.copy.files, promoted.found.listed.path, &git::Change::path);
  const std::string text = file->bytes.value_or("");
  if (const Result<void> sound = check_item(call, *promoted.to, file->path, text); !sound)
    return base::in_context(base::Error(sound.error()), path + " is not promoted as it is");
  if (item::verify_stamp(promoted.found.listed.place->kind, text, ending_of(file->path)).fits()) return {};
  return fail(ErrorCode::conflict, path + " is not as it was stamped, so it is not promoted",
              way_to_stamp(promoted.found));
}

bool is_proposal(const PromoteRequest& request) {
  return request.branch && *request.branch != git::kMain;
}

// What would take the place of somebody's work is refused, unless that is said.
Result<void> check_replaced(const Promoted& promoted, const PromoteRequest& request) {
  if (is_proposal(request) || request.replace.value_or(false)) return {};
  for (const git::Change& file : promoted.copy.files) {
    const std::string writer = TRY(item::other_writer(*promoted.to, file));
    if (writer.empty()) continue;
    return fail(
        ErrorCode::conflict,
        sys::quoted(promoted.to->at(file.path)) + " is not what was promoted there before: " + writer,
        "look at it; then promote with `replace`, which takes its place and can be undone, or on a `branch`, for "
        "review");
  }
  return {};
}

Result<Promoted> promoted_by(const CallContext& call, const Volumes& volumes, const PromoteRequest& request) {
  Promoted made{.found = TRY(volumes.find(request.kind, request.name, request.source)),
                .to = TRY(volumes.named(request.destination))};
  if (made.to == made.found.volume)
    return fail(ErrorCode::invalid_argument, sys::quoted(request.name) + " is in " + request.destination + " already",
                "name the volume it is to be in");
  made.copy = TRY(item::copy_of(*made.found.volume, made.found.listed.path));
  for (const git::Change& file : made.copy.files) TRY(volumes.check_told(*made.to, file.path));
  TRY(check_promoted(call, made));
  TRY(check_replaced(made, request));
  return made;
}

// What each file says, by its id.
Result<JsonArray> contents_of(const item::Copy& copy) {
  JsonArray rows;
  for (const git::Change& file : copy.files)
    rows.emplace_back(JsonObject{{"path", file.path},
                                 {"content", TRY(git::content_id(file.bytes.value_or("")))},
                                 {"executable", file.mode == git::Mode::executable}});
  return rows;
}

Touched touched_by(const Promoted& promoted) {
  Touched touched;
  for (const git::Change& file : promoted.copy.files) touched.files.push_back(file.path);
  return touched;
}

// The call that takes it back, with what it takes back: so a promotion is of what was let through, and of nothing else.
Result<JsonObject> inverse_of(const CallContext& call, const Promoted& promoted, const PromoteRequest& request) {
  JsonObject inverse = is_proposal(request) ? TRY(inverse_of_proposal(*promoted.to, *request.branch))
                                            : TRY(inverse_of(call, *promoted.to, touched_by(promoted)));
  inverse.set("of", TRY(contents_of(promoted.copy)));
  return inverse;
}

// Who is refused has changed nothing.
template <class T>
void begins_unless_refused(CallContext& call, const Result<T>& result) {
  const bool is_refused =
      !result && (result.error().code == ErrorCode::conflict || result.error().code == ErrorCode::invalid_argument ||
                  result.error().code == ErrorCode::denied);
  if (!is_refused) call.begins();
}

std::string tip_text(const std::string& commit) {
  return commit.empty() ? "nothing" : commit;
}

// Refuses what would be refused by item.update or volume.promote; `broken` gets what comes in broken all the same.
item::Judge judge_of(const CallContext& call, const item::Volume& volume,
                     const std::vector<git::Resolution>& resolutions, std::vector<std::string>& broken) {
  return [&](const git::Repository& repository, const std::string& before, const std::string& after) -> Result<void> {
    broken.clear();
    for (BrokenItem& one : TRY(broken_between(call, volume, repository, before, after))) {
      const bool is_resolved = std::ranges::find(resolutions, one.path, &git::Resolution::path) != resolutions.end();
      const std::string context = sys::quoted(one.path) + (is_resolved ? " is not resolved by this" : " is broken");
      std::unexpected<base::Error> told = base::in_context(std::move(one.error), context);
      if (is_resolved || volume.place().scope == item::Scope::team) return told;
      broken.push_back(std::move(told.error().message));
    }
    return {};
  };
}

// Says what is in conflict, and how that is resolved.
void tell_conflicts(CallContext& call, const MergeRequest& request, MergeResponse& response) {
  const std::size_t count = response.conflicts.size();
  response.message = "nothing was merged: " + std::to_string(count) +
                     (count == 1 ? " file was changed on both sides" : " files were changed on both sides");
  const std::string merge =
      "lilux call volume.merge --source " + request.source + " --branch " + request.branch + " --resolutions ";
  std::string names;
  JsonArray rows;
  for (const ConflictRow& one : response.conflicts | std::views::take(kNamedMax)) {
    names += (names.empty() ? " " : ", ") + sys::quoted(one.path);
    rows.emplace_back(JsonObject{{"path", one.path}, {"content", "..."}});
  }
  *response.message += ":" + names + (count > kNamedMax ? " and others" : "");
  response.instructions =
      "make the call again with what is to stand in each of them, whole; without content a file "
      "goes: `" +
      merge + text::quote(base::to_text(Json(std::move(rows)), base::JsonStyle::spaced)) + "`";
  call.fails({.code = ErrorCode::conflict, .message = *response.message, .hint = {}, .rule = {}});
}

}  // namespace

Result<Assessment> assess_list(const CallContext& call, const ListRequest&) {
  const Volumes volumes = TRY(Volumes::of(call));
  return Assessment{.needs = volumes.read_needs(), .risk = Risk::low};
}

Result<ListResponse> list(CallContext& call, const ListRequest&) {
  const Volumes volumes = TRY(Volumes::of(call));
  ListResponse response;
  for (const item::Volume& volume : volumes.set().volumes()) {
    const item::VolumePlace& place = volume.place();
    VolumeRow row{.source = source_name(place),
                  .owner = place.owner,
                  .folder = place.folder,
                  .repository = place.repository,
                  .is_trusted = volumes.is_trusted(volume)};
    for (const item::Listed& listed : volume.list().items)
      if (volumes.may_tell(volume, listed.path)) ++row.items;
    if (const Result<git::Repository> repository = volume.repository()) {
      for (git::Branch& branch : TRY(repository->branches())) row.branches.push_back(std::move(branch.name));
    }
    response.volumes.push_back(std::move(row));
  }
  return response;
}

Result<Assessment> assess_history(const CallContext& call, const HistoryRequest& request) {
  if (request.kind.has_value() != request.name.has_value() || (!request.name && !request.source))
    return fail(ErrorCode::invalid_argument, "say which item, by kind and name, or which volume",
                "for example --kind skill --name review, or --source project");
  const Volumes volumes = TRY(Volumes::of(call));
  if (!request.name) return reads(*TRY(volumes.named(*request.source)));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read,
                        .resource = "fs",
                        .target = path_of(TRY(volumes.find(*request.kind, *request.name, request.source)))});
  return made;
}

Result<HistoryResponse> history(CallContext& call, const HistoryRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  git::HistoryRequest wanted{.limit = static_cast<std::size_t>(request.limit.value_or(20))};
  const item::Volume* volume = nullptr;
  if (request.name) {
    const FoundItem found = TRY(volumes.find(*request.kind, *request.name, request.source));
    volume = found.volume;
    wanted.path = found.listed.path;
  } else {
    volume = TRY(volumes.named(*request.source));
  }
  HistoryResponse response{.source = source_name(volume->place())};
  std::vector<std::string> open = TRY(item::uncommitted(*volume, wanted.path));
  std::erase_if(open, [&](const std::string& path) { return !volumes.may_tell(*volume, path); });
  if (!open.empty()) response.commits.push_back(row_of(open));
  wanted.tells = volumes.tells_of(*volume);
  for (const git::Record& record : TRY(volume->history(wanted)))
    response.commits.push_back({.commit = record.id,
                                .author = record.author.name,
                                .time = base::format_time(record.time_us),
                                .message = record.message});
  return response;
}

Result<Assessment> assess_diff(const CallContext& call, const DiffRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return reads(*TRY(volumes.named(request.source)));
}

Result<DiffResponse> diff(CallContext& call, const DiffRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  git::Diff found = TRY(volume.diff(
      {.from = request.from, .to = request.to.value_or(std::string(git::kMain)), .tells = volumes.tells_of(volume)}));
  TRY(volumes.check_seen(volume, found.files));
  return DiffResponse{.files = std::move(found.files), .diff = std::move(found.text)};
}

Result<Assessment> assess_revert(const CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const Touched touched = TRY(touched_by_revert(volume, request.commit));
  TRY(volumes.check_seen(volume, touched.files));
  return writes(call, volumes, volume, touched);
}

Result<ChangedResponse> revert(CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const std::string commit = TRY(TRY(volume.repository()).commit_at(request.commit));
  TRY(check_same(call, volume, TRY(touched_by_revert(volume, commit))));
  Result<item::Changed> changed = volume.revert(commit, reason_of(call, volumes));
  begins_unless_refused(call, changed);
  return ChangedResponse{.source = request.source, .commit = TRY(std::move(changed)).commit};
}

Result<Assessment> assess_promote(const CallContext& call, const PromoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Promoted promoted = TRY(promoted_by(call, volumes, request));
  Assessment made = is_proposal(request) ? TRY(proposes(volumes, *promoted.to))
                                         : TRY(writes(call, volumes, *promoted.to, touched_by(promoted)));
  made.inverse = TRY(inverse_of(call, promoted, request));
  for (const git::Change& file : promoted.copy.files)
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = promoted.found.volume->at(file.path)});
  return made;
}

Result<ChangedResponse> promote(CallContext& call, const PromoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  Promoted promoted = TRY(promoted_by(call, volumes, request));
  if (!is_proposal(request))
    for (git::Change& file : promoted.copy.files)
      file.expected = item_tools::stamp_of(TRY(item_tools::content_at(*promoted.to, file.path)));
  if (!is_as_judged(call, TRY(inverse_of(call, promoted, request))))
    return fail(
        ErrorCode::conflict,
        sys::quoted(request.name) + ", or what stands where it is to go, was changed while this call was under way",
        "look at it, and make the call again");
  Result<item::Changed> changed = item::promote(promoted.copy, *promoted.to, request.branch, reason_of(call, volumes));
  begins_unless_refused(call, changed);
  return ChangedResponse{.source = source_name(promoted.to->place()), .commit = TRY(std::move(changed)).commit};
}

Result<Assessment> assess_merge(const CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const Touched touched = TRY(touched_by_merge(volume, request.branch));
  TRY(volumes.check_seen(volume, touched.files));
  return writes(call, volumes, volume, touched);
}

// What would change, for who is asked: an answer is good for exactly this.
Result<std::string> preview_merge(const CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const git::Repository repository = TRY(volume.repository());
  const std::string ours = TRY(repository.tip(git::kMain)).value_or("");
  const std::string theirs = TRY(repository.commit_at(request.branch));
  if (!ours.empty() && TRY(git::meeting_of(repository, ours, theirs)).has_all) return "nothing: it is in already\n";
  const git::Diff diff = TRY(volume.diff({.from = ours, .to = theirs}));
  std::string text =
      "merges " + theirs + " into " + tip_text(ours) + "\n" + diff.text + (diff.is_cut ? "\n… and more\n" : "");
  for (const ResolutionRow& row : request.resolutions.value_or(std::vector<ResolutionRow>{}))
    text += "resolved: " + base::escape_line(row.path) +
            (row.content ? ", as " + TRY(git::content_id(*row.content)) : ", gone") + "\n";
  return text;
}

Result<std::string> preview_revert(const CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const git::Repository repository = TRY(volume.repository());
  const git::Record record = TRY(git::record_of(repository, TRY(repository.commit_at(request.commit))));
  const std::string before = record.parents.empty() ? std::string() : record.parents.front();
  return "takes back:\n" + TRY(volume.diff({.from = before, .to = record.id})).text;
}

Result<std::string> preview_promote(const CallContext& call, const PromoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Promoted promoted = TRY(promoted_by(call, volumes, request));
  std::string text;
  for (const git::Change& file : promoted.copy.files) {
    const auto there =
        is_proposal(request) ? std::optional<item::Content>() : TRY(item_tools::content_at(*promoted.to, file.path));
    const std::string path = promoted.to->at(file.path);
    const std::string& bytes = file.bytes.value();
    text += "promotes " + base::escape_line(file.path) + " as " + TRY(git::content_id(bytes)) +
            (file.mode == git::Mode::executable ? ", executable\n" : "\n") +
            text::unified_diff(there ? there->bytes : std::string(), bytes, {.old_name = path, .new_name = path});
  }
  return text;
}

Result<MergeResponse> merge(CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  std::vector<git::Resolution> resolutions;
  for (const ResolutionRow& row : request.resolutions.value_or(std::vector<ResolutionRow>{}))
    resolutions.push_back({.path = row.path, .bytes = row.content});
  TRY(check_same(call, volume, TRY(touched_by_merge(volume, request.branch))));
  std::vector<std::string> broken;
  Result<git::Merged> done =
      volume.merge(request.branch, resolutions, reason_of(call, volumes), judge_of(call, volume, resolutions, broken));
  if (!done || done->conflicts.empty()) begins_unless_refused(call, done);
  git::Merged merged = TRY(std::move(done));
  MergeResponse response{.source = request.source, .commit = std::move(merged.commit)};
  response.merged = !response.commit.empty();
  if (!broken.empty()) response.broken = std::move(broken);
  for (git::Conflict& one : merged.conflicts)
    response.conflicts.push_back({.path = std::move(one.path),
                                  .base = std::move(one.base),
                                  .ours = std::move(one.ours),
                                  .theirs = std::move(one.theirs)});
  if (!response.merged) tell_conflicts(call, request, response);
  return response;
}

}  // namespace lilux::tools::volume_tools
