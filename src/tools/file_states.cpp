#include "tools/file_states.h"

#include "base/encoding.h"
#include "base/hash.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::tools {

using base::Result;

namespace {

constexpr std::uint64_t kEntriesMax = 1'000'000;
constexpr std::size_t kDigits = 16;

void add(std::string& text, const std::string& path, const sys::Stat& found) {
  text += path + '\0';
  for (const std::uint64_t number :
       {std::uint64_t{found.device}, std::uint64_t{found.inode}, found.size,
        static_cast<std::uint64_t>(found.modified_ns), static_cast<std::uint64_t>(found.changed_ns)})
    text += std::to_string(number) + ',';
}

Result<void> add_tree(std::string& text, const std::string& path) {
  const sys::Place place = TRY(sys::open_parent(TRY(sys::resolve(path, "/", sys::Final::keep))));
  TRY(sys::walk_tree(place, kEntriesMax, [&](const sys::Place& below, const sys::Stat& found) -> Result<sys::Descend> {
    add(text, below.path, found);
    return sys::Descend::yes;
  }));
  return {};
}

}  // namespace

std::string file_states(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    if (const Result<void> walked = add_tree(text, path); !walked) text += path + '\0' + walked.error().message;
  }
  return base::to_hex(base::sha256(text)).substr(0, kDigits);
}

std::vector<std::string> files_named(const std::vector<std::string>& words, const std::string& cwd) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    const Result<std::string> path = sys::resolve(word, cwd, sys::Final::follow);
    const Result<sys::Stat> found = path ? sys::lstat(*path) : std::unexpected(path.error());
    if (found && found->is_regular()) files.push_back(*path);
  }
  return files;
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  const Result<std::vector<sys::Entry>> entries = sys::list_directory(folder);
  for (const sys::Entry& entry : entries.value_or(std::vector<sys::Entry>())) {
    if (entry.type != sys::FileType::directory) files.push_back(folder + "/" + entry.name);
  }
  return files;
}

}  // namespace lilux::tools
