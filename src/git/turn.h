#pragma once

// Changing a repository. Writers take turns, threads and processes alike; a branch is moved under git's own lock of it
// as well, so that git itself may work in the same repository. What a writer left that was killed is swept away by the
// next turn.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "git/repository.h"
#include "sys/fd.h"
#include "sys/lock.h"

namespace lilux::git {

class Turn {
 public:
  static constexpr std::chrono::seconds kPatience{60};

  // Waits for the others; `timeout`, naming who holds it.
  static base::Result<Turn> take(const Repository& repository, std::chrono::milliseconds patience = kPatience);
  Turn(Turn&& other) noexcept;
  Turn& operator=(Turn&&) = delete;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn();

 private:
  Turn(sys::Lock lock, std::string mark) : lock_(std::move(lock)), mark_(std::move(mark)) {}
  sys::Lock lock_;
  std::string mark_;  // a file that stands while we work: who finds it knows that its maker died
};

// One branch on its way from one commit to the next, locked. Nothing has happened unless publish() returned.
class BranchMove {
 public:
  // `reference` in full: "refs/heads/main". `unavailable` when another git program has it locked.
  static base::Result<BranchMove> begin(const Turn& turn, const Repository& repository, const std::string& reference);
  BranchMove(BranchMove&& other) noexcept;
  BranchMove& operator=(BranchMove&&) = delete;
  BranchMove(const BranchMove&) = delete;
  BranchMove& operator=(const BranchMove&) = delete;
  ~BranchMove();

  // Where it is; nullopt for a branch that is new.
  const std::optional<std::string>& from() const { return from_; }
  // Says where it goes. The commit and this must reach the disk before publish(): Repository::sync().
  base::Result<void> set(const std::string& commit);
  // It has moved; durably so with the next sync().
  base::Result<void> publish();
  // All of that.
  base::Result<void> move_to(const Repository& repository, const std::string& commit);

 private:
  BranchMove(std::string path, sys::Fd fd, std::optional<std::string> from)
      : path_(std::move(path)), fd_(std::move(fd)), from_(std::move(from)) {}
  std::string path_;  // of the reference
  sys::Fd fd_;        // of its lock file
  std::optional<std::string> from_;
};

// "refs/heads/" with the name, which is checked.
base::Result<std::string> reference_of(std::string_view branch);

// Builds a commit on a branch's tip, on nothing for a new one; "" when nothing is to be.
using Advance = std::function<base::Result<std::string>(const std::optional<std::string>& tip)>;
// Takes a turn, has the commit built and moves the branch there; durable. Gives the commit.
base::Result<std::string> advance(const Repository& repository, std::string_view branch, const Advance& build);

// Durable; `conflict` when the branch is there.
base::Result<void> create_branch(const Repository& repository, std::string_view name, std::string_view at);
// Durable. Puts a branch elsewhere, makes it, or removes it; `conflict` unless it is where `from` says. Never `main`.
base::Result<void> put_branch(const Repository& repository, std::string_view name,
                              const std::optional<std::string>& from, const std::optional<std::string>& to);

}  // namespace lilux::git
