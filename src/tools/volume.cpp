// volume.*: what is done to whole volumes. What changes in their folders is kept before it does, as files are.

#include "tools/volume.h"

#include <algorithm>

#include "base/escape.h"
#include "base/time.h"
#include "git/ancestry.h"
#include "item/volume_outside.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "text/diff.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"
#include "tools/item_work.h"
#include "tools/volume_branch.h"
#include "tools/volume_restore.h"
#include "tools/volumes.h"

namespace lilux::tools::volume_tools {

using base::ErrorCode;
using base::fail;
using policy::Risk;
using policy::Verb;

namespace {

Assessment reads(const item::Volume& volume) {
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = volume.place().folder});
  return made;
}

Result<std::vector<std::string>> files_between(const item::Volume& volume, const std::string& from,
                                               const std::string& to) {
  std::vector<std::string> files;
  for (const git::FileDiff& file : TRY(volume.diff({.from = from, .to = to})).files) files.push_back(file.path);
  return files;
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

// Nothing is told of what the rules deny to read.
Result<void> check_sight(const CallContext& call, const item::Volume& volume, const std::vector<std::string>& files) {
  const Sight sight = TRY(Sight::of(call));
  for (const std::string& file : files) {
    const std::string path = volume.place().folder + "/" + file;
    if (sight.is_denied(path))
      return fail(ErrorCode::denied, "the rules do not let " + sys::quoted(path) + " be read, which is part of it",
                  "`lilux policy test 'read fs " + path + "'` says which rule");
  }
  return {};
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
  std::vector<std::string> files = {};  // a skill's folder has several
};

Result<Promoted> promoted_by(const Volumes& volumes, const PromoteRequest& request) {
  Promoted made{.found = TRY(volumes.find(request.kind, request.name, request.source)),
                .to = TRY(volumes.named(request.destination))};
  if (made.to == made.found.volume)
    return fail(ErrorCode::invalid_argument, sys::quoted(request.name) + " is in " + request.destination + " already",
                "name the volume it is to be in");
  made.files = TRY(item::files_of(*made.found.volume, made.found.listed.path));
  const ReadItem read = TRY(read_item(made.found));
  const auto* skill = std::get_if<item::Skill>(&read.item.detail);
  const bool is_published = made.to->place().scope == item::Scope::team;
  if (const Result<void> kept = skill && is_published ? item::check_standard(*skill, request.name) : Result<void>();
      !kept)
    return base::in_context(base::Error(kept.error()), sys::quoted(path_of(made.found)) + " is not promoted as it is");
  if (!read.item.is_broken()) return made;
  return fail(ErrorCode::invalid_argument, sys::quoted(path_of(made.found)) + " is broken, so it is not promoted",
              "`lilux item validate` shows what is wrong");
}

}  // namespace

Result<Assessment> assess_list(const CallContext& call, const ListRequest&) {
  const Volumes volumes = TRY(Volumes::of(call));
  Assessment made{.risk = Risk::low};
  for (const item::Volume& volume : volumes.set().volumes())
    if (!volume.place().repository.empty())
      made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = volume.place().folder});
  return made;
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
                  .items = static_cast<std::int64_t>(volume.list().items.size()),
                  .is_trusted = volumes.is_trusted(volume)};
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
  git::Diff found = TRY(volume.diff({.from = request.from, .to = request.to.value_or(std::string(git::kMain))}));
  DiffResponse response{.diff = std::move(found.text)};
  for (git::FileDiff& file : found.files) response.files.push_back(std::move(file.path));
  TRY(check_sight(call, volume, response.files));
  return response;
}

Result<Assessment> assess_revert(const CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  return writes(call, volumes, volume, TRY(touched_by_revert(volume, request.commit)));
}

Result<ChangedResponse> revert(CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const std::string commit = TRY(TRY(volume.repository()).commit_at(request.commit));
  TRY(check_same(call, volume, TRY(touched_by_revert(volume, commit))));
  call.begins();
  return ChangedResponse{.source = request.source,
                         .commit = TRY(volume.revert(commit, reason_of(call, volumes))).commit};
}

Result<Assessment> assess_promote(const CallContext& call, const PromoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Promoted promoted = TRY(promoted_by(volumes, request));
  Assessment made;
  if (request.branch && *request.branch != git::kMain) {
    made = TRY(proposes(volumes, *promoted.to));
    made.inverse = TRY(inverse_of_proposal(*promoted.to, *request.branch));
  } else {
    made = TRY(writes(call, volumes, *promoted.to, {.files = promoted.files}));
  }
  for (const std::string& file : promoted.files)
    made.needs.push_back(
        {.verb = Verb::read, .resource = "fs", .target = promoted.found.volume->place().folder + "/" + file});
  return made;
}

Result<ChangedResponse> promote(CallContext& call, const PromoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Promoted promoted = TRY(promoted_by(volumes, request));
  const item::Reason reason = reason_of(call, volumes);
  call.begins();
  const item::Changed changed = TRY(item::promote(
      *promoted.found.volume, *promoted.to,
      {.path = promoted.found.listed.path, .branch = request.branch, .author = reason.author, .reason = reason.text}));
  return ChangedResponse{.source = source_name(promoted.to->place()), .commit = changed.commit};
}

Result<Assessment> assess_merge(const CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const Touched touched = TRY(touched_by_merge(volume, request.branch));
  TRY(check_sight(call, volume, touched.files));
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
  std::string text = TRY(volume.diff({.from = ours, .to = theirs})).text;
  for (const ResolutionRow& row : request.resolutions.value_or(std::vector<ResolutionRow>{}))
    text += "resolved: " + base::escape_line(row.path) + "\n";
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
  const Promoted promoted = TRY(promoted_by(volumes, request));
  std::string text;
  for (const std::string& file : promoted.files) {
    const item::Content content = TRY(promoted.found.volume->read(file));
    const auto there = request.branch && *request.branch != git::kMain
                           ? std::optional<item::Content>()
                           : TRY(item_tools::content_at(*promoted.to, file));
    const std::string path = promoted.to->place().folder + "/" + file;
    text +=
        text::unified_diff(there ? there->bytes : std::string(), content.bytes, {.old_name = path, .new_name = path});
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
  call.begins();
  git::Merged merged = TRY(volume.merge(request.branch, resolutions, reason_of(call, volumes)));
  MergeResponse response{.source = request.source, .commit = std::move(merged.commit)};
  response.merged = !response.commit.empty();
  for (git::Conflict& one : merged.conflicts)
    response.conflicts.push_back({.path = std::move(one.path),
                                  .base = std::move(one.base),
                                  .ours = std::move(one.ours),
                                  .theirs = std::move(one.theirs)});
  return response;
}

}  // namespace lilux::tools::volume_tools
