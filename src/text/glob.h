#pragma once

// Globs over names and over paths. In both, `*` is any run of bytes, `?` one byte, `[a-z]` and `[!a-z]` a class,
// `{a,b}` a choice; case counts. There is no escape character: `[*]` is a star. Hosts and command lines have their own,
// in host_glob.h and argv_glob.h. Values, immutable once compiled; any thread.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/wild.h"

namespace lilux::text {

// For names of tools, events and files: `*` matches anything.
class NameGlob {
 public:
  static base::Result<NameGlob> compile(std::string_view pattern);
  // Matches the empty text alone.
  static NameGlob empty();
  bool matches(std::string_view text) const;
  const std::vector<Wild>& choices() const { return choices_; }

  // Other names of what a name means; none when it has no other.
  using Elsewhere = std::function<std::vector<std::string>(const std::string& name)>;
  // Matches the other names of every choice that is written out as well.
  void add_elsewhere(const Elsewhere& elsewhere);

 private:
  std::vector<Wild> choices_;
};

// One match without keeping the pattern; false for a bad one.
bool name_matches(std::string_view pattern, std::string_view text);

// Absolute, without "//", "/./", "/../", a slash at the end or NUL: what globs over paths are matched with.
bool is_canonical_path(std::string_view path);
// What stands between the slashes of a canonical path; nothing for "/". Views into `path`.
std::vector<std::string_view> segments_of(std::string_view path);

// For canonical paths: `*` stays within a segment, `**` stands for any number of whole segments, so that `/a/**`
// matches /a and everything below it, and `/**/x` every x.
class PathGlob {
 public:
  struct Segment {
    bool is_deep = false;  // `**`
    Wild wild;             // otherwise
  };
  using Choice = std::vector<Segment>;

  // Refuses what could never match a canonical path, and `**` that shares its segment with something else.
  static base::Result<PathGlob> compile(std::string_view pattern);
  // False for what is not canonical.
  bool matches(std::string_view path) const;
  // The same for a path that was taken apart.
  bool matches(std::span<const std::string_view> segments) const;
  // Whether a path below that one may match.
  bool reaches_below(std::string_view folder) const;
  const std::vector<Choice>& choices() const { return choices_; }

  using Elsewhere = NameGlob::Elsewhere;  // of canonical paths
  // Matches the same behind every other path of what a choice begins with, as far as that is written out.
  void add_elsewhere(const Elsewhere& elsewhere);

 private:
  std::vector<Choice> choices_;
};

// True when everything the second matches is matched by the first; false when that cannot be shown.
bool covers(const NameGlob& wide, const NameGlob& narrow);
bool covers(const PathGlob& wide, const PathGlob& narrow);

}  // namespace lilux::text
