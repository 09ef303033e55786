#include "tools/git_identity.h"

#include <array>
#include <string_view>

#include "sys/file.h"
#include "text/lines.h"

namespace lilux::tools {

namespace {

constexpr std::size_t kFileMax = 256 * 1024;
constexpr std::size_t kLineMax = 300;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kSpace);
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

// As it stands there, quotes and all; what goes on in the next line, or runs a line into another, is left out.
bool is_about_user(std::string_view line) {
  const std::string_view key = trimmed(line.substr(0, line.find('=')));
  const bool is_wanted = key == "name" || key == "email";
  return is_wanted && line.size() <= kLineMax && line.find('=') != std::string_view::npos && !line.ends_with('\\');
}

}  // namespace

std::string git_identity(const std::string& home) {
  std::string made;
  for (const std::string_view file : std::array<std::string_view, 2>{"/.config/git/config", "/.gitconfig"}) {
    const auto text = sys::read_file(home + std::string(file), kFileMax);
    if (!text) continue;  // most have one of them
    bool is_user = false;
    for (const std::string_view whole : text::lines_of(*text)) {
      const std::string_view line = trimmed(whole);
      if (line.starts_with('[')) is_user = line == "[user]";
      if (is_user && is_about_user(line)) made.append("\t").append(line).append("\n");
    }
  }
  return made.empty() ? "" : "[user]\n" + made;
}

}  // namespace lilux::tools
