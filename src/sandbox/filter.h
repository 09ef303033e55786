#pragma once

// The system calls that a program in a sandbox may make: those of ordinary programs. Others are unknown to it, so that
// it does without; dangerous ones are not permitted. Written as a program for the kernel's filter machine here, because
// libseccomp cannot hold the lower half of one argument against two values. Any thread.

#include <vector>

#include <linux/filter.h>

namespace lilux::sandbox {

// What else holds the program in: where that leaves a way open, the filter closes it and takes more than it would like.
struct FilterOptions {
  int landlock = 0;           // below 3 files can be emptied, below 6 strangers be signalled
  bool has_own_root = false;  // without, properties of files that Landlock does not see, and sockets with names
  bool is_attended = false;   // modes, owners and times are the attendant's to set
};

std::vector<sock_filter> compile_filter(const FilterOptions& options);

}  // namespace lilux::sandbox
