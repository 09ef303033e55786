#pragma once

// search.query: one search over items, tools and memory.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::search_tools {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct PartRow {
  std::string what;
  double value = 0;
  static constexpr base::Fields fields{
      Field{"what", &PartRow::what, "What it is for: a word, a related word, the meaning"},
      Field{"value", &PartRow::value, "How much of the score"},
  };
};

struct HitRow {
  std::string kind;
  std::string name;
  std::string description;
  std::string version;
  double score = 0;
  std::string source;
  std::string path;
  std::string snippet;
  std::optional<std::string> broken;
  std::optional<std::vector<PartRow>> parts;
  static constexpr base::Fields fields{
      Field{"kind", &HitRow::kind, "directive, script, knowledge, …, tool, memory or call"},
      Field{"name", &HitRow::name, "Name"},
      Field{"description", &HitRow::description, "What it is for"},
      Field{"version", &HitRow::version, "Version"},
      Field{"score", &HitRow::score, "The best has the most"},
      Field{"source", &HitRow::source, "Volume; of memory its space, of a call its task"},
      Field{"path", &HitRow::path, "File; empty where it is none"},
      Field{"snippet", &HitRow::snippet, "Where the words stand"},
      Field{"broken", &HitRow::broken, "Why it cannot be used"},
      Field{"parts", &HitRow::parts, "What the score is made of"},
  };
};

// Said where no word of a query is anywhere.
inline constexpr std::string_view kNoSuchWords = "nothing has these words";

struct QueryRequest {
  std::string query;
  std::optional<std::vector<std::string>> kinds;
  std::optional<std::vector<std::string>> sources;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::int64_t> limit;
  std::optional<bool> explain;
  static constexpr base::Fields fields{
      Field{"query",
            &QueryRequest::query,
            "What is looked for, in words; empty: all items of these kinds",
            {.maximum = 10'000}},
      Field{"kinds",
            &QueryRequest::kinds,
            "Only these: directive, script, knowledge, …, tool, memory; call, which is left out unless it is named",
            {.maximum = 20}},
      Field{"sources", &QueryRequest::sources, "Only of these volumes", {.maximum = 100}},
      Field{"tags", &QueryRequest::tags, "Only what has all of these", {.maximum = 20}},
      Field{"since", &QueryRequest::since, "Changed since then: a time, or an age such as 7d"},
      Field{"until", &QueryRequest::until, "Changed before then"},
      Field{"limit", &QueryRequest::limit, "Most results; 10 when absent", {.minimum = 1, .maximum = 1000}},
      Field{"explain", &QueryRequest::explain, "Say what each score is made of"},
  };
};
struct QueryResponse {
  std::string query;
  std::string source = "local";
  std::vector<HitRow> results;
  std::int64_t total = 0;
  std::string note;
  static constexpr base::Fields fields{
      Field{"query", &QueryResponse::query, "What was looked for"},
      Field{"source", &QueryResponse::source, "Where was looked: local"},
      Field{"results", &QueryResponse::results, "The best first"},
      Field{"total", &QueryResponse::total, "How many are given; of an empty query how many there are"},
      Field{"note", &QueryResponse::note, "What did not work; empty: all is well"},
  };
};
Result<Assessment> assess_query(const CallContext& call, const QueryRequest& request);
Result<QueryResponse> query(CallContext& call, const QueryRequest& request);

}  // namespace lilux::tools::search_tools
