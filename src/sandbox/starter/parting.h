#pragma once

// A process of which two become: a child that goes on with all its memory, and itself, which runs sandbox/init/ as the
// child's first process. No page is copied and none is written anew, as would be in the memory of a fork(2). Until it
// runs that program both have one memory; they have the same rights, too. One thread.

#include <cstddef>

namespace lilux::sandbox {

// What the C library keeps of the thread that this memory began with, where the system is told of it.
struct Thread {
  int* number = nullptr;
  void* robust_list = nullptr;
  std::size_t robust_size = 0;
};
// False where the system does not say.
bool look_at(Thread& thread);

// Comes back in the child. `listeners`: the end of a socket from which the first process takes the listener for renames
// (init/renames.h), and the other end; -1 when there are none. Its program lies at sys::kInitAt.
void leave_to_child(const Thread& thread, const int (&listeners)[2]);

}  // namespace lilux::sandbox
