#include "item/smart_library.h"

#include <algorithm>
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

bool is_known(std::string_view key) {
  return key == "name" || key == "claude_tool" || key == "tags" ||
         std::ranges::find(kTexts, key, &TextField::key) != kTexts.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string made;
  for (const std::string& word : words) made += (made.empty() ? "" : ", ") + word;
  return made;
}

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
  made.other = record.entries();
  std::erase_if(made.other, [](const Attribute& one) { return is_known(one.name); });
  return made;
}

}  // namespace

std::vector<LibraryEntry> parse_library(std::string_view text) {
  std::vector<LibraryEntry> entries;
  for (const Bullets& record : Bullets::records(text, "id")) entries.push_back(entry_of(record));
  return entries;
}

std::string write_library(const std::vector<LibraryEntry>& entries) {
  std::string made = "# Smart Library\n";
  for (const LibraryEntry& entry : entries) {
    made += "\n---\n";
    const auto add = [&made](std::string_view key, const std::string& value) {
      if (!value.empty()) made += bullet_line(key, value) + "\n";
    };
    add("id", "`" + entry.id + "`");
    add("name", entry.name + (entry.mark.empty() ? "" : " [" + entry.mark + "]"));
    for (const auto& [key, member] : kTexts)
      if (key != "id") add(key, entry.*member);
    add("claude_tool", joined(entry.claude_tools));
    if (!entry.tags.empty()) add("tags", bullet_list(entry.tags));
    for (const Attribute& one : entry.other) add(one.name, one.value);
  }
  return made;
}

}  // namespace lilux::item
