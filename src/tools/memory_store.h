#pragma once

// The durable note and key-value store behind memory.*: memory.db in the state folder. It is truth, not derived: every
// change is on disk when it returns. Any thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::tools {

struct Note {
  std::string space;  // "default" unless said
  std::string key;
  base::Json value;
  std::vector<std::string> tags;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::int64_t expires_us = 0;  // 0: never
};

struct NoteFilter {
  std::string space;
  std::optional<std::string> key;
  std::optional<std::string> prefix;
  std::optional<std::string> query;  // words that stand in key, value or tags
  std::optional<std::string> tag;
  std::optional<std::int64_t> before_us;  // last changed before
  std::int64_t limit = 100;
  std::int64_t offset = 0;
};

class MemoryStore {
 public:
  static base::Result<std::unique_ptr<MemoryStore>> open(const std::filesystem::path& file);
  ~MemoryStore();

  base::Result<std::vector<Note>> read(const NoteFilter& filter) const;
  base::Result<std::int64_t> count(const NoteFilter& filter) const;
  // Puts notes in place and removes keys in one transaction.
  base::Result<void> change(const std::vector<Note>& put, const std::vector<Note>& removed);
  struct Saved {
    std::int64_t expired = 0;
    std::int64_t bytes_before = 0;
    std::int64_t bytes_after = 0;
  };
  // Drops what has expired and gives the space back.
  base::Result<Saved> optimize();

 private:
  struct State;
  explicit MemoryStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lilux::tools
