#pragma once

// What is put into the index and what comes out of it. Values; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lilux::search {

inline constexpr std::size_t kIdBytesMax = 1024;  // of an id; kinds, sources and tags have a quarter
inline constexpr std::size_t kTextBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kResultsMax = 1000;

struct Document {
  std::string id = {};      // of its own in the whole index
  std::string kind = {};    // "knowledge", "call", "tool"
  std::string source = {};  // "project", "team": where it comes from
  std::string title = {};   // its words count twice, as those of the tags do
  std::string text = {};
  std::vector<std::string> tags = {};
  std::int64_t time_us = 0;  // since 1970
};

// All in one transaction. Of two with one id the last is kept; an id that is removed and put is put.
struct Batch {
  std::vector<Document> put = {};  // new, or in the place of the one with that id
  std::vector<std::string> remove = {};
};

struct Applied {
  std::size_t added = 0;
  std::size_t replaced = 0;
  std::size_t removed = 0;
  std::string note = {};  // why documents are without a vector for now; empty: all is well
};

// What is left empty lets everything through.
struct Filters {
  std::vector<std::string> kinds = {};    // one of them
  std::vector<std::string> sources = {};  // one of them
  std::vector<std::string> tags = {};     // all of them
  std::optional<std::int64_t> since_us = {};
  std::optional<std::int64_t> until_us = {};  // that moment excluded
};

// What whoever asks may know of. The answer is as though the index held nothing else: neither words, nor how rare they
// are, nor what was learned from them tell of the rest.
struct View {
  std::vector<std::string> sources = {};  // one of them
  std::vector<std::string> hidden = {};   // without these, by id
};

struct Query {
  std::string text = {};
  Filters filters = {};
  std::optional<View> view = {};  // absent: all of it
  std::size_t limit = 10;
  bool explain = false;
  bool is_brief = false;  // hits have id and score alone
};

// What a score is made of; the values of all parts add up to it.
struct Part {
  std::string what = {};  // "word 'flow'", "related word 'layer'", "meaning"
  double value = 0;
};

struct Hit {
  std::string id = {};
  std::string kind = {};
  std::string source = {};
  std::string title = {};
  std::string snippet = {};  // where the words stand, on one line
  std::vector<std::string> tags = {};
  std::int64_t time_us = 0;
  double score = 0;              // within one answer: the best has the most
  std::vector<Part> parts = {};  // when asked to explain
};

struct Answer {
  std::vector<Hit> hits = {};
  std::string note = {};  // what did not work, such as vectors that could not be had; empty: all is well
  bool has_words = true;  // of the query, somewhere; without any the hits are only alike in meaning
};

}  // namespace lilux::search
