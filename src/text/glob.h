#pragma once

// Globs over names, paths, hosts and command lines. In all but hosts `*` is any run, `?` one byte, `[a-z]` and `[!a-z]`
// a class and `{a,b}` a choice, of at most 64 combinations. Compiled once, matched without backtracking: at worst in time
// of pattern times text. Values, immutable once compiled; any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

// For names of tools, events and files: `*` matches anything.
class NameGlob {
 public:
  static base::Result<NameGlob> compile(std::string_view pattern);
  bool matches(std::string_view text) const;
  const std::vector<std::string>& choices() const { return choices_; }

 private:
  std::vector<std::string> choices_;  // without braces
};

// One match without keeping the pattern; false for a bad one.
bool name_matches(std::string_view pattern, std::string_view text);

// For canonical absolute paths: `*` stays within a segment, `**` stands for any number of segments, so `/a/**` matches
// /a and everything below it.
class PathGlob {
 public:
  // Refuses what could never match a canonical path: relative, `//`, `/./`, `/../`, a slash at the end.
  static base::Result<PathGlob> compile(std::string_view pattern);
  // False for every path that is not canonical.
  bool matches(std::string_view path) const;
  // The leading segments that hold no pattern: "/home/u" of "/home/u/*.c"; empty when there are none.
  std::string literal_prefix() const;
  const std::vector<std::vector<std::string>>& choices() const { return choices_; }

 private:
  std::vector<std::vector<std::string>> choices_;  // segments of each
};

// For "host:port": `host` (any port), `host:443`, `host:*`, `*.example.com:443` (below, not the domain itself), `[::1]:80`,
// `*`. Upper and lower case, a dot at the end and the spelling of an IPv6 address make no difference.
class HostGlob {
 public:
  static base::Result<HostGlob> compile(std::string_view pattern);
  // False for everything that is not a host with or without a port. A pattern with a port needs it in the target.
  bool matches(std::string_view target) const;
  const std::string& host() const { return host_; }
  const std::string& port() const { return port_; }

 private:
  std::string host_;
  std::string port_;  // "*" for any
};

// For command lines, words joined by single spaces: each pattern word fits exactly one word, a final `**` any number of
// further ones; `**` alone fits every command. The first word fits the program by its path when it holds a slash, by its
// name, wherever it lies, when it does not.
class ArgvGlob {
 public:
  static base::Result<ArgvGlob> compile(std::string_view pattern);
  bool matches(std::span<const std::string> words) const;
  // The words of a joined line cannot be told from words that hold spaces themselves.
  bool matches_text(std::string_view joined) const;
  const std::vector<NameGlob>& words() const { return words_; }
  bool has_rest() const { return has_rest_; }

 private:
  std::vector<NameGlob> words_;
  bool has_rest_ = false;
};

// True when everything the second matches is matched by the first; false when that cannot be shown.
bool covers(const NameGlob& wide, const NameGlob& narrow);
bool covers(const PathGlob& wide, const PathGlob& narrow);
bool covers(const HostGlob& wide, const HostGlob& narrow);
bool covers(const ArgvGlob& wide, const ArgvGlob& narrow);

}  // namespace lilux::text
