// Bringing the world back to an image.

#include <algorithm>
#include <ranges>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "kernel/image.h"
#include "kernel/manifest.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

std::string temporary_name(const std::string& name) {
  return ".lilux-undo-" + base::to_hex(base::sha256(name)).substr(0, 16);
}

Result<void> remove_if_there(const sys::Place& place) {
  if (!TRY(sys::stat_if_there(place))) return {};
  TRY(sys::remove_tree(place));
  return {};
}

sys::Place beside(const sys::Place& place, sys::Fd parent) {
  return {.parent = std::move(parent), .name = temporary_name(place.name), .path = place.path};
}

// What is ours is made accessible: nothing else stands between us and the mode it gets in the end.
void unlock(const sys::Place& place, const sys::Stat& stat, std::uint32_t needed) {
  if ((stat.mode & needed) == needed || stat.uid != ::geteuid()) return;
  std::ignore = sys::set_mode(place, stat.mode | needed);  // what needs it fails and tells
}

bool holds(const sys::Place& place, const sys::Stat& stat, const ImageEntry& entry) {
  if (!stat.is_regular() || stat.size != entry.size.value_or(0)) return false;
  unlock(place, stat, 0400);
  const Result<std::string> digest = digest_at(place);
  return digest && *digest == entry.digest;
}

// Where the files of an image are now, by inode: one that was moved, or has another name, is linked and not copied.
class Names {
 public:
  static Result<Names> find(const Manifest& then) {
    Names names;
    std::set<std::string> wanted;
    for (const ImageEntry& entry : then.entries) {
      if (entry.inode) wanted.insert(*entry.inode);
      if (entry.inode && entry.other_name) names.add(*entry.inode, TRY(from_stored(*entry.other_name)));
    }
    if (wanted.empty()) return names;
    const auto visit = [&](const sys::Place& at, const sys::Stat& stat) -> Result<sys::Descend> {
      if (stat.is_directory()) unlock(at, stat, 0500);
      if (stat.is_regular() && wanted.contains(inode_of(stat))) names.add(inode_of(stat), at.path);
      return sys::Descend::yes;
    };
    for (const std::string& root : then.roots) {
      const std::optional<sys::Place> place = TRY(place_of(TRY(from_stored(root))));
      if (place && TRY(sys::stat_if_there(*place))) TRY(sys::walk_tree(*place, UINT32_MAX, visit));
    }
    return names;
  }

  void add(const std::string& inode, const std::string& path) { paths_[inode].push_back(path); }

  // The file that this restore has put in place for another name of it.
  void put(const std::string& inode, const std::string& path) { put_.try_emplace(inode, path); }
  Result<std::optional<sys::Place>> name_put(const ImageEntry& entry) const {
    const auto found = put_.find(entry.inode.value_or(""));
    if (found == put_.end()) return std::optional<sys::Place>();
    return std::optional(TRY(sys::open_parent(found->second)));
  }

  // A name of the very file the entry was, as it was.
  std::optional<sys::Place> name_of(const ImageEntry& entry) const {
    const auto found = paths_.find(entry.inode.value_or(""));
    if (found == paths_.end()) return std::nullopt;
    for (const std::string& path : found->second) {
      Result<sys::Place> place = sys::open_parent(path);
      const Result<sys::Stat> stat = place ? sys::stat(*place) : std::unexpected(place.error());
      if (stat && inode_of(*stat) == entry.inode && holds(*place, *stat, entry)) return std::move(*place);
    }
    return std::nullopt;
  }

 private:
  std::map<std::string, std::vector<std::string>> paths_;
  std::map<std::string, std::string> put_;
};

// Every name of the file shows its content.
Result<void> write_in_place(const objects::Store& store, const ImageEntry& entry, const sys::Place& place) {
  const sys::Fd fd = TRY(sys::open(place, O_WRONLY));
  TRY(store.copy_to(entry.digest.value_or(""), fd.get()));
  TRY(sys::truncate(fd.get(), entry.size.value_or(0), place.path));
  return sys::sync_all(fd.get(), place.path);
}

Result<void> write_beside(const objects::Store& store, const ImageEntry& entry, const sys::Place& aside) {
  const sys::Fd fd = TRY(sys::open(aside, O_WRONLY | O_CREAT | O_EXCL, 0600));
  Result<void> copied = store.copy_to(entry.digest.value_or(""), fd.get());
  if (copied) copied = sys::sync_all(fd.get(), aside.path);
  if (!copied) std::ignore = sys::remove_file(aside);  // the first error is the one to tell
  return copied;
}

// Puts a file or a symlink in place by one rename.
Result<void> put_leaf(const objects::Store& store, const ImageEntry& entry, const sys::Place& place,
                      const Names& names) {
  const sys::Place aside = beside(place, TRY(sys::duplicate(place.parent.get())));
  if (entry.kind == EntryKind::symlink) {
    TRY(sys::make_symlink(TRY(from_stored(entry.target.value_or(""))), aside));
  } else {
    std::optional<sys::Place> name = TRY(names.name_put(entry));
    if (!name) name = names.name_of(entry);
    // Where there are no hard links, or not for us, the content has to do.
    if (!name || !sys::make_hard_link(*name, aside)) TRY(write_beside(store, entry, aside));
  }
  return sys::rename(aside, place, sys::Replace::yes);
}

Result<void> put_entry(const objects::Store& store, const ImageEntry& entry, const sys::Place& place,
                       const Names& names) {
  TRY(remove_if_there(beside(place, TRY(sys::duplicate(place.parent.get())))));  // of a restore that was killed
  const auto found = TRY(sys::stat_if_there(place));
  if (entry.kind == EntryKind::folder) {
    if (found && found->is_directory()) {
      unlock(place, *found, 0700);
      return {};
    }
    if (found) TRY(remove_if_there(place));
    return sys::make_directory(place, 0700);
  }
  if (found && found->is_directory()) TRY(remove_if_there(place));
  if (found && entry.kind == EntryKind::file && found->is_regular()) {
    const bool is_it = inode_of(*found) == entry.inode;
    if (const std::optional<sys::Place> put = TRY(names.name_put(entry))) {
      if (inode_of(TRY(sys::stat(*put))) == inode_of(*found)) return {};
    } else if ((is_it || found->links == 1) && holds(place, *found, entry)) {
      return {};
    } else if (is_it && found->links > 1) {
      unlock(place, *found, 0200);
      return write_in_place(store, entry, place);
    }
  }
  if (found && entry.kind == EntryKind::symlink && found->is_symlink() &&
      to_stored(TRY(sys::read_link(place))) == entry.target)
    return {};
  return put_leaf(store, entry, place, names);
}

// Everything that stands below a captured folder now and did not then.
Result<void> remove_strangers(const ByPath& then, const std::string& root) {
  const std::optional<sys::Place> place = TRY(place_of(root));
  if (!place || !TRY(sys::stat_if_there(*place))) return {};
  std::vector<std::string> strangers;
  TRY(sys::walk_tree(*place, UINT32_MAX, [&](const sys::Place& at, const sys::Stat&) -> Result<sys::Descend> {
    if (then.contains(to_stored(at.path))) return sys::Descend::yes;
    strangers.push_back(at.path);
    return sys::Descend::no;
  }));
  for (const std::string& path : strangers) TRY(remove_if_there(TRY(sys::open_parent(path))));
  return {};
}

Result<void> remove_other_attributes(const ImageEntry& entry, const sys::Place& place) {
  const std::vector<Attribute> wanted = entry.attributes.value_or(std::vector<Attribute>{});
  for (const sys::Attribute& attribute : TRY(sys::attributes(place))) {
    if (std::ranges::find(wanted, attribute.name, &Attribute::name) != wanted.end()) continue;
    unlock(place, TRY(sys::stat(place)), 0600);
    TRY(sys::remove_attribute(place, attribute.name));
  }
  return {};
}

// Owner, attributes and mode, in this order: each takes something away from those before it.
Result<void> put_properties(const ImageEntry& entry, const sys::Place& place) {
  const sys::Stat is = TRY(sys::stat(place));
  if (is.uid != entry.uid || is.gid != entry.gid) TRY(sys::set_owner(place, {.uid = entry.uid, .gid = entry.gid}));
  if (!is.is_symlink()) unlock(place, is, 0600);
  if (entry.attributes) {
    const std::vector<sys::Attribute> has = TRY(sys::attributes(place));
    for (const Attribute& attribute : *entry.attributes) {
      sys::Attribute made{.name = attribute.name, .value = TRY(base::from_base64(attribute.value))};
      // Some, as those of SELinux, are there already and not ours to set.
      if (std::ranges::find(has, made) == has.end()) TRY(sys::set_attribute(place, made));
    }
  }
  return is.is_symlink() ? Result<void>() : sys::set_mode(place, entry.mode);
}

Result<void> put_times(const ImageEntry& entry, const sys::Place& place) {
  return sys::set_times(place, {.accessed_ns = entry.accessed_ns, .modified_ns = entry.modified_ns});
}

Result<void> put_all(const objects::Store& store, const Manifest& manifest) {
  Names names = TRY(Names::find(manifest));
  for (const ImageEntry& entry : manifest.entries) {
    if (entry.kind == EntryKind::absent) continue;
    const std::string path = TRY(from_stored(entry.path));
    const std::optional<sys::Place> place = TRY(place_of(path));
    if (!place)
      return fail(ErrorCode::conflict, "the folder of " + sys::quoted(path) + " is gone",
                  "bring it back first: lilux call undo.list");
    TRY(put_entry(store, entry, *place, names));
    if (entry.inode) names.put(*entry.inode, path);
  }
  return {};
}

Result<void> remove_what_was_not(const Manifest& manifest) {
  const ByPath then = by_path(manifest);
  for (const std::string& root : manifest.roots) TRY(remove_strangers(then, TRY(from_stored(root))));
  return {};
}

// Mode, owner and attributes of what is still the same file.
Result<void> restore_properties(const Manifest& manifest) {
  for (const ImageEntry& entry : manifest.entries) {
    if (entry.kind == EntryKind::absent) continue;
    const std::string path = TRY(from_stored(entry.path));
    const std::optional<sys::Place> place = TRY(place_of(path));
    if (!place || !TRY(sys::stat_if_there(*place)))
      return fail(ErrorCode::conflict, sys::quoted(path) + " is gone", "bring it back first: lilux call undo.list");
    if (TRY(sys::stat(*place)).is_symlink() != (entry.kind == EntryKind::symlink))
      return fail(ErrorCode::conflict, sys::quoted(path) + " is something else now", "put it back by hand");
    TRY(put_properties(entry, *place));
  }
  return {};
}

}  // namespace

Result<void> restore(const objects::Store& store, const std::string& image) {
  const Manifest manifest = TRY(load_manifest(store, image));
  if (manifest.only_properties) return restore_properties(manifest);
  for (const ImageEntry& entry : manifest.entries) {  // all of it has to be there before anything is touched
    if (entry.digest && !store.contains(*entry.digest)) {
      return fail(ErrorCode::not_found, "the earlier content of " + sys::quoted(entry.path) + " is no longer kept",
                  "it was older than objects.days or went when more than objects.size was kept");
    }
  }
  TRY(put_all(store, manifest));  // before anything goes: what was moved is linked back from where it is
  TRY(remove_what_was_not(manifest));
  for (const ImageEntry& entry : manifest.entries | std::views::reverse) {
    if (entry.kind == EntryKind::absent) continue;
    const sys::Place place = TRY(sys::open_parent(TRY(from_stored(entry.path))));
    TRY(remove_other_attributes(entry, place));
    TRY(put_properties(entry, place));
    TRY(put_times(entry, place));
  }
  for (const ImageEntry& parent : manifest.parents) {
    const sys::Place place = TRY(sys::open_parent(TRY(from_stored(parent.path))));
    TRY(put_times(parent, place));
    TRY(sys::sync_parent(place));
  }
  return {};
}

}  // namespace lilux::kernel
