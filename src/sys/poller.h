#pragma once

// epoll, eventfd and signalfd as small owned things, for event loops. A Poller belongs to the thread that
// waits on it; a Wake may be raised from any thread.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

struct Interest {
  bool read = false;
  bool write = false;
};

struct Ready {
  std::uint64_t key = 0;
  bool read = false;  // also when the other side has closed
  bool write = false;
  bool closed = false;  // hang-up or error
};

class Poller {
 public:
  static base::Result<Poller> create();
  base::Result<void> add(int fd, Interest interest, std::uint64_t key);
  base::Result<void> change(int fd, Interest interest, std::uint64_t key);
  base::Result<void> remove(int fd);
  // Fills `ready` with what there is, at most `most`; empty when the time is up. A negative time waits for ever.
  base::Result<void> wait(std::vector<Ready>& ready, std::chrono::milliseconds timeout, std::size_t most = 256);

 private:
  explicit Poller(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// Wakes a poller from another thread.
class Wake {
 public:
  static base::Result<Wake> create();
  void raise() const;
  void clear() const;
  int fd() const { return fd_.get(); }

 private:
  explicit Wake(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// Takes signals as readable events. They are blocked in the calling thread and in threads it starts afterwards: create
// it in main before any other thread.
class Signals {
 public:
  static base::Result<Signals> create(std::initializer_list<int> signals);
  // The next one that waits, if any.
  std::optional<int> next() const;
  int fd() const { return fd_.get(); }

 private:
  explicit Signals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace lilux::sys
