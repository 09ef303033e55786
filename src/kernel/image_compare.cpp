// What differs between an image and the world.

#include "base/encoding.h"
#include "base/escape.h"
#include "kernel/image.h"
#include "kernel/manifest.h"
#include "sys/io.h"
#include "sys/place.h"
#include "text/diff.h"

namespace lilux::kernel {

using base::Result;

namespace {

constexpr std::uint64_t kDiffBytesMax = std::uint64_t{64} << 10;

std::string what_differs(const ImageEntry& then, const ImageEntry& is) {
  if (then.kind != is.kind)
    return "was a " + std::string(base::enum_name(then.kind)) + ", is a " + std::string(base::enum_name(is.kind));
  std::string text;
  const auto add = [&](bool differs, std::string_view what) {
    if (differs) text.append(text.empty() ? "" : ", ").append(what);
  };
  add(then.digest != is.digest || then.size != is.size, "content");
  add(then.target != is.target, "target");
  add(then.mode != is.mode, "mode");
  add(then.uid != is.uid || then.gid != is.gid, "owner");
  add(then.attributes != is.attributes, "attributes");
  return text.empty() ? text : text + " changed";
}

std::string text_diff(const objects::Store& store, const ImageEntry& to, const std::string& path) {
  if (to.kind != EntryKind::file || !to.digest || to.size.value_or(0) > kDiffBytesMax) return {};
  const Result<std::string> wanted = store.get(*to.digest);
  const Result<sys::Place> place = sys::open_parent(path);
  if (!wanted || !place) return {};
  const Result<sys::Fd> fd = sys::open_regular(*place);
  const Result<std::string> is =
      fd ? sys::read_all(fd->get(), kDiffBytesMax, path) : Result<std::string>(std::string());
  return is ? text::unified_diff(*is, *wanted, {.old_name = path, .new_name = path}) : std::string();
}

}  // namespace

Result<std::string> difference(const objects::Store& store, const std::string& image) {
  const Manifest then = TRY(load_manifest(store, image));
  const Manifest is = TRY(manifest_now(then));
  const ByPath was_there = by_path(then);
  const ByPath is_there = by_path(is);
  std::string text;
  for (const auto& [path, entry] : was_there) {
    const auto found = is_there.find(path);
    const std::string what = found == is_there.end() ? "is gone" : what_differs(*entry, *found->second);
    if (!what.empty()) text += base::escape_line(path) + ": " + what + "\n";
  }
  for (const auto& [path, entry] : is_there) {
    if (!was_there.contains(path)) text += base::escape_line(path) + ": is new\n";
  }
  return text;
}

Result<std::string> preview_restore(const objects::Store& store, const std::string& image) {
  const Manifest then = TRY(load_manifest(store, image));
  const Manifest is = TRY(manifest_now(then));
  const ByPath wanted = by_path(then);
  const ByPath is_there = by_path(is);
  std::string text;
  for (const auto& [path, entry] : is_there) {
    if (!wanted.contains(path)) text += "remove " + base::escape_line(path) + "\n";
  }
  for (const auto& [path, entry] : wanted) {
    const auto found = is_there.find(path);
    if (found == is_there.end())
      text += "bring back " + base::escape_line(path) + " (" + std::string(base::enum_name(entry->kind)) + ", " +
              std::to_string(entry->size.value_or(0)) + " bytes)\n";
    else if (!what_differs(*entry, *found->second).empty())
      text += "change " + base::escape_line(path) + "\n" + text_diff(store, *entry, TRY(from_stored(path)));
  }
  return text;
}

}  // namespace lilux::kernel
