#pragma once

// Knowledge: notes in Markdown with a head, and the two files that tie them together. Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/head.h"

namespace lilux::item {

enum class EntryType : std::uint8_t { concept_entry, pattern, procedure, learning, source };
constexpr std::array<std::string_view, 5> enum_names(EntryType) {
  return {"concept", "pattern", "procedure", "learning", "source"};
}

struct Knowledge {
  std::string id = {};  // zettel_id
  std::string title = {};
  EntryType type = EntryType::learning;
  std::string category = {};  // as it is written; empty: the folder's, or the type's, "learnings"
  std::vector<std::string> tags = {};
  std::string version = {};
  std::string body = {};
  base::Json other = base::JsonObject();  // keys that mean nothing here, the stamp's among them
  friend bool operator==(const Knowledge&, const Knowledge&) = default;
};

Knowledge parse_knowledge(std::string_view text, std::string_view name, Review& review);
std::string write_knowledge(const Knowledge& knowledge);

// relationships.json: what is tied to what.
struct Tie {
  std::string from = {};
  std::string to = {};
  std::string kind = "related";
  friend bool operator==(const Tie&, const Tie&) = default;
};
// Reads a list of ties, or an object with one in "relationships", by the names that others use too
// (from_zettel_id, source, ...). What is no tie is left out; a text that is no JSON is an error.
base::Result<std::vector<Tie>> parse_relationships(std::string_view json);
std::string write_relationships(const std::vector<Tie>& ties);  // sorted, one a line, each once

// index.json: what there is, without the bodies.
struct IndexEntry {
  std::string id = {};
  std::string title = {};
  std::string type = {};
  std::string category = {};
  std::vector<std::string> tags = {};
  std::string path = {};  // within the knowledge folder
  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};
IndexEntry index_entry(const Knowledge& knowledge, std::string_view path);
base::Result<std::vector<IndexEntry>> parse_index(std::string_view json);
std::string write_index(const std::vector<IndexEntry>& entries);  // sorted by id
// The ties that the notes name themselves, in [[links]] of their bodies to other notes.
std::vector<Tie> ties_of(const std::vector<Knowledge>& notes);

}  // namespace lilux::item
