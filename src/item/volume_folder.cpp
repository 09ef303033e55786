#include "item/volume_folder.h"

#include <algorithm>
#include <tuple>

#include "git/names.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/self.h"

namespace lilux::item {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kItemsMax = 200'000;
constexpr std::size_t kFolderEntriesMax = 100'000;
constexpr std::size_t kDepthMax = 16;
constexpr std::uint32_t kExecutable = 0111;

bool is_left_out(const std::string& name, sys::FileType type) {
  return name.starts_with('.') || type == sys::FileType::symlink;
}

git::Mode mode_of(const sys::Stat& status) {
  return (status.mode & 0100U) != 0 ? git::Mode::executable : git::Mode::plain;
}

// Of a file that is replaced, or else of a new one.
std::uint32_t permissions(const std::optional<sys::Stat>& there, git::Mode mode) {
  const std::uint32_t allowed = ~sys::own_umask();
  if (!there) return (mode == git::Mode::executable ? 0777U : 0666U) & allowed;
  if (mode == git::Mode::plain) return there->mode & ~kExecutable;
  return mode_of(*there) == mode ? there->mode : there->mode | (kExecutable & allowed);
}

std::unexpected<base::Error> refuse_type(const std::string& path, sys::FileType type) {
  return base::fail(ErrorCode::invalid_argument,
                    sys::quoted(path) + " is no file but a " + std::string(sys::type_name(type)),
                    "a volume holds files: ls -ld " + path);
}

// Goes through a volume and never fails: what it cannot see is listed as broken.
class Walk {
 public:
  Walk(Listing& into, const Wanted& wanted, sys::Watch* watch) : into_(into), wanted_(wanted), watch_(watch) {}

  void folder(const sys::Place& at, const std::string& prefix, std::size_t depth) {
    auto opened = sys::open_directory(at);
    if (!opened) return broken(prefix, opened.error());
    if (watch_ != nullptr) watch_->add(*opened);
    const auto entries = sys::list_directory(*opened, at.path, kFolderEntriesMax, wants_);
    if (!entries) return broken(prefix, entries.error());
    sys::Place inside{.parent = std::move(*opened), .name = {}, .path = {}};
    const bool is_skill =
        prefix.starts_with("skills/") && std::ranges::find(*entries, kSkillFile, &sys::Entry::name) != entries->end();
    for (const sys::Entry& entry : *entries) {
      if (entry.name.starts_with('.') || (is_skill && entry.name != kSkillFile)) continue;
      inside.name = entry.name;
      inside.path = at.path + "/" + entry.name;
      const std::string path = prefix + entry.name;
      const bool is_passed_by = entry.type == sys::FileType::regular && !place_wanted(path);
      if (!is_passed_by) this->entry(inside, path, depth);
    }
  }

 private:
  // Of a great folder's files most are another's by their names alone.
  sys::WantsEntry wants() const {
    if (!wanted_.name) return {};
    return [name = std::string_view(*wanted_.name)](std::string_view file, sys::FileType type) {
      return type != sys::FileType::regular || file.starts_with(name) || file == kSkillFile;
    };
  }

  void broken(const std::string& prefix, const base::Error& error) {
    if (error.code != ErrorCode::not_found || !prefix.empty())
      add({.path = prefix.substr(0, prefix.find_last_not_of('/') + 1), .broken = error.message});
  }

  void add(Listed listed) {
    into_.is_cut = into_.is_cut || into_.items.size() >= kItemsMax;
    if (!into_.is_cut) into_.items.push_back(std::move(listed));
  }

  void entry(const sys::Place& at, const std::string& path, std::size_t depth) {
    if (into_.is_cut || !may_hold_items(path, wanted_.kind)) return;
    const auto status = sys::stat(at);
    if (!status) return broken(path, status.error());
    if (status->is_symlink()) return pass_by(path, "is a link, and a volume follows none");
    if (status->is_directory()) {
      if (place_wanted(path)) pass_by(path, "is a folder, where the name is that of a file");
      if (depth < kDepthMax) return folder(at, path + "/", depth + 1);
      return add({.path = path, .broken = "lies more than " + std::to_string(kDepthMax) + " folders deep"});
    }
    if (const auto place = place_wanted(path)) file(at, *status, path, *place);
  }

  // What is no item, and what somebody may take for one.
  void pass_by(const std::string& path, std::string why) {
    auto place = place_wanted(path);
    const bool is_like_folder = !wanted_.name && !sys::name_of(path).contains('.');
    if ((place || is_like_folder) && into_.passed_by.size() < kItemsMax)
      into_.passed_by.push_back({.path = path, .place = std::move(place), .broken = std::move(why)});
  }

  std::optional<Place> place_wanted(const std::string& path) const {
    auto place = place_of(path);
    const bool fits =
        place && (!wanted_.kind || place->kind == *wanted_.kind) && (!wanted_.name || place->name == *wanted_.name);
    return fits ? place : std::nullopt;
  }

  void file(const sys::Place& at, const sys::Stat& status, const std::string& path, const Place& place) {
    if (watch_ != nullptr && status.links > 1) watch_->cannot_know();
    Listed listed{.path = path, .place = place, .size = status.size, .modified_ns = status.modified_ns};
    const Result<void> readable = status.is_regular() ? sys::check_readable(at) : refuse_type(at.path, status.type);
    if (!readable) {
      listed.broken = readable.error().message;
    } else if (status.size > kItemBytesMax) {
      listed.broken = "has " + std::to_string(status.size) + " bytes, more than " + std::to_string(kItemBytesMax);
    }
    add(std::move(listed));
  }

  Listing& into_;
  const Wanted& wanted_;
  sys::WantsEntry wants_ = wants();
  sys::Watch* watch_;
};

// Makes what is missing of the folders on the way to a path below `root`.
Result<void> make_folders(const std::string& root, const std::string& path) {
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    const sys::Place place = TRY(sys::open_parent(root + "/" + path.substr(0, at)));
    const auto found = TRY(sys::stat_if_there(place));
    if (found && !found->is_directory()) return refuse_type(place.path, found->type);
    if (!found) TRY(sys::make_directory(place, 0777 & ~sys::own_umask()));
  }
  return {};
}

Result<std::optional<Content>> content_at(const sys::Place& place) {
  const auto status = TRY(sys::stat_if_there(place));
  if (!status) return std::nullopt;
  if (!status->is_regular()) return refuse_type(place.path, status->type);
  const sys::Fd fd = TRY(sys::open_regular(place));
  Content content{.bytes = TRY(sys::read_all(fd.get(), kItemBytesMax, place.path)), .mode = mode_of(*status)};
  content.stamp = TRY(git::content_id(content.bytes));
  return content;
}

Result<sys::Place> place_of(const sys::Temporary& taken, const sys::Place& from) {
  return sys::place_in(from.parent, sys::parent_of(from.path), taken.name());
}

// That what came here is what was expected where it stood.
Result<void> check_taken(const sys::Temporary& taken, const sys::Place& from,
                         const std::optional<git::File>& expected) {
  const auto content = content_at(TRY(place_of(taken, from)));
  if (content && is_same(*content, expected)) return {};
  return base::fail(ErrorCode::conflict, sys::quoted(from.path) + " was changed by somebody else at this very moment",
                    "try again");
}

// What was taken goes back to where file number `ours` was put. Somebody may have saved there meanwhile: of two that
// are not ours the newer one has to stand, so what comes out is put back until it is what was put in.
Result<void> put_back(sys::Temporary& taken, const sys::Place& place, std::uint64_t ours) {
  constexpr int kSavesMax = 1000;
  for (int saves = 0; saves < kSavesMax; ++saves) {
    const std::uint64_t number = TRY(sys::stat(TRY(place_of(taken, place)))).inode;
    TRY(taken.swap_with(place.name));
    if (TRY(sys::stat(TRY(place_of(taken, place)))).inode == ours) return {};
    ours = number;
  }
  return {};
}

}  // namespace

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.contains("/.");
}

Result<void> check_shown(const std::string& path, std::string hint) {
  if (!is_hidden(path)) return {};
  return base::fail(ErrorCode::invalid_argument, sys::quoted(path) + " is hidden: a volume leaves such files alone",
                    std::move(hint));
}

bool is_same(const std::optional<Content>& content, const std::optional<git::File>& file) {
  if (content.has_value() != file.has_value()) return false;
  return !content || (content->stamp == file->id && content->mode == file->mode);
}

Listing Folder::list(const Wanted& wanted, sys::Watch* watch) const {
  Listing listing;
  Wanted within = wanted;
  // Of the folder of another program only the skills are items: its plans and scripts are its own.
  if (path_.ends_with("/.agents") || path_.ends_with("/.claude")) within.kind = Kind::skill;
  if (wanted.kind && within.kind != wanted.kind) return listing;
  const auto root = sys::open_parent(path_);
  if (root) Walk(listing, within, watch).folder(*root, "", 0);
  std::ranges::sort(listing.items, {}, &Listed::path);
  return listing;
}

Result<std::vector<std::string>> Folder::files_below(const std::string& folder, std::size_t files_max) const {
  std::vector<std::string> found;
  std::vector<std::string> open{folder};
  while (!open.empty()) {
    const std::string prefix = std::move(open.back()) + "/";
    open.pop_back();
    for (const sys::Entry& entry :
         TRY(sys::list(TRY(sys::open_parent(path_ + "/" + prefix.substr(0, prefix.size() - 1)))))) {
      if (is_left_out(entry.name, entry.type)) continue;
      const bool is_folder = entry.type == sys::FileType::directory;
      (is_folder ? open : found).push_back(prefix + entry.name);
      if (found.size() + open.size() > files_max) {
        return base::fail(ErrorCode::over_budget,
                          sys::quoted(folder) + " holds more than " + std::to_string(files_max) + " files");
      }
    }
  }
  std::ranges::sort(found);
  return found;
}

Result<std::optional<Content>> Folder::read(const std::string& path) const {
  TRY(git::check_file_path(path));
  const auto place = sys::open_parent(path_ + "/" + path);
  if (!place && place.error().code == ErrorCode::not_found) return std::nullopt;
  if (!place) return std::unexpected(place.error());
  return content_at(*place);
}

Result<Folder::Ready> Folder::prepare(const std::string& path, std::string_view bytes, git::Mode mode) const {
  TRY(make_folders(path_, path));
  sys::Place place = TRY(sys::open_parent(path_ + "/" + path));
  const auto there = TRY(sys::stat_if_there(place));
  if (there && !there->is_regular()) return refuse_type(place.path, there->type);
  sys::Temporary temporary = TRY(sys::Temporary::create(place.parent, sys::parent_of(place.path)));
  TRY(sys::write_all(temporary.fd(), bytes, place.path));
  TRY(temporary.set_mode(permissions(there, mode)));
  return Ready{.place = std::move(place), .temporary = std::move(temporary)};
}

Result<void> Folder::put(Ready& ready, const std::optional<git::File>& expected) {
  if (!expected) return ready.temporary.move_to(ready.place.name, sys::Replace::no);
  const std::uint64_t ours = TRY(sys::stat(TRY(place_of(ready.temporary, ready.place)))).inode;
  if (!TRY(ready.temporary.swap_with(ready.place.name))) {
    if (is_same(TRY(content_at(ready.place)), expected))
      return ready.temporary.move_to(ready.place.name, sys::Replace::yes);
    return base::fail(ErrorCode::conflict, sys::quoted(ready.place.path) + " was changed meanwhile", "try again");
  }
  Result<void> checked = check_taken(ready.temporary, ready.place, expected);
  if (!checked) TRY(put_back(ready.temporary, ready.place, ours));
  return checked;
}

Result<void> Folder::remove(const std::string& path, const git::File& expected) const {
  const sys::Place place = TRY(sys::open_parent(path_ + "/" + path));
  sys::Temporary taken = TRY(sys::Temporary::create(place.parent, sys::parent_of(place.path)));
  TRY(taken.take(place.name));
  Result<void> removed = check_taken(taken, place, expected);
  if (removed) removed = taken.remove();
  if (!removed) TRY(taken.move_to(place.name, sys::Replace::no));
  return removed;
}

}  // namespace lilux::item
