#include "sys/path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/open_strict.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int kSymlinksMax = 40;     // as the kernel
constexpr long kProcMagic = 0x9fa0;  // PROC_SUPER_MAGIC

// Takes the next component off `rest`, slashes before it included; empty at the end.
std::string next_component(std::string& rest) {
  const std::size_t begin = rest.find_first_not_of('/');
  if (begin == std::string::npos) {
    rest.clear();
    return {};
  }
  const std::size_t end = rest.find('/', begin);
  std::string component = rest.substr(begin, end == std::string::npos ? end : end - begin);
  rest.erase(0, end == std::string::npos ? rest.size() : end);
  return component;
}

bool only_slashes(std::string_view text) {
  return text.find_first_not_of('/') == std::string_view::npos;
}

// The links of /proc that lead to an object, not to a name, have a text that merely looks like one. Those that are
// names (self, mounts, net) are relative and plain.
bool is_magic(const std::string& link, std::string_view text) {
  struct ::statfs filesystem{};
  const std::string folder = link.substr(0, std::max<std::size_t>(link.rfind('/'), 1));
  if (::statfs(folder.c_str(), &filesystem) != 0 || filesystem.f_type != kProcMagic) return false;
  return text.starts_with('/') || text.starts_with('(') || text.find(':') != std::string_view::npos;
}

// One resolution under way: what is settled, and what is still to be walked.
class Walk {
 public:
  Walk(std::string start, std::string_view original, Final last)
      : rest_(std::move(start)), original_(original), last_(last) {}

  Result<std::string> run() {
    while (true) {
      const std::string component = next_component(rest_);
      if (component.empty()) break;
      if (component == "." || component == "..") {
        TRY(dots(component));
      } else {
        TRY(name(component));
      }
    }
    if (settled_.empty()) settled_ = "/";
    return settled_;
  }

 private:
  // ".", ".." and a trailing slash need a folder before them; a tail that is not there yet will be one.
  Result<void> need_folder() {
    if (missing_ > 0 || settled_.empty()) return {};
    struct ::stat raw{};
    if (::lstat(settled_.c_str(), &raw) != 0) return fail_errno(errno, "resolve", original_);
    if (!S_ISDIR(raw.st_mode)) return fail_errno(ENOTDIR, "resolve", original_);
    return {};
  }

  Result<void> dots(const std::string& component) {
    TRY(need_folder());
    if (component == ".") return {};
    if (!settled_.empty()) settled_.erase(settled_.rfind('/'));
    if (missing_ > 0) --missing_;
    return {};
  }

  Result<void> name(const std::string& component) {
    if (component.size() > NAME_MAX) return fail_errno(ENAMETOOLONG, "resolve", original_);
    settled_ += '/';
    settled_ += component;
    if (settled_.size() >= PATH_MAX) return fail_errno(ENAMETOOLONG, "resolve", original_);
    if (missing_ > 0) {
      ++missing_;
      return {};
    }
    const bool is_kept = last_ == Final::keep && rest_.empty();
    std::array<char, PATH_MAX> text;
    const ssize_t size = ::readlink(settled_.c_str(), text.data(), text.size());
    if (size >= 0) return is_kept ? Result<void>() : link({text.data(), static_cast<std::size_t>(size)}, component);
    if (errno == ENOENT) {
      missing_ = 1;
      return {};
    }
    if (errno != EINVAL) return fail_errno(errno, "resolve", original_);  // EINVAL: it is there and no symlink
    return only_slashes(rest_) && !rest_.empty() ? need_folder() : Result<void>();
  }

  Result<void> link(std::string_view text, const std::string& component) {
    if (++links_ > kSymlinksMax) return fail_errno(ELOOP, "resolve", original_);
    if (is_magic(settled_, text)) {
      return base::fail(ErrorCode::invalid_argument,
                        "cannot resolve " + quoted(original_) + ": " + quoted(settled_) + " is a magic link",
                        "name the file itself");
    }
    rest_.insert(0, text);
    if (text.starts_with('/')) {
      settled_.clear();
    } else {
      settled_.erase(settled_.size() - component.size() - 1);
    }
    return {};
  }

  std::string settled_;  // canonical, without trailing slash; empty is the root
  std::string rest_;
  std::string_view original_;
  Final last_;
  int missing_ = 0;  // how many of the last components do not exist
  int links_ = 0;
};

// `start` without "." and repeated slashes when it has no ".."; then text alone can be right.
std::optional<std::string> plain(std::string start) {
  std::string normal;
  normal.reserve(start.size());
  for (std::string_view left = start; !left.empty();) {
    const std::size_t begin = left.find_first_not_of('/');
    if (begin == std::string_view::npos) break;
    left.remove_prefix(begin);
    const std::string_view component = left.substr(0, left.find('/'));
    if (component == "..") return std::nullopt;
    if (component == "." && left.size() == 1) return std::nullopt;  // trailing: asks for a folder
    if (component != ".") normal.append("/").append(component);
    left.remove_prefix(component.size());
  }
  return normal;
}

}  // namespace

Result<void> check_path(std::string_view path) {
  if (path.empty()) return base::fail(ErrorCode::invalid_argument, "the path is empty", "'.' is the current folder");
  if (path.find('\0') != std::string_view::npos) {
    return base::fail(ErrorCode::invalid_argument, "path " + quoted(path) + " contains a NUL byte", "remove it");
  }
  if (path.size() >= PATH_MAX) {
    return base::fail(ErrorCode::invalid_argument,
                      "path " + quoted(path) + " is longer than " + std::to_string(PATH_MAX - 1) + " bytes",
                      "shorten it");
  }
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end - begin > NAME_MAX) {
      return base::fail(ErrorCode::invalid_argument,
                        "path " + quoted(path) + " has a name longer than " + std::to_string(NAME_MAX) + " bytes",
                        "shorten it");
    }
    begin = end + 1;
  }
  return {};
}

Result<std::string> resolve(std::string_view path, std::string_view cwd, Final last) {
  TRY(check_path(path));
  std::string start(path);
  if (!path.starts_with('/')) {
    TRY(check_path(cwd));
    if (!cwd.starts_with('/')) {
      return base::fail(ErrorCode::invalid_argument, "the working directory " + quoted(cwd) + " is not absolute");
    }
    start.insert(0, std::string(cwd) + "/");
  }
  // Most paths have no symlink at all, and one system call says so.
  if (!start.ends_with('/')) {
    const auto normal = plain(start);
    if (normal && !normal->empty() && is_free_of_symlinks(*normal)) return *normal;
  }
  return Walk(std::move(start), path, last).run();
}

bool is_beneath(std::string_view path, std::string_view root) {
  if (root == "/") return path.starts_with('/');
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace lilux::sys
