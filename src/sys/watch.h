#pragma once

// Whether anything has changed in some folders since one looked, without looking again (inotify). One thread at a time.

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

class Watch {
 public:
  static base::Result<Watch> create();

  // From here on: the entries of this open folder and what is in its files, not what lies in folders below. Who adds
  // it before reading it misses nothing.
  void add(const Fd& folder);
  // What lies in the folders may change by other ways, such as another name of a file.
  void cannot_know() { is_blind_ = true; }
  // True when nothing has changed since the last time, or since the first folder was added. False as well where that
  // cannot be known: too many folders, a filesystem that others change from elsewhere.
  bool is_quiet();

 private:
  explicit Watch(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  bool is_blind_ = false;
};

}  // namespace lilux::sys
