#include "surface/search_eval.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "search/collection.h"
#include "search/evaluate.h"
#include "surface/arguments.h"
#include "surface/print.h"
#include "surface/verbs.h"
#include "sys/file.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{4} << 30;
constexpr std::size_t kDepth = 1000;

struct Wanted {
  std::string corpus = {};
  std::string queries = {};
  std::string run = {};
  std::string qrels = {};
  std::size_t depth = kDepth;
};

Result<Wanted> wanted_from(const std::vector<std::string>& words) {
  Wanted wanted;
  const std::span<const Flag> flags = find_verb("search eval")->flags;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& flag = words[i];
    if (std::ranges::find(flags, flag, &Flag::name) == flags.end())
      return fail(ErrorCode::invalid_argument, "unknown word '" + flag + "'", "lilux help search eval");
    if (i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, flag + " needs a value", "lilux help search eval");
    const std::string& value = words[++i];
    if (flag == "--corpus") wanted.corpus = value;
    if (flag == "--queries") wanted.queries = value;
    if (flag == "--run") wanted.run = value;
    if (flag == "--qrels") wanted.qrels = value;
    if (flag == "--depth") wanted.depth = static_cast<std::size_t>(TRY(number_of(flag, value, kDepth)));
  }
  for (const auto& [flag, value] : {std::pair{"--corpus", &wanted.corpus}, std::pair{"--queries", &wanted.queries}}) {
    if (value->empty())
      return fail(ErrorCode::invalid_argument, std::string(flag) + " is missing",
                  "lilux search eval --corpus corpus.jsonl --queries queries.jsonl --run out.trec");
  }
  if (wanted.run.empty() && wanted.qrels.empty())
    return fail(ErrorCode::invalid_argument, "nothing to do with the ranking", "give --run FILE, --qrels FILE or both");
  if (wanted.depth == 0) return fail(ErrorCode::invalid_argument, "--depth is 0", "1 to 1000");
  return wanted;
}

// A folder that goes away with what is in it.
class WorkFolder {
 public:
  static Result<WorkFolder> make() {
    const char* given = std::getenv("TMPDIR");
    const std::string parent = given == nullptr || *given == '\0' ? "/tmp" : given;
    return WorkFolder(TRY(sys::make_temporary_directory(parent, "lilux-search-")));
  }
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;  // what stays in a folder for temporary files harms nobody
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string line(const char* name, double value, const char* format) {
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%-28s", name);
  std::string result = text.data();
  std::snprintf(text.data(), text.size(), format, value);
  return result + text.data() + "\n";
}

int report(const Wanted& wanted, std::size_t documents, const search::Evaluation& evaluation,
           const std::optional<search::Measures>& measures, bool is_json) {
  JsonObject output{{"documents", static_cast<std::int64_t>(documents)},
                    {"queries", static_cast<std::int64_t>(evaluation.ranking.size())},
                    {"index_seconds", seconds(evaluation.indexing)},
                    {"query_p50_us", evaluation.median.count()},
                    {"query_p99_us", evaluation.p99.count()}};
  std::string text = line("documents", static_cast<double>(documents), "%.0f") +
                     line("queries", static_cast<double>(evaluation.ranking.size()), "%.0f") +
                     line("seconds to index", seconds(evaluation.indexing), "%.3f") +
                     line("a query, median, us", static_cast<double>(evaluation.median.count()), "%.0f") +
                     line("a query, p99, us", static_cast<double>(evaluation.p99.count()), "%.0f");
  if (measures) {
    output.set("judged_queries", static_cast<std::int64_t>(measures->topics));
    text += line("judged queries", static_cast<double>(measures->topics), "%.0f");
    for (const auto& [name, title, value] :
         {std::tuple{"ndcg_10", "nDCG@10", measures->ndcg_10},
          std::tuple{"recall_100", "recall@100", measures->recall_100}, std::tuple{"map", "MAP", measures->map},
          std::tuple{"mrr", "MRR", measures->mrr}}) {
      output.set(name, value);
      text += line(title, value, "%.4f");
    }
  }
  if (!wanted.run.empty()) {
    output.set("run", wanted.run);
    text += "wrote " + wanted.run + "\n";
  }
  return print_figures(std::move(output), text, is_json);
}

}  // namespace

Result<int> search_eval_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const Wanted wanted = TRY(wanted_from(command.words));
  const auto read = [](const std::string& path) { return read_given(path, kFileBytesMax); };
  std::vector<search::Document> corpus = TRY(search::parse_corpus(TRY(read(wanted.corpus)), wanted.corpus));
  const std::vector<search::Topic> topics = TRY(search::parse_topics(TRY(read(wanted.queries)), wanted.queries));
  std::optional<search::Judgements> judgements;
  if (!wanted.qrels.empty()) judgements = TRY(search::parse_judgements(TRY(read(wanted.qrels)), wanted.qrels));
  const std::size_t documents = corpus.size();
  const WorkFolder folder = TRY(WorkFolder::make());
  const search::Evaluation evaluation = TRY(search::evaluate(std::move(corpus), topics, folder.path(), wanted.depth));
  std::optional<search::Measures> measures;
  if (judgements) measures = search::measure(evaluation.ranking, *judgements);
  if (!wanted.run.empty()) TRY(sys::write_file_atomic(wanted.run, search::run_text(evaluation.ranking, "lilux")));
  return report(wanted, documents, evaluation, measures, command.common.is_json);
}

}  // namespace lilux::surface
