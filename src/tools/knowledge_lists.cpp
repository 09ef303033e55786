#include "tools/knowledge_lists.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/item_reason.h"
#include "tools/item_work.h"

namespace lilux::tools::knowledge {

using base::ErrorCode;
using base::Result;
using item::IndexEntry;
using item_tools::content_at;
using item_tools::stamp_of;
using kernel::CallContext;

namespace {

constexpr std::size_t kListBytesMax = std::size_t{16} << 20;
constexpr int kTriesMax = 5;  // when others change it at the same time

std::string within_knowledge(const std::string& path) {
  return path.substr(path.find('/') + 1);
}

bool may_write(const CallContext& call, const item::Volume& volume, std::string_view path) {
  const Result<Sight> sight = Sight::of(call);
  return sight && !sight->is_denied({.verb = policy::Verb::write, .resource = "fs", .target = volume.at(path)});
}

// The index with what the note at `path` says now; made from all notes when there is none that can be read.
Result<std::string> index_after(const CallContext& call, const item::Volume& volume, const item::Place& place,
                                const std::string& path, const std::optional<item::Content>& before) {
  Result<std::vector<IndexEntry>> entries =
      before ? item::parse_index(before->bytes) : base::fail(ErrorCode::not_found, "no index");
  if (!entries) return written_index(call, volume);
  std::erase_if(*entries, [&](const IndexEntry& entry) { return entry.path == within_knowledge(path); });
  if (const std::optional<item::Content> note = TRY(content_at(volume, path))) {
    const item::Item parsed = item::parse(place, note->bytes);
    item::Knowledge knowledge = std::get<item::Knowledge>(parsed.detail);
    if (knowledge.id.empty()) knowledge.id = place.name;
    if (!parsed.is_broken()) entries->push_back(item::index_entry(knowledge, within_knowledge(path)));
  }
  return item::write_index(*entries);
}

Result<void> keep_index(CallContext& call, const Volumes& volumes, const item::Volume& volume,
                        const std::string& path) {
  const std::optional<item::Place> place = item::place_of(path);
  if (!place || place->kind != item::Kind::knowledge || !may_write(call, volume, kIndex)) return {};
  const std::string file(kIndex);
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const std::optional<item::Content> before = TRY(content_at(volume, file));
    const std::string after = TRY(index_after(call, volume, *place, path, before));
    const bool is_empty = after == item::write_index({});
    if (before ? before->bytes == after : is_empty) return {};
    const item::Reason reason = reason_of(call, volumes);
    const Result<item::Changed> changed =
        is_empty ? volume.remove(file, stamp_of(before), reason)
                 : volume.write({.path = file, .bytes = after, .expected = stamp_of(before)}, reason);
    if (changed || changed.error().code != ErrorCode::conflict) return {};
  }
  return {};
}

Result<void> keep_ties(CallContext& call, const Volumes& volumes, const item::Volume& volume) {
  const std::string file(kTies);
  if (!may_write(call, volume, kTies) || TRY(content_at(volume, file))) return {};
  const std::optional<item::Content> lost = TRY(in_history(volume, kTies));
  if (!lost) return {};
  TRY(volume.write({.path = file, .bytes = lost->bytes, .expected = ""}, reason_of(call, volumes)));
  return {};
}

}  // namespace

Result<std::vector<Note>> notes_of(const CallContext& call, const item::Volume& volume) {
  std::vector<Note> notes;
  for (item::Listed& listed : volume.list().items) {
    if (!listed.place || listed.place->kind != item::Kind::knowledge) continue;
    TRY(call.check_alive());
    const Result<ReadItem> read = read_item({.volume = &volume, .listed = listed});
    if (!read || read->item.is_broken()) continue;
    notes.push_back({.listed = std::move(listed), .knowledge = std::get<item::Knowledge>(read->item.detail)});
    if (notes.back().knowledge.id.empty()) notes.back().knowledge.id = notes.back().listed.place->name;
  }
  return notes;
}

Result<std::string> written_index(const CallContext& call, const item::Volume& volume) {
  const Sight sight = TRY(Sight::of(call));
  const std::optional<item::Content> content = TRY(content_at(volume, std::string(kIndex)));
  const std::vector<IndexEntry> before =
      content ? item::parse_index(content->bytes).value_or(std::vector<IndexEntry>{}) : std::vector<IndexEntry>{};
  std::vector<IndexEntry> entries;
  for (const Note& note : TRY(notes_of(call, volume))) {
    const std::string path = within_knowledge(note.listed.path);
    const auto known = std::ranges::find(before, path, &IndexEntry::path);
    if (!sight.is_denied(volume.at(note.listed.path)))
      entries.push_back(item::index_entry(note.knowledge, path));
    else if (known != before.end())
      entries.push_back(*known);
  }
  return item::write_index(entries);
}

Result<std::optional<item::Content>> in_history(const item::Volume& volume, std::string_view path) {
  const Result<git::Repository> repository = volume.repository();
  if (!repository || !TRY(repository->tip(git::kMain))) return std::optional<item::Content>();
  std::optional<std::string> bytes = TRY(repository->read(git::kMain, path, kListBytesMax));
  if (!bytes) return std::optional<item::Content>();
  std::string stamp = TRY(git::content_id(*bytes));
  return std::optional(item::Content{.bytes = std::move(*bytes), .stamp = std::move(stamp)});
}

Result<std::vector<item::Tie>> read_ties(const item::Volume& volume, const std::string& text) {
  Result<std::vector<item::Tie>> ties = item::parse_relationships(text);
  if (ties) return ties;
  base::Error error =
      base::in_context(std::move(ties.error()), "cannot read the ties in " + sys::quoted(volume.at(kTies))).error();
  error.hint = "mend the file, or remove it: the ties of the volume's history then come back";
  return std::unexpected(std::move(error));
}

Result<std::vector<item::Tie>> ties_in(const item::Volume& volume) {
  Result<std::optional<item::Content>> content = item_tools::content_at(volume, std::string(kTies));
  if (content && !*content) content = in_history(volume, kTies);
  if (!content || !*content) return std::vector<item::Tie>{};
  return read_ties(volume, (*content)->bytes);
}

Result<std::vector<item::Tie>> ties_at(const CallContext& call, const Volumes& volumes, const std::string& name) {
  const Sight sight = TRY(Sight::of(call));
  const auto is_told = [&](const std::string& note) {
    return std::ranges::any_of(volumes.set().volumes(), [&](const item::Volume& volume) {
      const auto found = volumes.find(item::Kind::knowledge, note, source_name(volume.place()));
      return found && !sight.is_denied(path_of(*found));
    });
  };
  std::set<std::tuple<std::string, std::string, std::string>> known;
  std::vector<item::Tie> ties;
  for (const item::Volume& volume : volumes.set().volumes()) {
    if (sight.is_denied(volume.at(kTies))) continue;
    for (item::Tie& tie : ties_in(volume).value_or(std::vector<item::Tie>{})) {
      if (tie.from != name && tie.to != name) continue;
      if (is_told(tie.from == name ? tie.to : tie.from) && known.emplace(tie.from, tie.kind, tie.to).second)
        ties.push_back(std::move(tie));
    }
  }
  return ties;
}

void keep_lists(CallContext& call, const Volumes& volumes, const item::Volume& volume, const std::string& path) {
  std::ignore = keep_index(call, volumes, volume, path);  // the next change of a note, or knowledge.index, makes it
  if (path.starts_with("knowledge/") && path != kTies)
    std::ignore = keep_ties(call, volumes, volume);  // the history still has it
}

}  // namespace lilux::tools::knowledge
