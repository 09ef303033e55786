#include "item/packages.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include "base/number.h"
#include "text/edit.h"
#include "text/fault.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Result;
using text::trimmed;

namespace {

// Lower case, and runs of '-', '_' and '.' as one '-', as PEP 503 compares them.
std::string normal_name(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const bool is_separator = c == '-' || c == '_' || c == '.';
    if (is_separator && made.ends_with('-')) continue;
    made += is_separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return made;
}

const Dependency* find_package(std::span<const Dependency> list, const std::string& package) {
  const auto found =
      std::ranges::find(list, normal_name(package), [](const Dependency& one) { return normal_name(one.package); });
  return found == list.end() ? nullptr : &*found;
}

// The first numbers of a version, two at most.
std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> made;
  while (made.size() < 2) {
    const auto number = base::number_from<int>(version.substr(0, version.find('.')));
    if (!number) break;
    made.push_back(*number);
    version.remove_prefix(std::min(version.find('.'), version.size() - 1) + 1);
  }
  return made;
}

bool suits(std::string_view operation, std::string_view wanted, const std::vector<int>& version) {
  std::vector<int> limit = numbers_of(wanted);
  if (limit.empty() || version.size() < 2) return true;
  const bool is_exact = std::ranges::count(wanted, '.') > 1 && !wanted.ends_with(".*");
  const bool is_same = std::ranges::equal(limit, std::span(version).first(limit.size()));
  limit.resize(2);
  if (operation == ">=") return version >= limit;
  if (operation == ">") return version > limit || (version == limit && is_exact);
  if (operation == "<=") return version <= limit;
  if (operation == "<") return version < limit || (version == limit && is_exact);
  if (operation == "==" || operation == "===") return is_same;
  if (operation == "!=") return !is_same || is_exact;
  if (operation == "~=") return version >= limit && version[0] == limit[0] && (!is_exact || version[1] == limit[1]);
  return true;
}

}  // namespace

bool suits_python(std::string_view wanted, std::string_view version) {
  const std::vector<int> numbers = numbers_of(version);
  while (!wanted.empty()) {
    const std::string_view part = trimmed(wanted.substr(0, wanted.find(',')));
    wanted.remove_prefix(std::min(wanted.find(','), wanted.size() - 1) + 1);
    const std::size_t at = std::min(part.find_first_not_of("<>=!~"), part.size());
    if (!suits(part.substr(0, at), trimmed(part.substr(at)), numbers)) return false;
  }
  return true;
}

std::optional<Dependency> dependency_from(std::string_view text) {
  const std::size_t condition = text.find(';');
  text = trimmed(text.substr(0, condition));
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  };
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
  if (end == 0) return std::nullopt;
  Dependency made{.package = std::string(text.substr(0, end)), .is_conditional = condition != std::string_view::npos};
  const std::size_t exact = text.find("==");
  if (exact != std::string_view::npos && !text.contains(',') && !text.contains('*'))
    made.version = trimmed(text.substr(exact + 2));
  return made;
}

Result<std::vector<Dependency>> parse_lock(std::string_view text) {
  std::vector<Dependency> made;
  bool goes_on = false;
  for (std::size_t at = 0; at < text.size();) {
    const text::LineSpan line = text::line_at(text, at);
    const std::size_t begins = std::exchange(at, line.next);
    std::string_view content = text::text_of(text, line);
    content = trimmed(content.substr(0, content.find(" #")));
    const bool is_continued = std::exchange(goes_on, content.ends_with('\\'));
    if (content.empty() || content.starts_with('#') || content.starts_with("--") || is_continued) continue;
    if (goes_on) content = trimmed(content.substr(0, content.size() - 1));
    content = trimmed(content.substr(0, content.find(" --hash")));
    auto dependency = dependency_from(content);
    if (!dependency || dependency->version.empty())
      return text::fault_at(text, begins, "a line that locks no version", "write name==version");
    made.push_back(std::move(*dependency));
  }
  return made;
}

std::vector<Dependency> not_locked(std::span<const Dependency> wanted, std::span<const Dependency> lock) {
  std::vector<Dependency> made;
  for (const Dependency& one : wanted) {
    const Dependency* locked = find_package(lock, one.package);
    if (!locked || (!one.version.empty() && one.version != locked->version)) made.push_back(one);
  }
  return made;
}

std::optional<Dependency> installed_from(std::string_view metadata) {
  Dependency made;
  for (std::size_t at = 0; at < metadata.size();) {
    const text::LineSpan line = text::line_at(metadata, at);
    at = line.next;
    const std::string_view content = text::text_of(metadata, line);
    if (trimmed(content).empty()) break;  // the description follows
    if (content.starts_with("Name:")) made.package = trimmed(content.substr(5));
    if (content.starts_with("Version:")) made.version = trimmed(content.substr(8));
  }
  return made.package.empty() || made.version.empty() ? std::nullopt : std::optional(std::move(made));
}

std::vector<Mismatch> not_installed(std::span<const Dependency> lock, std::span<const Dependency> installed) {
  std::vector<Mismatch> made;
  for (const Dependency& locked : lock) {
    const Dependency* there = find_package(installed, locked.package);
    if (there ? there->version != locked.version : !locked.is_conditional)
      made.push_back({.locked = locked, .installed = there ? there->version : std::string()});
  }
  return made;
}

}  // namespace lilux::item
