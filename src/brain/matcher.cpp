#include "brain/matcher.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace lilux::brain {

using base::Json;
using base::Result;

Result<Matcher> Matcher::compile(std::span<const Rule> rules) {
  Matcher made;
  made.rules_.reserve(rules.size());
  for (const Rule& rule : rules) TRY(made.add(rule, static_cast<std::uint32_t>(made.rules_.size())));
  made.add_phrases();
  return made;
}

Result<void> Matcher::add(const Rule& rule, std::uint32_t number) {
  Waiting waiting{.where = rule.where};
  for (const std::string& says : rule.says) waiting.says.push_back(TRY(Phrase::compile(says)));
  if (!rule.when.empty()) waiting.when = TRY(text::NameGlob::compile(rule.when));
  rules_.push_back(std::move(waiting));
  if (!rule.when.empty()) add_event(rule, number);
  return {};
}

void Matcher::put(Bucket& bucket, const std::vector<Condition>& where, std::uint32_t number) {
  for (const Condition& condition : where) {
    const std::optional<std::string> wanted = condition.only_text();
    if (!wanted) continue;
    auto field = std::ranges::find(bucket.by_value, condition.field(), &std::pair<std::string, ByText<Numbers>>::first);
    if (field == bucket.by_value.end()) field = bucket.by_value.insert(field, {condition.field(), {}});
    field->second[*wanted].push_back(number);
    return;
  }
  bucket.others.push_back(number);
}

void Matcher::add_event(const Rule& rule, std::uint32_t number) {
  for (const std::string& choice : text::choices_of(rule.when).value_or(std::vector{rule.when})) {
    const std::string beginning = choice.substr(0, choice.find_first_of("*?["));
    beginning_max_ = std::max(beginning_max_, beginning.size());
    put(beginning == choice ? by_name_[choice] : by_beginning_[beginning], rules_[number].where, number);
  }
}

void Matcher::add_phrases() {
  std::unordered_map<std::string_view, std::size_t> uses;
  for (const Waiting& rule : rules_) {
    for (const Phrase& phrase : rule.says) {
      for (const std::string_view word : phrase.words()) ++uses[word];
    }
  }
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    for (std::uint32_t nth = 0; nth < rules_[rule].says.size(); ++nth) {
      const std::vector<std::string_view> words = rules_[rule].says[nth].words();
      const auto rarest = std::ranges::min_element(words, {}, [&](std::string_view word) { return uses[word]; });
      by_word_[std::string(*rarest)].push_back({rule, nth});
    }
  }
}

template <class Take>
void Matcher::for_each_bucket(std::string_view event_name, Take take) const {
  if (const auto found = by_name_.find(event_name); found != by_name_.end()) take(found->second);
  if (by_beginning_.empty()) return;
  for (std::size_t size = 0; size <= std::min(event_name.size(), beginning_max_); ++size) {
    const auto found = by_beginning_.find(event_name.substr(0, size));
    if (found != by_beginning_.end()) take(found->second);
  }
}

bool Matcher::knows(std::string_view event_name) const {
  bool is_known = false;
  for_each_bucket(event_name, [&](const Bucket&) { is_known = true; });
  return is_known;
}

void Matcher::collect(const Bucket& bucket, std::string_view event_name, const Json& event, Numbers& found) const {
  const auto try_all = [&](const Numbers& numbers) {
    for (const std::uint32_t number : numbers) {
      const Waiting& rule = rules_[number];
      const auto holds = [&](const Condition& condition) { return condition.holds(event); };
      if (rule.when.matches(event_name) && std::ranges::all_of(rule.where, holds)) found.push_back(number);
    }
  };
  try_all(bucket.others);
  const auto try_value = [&](const ByText<Numbers>& by_value, const Json& value) {
    const auto rules = value.is_string() ? by_value.find(value.as_string()) : by_value.find(base::to_text(value));
    if (rules != by_value.end()) try_all(rules->second);
  };
  for (const auto& [field, by_value] : bucket.by_value) {
    const Json* value = field_at(event, field);
    if (!value) continue;
    if (!value->is_array())
      try_value(by_value, *value);
    else
      for (const Json& entry : value->as_array()) try_value(by_value, entry);
  }
}

std::vector<std::uint32_t> Matcher::on_event(std::string_view event_name, const Json& event) const {
  Numbers found;
  for_each_bucket(event_name, [&](const Bucket& bucket) { collect(bucket, event_name, event, found); });
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());  // a rule may wait for several names
  return found;
}

std::vector<Matcher::Said> Matcher::all_of(const Spoken& said) const {
  std::vector<Saying> candidates;
  for (const Spoken::Word& word : said.words) {
    const auto found = by_word_.find(word.folded);
    if (found != by_word_.end()) candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  }
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::vector<std::pair<std::size_t, Said>> found;  // with how many words of its own
  for (const auto& [rule, nth] : candidates) {
    const Phrase& phrase = rules_[rule].says[nth];
    const bool is_another = !found.empty() && found.back().second.rule == rule;
    if (is_another && found.back().first >= phrase.size()) continue;
    std::optional<base::JsonObject> gaps = phrase.match(said);
    if (!gaps) continue;
    if (is_another) found.pop_back();
    found.emplace_back(phrase.size(), Said{.rule = rule, .gaps = std::move(*gaps)});
  }
  std::ranges::sort(found, [](const auto& left, const auto& right) {
    return std::pair(right.first, left.second.rule) < std::pair(left.first, right.second.rule);
  });
  std::vector<Said> all;
  for (auto& [own, one] : found) all.push_back(std::move(one));
  return all;
}

std::optional<Matcher::Said> Matcher::on_text(std::string_view text) const {
  std::vector<Said> all = all_of_text(text);
  if (all.empty()) all = all_of(spoken(text, Quotes::are_marks));
  return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

}  // namespace lilux::brain
