#include "item/kind.h"

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

namespace lilux::item {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kNameBytesMax = 128;

struct Folder {
  std::string_view path;
  Kind kind;
  std::string_view ending;  // "": any that fits the kind
};
// The first of a kind is where new ones go; those of LLMunix are read as well.
constexpr std::array kFolders{
    Folder{"directives/", Kind::directive, "md"},
    Folder{"scripts/", Kind::script, ""},
    Folder{"knowledge/", Kind::knowledge, "md"},
    Folder{"skills/", Kind::skill, "md"},
    Folder{"agents/", Kind::agent, "md"},
    Folder{"components/agents/", Kind::agent, "md"},
    Folder{"workflows/", Kind::workflow, "json"},
    Folder{"tools/", Kind::tool, "md"},
    Folder{"components/tools/", Kind::tool, "md"},
    Folder{"patterns/", Kind::pattern, "md"},
    Folder{"plans/", Kind::plan, "md"},
    Folder{"templates/", Kind::template_item, ""},
};
constexpr std::array<std::string_view, 4> kScripts{"py", "sh", "js", "mjs"};
constexpr std::string_view kLibrary = "lib";  // of scripts: what they share is none

bool ends_as(const Folder& folder, std::string_view ending) {
  if (folder.kind == Kind::script) return std::ranges::find(kScripts, ending) != kScripts.end();
  return folder.ending.empty() ? !ending.empty() : ending == folder.ending;
}

bool may_be_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// Splits at the last separator; all is behind it when there is none.
std::pair<std::string_view, std::string_view> split_last(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return {{}, text};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool is_category(std::string_view category) {
  if (category.empty()) return true;
  return std::ranges::all_of(category | std::views::split('/'),
                             [](auto part) { return check_name(std::string_view(part)).has_value(); });
}

std::optional<Place> place_in(const Folder& folder, std::string_view rest) {
  if (rest.starts_with('/')) return std::nullopt;
  auto [category, file] = split_last(rest, '/');
  if (folder.kind == Kind::skill && file == kSkillFile) {
    std::tie(category, file) = split_last(category, '/');
    if (!check_name(file) || !is_category(category)) return std::nullopt;
    return Place{.kind = Kind::skill, .name = std::string(file), .category = std::string(category)};
  }
  const auto [name, ending] = split_last(file, '.');
  if (!ends_as(folder, ending) || !check_name(name) || !is_category(category)) return std::nullopt;
  if (folder.kind == Kind::script && category.substr(0, category.find('/')) == kLibrary) return std::nullopt;
  return Place{.kind = folder.kind, .name = std::string(name), .category = std::string(category)};
}

}  // namespace

std::optional<Place> place_of(std::string_view path) {
  for (const Folder& folder : kFolders)
    if (path.starts_with(folder.path)) return place_in(folder, path.substr(folder.path.size()));
  return std::nullopt;
}

bool may_hold_items(std::string_view path, std::optional<Kind> kind) {
  const std::string folder = std::string(path) + "/";
  return std::ranges::any_of(kFolders, [&](const Folder& each) {
    return (!kind || each.kind == *kind) && (folder.starts_with(each.path) || each.path.starts_with(folder));
  });
}

std::string path_for(const Place& place, std::string_view ending) {
  const auto folder = std::ranges::find(kFolders, place.kind, &Folder::kind);
  std::string path(folder->path);
  if (!place.category.empty()) path += place.category + "/";
  if (place.kind == Kind::skill) return path + place.name + "/" + std::string(kSkillFile);
  return path + place.name + "." + std::string(folder->ending.empty() ? ending : folder->ending);
}

Result<void> check_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, may_be_in_name) &&
                    name.front() != '.' && name.front() != '-';
  if (fits) return {};
  return fail(ErrorCode::invalid_argument, "'" + std::string(name.substr(0, kNameBytesMax)) + "' cannot be a name",
              "letters, digits, '-', '_' and '.', not '.' or '-' at first, at most 128 of them");
}

}  // namespace lilux::item
