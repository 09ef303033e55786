#include "kernel/trust.h"

#include <algorithm>

#include "kernel/kernel.h"
#include "sys/path.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::Result;

namespace {

bool is_ours(const std::string& path) {
  const Result<sys::Stat> found = sys::lstat(path);
  return found && found->uid == sys::user_id();
}

bool is_open_to_all(const std::string& folder) {
  const Result<sys::Stat> found = sys::lstat(folder);
  return found && (found->mode & 0002U) != 0;
}

}  // namespace

std::string trust_file(const Folders& folders) {
  return (folders.config / "trusted").string();
}

Result<std::vector<std::string>> trusted_folders(const Folders& folders) {
  const Result<std::string> text = sys::read_file(trust_file(folders), std::size_t{1} << 20);
  if (!text && text.error().code == ErrorCode::not_found) return std::vector<std::string>{};
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> found;
  for (std::size_t from = 0; from < text->size();) {
    const std::size_t end = std::min(text->find('\n', from), text->size());
    if (end > from && (*text)[from] == '/') found.push_back(text->substr(from, end - from));
    from = end + 1;
  }
  return found;
}

std::string trust_text(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) text.append(folder).append("\n");
  return text;
}

bool is_trusted(const Folders& folders, const std::string& project) {
  if (project.empty()) return false;  // most requests over HTTP name no folder, and each would read the file
  const Result<std::vector<std::string>> trusted = trusted_folders(folders);
  return trusted &&
         std::ranges::any_of(*trusted, [&](const std::string& folder) { return sys::is_beneath(project, folder); });
}

bool is_itself_trusted(const Folders& folders, const std::string& project) {
  const Result<std::vector<std::string>> trusted = trusted_folders(folders);
  return trusted && std::ranges::find(*trusted, project) != trusted->end();
}

std::string project_of(const std::string& cwd, const std::string& home) {
  const auto is_too_wide = [&](const std::string& path) { return path == "/" || sys::is_beneath(home, path); };
  for (std::string up = cwd; !is_too_wide(up); up = sys::parent_of(up)) {
    const bool is_marked = is_ours(up + "/.git") || is_ours(up + "/.ai");
    if (is_marked && is_ours(up) && !is_open_to_all(up)) return up;
  }
  return is_too_wide(cwd) || is_open_to_all(cwd) ? std::string() : cwd;
}

}  // namespace lilux::kernel
