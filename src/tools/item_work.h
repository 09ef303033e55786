#pragma once

// One file of a volume that is to change: what that needs, the call that takes it back, and the change itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"
#include "item/volume.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

// What is to become of one file.
struct Work {
  const item::Volume* volume = nullptr;
  std::string path;
  std::optional<item::Content> before;
  std::optional<std::string> after;  // nothing: it goes
  std::vector<item::Problem> problems = {};
  std::optional<git::Mode> mode = {};      // as it is when absent
  std::optional<std::string> folder = {};  // the topmost of those that were made for it and go with it
  std::vector<std::string> others = {};    // what lies in the folder of a skill and goes with it
  bool is_lost = false;  // `before` is from the history: the file was removed by hand and is put back first
};

// The topmost of the folders that have to be made for a file of a volume; nothing when its folder is there.
std::optional<std::string> folder_for(const item::Volume& volume, const std::string& path);
// The file, and the folders on the way to it up to `topmost`: of what holds any of these the times change.
std::vector<std::string> with_folders(const std::string& file, const std::string& topmost);
// What was made for a file that is gone again goes too, up to `topmost`, as far as it is empty.
void remove_folders(const item::Volume& volume, const std::string& path, const std::string& topmost);

std::string stamp_of(const std::optional<item::Content>& content);
// What is there; nothing when there is no such file.
base::Result<std::optional<item::Content>> content_at(const item::Volume& volume, const std::string& path);
// A pre-image is kept as an object, and objects are anybody's: only who was given this text for it may have it put
// back, at this place.
std::string seal_of(const kernel::CallContext& call, const std::string& source, const std::string& path,
                    const std::string& object);
base::Result<void> check_seal(const kernel::CallContext& call, const std::string& source, const std::string& path,
                              const std::optional<std::string>& object, const std::optional<std::string>& seal);
// The files beside the knowledge that tie it together; no items, but changed as they are.
bool is_knowledge_list(std::string_view path);

base::Result<kernel::Assessment> assessed(const kernel::CallContext& call, const Volumes& volumes, const Work& work);
// Makes the change, when the volume is as it was when the call was let through. Gives the commit.
base::Result<std::string> done(kernel::CallContext& call, const Volumes& volumes, const Work& work);

}  // namespace lilux::tools::item_tools
