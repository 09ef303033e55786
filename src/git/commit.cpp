#include "git/commit.h"

#include <algorithm>
#include <span>

#include "base/time.h"
#include "git/handles.h"
#include "git/names.h"
#include "git/tree.h"
#include "git/turn.h"
#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kMessageBytesMax = 65536;
constexpr std::size_t kNameBytesMax = 200;

// The lines of a commit are its format, and '<' and '>' stand round the address.
std::string for_header(std::string_view text, std::string_view otherwise) {
  std::string clean;
  for (const char c : text.substr(0, kNameBytesMax)) {
    const bool fits = static_cast<unsigned char>(c) >= ' ' && c != '<' && c != '>' && c != '\x7f';
    clean += fits ? c : ' ';
  }
  const bool is_blank = clean.find_first_not_of(" .,:;\"'\\") == std::string::npos;  // which git cuts off
  return is_blank ? std::string(otherwise) : clean;
}

std::string message_of(const Remark& remark) {
  std::string clean;
  for (const char c : std::string_view(remark.message).substr(0, kMessageBytesMax))
    if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t') clean += c;
  if (!clean.ends_with('\n')) clean += '\n';
  if (!remark.takes_back.empty()) clean += "\n" + std::string(kTakesBack) + remark.takes_back + "\n";
  return clean;
}

Result<Person> person_of(const Author& author) {
  Person person;
  const std::string name = for_header(author.name, "unknown");
  const std::string email = for_header(author.email, "unknown");
  const git_time_t seconds = base::now_us() / 1'000'000;
  const int result = make(person, git_signature_new, name.c_str(), email.c_str(), seconds, 0);
  if (result < 0) return fail_git(result, "name the author " + sys::quoted(author.name));
  return person;
}

// The file at `path` of a tree, or nothing.
Result<std::optional<File>> file_in(const Tree& tree, const std::string& path) {
  TreeEntry entry;
  const int result = make(entry, git_tree_entry_bypath, tree.get(), path.c_str());
  if (result == GIT_ENOTFOUND) return std::nullopt;
  if (result < 0) return fail_git(result, "look for " + sys::quoted(path));
  if (git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB)
    return base::fail(ErrorCode::conflict, sys::quoted(path) + " is a folder", "name a file in it");
  return File{.path = path, .id = text_of(*git_tree_entry_id(entry.get()))};
}

Result<void> check_expected(const Change& change, const std::optional<File>& found) {
  if (!change.expected || *change.expected == (found ? found->id : "")) return {};
  return base::fail(ErrorCode::conflict,
                    sys::quoted(change.path) + (found ? " was changed meanwhile" : " was removed meanwhile"),
                    "read it again and repeat the change on what stands there now");
}

// No update when there is nothing to remove.
Result<std::optional<git_tree_update>> update_of(const Repository& repository, const Tree& tree, const Change& change) {
  TRY(check_file_path(change.path));
  const std::optional<File> found = TRY(file_in(tree, change.path));
  TRY(check_expected(change, found));
  if (!change.bytes && !found) return std::nullopt;
  git_tree_update update{};
  update.path = change.path.c_str();
  update.action = change.bytes ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
  if (change.bytes) {
    update.id = TRY(write_content(repository, *change.bytes));
    update.filemode = change.mode == Mode::executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
  }
  return update;
}

Result<std::string> tree_with(const Repository& repository, const Tree& before, const std::vector<Change>& changes) {
  std::vector<git_tree_update> updates;
  for (const Change& change : changes)
    if (const auto update = TRY(update_of(repository, before, change))) updates.push_back(*update);
  git_oid id = *git_tree_id(before.get());
  if (updates.empty()) return text_of(id);
  const int result = git_tree_create_updated(&id, repository.handle(), before.get(), updates.size(), updates.data());
  if (result < 0) {
    auto error = fail_git(result, "change " + sys::quoted(changes.front().path)).error();
    if (std::string_view(git_error_last()->message).starts_with("D/F")) {
      return base::fail(ErrorCode::conflict, "a file stands where a folder is needed, or the other way round",
                        "choose another path, or remove it first");
    }
    return std::unexpected(std::move(error));
  }
  return text_of(id);
}

}  // namespace

Result<std::string> build_commit_of(const Repository& repository, const std::vector<std::string>& parents,
                                    const std::string& tree, const Remark& remark) {
  std::vector<Commit> owners;
  std::vector<const git_commit*> raw;
  for (const std::string& parent : parents) {
    owners.push_back(TRY(lookup_commit(repository, parent)));
    raw.push_back(owners.back().get());
  }
  const Person author = TRY(person_of(remark.author));
  const git_oid tree_id = TRY(id_of(tree));
  Tree content;
  git_oid id{};
  int result = make(content, git_tree_lookup, repository.handle(), &tree_id);
  if (result >= 0) {
    const std::string message = message_of(remark);
    result = git_commit_create(&id, repository.handle(), nullptr, author.get(), author.get(), nullptr, message.c_str(),
                               content.get(), raw.size(), raw.data());
  }
  if (result < 0) return fail_git(result, "write a commit to " + sys::quoted(repository.path()));
  return text_of(id);
}

Result<std::string> build_commit(const Repository& repository, const std::vector<std::string>& parents,
                                 const std::vector<Change>& changes, const Remark& remark) {
  const Tree before = parents.empty() ? TRY(empty_tree(repository)) : TRY(tree_of(repository, parents.front()));
  const std::string tree = TRY(tree_with(repository, before, changes));
  const bool is_same = tree == text_of(*git_tree_id(before.get()));
  if (parents.size() == 1 && is_same && remark.takes_back.empty()) return parents.front();
  return build_commit_of(repository, parents, tree, remark);
}

Result<std::string> commit(const Repository& repository, std::string_view branch, const std::vector<Change>& changes,
                           const Remark& remark) {
  return advance(repository, branch, [&](const std::optional<std::string>& tip) {
    return build_commit(repository, tip ? std::vector{*tip} : std::vector<std::string>(), changes, remark);
  });
}

}  // namespace lilux::git
