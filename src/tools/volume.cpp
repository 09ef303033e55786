// volume.*: what is done to whole volumes. What changes in their folders is kept before it does, as files are.

#include "tools/volume.h"

#include <algorithm>

#include "base/escape.h"
#include "base/time.h"
#include "item/volume_outside.h"
#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "text/diff.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"
#include "tools/item_work.h"
#include "tools/volume_branch.h"
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

// The call that puts these files back as they are now.
Result<base::JsonObject> inverse_of(const CallContext& call, const item::Volume& volume,
                                    const std::vector<std::string>& files) {
  RestoreRequest back{.source = source_name(volume.place()), .files = {}};
  std::vector<std::string> paths;
  for (const std::string& file : files) {
    FileRow row{.path = file, .content_object = {}, .seal = {}, .modified_ns = {}, .executable = {}};
    paths.push_back(volume.place().folder + "/" + file);
    if (const auto content = TRY(item_tools::content_at(volume, file))) {
      row.content_object = TRY(call.kernel().store().put(content->bytes));
      row.seal = item_tools::seal_of(call, back.source, file, *row.content_object);
      row.modified_ns = TRY(sys::lstat(paths.back())).modified_ns;
      row.executable = content->mode == git::Mode::executable;
    }
    back.files.push_back(std::move(row));
  }
  return base::JsonObject{
      {"tool", "volume.restore"}, {"arguments", base::encode(back)}, {"folders", kernel::times_around(paths)}};
}

// That these files of a volume may be changed, by who may change that volume.
Result<Assessment> writes(const CallContext& call, const Volumes& volumes, const item::Volume& volume,
                          const std::vector<std::string>& files) {
  const item::VolumePlace& place = volume.place();
  const bool is_team = place.scope == item::Scope::team;
  TRY(item::check_access(volumes.actor(), is_team ? item::Verb::promote : item::Verb::write,
                         {.scope = place.scope, .owner = place.owner}));
  Assessment made{.risk = is_team ? Risk::high : Risk::medium};
  if (is_team)
    made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "promote/" + source_name(place)});
  for (const std::string& file : files) {
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + file});
    made.paths.push_back(place.folder + "/" + file);
  }
  made.inverse = TRY(inverse_of(call, volume, files));
  return made;
}

Result<std::vector<std::string>> files_between(const item::Volume& volume, const std::string& from,
                                               const std::string& to) {
  std::vector<std::string> files;
  for (const git::FileDiff& file : TRY(volume.diff({.from = from, .to = to})).files) files.push_back(file.path);
  return files;
}

Result<std::vector<std::string>> files_of_commit(const item::Volume& volume, const std::string& commit) {
  const git::Repository repository = TRY(volume.repository());
  const git::Record record = TRY(git::record_of(repository, TRY(repository.commit_at(commit))));
  return files_between(volume, record.parents.empty() ? std::string() : record.parents.front(), record.id);
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

// That the volume is as it was when the call was let through.
Result<void> check_same(const CallContext& call, const item::Volume& volume, const std::vector<std::string>& files) {
  const Assessment* let_through = call.assessment();
  if (!let_through || !let_through->inverse) return {};
  const base::JsonObject inverse = TRY(inverse_of(call, volume, files));
  if (*let_through->inverse->find("arguments") == *inverse.find("arguments")) return {};
  return fail(ErrorCode::conflict, "the volume was changed while this call was under way", "make the call again");
}

Result<std::vector<std::string>> merged_files(const item::Volume& volume, const std::string& branch) {
  const git::Repository repository = TRY(volume.repository());
  const std::string theirs = TRY(repository.commit_at(branch));
  const std::string ours = TRY(repository.tip(git::kMain)).value_or("");  // before its first commit it has nothing
  return files_between(volume, ours, theirs);
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
  return writes(call, volumes, volume, TRY(files_of_commit(volume, request.commit)));
}

Result<ChangedResponse> revert(CallContext& call, const RevertRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const std::string commit = TRY(TRY(volume.repository()).commit_at(request.commit));
  TRY(check_same(call, volume, TRY(files_of_commit(volume, commit))));
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
    made = TRY(writes(call, volumes, *promoted.to, promoted.files));
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

Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  std::vector<std::string> files;
  for (const FileRow& file : request.files) files.push_back(file.path);
  return writes(call, volumes, *TRY(volumes.named(request.source)), files);
}

Result<ChangedResponse> restore(CallContext& call, const RestoreRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  std::vector<git::Change> changes;
  for (const FileRow& file : request.files) {
    TRY(item_tools::check_seal(call, request.source, file.path, file.content_object, file.seal));
    const auto now = TRY(item_tools::content_at(volume, file.path));
    git::Change change{.path = file.path};
    if (file.executable.value_or(false)) change.mode = git::Mode::executable;
    if (file.content_object) change.bytes = TRY(call.kernel().store().get(*file.content_object));
    if (change.bytes ? !now || now->bytes != *change.bytes : now.has_value()) changes.push_back(std::move(change));
  }
  ChangedResponse response{.source = request.source};
  call.begins();
  if (!changes.empty()) response.commit = TRY(volume.change(changes, reason_of(call, volumes))).commit;
  for (const FileRow& file : request.files) {
    const std::string path = volume.place().folder + "/" + file.path;
    if (const auto found = sys::lstat(path); found && file.modified_ns)
      TRY(sys::set_times(path, {.accessed_ns = found->accessed_ns, .modified_ns = *file.modified_ns}));
  }
  return response;
}

Result<Assessment> assess_merge(const CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const std::vector<std::string> files = TRY(merged_files(volume, request.branch));
  TRY(check_sight(call, volume, files));
  return writes(call, volumes, volume, files);
}

// What would change, for who is asked: an answer is good for exactly this.
Result<std::string> preview_merge(const CallContext& call, const MergeRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const git::Repository repository = TRY(volume.repository());
  const std::string ours = TRY(repository.tip(git::kMain)).value_or("");
  std::string text = TRY(volume.diff({.from = ours, .to = TRY(repository.commit_at(request.branch))})).text;
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
  TRY(check_same(call, volume, TRY(merged_files(volume, request.branch))));
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
