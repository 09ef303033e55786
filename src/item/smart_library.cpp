#include "item/smart_library.h"

#include <algorithm>
#include <array>

#include "item/bullets.h"
#include "item/parts.h"

namespace lilux::item {

using text::Edit;

namespace {

constexpr std::string_view kRule = "---";

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

std::string marked_name(const LibraryEntry& entry) {
  return entry.name + (entry.mark.empty() ? "" : " [" + entry.mark + "]");
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
  return made;
}

std::string joined(const std::vector<std::string>& names) {
  std::string made;
  for (const std::string& name : names) made += (made.empty() ? "" : ", ") + name;
  return made;
}

std::string block_of(const LibraryEntry& entry, std::string_view line_end) {
  std::string made;
  const auto line = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) made += bullet_line(key, value) + std::string(line_end);
  };
  line("id", entry.id.empty() ? "" : "`" + entry.id + "`");
  line("name", marked_name(entry));
  line("file_path", entry.file_path.empty() ? "" : "`" + entry.file_path + "`");
  line("record_type", entry.record_type);
  line("claude_tool", joined(entry.claude_tools));
  for (const auto& [key, member] : kTexts) {
    const bool is_written = key == "id" || key == "file_path" || key == "record_type";
    if (!is_written) line(key, entry.*member);
  }
  if (!entry.tags.empty()) line("tags", bullet_list(entry.tags));
  return made;
}

}  // namespace

std::vector<LibraryEntry> parse_library(std::string_view text) {
  std::vector<LibraryEntry> entries;
  for (const Bullets& record : Bullets::records(text, "id")) entries.push_back(entry_of(record));
  return entries;
}

std::string with_library_entry(std::string_view text, const LibraryEntry& entry) {
  const auto records = Bullets::records(text, "id");
  const auto record = std::ranges::find_if(records, [&](const Bullets& r) { return r.text("id") == entry.id; });
  const std::string line_end(text::line_end_of(text));
  if (record == records.end()) {
    std::string made(text);
    if (!made.empty() && !made.ends_with('\n')) made += line_end;
    return made + line_end + std::string(kRule) + line_end + block_of(entry, line_end);
  }
  const LibraryEntry before = entry_of(*record);
  std::vector<Edit> edits;
  for (const auto& [key, member] : kTexts)
    if (before.*member != entry.*member) record->set(key, entry.*member, edits);
  record->set("name", marked_name(entry), edits);
  if (before.claude_tools != entry.claude_tools) record->set("claude_tool", joined(entry.claude_tools), edits);
  record->set("tags", entry.tags, edits);
  return with_edits(text, std::move(edits));
}

std::string without_library_entry(std::string_view text, std::string_view id) {
  const auto records = Bullets::records(text, "id");
  const auto record = std::ranges::find_if(records, [&](const Bullets& r) { return r.text("id") == id; });
  if (record == records.end()) return std::string(text);
  const std::size_t end = std::max(record->all().back().begin, record->all().back().end);
  const std::size_t next = std::min(text.find('\n', end), text.size() - 1) + 1;
  // The rule above belongs to it.
  std::size_t begin = record->at();
  const std::size_t above = begin == 0 ? 0 : text::line_begin(text, begin - 1);
  if (text::trimmed(text.substr(above, begin - above)) == kRule) begin = above;
  return std::string(text.substr(0, begin)) + std::string(text.substr(next));
}

}  // namespace lilux::item
