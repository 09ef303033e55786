#include "item/smart_library.h"

#include <array>

#include "item/bullets.h"
#include "item/parts.h"

namespace lilux::item {

namespace {

struct TextField {
  std::string_view key;
  std::string LibraryEntry::* member;
};
constexpr std::array kTexts{
    TextField{"id", &LibraryEntry::id},
    TextField{"file_path", &LibraryEntry::file_path},
    TextField{"record_type", &LibraryEntry::record_type},
    TextField{"domain", &LibraryEntry::domain},
    TextField{"description", &LibraryEntry::description},
    TextField{"cost", &LibraryEntry::cost},
    TextField{"latency", &LibraryEntry::latency},
    TextField{"side_effects", &LibraryEntry::side_effects},
    TextField{"version", &LibraryEntry::version},
    TextField{"status", &LibraryEntry::status},
    TextField{"applicability_text", &LibraryEntry::applicability_text},
};

LibraryEntry entry_of(const Bullets& record) {
  LibraryEntry made;
  for (const auto& [key, member] : kTexts) made.*member = record.text(key);
  made.name = record.text("name");
  const std::size_t open = made.name.rfind(" [");
  if (open != std::string::npos && made.name.ends_with(']')) {
    made.mark = made.name.substr(open + 2, made.name.size() - open - 3);
    made.name.resize(open);
  }
  made.claude_tools = tool_names(record.text("claude_tool"));
  made.tags = record.texts("tags");
  return made;
}

}  // namespace

std::vector<LibraryEntry> parse_library(std::string_view text) {
  std::vector<LibraryEntry> entries;
  for (const Bullets& record : Bullets::records(text, "id")) entries.push_back(entry_of(record));
  return entries;
}

}  // namespace lilux::item
