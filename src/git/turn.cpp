#include "git/turn.h"

#include <tuple>
#include <utility>

#include <fcntl.h>

#include "base/time.h"
#include "git/handles.h"
#include "git/names.h"
#include "git/sweep.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/place.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view kTurn = "/lilux.turn";
constexpr std::string_view kMark = "/lilux.busy";
constexpr std::int64_t kDeadAfterNs = 60'000'000'000;  // git holds the lock of a branch for milliseconds

// A lock that nobody can hold any more, because the machine went down with its owner, say.
Result<bool> is_dead(const std::string& lock) {
  const auto found = TRY(sys::stat_if_there(lock));
  return !found || base::now_us() * 1000 - found->changed_ns > kDeadAfterNs;
}

Result<sys::Fd> take_lock(const std::string& lock) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL;
  Result<sys::Fd> fd = sys::open(lock, kFlags, 0600);
  if (fd || fd.error().code != ErrorCode::conflict) return fd;
  if (!TRY(is_dead(lock))) {
    return base::fail(ErrorCode::unavailable, "another git program has locked " + sys::quoted(lock),
                      "try again; when no git runs: rm " + lock);
  }
  std::ignore = sys::remove_file(lock);  // if not, opening it says why
  return sys::open(lock, kFlags, 0600);
}

}  // namespace

Result<Turn> Turn::take(const Repository& repository, std::chrono::milliseconds patience) {
  sys::Lock lock = TRY(sys::Lock::wait_for(repository.path() + std::string(kTurn), patience));
  const std::string mark = repository.path() + std::string(kMark);
  if (const auto left = TRY(sys::stat_if_there(mark))) TRY(sweep(repository, left->modified_ns));
  TRY(sys::open(mark, O_WRONLY | O_CREAT, 0600));
  return Turn(std::move(lock), mark);
}

Turn::Turn(Turn&& other) noexcept : lock_(std::move(other.lock_)), mark_(std::exchange(other.mark_, {})) {}

Turn::~Turn() {
  if (!mark_.empty()) std::ignore = sys::remove_file(mark_);  // the next turn sweeps in vain
}

Result<BranchMove> BranchMove::begin(const Turn&, const Repository& repository, const std::string& reference) {
  const std::string path = repository.path() + "/" + reference;
  TRY(sys::make_directories(sys::parent_of(path), 0700));
  sys::Fd fd = TRY(take_lock(path + ".lock"));
  BranchMove move(path, std::move(fd), std::nullopt);
  git_oid id{};
  const int result = git_reference_name_to_id(&id, repository.handle(), reference.c_str());
  if (result < 0 && result != GIT_ENOTFOUND) return fail_git(result, "read branch " + sys::quoted(reference));
  if (result >= 0) move.from_ = text_of(id);
  return move;
}

BranchMove::BranchMove(BranchMove&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)), from_(std::move(other.from_)) {}

BranchMove::~BranchMove() {
  if (!path_.empty()) std::ignore = sys::remove_file(path_ + ".lock");  // swept by the next turn
}

Result<void> BranchMove::set(const std::string& commit) {
  TRY(id_of(commit));
  TRY(sys::truncate(fd_.get(), 0, path_));
  return sys::write_at(fd_.get(), 0, commit + "\n", path_);
}

Result<void> BranchMove::publish() {
  TRY(sys::rename(TRY(sys::open_parent(path_ + ".lock")), TRY(sys::open_parent(path_)), sys::Replace::yes));
  path_.clear();
  return {};
}

Result<void> BranchMove::move_to(const Repository& repository, const std::string& commit) {
  TRY(set(commit));
  TRY(repository.sync());
  return publish();
}

Result<std::string> reference_of(std::string_view branch) {
  TRY(check_branch(branch));
  return "refs/heads/" + std::string(branch);
}

Result<std::string> advance(const Repository& repository, std::string_view branch, const Advance& build) {
  const std::string reference = TRY(reference_of(branch));
  const Turn turn = TRY(Turn::take(repository));
  BranchMove move = TRY(BranchMove::begin(turn, repository, reference));
  std::string made = TRY(build(move.from()));
  if (made.empty() || move.from() == made) return made;
  TRY(move.move_to(repository, made));
  TRY(repository.sync());
  return made;
}

Result<void> create_branch(const Repository& repository, std::string_view name, std::string_view at) {
  const std::string commit = TRY(repository.commit_at(at));
  TRY(advance(repository, name, [&](const std::optional<std::string>& tip) -> Result<std::string> {
    if (!tip) return commit;
    return base::fail(ErrorCode::conflict, "branch " + sys::quoted(name) + " is there already, at " + *tip,
                      "choose another name");
  }));
  return {};
}

Result<void> put_branch(const Repository& repository, std::string_view name, const std::optional<std::string>& from,
                        const std::optional<std::string>& to) {
  const std::string reference = TRY(reference_of(name));
  if (name == kMain) return base::fail(ErrorCode::denied, "branch 'main' is what the folder shows; it stays");
  const auto checked = [&](const std::optional<std::string>& tip) -> Result<std::string> {
    if (tip == from) return to.value_or("");
    return base::fail(ErrorCode::conflict, "branch " + sys::quoted(name) + " was moved meanwhile", "try again");
  };
  if (to) {
    TRY(advance(repository, name, checked));
    return {};
  }
  const Turn turn = TRY(Turn::take(repository));
  TRY(checked(TRY(repository.tip(name))));
  if (!from) return {};
  const int result = git_reference_remove(repository.handle(), reference.c_str());
  if (result < 0) return fail_git(result, "delete branch " + sys::quoted(name));
  return repository.sync();
}

}  // namespace lilux::git
