#include "item/volume_change.h"

#include <algorithm>
#include <tuple>

#include <fcntl.h>

#include "git/commit.h"
#include "git/history.h"
#include "git/pack.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::item {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int kAttempts = 5;  // people may go on changing files meanwhile
constexpr std::size_t kNamedMax = 3;
constexpr std::string_view kNote = "/lilux.pending";
constexpr std::size_t kNoteBytesMax = 64;

std::string note_of(const git::Repository& repository) {
  return repository.path() + std::string(kNote);
}

std::vector<std::string> parents_of(const std::string& base) {
  return base.empty() ? std::vector<std::string>{} : std::vector{base};
}

// What stands in the folder differently from the commit, as changes of it.
Result<std::vector<git::Change>> outside_changes(const git::Repository& repository, const Folder& folder,
                                                 const std::string& base, const std::vector<std::string>& paths) {
  std::vector<git::Change> changes;
  for (const std::string& path : paths) {
    const auto there = TRY(folder.read(path));
    const auto known = base.empty() ? std::optional<git::File>() : TRY(repository.find(base, path));
    if (is_same(there, known)) continue;
    changes.push_back({.path = path});
    if (there) changes.back().bytes = there->bytes;
    if (there) changes.back().mode = there->mode;
  }
  return changes;
}

git::Remark outside_remark(const std::vector<git::Change>& changes) {
  std::string names;
  for (std::size_t i = 0; i < std::min(changes.size(), kNamedMax); ++i) names += (i == 0 ? "" : ", ") + changes[i].path;
  if (changes.size() > kNamedMax) names += " and " + std::to_string(changes.size() - kNamedMax) + " more";
  return {.author = {.name = "somebody", .email = "outside@lilux"}, .message = "Changed outside of Lilux: " + names};
}

// A commit on `base` of what people changed; `base` itself when they did not.
Result<std::string> take_in(const git::Repository& repository, const Folder& folder, const std::string& base,
                            const std::vector<std::string>& paths) {
  const std::vector<git::Change> changes = TRY(outside_changes(repository, folder, base, paths));
  if (changes.empty()) return base;
  return git::build_commit(repository, parents_of(base), changes, outside_remark(changes));
}

// What a commit changes in the folder, where hidden files stay as they are: a branch of others, which may bring
// anything, is refused when it brings such a one.
Result<std::vector<git::Difference>> shown_differences(const git::Repository& repository, const std::string& from,
                                                       const std::string& to) {
  std::vector<git::Difference> all = TRY(git::differences(repository, from, to));
  for (const git::Difference& each : all)
    if (each.after) TRY(check_shown(each.path, "have it removed or renamed where it comes from"));
  std::erase_if(all, [](const git::Difference& each) { return is_hidden(each.path); });
  return all;
}

// The files of a commit on their way into the folder.
class Placing {
 public:
  Placing(const git::Repository& repository, const Folder& folder, std::vector<git::Difference> differences)
      : repository_(repository), folder_(folder), differences_(std::move(differences)) {}

  Result<void> prepare() {
    for (const git::Difference& each : differences_) ready_.push_back(TRY(prepared(each.path, each.after)));
    return {};
  }

  // Stops at what somebody else has changed meanwhile, which stays: `conflict`.
  Result<void> put() {
    for (; done_ < differences_.size(); ++done_) {
      const git::Difference& each = differences_[done_];
      TRY(change(each.path, ready_[done_], each.before));
    }
    return {};
  }

  // What was replaced goes.
  Result<void> clear() {
    for (std::optional<Folder::Ready>& each : ready_)
      if (each) TRY(each->temporary.remove());
    return {};
  }

  // What was put, as it was before; but for what somebody has changed since, which is his.
  Result<void> take_back() {
    Result<void> all;
    while (done_ > 0) {
      const git::Difference& each = differences_[--done_];
      const Result<void> back = back_to_before(each);
      if (!back && back.error().code != ErrorCode::conflict && all) all = back;
    }
    return all;
  }

 private:
  // None for a file that is to go.
  Result<std::optional<Folder::Ready>> prepared(const std::string& path, const std::optional<git::File>& file) {
    if (!file) return std::optional<Folder::Ready>();
    const std::string bytes = TRY(repository_.read_content(file->id, kItemBytesMax));
    return std::optional(TRY(folder_.prepare(path, bytes, file->mode)));
  }

  Result<void> change(const std::string& path, std::optional<Folder::Ready>& to, const std::optional<git::File>& from) {
    if (to) return Folder::put(*to, from);
    return from ? folder_.remove(path, *from) : Result<void>();
  }

  Result<void> back_to_before(const git::Difference& each) {
    std::optional<Folder::Ready> before = TRY(prepared(each.path, each.before));
    return change(each.path, before, each.after);
  }

  const git::Repository& repository_;
  const Folder& folder_;
  std::vector<git::Difference> differences_;
  std::vector<std::optional<Folder::Ready>> ready_;  // by difference
  std::size_t done_ = 0;                             // differences that are put
};

// Both may lie on disks of their own.
Result<void> sync(const git::Repository& repository, const Folder& folder) {
  TRY(repository.sync());
  const auto there = TRY(sys::stat_if_there(folder.path()));
  if (there && there->device != TRY(sys::stat(repository.path())).device) TRY(sys::sync_filesystem(folder.path()));
  return {};
}

Result<void> write_note(const git::Repository& repository, const std::string& commit) {
  const std::string path = note_of(repository);
  const sys::Fd fd = TRY(sys::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  return sys::write_all(fd.get(), commit, path);
}

Result<void> place(const git::Repository& repository, const Folder& folder, git::BranchMove& move,
                   const std::string& commit, Placing& placing) {
  TRY(placing.prepare());
  TRY(move.set(commit));
  TRY(sync(repository, folder));
  TRY(placing.put());
  return move.publish();
}

Result<void> carry_out(const git::Repository& repository, const Folder& folder, git::BranchMove& move,
                       const std::string& commit, std::vector<git::Difference> differences) {
  Placing placing(repository, folder, std::move(differences));
  Result<void> done = write_note(repository, commit);
  if (done) done = place(repository, folder, move, commit, placing);
  if (!done && !placing.take_back()) return done;  // the note stays, so the next turn finishes what is half done
  if (done) done = sync(repository, folder);
  if (!placing.clear()) return done;  // or sweeps what is left beside the files
  Result<void> removed = sys::remove_file(note_of(repository));
  return done ? removed : done;
}

// The commit that was to be, unless the branch has gone another way since or the note was not finished.
Result<std::optional<std::string>> noted(const git::Repository& repository, const std::optional<std::string>& tip) {
  const auto note = sys::read_file(note_of(repository), kNoteBytesMax);
  if (!note || !repository.commit_at(*note)) return std::nullopt;
  if (!tip || *tip == *note) return *note;
  return TRY(git::is_ancestor(repository, *tip, *note)) ? std::optional(*note) : std::nullopt;
}

// What of a commit is not in the folder yet: the files that still are as they were before it. Others were changed by
// people since, and will be taken in as theirs.
Result<std::vector<git::Difference>> missing_of(const git::Repository& repository, const Folder& folder,
                                                const std::string& commit) {
  const git::Record record = TRY(git::record_of(repository, commit));
  const std::string base = record.parents.empty() ? "" : record.parents.front();
  std::vector<git::Difference> missing;
  for (git::Difference& each : TRY(git::differences(repository, base, commit))) {
    const auto there = folder.read(each.path);
    if (!is_hidden(each.path) && there && is_same(*there, each.before)) missing.push_back(std::move(each));
  }
  return missing;
}

// Files that were written and not put in their places by somebody who was killed.
Result<void> sweep(const git::Repository& repository, const Folder& folder, const std::string& commit) {
  const git::Record record = TRY(git::record_of(repository, commit));
  const std::string base = record.parents.empty() ? "" : record.parents.front();
  for (const git::Difference& each : TRY(git::differences(repository, base, commit))) {
    const std::string parent = sys::parent_of(folder.path() + "/" + each.path);
    if (sys::exists(parent)) TRY(sys::remove_abandoned(parent));
  }
  return {};
}

Result<void> finish(const git::Turn& turn, const git::Repository& repository, const Folder& folder) {
  if (!sys::exists(note_of(repository))) return {};
  git::BranchMove move = TRY(git::BranchMove::begin(turn, repository, TRY(git::reference_of(git::kMain))));
  const auto commit = TRY(noted(repository, move.from()));
  if (!commit) return sys::remove_file(note_of(repository));
  TRY(sweep(repository, folder, *commit));
  return carry_out(repository, folder, move, *commit, TRY(missing_of(repository, folder, *commit)));
}

}  // namespace

Result<std::string> advance(const git::Repository& repository, const Folder& folder,
                            const std::vector<std::string>& paths, const Build& build) {
  TRY(sys::make_directories(folder.path()));
  const git::Turn turn = TRY(git::Turn::take(repository));
  TRY(finish(turn, repository, folder));
  git::BranchMove move = TRY(git::BranchMove::begin(turn, repository, TRY(git::reference_of(git::kMain))));
  const std::string tip = move.from().value_or("");
  std::string base = TRY(take_in(repository, folder, tip, paths));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string made = TRY(build(base));
    if (made.empty()) made = base;
    std::vector<git::Difference> differences;
    if (made != base) differences = TRY(shown_differences(repository, base, made));
    std::vector<std::string> changed;
    for (const git::Difference& each : differences) changed.push_back(each.path);
    const std::string fresh = TRY(take_in(repository, folder, base, changed));
    if (fresh != base) {
      base = fresh;
      continue;
    }
    if (made == tip) return tip;
    const Result<void> done = carry_out(repository, folder, move, made, std::move(differences));
    if (done) {
      std::ignore = git::pack_when_many(turn, repository);  // the next change tries again
      return made;
    }
    // Once more when somebody saved a file at this very moment.
    if (done.error().code != ErrorCode::conflict) return std::unexpected(done.error());
  }
  return base::fail(ErrorCode::conflict, "files of " + sys::quoted(folder.path()) + " change all the time",
                    "see who writes them, and try again");
}

Result<void> settle(const std::string& path, const Folder& folder) {
  if (!sys::exists(path + std::string(kNote))) return {};
  const git::Repository repository = TRY(git::Repository::open(path));
  return finish(TRY(git::Turn::take(repository)), repository, folder);
}

}  // namespace lilux::item
