#pragma once

// Judged collections in BEIR layout, as files that others wrote: a corpus and queries as JSON on a line each,
// judgements as a table; and what a ranking is worth by them. Errors name the file and the line. Pure but for reading
// the files.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/document.h"

namespace lilux::search {

struct Topic {
  std::string id = {};
  std::string text = {};
};

// How well each document fits each query; what is not there is 0.
using Judgements = std::map<std::string, std::map<std::string, int>>;

// {"_id": "1", "title": "...", "text": "..."} on each line; the title may be missing, other members are left alone. An
// id may be a whole number; it stands once and has no spaces, as it is to stand in a run. `name` is what errors call
// it.
base::Result<std::vector<Document>> parse_corpus(std::string_view text, std::string_view name);
base::Result<std::vector<Topic>> parse_topics(std::string_view text, std::string_view name);
// query <tab> document <tab> whole number, with or without a line of headings.
base::Result<Judgements> parse_judgements(std::string_view text, std::string_view name);

struct Ranked {
  std::string topic = {};
  std::vector<Hit> hits = {};
};

// Means over the queries that have a document judged above 0.
struct Measures {
  std::size_t topics = 0;
  double ndcg_10 = 0;  // the gain is the judgement itself
  double recall_100 = 0;
  double map = 0;
  double mrr = 0;
};
Measures measure(std::span<const Ranked> ranking, const Judgements& judgements);

// As trec_eval reads it: query Q0 document rank score tag.
std::string run_text(std::span<const Ranked> ranking, std::string_view tag);

}  // namespace lilux::search
