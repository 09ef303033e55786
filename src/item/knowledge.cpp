#include "item/knowledge.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/field.h"
#include "base/nearest.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kTargetBytesMax = 512;  // of a link; names are shorter

HeadAndBody file_of(const Knowledge& knowledge) {
  HeadWriter head;
  head.text("zettel_id", knowledge.id);
  head.text("title", knowledge.title);
  head.text("entry_type", std::string(base::enum_name(knowledge.type)));
  head.text("category", knowledge.category);
  head.texts("tags", knowledge.tags);
  head.text("version", knowledge.version);
  head.rest(knowledge.other);
  return {.head = head.take(), .body = knowledge.body};
}

EntryType type_of(Head& head, Review& review) {
  const std::string word = head.text("entry_type");
  if (word.empty()) return EntryType::learning;
  const auto known = base::enum_from_name<EntryType>(word);
  if (!known)
    review.error(
        head.place_of("entry_type"), "'" + word + "' is no entry_type",
        base::guess(word, enum_names(EntryType{}), "there are concept, pattern, procedure, learning and source"));
  return known.value_or(EntryType::learning);
}

std::string first_of(const Json& entry, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const std::string found = entry.string_or(name); !found.empty()) return found;
  return {};
}

// A list, or the list within an object under one of these names.
Result<JsonArray> list_in(std::string_view json, std::initializer_list<std::string_view> names) {
  const Result<Json> parsed = base::parse_json(json);
  if (!parsed) return std::unexpected(json_fault(json, parsed.error()));
  if (parsed->is_array()) return parsed->as_array();
  for (const std::string_view name : names)
    if (const Json* found = parsed->find(name); found && found->is_array()) return found->as_array();
  return JsonArray{};
}

std::string lines_of(std::string_view name, const std::vector<std::string>& lines) {
  std::string made = "{\n  \"" + std::string(name) + "\": [";
  for (std::size_t i = 0; i < lines.size(); ++i) made += (i == 0 ? "\n    " : ",\n    ") + lines[i];
  return made + (lines.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace

Knowledge parse_knowledge(std::string_view text, std::string_view name, Review& review) {
  Head head(text, review);
  Knowledge made;
  if (!head.require("begin with a line of '---', 'title: ...' and a line of '---'")) {
    made.body = text;
    return made;
  }
  made.id = head.text("zettel_id");
  made.title = head.text("title");
  made.type = type_of(head, review);
  made.category = head.text("category");
  made.tags = head.texts("tags");
  made.version = head.text("version");
  made.other = head.rest({"zettel_id", "title", "entry_type", "category", "tags", "version"});
  made.body = head.body();
  if (made.id.empty())
    review.warning(head.place_of("zettel_id"), "'zettel_id' is missing", "write zettel_id: " + std::string(name));
  else if (made.id != name)
    review.error(head.place_of("zettel_id"),
                 "the zettel_id is '" + made.id + "', the file's name '" + std::string(name) + "'",
                 "give both the same name");
  if (made.title.empty()) review.error(head.place_of("title"), "'title' is missing");
  return made;
}

std::string write_knowledge(const Knowledge& knowledge) {
  return write_head(file_of(knowledge));
}

Result<std::vector<Tie>> parse_relationships(std::string_view json) {
  std::vector<Tie> ties;
  for (const Json& entry : TRY(list_in(json, {"relationships", "edges", "links"}))) {
    Tie tie{.from = first_of(entry, {"from", "from_zettel_id", "source"}),
            .to = first_of(entry, {"to", "to_zettel_id", "target"}),
            .kind = first_of(entry, {"kind", "relationship_type", "type"})};
    if (tie.kind.empty()) tie.kind = "related";
    if (!tie.from.empty() && !tie.to.empty()) ties.push_back(std::move(tie));
  }
  return ties;
}

std::string write_relationships(const std::vector<Tie>& ties) {
  std::set<std::tuple<std::string, std::string, std::string>> sorted;
  for (const Tie& tie : ties) sorted.emplace(tie.from, tie.kind, tie.to);
  std::vector<std::string> lines;
  for (const auto& [from, kind, to] : sorted)
    lines.push_back(base::to_text(JsonObject{{"from", from}, {"kind", kind}, {"to", to}}, base::JsonStyle::spaced));
  return lines_of("relationships", lines);
}

IndexEntry index_entry(const Knowledge& knowledge, std::string_view path) {
  const std::string_view folder = path.substr(0, path.contains('/') ? path.rfind('/') : 0);
  return {.id = knowledge.id,
          .title = knowledge.title,
          .type = std::string(base::enum_name(knowledge.type)),
          .category = knowledge.category.empty() ? std::string(folder) : knowledge.category,
          .tags = knowledge.tags,
          .path = std::string(path)};
}

Result<std::vector<IndexEntry>> parse_index(std::string_view json) {
  std::vector<IndexEntry> entries;
  for (const Json& entry : TRY(list_in(json, {"entries", "knowledge"}))) {
    IndexEntry made{.id = first_of(entry, {"id", "zettel_id"}),
                    .title = entry.string_or("title"),
                    .type = first_of(entry, {"type", "entry_type"}),
                    .category = entry.string_or("category"),
                    .path = entry.string_or("path")};
    if (const Json* tags = entry.find("tags"); tags && tags->is_array())
      for (const Json& tag : tags->as_array())
        if (tag.is_string()) made.tags.push_back(tag.as_string());
    if (!made.id.empty()) entries.push_back(std::move(made));
  }
  return entries;
}

std::string write_index(const std::vector<IndexEntry>& entries) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const IndexEntry& entry : entries) {
    JsonArray tags;
    for (const std::string& tag : entry.tags) tags.emplace_back(tag);
    const Json line = JsonObject{{"id", entry.id},          {"title", entry.title},
                                 {"type", entry.type},      {"category", entry.category},
                                 {"tags", std::move(tags)}, {"path", entry.path}};
    lines.emplace_back(entry.id, base::to_text(line, base::JsonStyle::spaced));
  }
  std::ranges::sort(lines);
  std::vector<std::string> texts;
  for (auto& [id, line] : lines) texts.push_back(std::move(line));
  return lines_of("entries", texts);
}

std::vector<Tie> ties_of(const std::vector<Knowledge>& notes) {
  std::set<std::string_view> known;
  for (const Knowledge& note : notes) known.insert(note.id);
  std::vector<Tie> ties;
  for (const Knowledge& note : notes) {
    std::set<std::string_view> tied{note.id};
    for (std::size_t at = note.body.find("[["); at != std::string::npos; at = note.body.find("[[", at + 2)) {
      const std::string_view rest = std::string_view(note.body).substr(at + 2, kTargetBytesMax);
      const std::size_t end = rest.find_first_of("[]|#\n");
      if (end == std::string_view::npos) continue;
      const std::string_view target = text::trimmed(rest.substr(0, end));
      const auto there = known.find(target);
      if (there != known.end() && tied.insert(*there).second)
        ties.push_back({.from = note.id, .to = std::string(target), .kind = "related"});
    }
  }
  return ties;
}

}  // namespace lilux::item
