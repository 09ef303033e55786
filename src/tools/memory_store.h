#pragma once

// The durable notes and values behind memory.*: memory.db in the state folder. It is truth, not derived: what was
// changed is on disk when the function returns. Any thread; several processes may share the file.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::tools {

// Times are whole milliseconds, so that their written form says them exactly.
struct Note {
  std::string space = {};
  std::string key = {};  // unique within its space
  base::Json value = {};
  std::vector<std::string> tags = {};
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::int64_t expires_us = 0;  // 0: never; an expired note is as good as gone
  friend bool operator==(const Note&, const Note&) = default;
};

// Tells whether a note still says the same: its value and tags. Empty stands for no note.
std::string stamp_of(const Note& note);

// What `added` makes of `value`: text goes on a new line, a list gets one more element, anything else becomes a list.
base::Json appended(const base::Json& value, const base::Json& added);

struct NoteFilter {
  std::string space = {};
  std::optional<std::string> key = {};
  std::optional<std::string> prefix = {};
  std::optional<std::string> query = {};  // words that all stand in key, tags or the texts of the value
  std::optional<std::string> tag = {};
  std::optional<std::int64_t> before_us = {};  // last changed before
  std::int64_t limit = -1;                     // negative: all
  std::int64_t offset = 0;
};

// Changes that are made together or not at all.
struct NoteEdit {
  // Of the call that makes it. The same call makes its change once, however often it is run; empty: no such care.
  std::string call = {};
  std::string space = {};
  enum class Mode : std::uint8_t { replace, append } mode = Mode::replace;
  // A zero created_us keeps the note's own; a zero updated_us is now.
  std::vector<Note> put = {};
  std::vector<std::string> removed = {};  // keys; absent ones do not matter
  struct Expected {
    std::string key = {};
    std::string stamp = {};
  };
  std::vector<Expected> expected = {};  // `conflict` when a note says something else by now
};

class MemoryStore {
 public:
  static base::Result<MemoryStore> open(const std::filesystem::path& file);
  MemoryStore(MemoryStore&&) noexcept;
  ~MemoryStore();

  // Sorted by key; notes that are not expired.
  base::Result<std::vector<Note>> read(const NoteFilter& filter) const;
  base::Result<std::int64_t> count(const NoteFilter& filter) const;
  base::Result<std::optional<Note>> find(const std::string& space, const std::string& key) const;
  base::Result<std::vector<std::string>> spaces() const;  // that hold notes, sorted
  // Another one once somebody else, in this process or another, has changed anything.
  base::Result<std::int64_t> version() const;
  base::Result<std::int64_t> next_expiry_us() const;  // of the notes that are there; 0: none expires
  // Notes without a name of their own that say what an older one of the same space says.
  base::Result<std::vector<Note>> duplicates(const std::string& space) const;

  // Gives how many notes were written and removed.
  base::Result<std::int64_t> apply(const NoteEdit& edit);
  // What apply gave for that call, when it was made before.
  base::Result<std::optional<std::int64_t>> done(const std::string& call) const;
  struct Saved {
    std::int64_t expired = 0;
    std::int64_t bytes_before = 0;
    std::int64_t bytes_after = 0;
  };
  // Drops what has expired, in all spaces, and gives the space back to the disk.
  base::Result<Saved> compact();

 private:
  struct State;
  explicit MemoryStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What the keys of notes without a name begin with; the rest is the call that added them.
inline constexpr std::string_view kUnnamedPrefix = "note/";

}  // namespace lilux::tools
