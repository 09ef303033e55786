#pragma once

// Folders that git takes for repositories although they are called otherwise than .git: those with a HEAD in them. git
// runs what their config and hooks say as soon as somebody uses it there. Any thread.

#include "kernel/tool.h"

namespace lilux::tools {

// Has writes in such a folder, and writes that make one, judged as those in a .git beside them: adds these needs. Looks
// at the disk for few names alone (HEAD, config, hooks).
void need_git_folders(kernel::Assessment& made);

}  // namespace lilux::tools
