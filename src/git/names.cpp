#include "git/names.h"

#include <algorithm>
#include <cctype>
#include <ranges>
#include <string>

#include "sys/error.h"
#include "sys/path.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kBranchBytesMax = 128;

bool may_be_in_branch(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
}

bool is_branch_part(std::string_view part) {
  return !part.empty() && std::ranges::all_of(part, may_be_in_branch) && part.front() != '.' && part.front() != '-' &&
         part.back() != '.' && part.find("..") == std::string_view::npos && !part.ends_with(".lock");
}

// Apple's filesystem ignores these within a name; all are three bytes of UTF-8.
bool is_ignored(std::string_view three) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(three[i]); };
  if (at(0) == 0xef) return at(1) == 0xbb && at(2) == 0xbf;
  if (at(0) != 0xe2) return false;
  return (at(1) == 0x80 && ((at(2) >= 0x8c && at(2) <= 0x8f) || (at(2) >= 0xaa && at(2) <= 0xae))) ||
         (at(1) == 0x81 && at(2) >= 0xaa && at(2) <= 0xaf);
}

// ".git" as some filesystem would read the name.
bool is_git_folder(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.size() - i >= 3 && is_ignored(name.substr(i, 3))) {
      i += 2;
    } else {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
    }
  }
  plain.resize(std::min(plain.size(), plain.find(':')));                  // a stream of NTFS
  while (plain.ends_with('.') || plain.ends_with(' ')) plain.pop_back();  // which Windows drops
  return plain == ".git" || plain == "git~1";
}

// Why it may not stand in a folder; empty when it may.
std::string_view unfit(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name == "." || name == "..") return "leads out of its folder";
  if (is_git_folder(name)) return "is a name of git's own";
  if (name.find_first_of(std::string_view("/\\\0", 3)) != std::string_view::npos) return "holds a separator or NUL";
  return {};
}

}  // namespace

Result<void> check_branch(std::string_view name) {
  bool fits = !name.empty() && name.size() <= kBranchBytesMax && !name.ends_with('/') && name != "HEAD";
  for (const auto part : name | std::views::split('/')) fits = fits && is_branch_part(std::string_view(part));
  // Forty hex digits would be taken for a commit.
  const bool is_id = name.size() == 40 && name.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (fits && !is_id) return {};
  return base::fail(ErrorCode::invalid_argument, sys::quoted(name) + " cannot be the name of a branch",
                    "letters, digits, '.', '_', '-' and '/', at most 128 of them: review/web-search");
}

Result<void> check_file_path(std::string_view path) {
  TRY(sys::check_path(path));
  for (const auto part : path | std::views::split('/')) {
    const std::string_view why = unfit(std::string_view(part));
    if (!why.empty()) {
      return base::fail(
          ErrorCode::invalid_argument,
          "path " + sys::quoted(path) + ": " + sys::quoted(std::string_view(part)) + " " + std::string(why),
          "a path below the volume: directives/core/init.md");
    }
  }
  return {};
}

}  // namespace lilux::git
