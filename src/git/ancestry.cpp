#include "git/ancestry.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "git/history.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kCommitsMax = 100'000;

class Ancestry {
 public:
  explicit Ancestry(const Repository& repository) : repository_(repository) {}

  // Leaves out the merges that commits of `newer` take back which `older` has not.
  Result<void> leave_out(const std::string& older, const std::string& newer) {
    for (const Record& record : TRY(records_between(repository_, older, newer)))
      if (!record.takes_back.empty()) TRY(leave_out_merge(record));
    return {};
  }
  bool is_whole() const { return left_out_.empty(); }

  using Commits = std::unordered_map<std::string, Record>;
  Result<Commits> behind(const std::string& tip) {
    Commits found;
    std::vector<std::string> open{tip};
    while (!open.empty()) {
      const std::string id = std::move(open.back());
      open.pop_back();
      if (found.contains(id)) continue;
      Record record = TRY(read(id));
      std::erase_if(record.parents, [&](const std::string& parent) { return left_out_.contains({id, parent}); });
      open.insert(open.end(), record.parents.begin(), record.parents.end());
      found.emplace(id, std::move(record));
    }
    return found;
  }

 private:
  // The newest merge of it on the line that the commit stands on.
  Result<void> leave_out_merge(const Record& taker) {
    Record at = taker;
    while (!at.parents.empty()) {
      if (std::ranges::find(at.parents, taker.takes_back) != at.parents.end()) {
        left_out_.emplace(at.id, taker.takes_back);
        return {};
      }
      at = TRY(read(std::string(at.parents.front())));
    }
    return {};
  }

  Result<Record> read(const std::string& id) {
    if (++read_ > kCommitsMax)
      return base::fail(ErrorCode::over_budget,
                        "a merge would look at more than " + std::to_string(kCommitsMax) + " commits");
    return record_of(repository_, id);
  }

  const Repository& repository_;
  std::set<std::pair<std::string, std::string>> left_out_;  // a commit, and the parent that does not count
  std::size_t read_ = 0;
};

// The newest that both have and that is before no other one of those.
std::optional<std::string> last_common(const Ancestry::Commits& ours, const Ancestry::Commits& theirs) {
  std::set<std::string> before;
  for (const auto& [id, record] : ours)
    if (theirs.contains(id)) before.insert(record.parents.begin(), record.parents.end());
  const Record* last = nullptr;
  for (const auto& [id, record] : ours) {
    const bool is_last = theirs.contains(id) && !before.contains(id);
    if (is_last && (!last || std::pair(last->time_us, last->id) < std::pair(record.time_us, id))) last = &record;
  }
  return last ? std::optional(last->id) : std::nullopt;
}

}  // namespace

Result<Meeting> meeting_of(const Repository& repository, const std::string& ours, const std::string& theirs) {
  Ancestry ancestry(repository);
  TRY(ancestry.leave_out(theirs, ours));
  TRY(ancestry.leave_out(ours, theirs));
  if (ancestry.is_whole()) return Meeting{.has_all = TRY(is_ancestor(repository, theirs, ours))};
  const Ancestry::Commits behind_ours = TRY(ancestry.behind(ours));
  const Ancestry::Commits behind_theirs = TRY(ancestry.behind(theirs));
  return Meeting{.has_all = behind_ours.contains(theirs),
                 .is_as_git_sees_it = false,
                 .base = last_common(behind_ours, behind_theirs)};
}

}  // namespace lilux::git
