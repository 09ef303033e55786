#pragma once

// Where a sentence speaks of what came before: "open it", "delete that file", "show the second one", "run that script".
// Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

// What kind of thing is spoken of.
enum class Wanted : std::uint8_t { any, path, item, task, call, process, text };
constexpr std::array<std::string_view, 7> enum_names(Wanted) {
  return {"any", "path", "item", "task", "call", "process", "text"};
}

// "that file" is no folder.
enum class Sort : std::uint8_t { any, file, folder };

struct Mention {
  std::size_t begin = 0;  // in the text
  std::size_t end = 0;
  std::string said;
  Wanted wanted = Wanted::any;
  Sort sort = Sort::any;       // of a path
  std::string item_kind = {};  // of an item, where it is said
  int nth = 0;                 // of a list, counted from 1; -1: the last; 0: there is only one that it can be
  bool is_owner = false;       // "its": what stands behind it is of that thing, and `end` is behind that
  bool is_plural = false;      // "both", "them", "those files": all of them
};

// In their order. "remember that he called" and "the file a.txt" speak of nothing before them.
std::vector<Mention> find_mentions(std::string_view text);

}  // namespace lilux::brain
