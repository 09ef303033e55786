#include "surface/brain_calls.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "brain/caller_measure.h"
#include "brain/caller_train.h"
#include "brain/meanings_train.h"
#include "brain/measures.h"
#include "brain/retrieve.h"
#include "brain/retrieve_cases.h"
#include "surface/arguments.h"
#include "surface/print.h"
#include "surface/verbs.h"
#include "sys/file.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

using Given = std::multimap<std::string, std::string>;

// The flags of a verb with their values; `needed` must be there.
Result<Given> flags_of(std::string_view verb, const std::vector<std::string>& words,
                       std::span<const std::string_view> needed) {
  Given given;
  const std::string help = "lilux help " + std::string(verb);
  const std::span<const Flag> flags = find_verb(verb)->flags;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (std::ranges::find(flags, words[i], &Flag::name) == flags.end())
      return fail(ErrorCode::invalid_argument, "unknown word '" + words[i] + "'", help);
    if (i + 1 == words.size()) return fail(ErrorCode::invalid_argument, words[i] + " needs a value", help);
    given.emplace(words[i], words[i + 1]);
  }
  for (const std::string_view flag : needed) {
    if (!given.contains(std::string(flag)))
      return fail(ErrorCode::invalid_argument, std::string(flag) + " is missing", help);
  }
  return given;
}

std::string value_of(const Given& given, const std::string& flag) {
  const auto found = given.find(flag);
  return found == given.end() ? std::string() : found->second;
}

Result<std::vector<brain::Case>> read_cases(const std::string& path) {
  return brain::parse_cases(TRY(read_given(path, kFileBytesMax)), path);
}

std::string lines_of(const std::vector<brain::Predicted>& all) {
  std::string lines;
  for (const brain::Predicted& one : all) {
    JsonArray calls;
    for (const brain::Call& call : one.calls)
      calls.push_back(JsonObject{{"name", call.name}, {"arguments", call.arguments}});
    append_json(
        lines,
        JsonObject{
            {"id", one.id}, {"calls", std::move(calls)}, {"confidence", one.confidence}, {"micros", one.micros}});
    lines += '\n';
  }
  return lines;
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string line(const char* name, double value, const char* format) {
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%-28s", name);
  std::string result = text.data();
  std::snprintf(text.data(), text.size(), format, value);
  return result + text.data() + "\n";
}

int report(const brain::CallMeasures& measures, bool is_json) {
  JsonObject output{{"cases", measures.cases}};
  std::string text = line("cases", static_cast<double>(measures.cases), "%.0f");
  const auto tell = [&](const char* name, const char* title, std::size_t part, std::size_t whole) {
    if (whole == 0) return;
    output.set(name, share(part, whole));
    text += line(title, share(part, whole), "%.4f");
  };
  tell("name_accuracy", "right names", measures.names, measures.to_call);
  tell("call_accuracy", "right calls", measures.calls, measures.to_call);
  tell("abstention_accuracy", "rightly no call", measures.left, measures.to_leave);
  tell("accuracy", "right in all", measures.calls + measures.left, measures.judged);
  output.set("p50_us", measures.p50_us);
  output.set("p99_us", measures.p99_us);
  text += line("a case, median, us", measures.p50_us, "%.1f") + line("a case, p99, us", measures.p99_us, "%.1f");
  return print_figures(std::move(output), text, is_json);
}

int report_ranking(const brain::RetrieveMeasures& measures, std::size_t tools, const std::vector<double>& times,
                   bool is_json) {
  JsonObject output{{"tools", tools}, {"queries", times.size()}};
  std::string text =
      line("tools", static_cast<double>(tools), "%.0f") + line("queries", static_cast<double>(times.size()), "%.0f");
  if (measures.judged > 0) {
    output.set("recall_1", measures.recall_1);
    output.set("recall_5", measures.recall_5);
    output.set("ndcg_10", measures.ndcg_10);
    text += line("recall@1", measures.recall_1, "%.4f") + line("recall@5", measures.recall_5, "%.4f") +
            line("nDCG@10", measures.ndcg_10, "%.4f");
  }
  output.set("p50_us", brain::quantile(times, 0.5));
  output.set("p99_us", brain::quantile(times, 0.99));
  text += line("a query, median, us", brain::quantile(times, 0.5), "%.1f") +
          line("a query, p99, us", brain::quantile(times, 0.99), "%.1f");
  return print_figures(std::move(output), text, is_json);
}

Result<std::optional<brain::Meanings>> read_meanings(const std::string& path) {
  if (path.empty()) return std::nullopt;
  auto meanings = brain::Meanings::load(TRY(read_given(path, kFileBytesMax)));
  if (!meanings) return base::in_context(meanings.error(), path);
  return std::move(*meanings);
}

Result<brain::Now> now_from(const std::string& text) {
  if (text.empty()) return brain::Now{};
  const std::int64_t time = TRY(base::parse_time(text, 0));
  return brain::Now(std::chrono::floor<std::chrono::seconds>(
      std::chrono::local_time<std::chrono::microseconds>(std::chrono::microseconds(time))));
}

}  // namespace

Result<int> brain_call_eval_verb(std::span<const std::string_view> words) {
  constexpr std::array<std::string_view, 1> kNeeded{"--cases"};
  const Command command = TRY(read_words(words, nullptr));
  const Given given = TRY(flags_of("brain call-eval", command.words, kNeeded));
  const std::vector<brain::Case> cases = TRY(read_cases(value_of(given, "--cases")));
  brain::CallContext context{.now = TRY(now_from(value_of(given, "--now"))), .offset = std::chrono::seconds(0)};
  brain::Weights weights;
  if (const std::string path = value_of(given, "--weights"); !path.empty()) {
    auto read = brain::weights_from(TRY(read_given(path, kFileBytesMax)));
    if (!read) return base::in_context(read.error(), path);
    weights = std::move(*read);
    context.weights = &weights;
  }
  const std::vector<brain::Predicted> predicted = TRY(brain::predict(cases, context));
  if (const std::string path = value_of(given, "--predictions"); !path.empty())
    TRY(sys::write_file_atomic(path, lines_of(predicted)));
  return report(TRY(brain::measure(cases, predicted)), command.common.is_json);
}

Result<int> brain_call_train_verb(std::span<const std::string_view> words) {
  constexpr std::array<std::string_view, 1> kNeeded{"--cases"};
  const Command command = TRY(read_words(words, nullptr));
  const Given given = TRY(flags_of("brain call-train", command.words, kNeeded));
  std::vector<brain::Case> cases;
  for (auto [at, end] = given.equal_range("--cases"); at != end; ++at) {
    std::vector<brain::Case> more = TRY(read_cases(at->second));
    std::ranges::move(more, std::back_inserter(cases));
  }
  brain::Lessons lessons;
  const brain::Weights weights = TRY(brain::learn(cases, lessons));
  if (const std::string path = value_of(given, "--out"); !path.empty())
    TRY(sys::write_file_atomic(path, brain::bytes_of(weights)));
  if (const std::string path = value_of(given, "--source"); !path.empty())
    TRY(sys::write_file_atomic(path, brain::source_of(weights)));
  JsonObject output{{"cases", cases.size()}, {"parameters", lessons.fills}, {"sentences", lessons.choices}};
  const std::string text = line("cases", static_cast<double>(cases.size()), "%.0f") +
                           line("parameters learned from", static_cast<double>(lessons.fills), "%.0f") +
                           line("sentences learned from", static_cast<double>(lessons.choices), "%.0f");
  return print_figures(std::move(output), text, command.common.is_json);
}

Result<int> brain_retrieve_train_verb(std::span<const std::string_view> words) {
  constexpr std::array<std::string_view, 2> kNeeded{"--pairs", "--out"};
  const Command command = TRY(read_words(words, nullptr));
  const Given given = TRY(flags_of("brain retrieve-train", command.words, kNeeded));
  std::vector<brain::MeaningPair> pairs;
  for (auto [at, end] = given.equal_range("--pairs"); at != end; ++at) {
    auto more = TRY(brain::parse_meaning_pairs(TRY(read_given(at->second, kFileBytesMax)), at->second));
    std::ranges::move(more, std::back_inserter(pairs));
  }
  const std::string bytes = brain::learn_meanings(pairs, {}).save();
  TRY(sys::write_file_atomic(value_of(given, "--out"), bytes));
  return print_figures(JsonObject{{"pairs", pairs.size()}, {"bytes", bytes.size()}},
                       line("pairs", static_cast<double>(pairs.size()), "%.0f") +
                           line("bytes", static_cast<double>(bytes.size()), "%.0f"),
                       command.common.is_json);
}

Result<int> brain_retrieve_eval_verb(std::span<const std::string_view> words) {
  constexpr std::array<std::string_view, 2> kNeeded{"--tools", "--queries"};
  constexpr std::size_t kRanked = 100;
  const Command command = TRY(read_words(words, nullptr));
  const Given given = TRY(flags_of("brain retrieve-eval", command.words, kNeeded));
  const std::string pool = value_of(given, "--tools");
  const std::string from = value_of(given, "--queries");
  auto tools = brain::ToolSet::compile(TRY(brain::parse_pool(TRY(read_given(pool, kFileBytesMax)), pool)));
  if (!tools) return base::in_context(tools.error(), pool);
  if (tools->tools().empty()) return fail(ErrorCode::invalid_argument, pool + ": no tools in it", "a list of tools");
  const auto queries = TRY(brain::parse_queries(TRY(read_given(from, kFileBytesMax)), from));
  const std::optional<brain::Meanings> own = TRY(read_meanings(value_of(given, "--meanings")));
  const brain::Retriever retriever(*tools, own ? *own : brain::shipped_meanings());
  std::vector<std::vector<std::string>> ranked;
  std::vector<double> times;
  std::string lines;
  for (const brain::ToolQuery& query : queries) {
    const auto begin = std::chrono::steady_clock::now();
    // Nothing was asked for: nothing fits.
    const auto best = query.text.empty() ? std::vector<brain::RankedTool>{} : retriever.rank(query.text, kRanked);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    std::vector<std::string>& names = ranked.emplace_back();
    for (const brain::RankedTool& one : best) {  // of several that have a name, it is ranked once
      const std::string& name = tools->tools()[one.tool].name;
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    JsonArray list(names.begin(), names.end());
    append_json(lines, JsonObject{{"id", query.id}, {"ranked", std::move(list)}, {"micros", times.back()}});
    lines += '\n';
  }
  if (const std::string path = value_of(given, "--predictions"); !path.empty())
    TRY(sys::write_file_atomic(path, lines));
  return report_ranking(brain::measure_ranking(queries, ranked), tools->tools().size(), times, command.common.is_json);
}

}  // namespace lilux::surface
