#pragma once

// On an overlay the system does not rename a folder that was there before: it fails with EXDEV, as if its new place
// were on another disk, and most programs do not know what to do then. So the first process of a sandbox is told of
// renames, while who asked waits, and moves such a folder itself: a new one is made, and what lies in the old one is
// renamed into it. It is no judge: it has the rights of the program and no others, everything but folders goes on as if
// it had not been asked, and where it cannot help the system's answer stays. No C library, no memory but the stack's.

namespace lilux::sandbox {

// In the process of the program, last of all: a descriptor at which renames are told of, or a negative errno.
int tell_of_renames();
// In the first process: answers one that was told.
void answer_rename(int listener);

}  // namespace lilux::sandbox
