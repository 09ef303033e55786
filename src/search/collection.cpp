#include "search/collection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <unordered_map>

#include "base/encoding.h"
#include "base/json.h"
#include "base/number.h"
#include "sys/error.h"

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::size_t kNdcgAt = 10;
constexpr std::size_t kRecallAt = 100;

std::unexpected<base::Error> bad_line(std::string_view name, std::size_t line, const std::string& what) {
  return fail(ErrorCode::invalid_argument, sys::quoted(name) + " line " + std::to_string(line) + ": " + what);
}

// Every line but empty ones, with its number.
Result<void> each_line(std::string_view text, const std::function<Result<void>(std::string_view, std::size_t)>& take) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty()) TRY(take(line, number));
  }
  return {};
}

std::optional<std::string> id_in(const Json& object) {
  const Json* id = object.find("_id");
  if (id == nullptr) return std::nullopt;
  if (id->is_integer()) return std::to_string(id->as_integer());
  return id->is_string() ? std::optional(id->as_string()) : std::nullopt;
}

bool is_run_word(std::string_view id) {
  const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  return !id.empty() && id.size() <= kIdBytesMax && std::ranges::none_of(id, is_space);
}

// A member that is a text; absent and null are empty.
std::optional<std::string> text_in(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  if (member == nullptr || member->is_null()) return std::string();
  return member->is_string() ? std::optional(member->as_string()) : std::nullopt;
}

// {"_id", "title", "text"} on each line.
Result<std::vector<Document>> parse_lines(std::string_view text, std::string_view name) {
  std::vector<Document> documents;
  std::unordered_map<std::string, std::size_t> seen;
  TRY(each_line(text, [&](std::string_view line, std::size_t number) -> Result<void> {
    const Result<Json> object = base::parse_json(line);
    if (!object) return bad_line(name, number, object.error().message);
    const std::optional<std::string> id = id_in(*object);
    if (!id) return bad_line(name, number, "no \"_id\" that is a string");
    if (!is_run_word(*id))
      return bad_line(name, number, "the id " + sys::quoted(*id) + " is empty, long or has spaces");
    const std::optional<std::string> title = text_in(*object, "title");
    const std::optional<std::string> body = text_in(*object, "text");
    if (!title) return bad_line(name, number, "\"title\" is no string");
    if (!body || (object->find("text") == nullptr && title->empty()))
      return bad_line(name, number, "no \"text\" that is a string");
    const auto [before, is_new] = seen.emplace(*id, number);
    if (!is_new)
      return bad_line(name, number, "the id " + sys::quoted(*id) + " stands on line " + std::to_string(before->second));
    documents.push_back({.id = *id, .title = *title, .text = *body});
    return {};
  }));
  if (documents.empty()) return fail(ErrorCode::invalid_argument, sys::quoted(name) + " is empty");
  return documents;
}

double gain(const std::map<std::string, int>& judged, const std::string& document) {
  const auto found = judged.find(document);
  return found != judged.end() && found->second > 0 ? found->second : 0;
}

double discount(std::size_t rank) {  // from 0 on
  return 1 / std::log2(static_cast<double>(rank) + 2);
}

double ndcg(const std::vector<Hit>& hits, const std::map<std::string, int>& judged) {
  std::vector<int> ideal;
  for (const auto& [document, value] : judged) ideal.push_back(value);
  std::ranges::sort(ideal, std::greater());
  double sum = 0;
  double most = 0;
  for (std::size_t i = 0; i < std::min(kNdcgAt, hits.size()); ++i) sum += gain(judged, hits[i].id) * discount(i);
  for (std::size_t i = 0; i < std::min(kNdcgAt, ideal.size()); ++i) most += std::max(0, ideal[i]) * discount(i);
  return sum / most;
}

void add_measures(Measures& sums, const std::vector<Hit>& hits, const std::map<std::string, int>& judged) {
  const auto relevant =
      static_cast<double>(std::ranges::count_if(judged, [](const auto& one) { return one.second > 0; }));
  double found = 0;
  double precisions = 0;
  double early = 0;
  double first = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (gain(judged, hits[i].id) == 0) continue;
    found += 1;
    precisions += found / static_cast<double>(i + 1);
    if (i < kRecallAt) early += 1;
    if (first == 0) first = 1 / static_cast<double>(i + 1);
  }
  sums.ndcg_10 += ndcg(hits, judged);
  sums.recall_100 += early / relevant;
  sums.map += precisions / relevant;
  sums.mrr += first;
}

}  // namespace

Result<std::vector<Document>> parse_corpus(std::string_view text, std::string_view name) {
  return parse_lines(text, name);
}

Result<std::vector<Topic>> parse_topics(std::string_view text, std::string_view name) {
  std::vector<Topic> topics;
  for (Document& document : TRY(parse_lines(text, name)))
    topics.push_back({.id = std::move(document.id), .text = std::move(document.text)});
  return topics;
}

Result<Judgements> parse_judgements(std::string_view text, std::string_view name) {
  Judgements judgements;
  bool is_first = true;
  TRY(each_line(text, [&](std::string_view line, std::size_t number) -> Result<void> {
    std::vector<std::string_view> fields;
    for (std::string_view rest = line;;) {
      const std::size_t tab = rest.find('\t');
      fields.push_back(rest.substr(0, tab));
      if (tab == std::string_view::npos) break;
      rest.remove_prefix(tab + 1);
    }
    const bool is_heading = std::exchange(is_first, false) && fields.front().starts_with("query");
    if (is_heading) return {};
    const auto value = fields.size() == 3 ? base::number_from<int>(fields[2]) : std::nullopt;
    if (!value || fields[0].empty() || fields[1].empty())
      return bad_line(name, number, "expected query, document and a whole number between tabs");
    if (!judgements[std::string(fields[0])].emplace(fields[1], *value).second)
      return bad_line(name, number, "query " + sys::quoted(fields[0]) + " has " + sys::quoted(fields[1]) + " twice");
    return {};
  }));
  if (judgements.empty()) return fail(ErrorCode::invalid_argument, sys::quoted(name) + " is empty");
  return judgements;
}

Measures measure(std::span<const Ranked> ranking, const Judgements& judgements) {
  Measures sums;
  for (const Ranked& ranked : ranking) {
    const auto judged = judgements.find(ranked.topic);
    if (judged == judgements.end()) continue;
    if (std::ranges::none_of(judged->second, [](const auto& one) { return one.second > 0; })) continue;
    ++sums.topics;
    add_measures(sums, ranked.hits, judged->second);
  }
  for (double* sum : {&sums.ndcg_10, &sums.recall_100, &sums.map, &sums.mrr})
    *sum /= static_cast<double>(std::max<std::size_t>(sums.topics, 1));
  return sums;
}

std::string run_text(std::span<const Ranked> ranking, std::string_view tag) {
  std::string text;
  for (const Ranked& ranked : ranking) {
    std::size_t rank = 0;
    for (const Hit& hit : ranked.hits) {
      std::array<char, 32> score{};
      std::snprintf(score.data(), score.size(), "%.9g", hit.score);
      text.append(ranked.topic).append(" Q0 ").append(hit.id).append(" ").append(std::to_string(++rank));
      text.append(" ").append(score.data()).append(" ").append(tag).append("\n");
    }
  }
  return text;
}

}  // namespace lilux::search
