#pragma once

// A volume: the items below one folder, with their history in a bare repository elsewhere. The folder belongs to people
// and their editors as well: what they changed there is committed, as theirs, before we change the same file. Every
// change of ours is on the disk, in the folder and on the branch, when it returns; one that was cut off is finished by
// whoever opens the volume or changes it next. A Volume is a value: any number of them, threads and processes may use
// the same folder.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/commit.h"
#include "git/history.h"
#include "git/merge.h"
#include "git/repository.h"
#include "item/volume_folder.h"

namespace lilux::item {

enum class Scope : std::uint8_t { project, user, team, system };
constexpr std::array<std::string_view, 4> enum_names(Scope) {
  return {"project", "user", "team", "system"};
}

struct VolumePlace {
  Scope scope = Scope::project;
  std::string owner = {};       // the user, or the team's id; "" for the system
  std::string folder = {};      // the work tree
  std::string repository = {};  // "….git"
};

// Who does it and why; both stand in the commit.
struct Reason {
  git::Author author = {};
  std::string text = {};
};

// That a merge made before is taken back, or stands again, by the commit that had been merged.
struct Remerge {
  std::string merged = {};
  bool is_again = false;
};

struct Write {
  std::string path = {};
  std::string bytes = {};
  std::optional<git::Mode> mode = {};        // as it is, or plain, when absent
  std::optional<std::string> expected = {};  // the stamp of what should be there now, "" for nothing
};

struct Changed {
  std::string commit = {};             // the newest of the branch, ours unless nothing was to change
  std::optional<Content> before = {};  // what stood there
};

// Sees what a merge would put in place of `before` ("" before the first commit), ahead of that; its error stops it. May
// be asked anew, when files change at that moment.
using Judge =
    std::function<base::Result<void>(const git::Repository&, const std::string& before, const std::string& after)>;

class Volume {
 public:
  // Nothing is made: a volume whose folder or repository is not there is empty. Finishes what was cut off.
  static base::Result<Volume> open(VolumePlace place);

  const VolumePlace& place() const { return place_; }
  // Where a file of it lies.
  std::string at(std::string_view path) const { return place_.folder + "/" + std::string(path); }
  // `denied` for the folder of another program: that is only read, and has no history here.
  base::Result<void> check_ours() const;
  Listing list(const Wanted& wanted = {}, sys::Watch* watch = nullptr) const { return folder_.list(wanted, watch); }
  // `not_found` when there is no such file.
  base::Result<Content> read(const std::string& path) const;

  // `conflict` when something else stands there than was expected.
  base::Result<Changed> write(const Write& write, const Reason& reason) const;
  base::Result<Changed> remove(const std::string& path, const std::optional<std::string>& expected,
                               const Reason& reason) const;
  // `conflict` when something stands at `to`.
  base::Result<Changed> rename(const std::string& from, const std::string& to, const Reason& reason) const;
  // Several files by one commit: removed where there are no bytes.
  base::Result<Changed> change(const std::vector<git::Change>& changes, const Reason& reason,
                               const std::optional<Remerge>& remerge = {}) const;
  // Commits what people changed at these paths, if anything; the newest commit, "" when there is none.
  base::Result<std::string> take_in(const std::vector<std::string>& paths) const;

  // Newest first; empty when the volume has no history.
  base::Result<std::vector<git::Record>> history(const git::HistoryRequest& request) const;
  base::Result<git::Diff> diff(const git::DiffRequest& request) const;
  base::Result<Changed> revert(const std::string& commit, const Reason& reason) const;
  // Merges a branch or a commit of this volume, into the folder too. Conflicts that are left change nothing. Once it is
  // in, merging it again gives the newest commit.
  base::Result<git::Merged> merge(const std::string& where, const std::vector<git::Resolution>& resolutions,
                                  const Reason& reason, const Judge& judge = {}) const;
  // For branches and remotes; `not_found` before the first change.
  base::Result<git::Repository> repository() const;

 private:
  Volume(VolumePlace place, Folder folder) : place_(std::move(place)), folder_(std::move(folder)) {}
  base::Result<git::Repository> need_repository() const;

  VolumePlace place_;
  Folder folder_;
};

// The item's file, and of a SKILL.md all that lies in its folder.
base::Result<std::vector<std::string>> files_of(const Volume& volume, const std::string& path);

// An item with these files, as they were when they were read: what is promoted is what was looked at.
struct Copy {
  std::string name = {};
  Scope from = Scope::project;
  std::vector<git::Change> files = {};
};
base::Result<Copy> copy_of(const Volume& volume, const std::string& path);
inline constexpr std::string_view kPromote = "Promote '";
// Puts it into a volume as a commit "Promote '<name>' from <scope>: <reason>"; on a branch for review, which is made
// when it is not there, or at once.
base::Result<Changed> promote(const Copy& copy, const Volume& to, const std::optional<std::string>& branch,
                              const Reason& reason);

struct Shipped {
  std::string_view path = {};
  std::string_view bytes = {};
};
// Makes a volume hold exactly these files of ours, by one commit that names `version`; nothing happens when it does.
base::Result<void> fill(const Volume& volume, std::span<const Shipped> files, std::string_view version);

}  // namespace lilux::item
