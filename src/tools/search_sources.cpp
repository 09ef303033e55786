#include "tools/search_sources.h"

#include "base/encoding.h"
#include "item/item.h"

namespace lilux::tools {

using base::Result;

namespace {

constexpr std::size_t kReadBytesMax = std::size_t{512} << 10;  // of an item: who first searches waits for them all
constexpr char kDivider = '\x1f';

search::Document document_of(const std::string& id, const FoundItem& found) {
  const item::Place place = found.listed.place.value_or(item::Place{});
  search::Document made{.id = id,
                        .kind = std::string(base::enum_name(place.kind)),
                        .source = found.volume->place().folder,
                        .title = place.name,
                        .time_us = found.listed.modified_ns / 1000};
  const Result<ReadItem> read = read_item(found);
  if (!read) return made;  // it is listed as broken, and found by its name
  const item::Item& item = read->item;
  if (item.title != place.name) made.title += " " + item.title;
  made.text = base::clipped(item.description + "\n" + item.body, kReadBytesMax);
  made.tags = item.tags;
  return made;
}

}  // namespace

std::string to_text(const DocumentId& id) {
  return id.sort + kDivider + id.source + kDivider + id.name;
}

DocumentId document_id(const std::string& text) {
  const std::size_t first = text.find(kDivider);
  const std::size_t second = first == std::string::npos ? first : text.find(kDivider, first + 1);
  if (second == std::string::npos) return {};
  return {.sort = text.substr(0, first),
          .source = text.substr(first + 1, second - first - 1),
          .name = text.substr(second + 1)};
}

std::string stamp_of(const item::Listed& listed) {
  return std::to_string(listed.modified_ns) + ":" + std::to_string(listed.size);
}

Sources items_of(const item::Volume& volume, std::vector<item::Listed> items) {
  Sources sources;
  for (item::Listed& listed : items) {
    if (!listed.place) continue;
    const std::string id = to_text({.sort = "item", .source = volume.place().folder, .name = listed.path});
    const std::string stamp = stamp_of(listed);
    const FoundItem found{.volume = &volume, .listed = std::move(listed)};
    sources.emplace(id, Source{.stamp = stamp, .document = [id, found] { return document_of(id, found); }});
  }
  return sources;
}

Sources tools_of(const kernel::Kernel& kernel) {
  Sources sources;
  for (const kernel::Tool& tool : kernel.table()) {
    if (tool.traits.audience != kernel::Audience::everyone) continue;
    const std::string id = to_text({.sort = "tool", .source = "system", .name = std::string(tool.name)});
    const auto document = [id, &tool] {
      search::Document made{
          .id = id, .kind = "tool", .source = std::string(kToolScope), .title = std::string(tool.name)};
      made.text = std::string(tool.summary);
      const base::Json schema = tool.input_schema();
      for (const auto& [name, field] : schema.find("properties")->as_object())
        made.text += "\n" + name + ": " + field.string_or("description");
      return made;
    };
    sources.emplace(id, Source{.stamp = LILUX_VERSION + std::string(tool.summary), .document = document});
  }
  return sources;
}

Result<Sources> notes_of(const MemoryStore& store) {
  Sources sources;
  for (const std::string& space : TRY(store.spaces())) {
    for (Note& note : TRY(store.read({.space = space}))) {
      const std::string id = to_text({.sort = "memory", .source = space, .name = note.key});
      const std::string stamp = stamp_of(note);
      const auto document = [id, note = std::move(note)] {
        return search::Document{.id = id,
                                .kind = "memory",
                                .source = std::string(kMemoryScope),
                                .title = note.key,
                                .text = note.value.is_string() ? note.value.as_string() : base::to_text(note.value),
                                .tags = note.tags,
                                .time_us = note.updated_us};
      };
      sources.emplace(id, Source{.stamp = stamp, .document = document});
    }
  }
  return sources;
}

}  // namespace lilux::tools
