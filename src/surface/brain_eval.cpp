#include "surface/brain_eval.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "brain/classifier.h"
#include "brain/domains.h"
#include "brain/measures.h"
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

using Clock = std::chrono::steady_clock;

constexpr std::size_t kExamplesBytesMax = std::size_t{1} << 30;
constexpr std::size_t kModelBytesMax = std::size_t{64} << 20;

// A flag and where its value goes.
using Wanted = std::pair<std::string_view, std::string*>;

Result<void> take_flags(std::string_view verb, const std::vector<std::string>& words, std::span<const Wanted> wanted) {
  const std::string help = "lilux help " + std::string(verb);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto place = std::ranges::find(wanted, words[i], &Wanted::first);
    if (place == wanted.end()) return fail(ErrorCode::invalid_argument, "unknown word '" + words[i] + "'", help);
    if (i + 1 == words.size()) return fail(ErrorCode::invalid_argument, words[i] + " needs a value", help);
    *place->second = words[++i];
  }
  for (const auto& [flag, value] : wanted) {
    if (value->empty() && flag != "--predictions")
      return fail(ErrorCode::invalid_argument, std::string(flag) + " is missing", help);
  }
  return {};
}

Result<std::vector<brain::Example>> read_examples(const std::string& path) {
  return brain::parse_examples(TRY(read_given(path, kExamplesBytesMax)), path);
}

std::size_t labels_in(const std::vector<brain::Example>& examples) {
  std::set<std::string_view> labels;
  for (const brain::Example& example : examples) labels.insert(example.label);
  return labels.size();
}

// What can be asked: one model, or all in a folder together, each a domain by the name of its file.
struct Models {
  std::optional<brain::Classifier> one = std::nullopt;
  brain::Domains domains = {};

  bool has_slots() const { return one ? !one->slots().empty() : domains.has_slots(); }
};

struct Answer {
  std::string domain = {};  // empty with one model
  brain::Decision decision = {};
  std::vector<brain::Slot> slots = {};
};

Answer asked(const Models& models, const std::string& text) {
  if (models.one) {
    Answer answer{.decision = models.one->decide(text)};
    answer.slots = models.one->slots_in(text, answer.decision.label);
    return answer;
  }
  brain::DomainDecision made = models.domains.decide(text);
  std::vector<brain::Slot> slots = models.domains.find(made.domain)->slots_in(text, made.decision.label);
  return {.domain = std::move(made.domain), .decision = std::move(made.decision), .slots = std::move(slots)};
}

Result<brain::Classifier> read_classifier(const std::string& path) {
  Result<brain::Classifier> classifier = brain::Classifier::load(TRY(read_given(path, kModelBytesMax)));
  if (!classifier) return base::in_context(classifier.error(), "'" + path + "'");
  return classifier;
}

Result<Models> read_models(const std::string& path) {
  Models models;
  if (!TRY(sys::stat(path)).is_directory()) {
    models.one = TRY(read_classifier(path));
    return models;
  }
  std::map<std::string, brain::Classifier> domains;
  for (const sys::Entry& entry : TRY(sys::list_directory(path))) {
    if (!entry.name.starts_with('.')) domains.emplace(entry.name, TRY(read_classifier(path + "/" + entry.name)));
  }
  models.domains = brain::Domains(std::move(domains));
  if (models.domains.size() == 0)
    return fail(ErrorCode::not_found, "no models in '" + path + "'",
                "lilux brain train --examples FILE --out " + path + "/NAME");
  return models;
}

struct Judgement {
  std::vector<brain::Judged> decisions = {};
  std::vector<double> times = {};  // us
  std::string lines = {};
  brain::SlotMeasures slots = {};
};

base::JsonArray shown(const std::vector<brain::Slot>& slots, std::string_view text) {
  base::JsonArray all;
  for (const brain::Slot& slot : slots)
    all.push_back(JsonObject{{"name", slot.name},
                             {"value", text.substr(slot.begin, slot.end - slot.begin)},
                             {"begin", slot.begin},
                             {"end", slot.end}});
  return all;
}

Judgement judge(const Models& models, const std::vector<brain::Example>& examples) {
  Judgement result;
  std::ignore = asked(models, examples.front().text);  // the first one reads the model from memory
  for (const brain::Example& example : examples) {
    const Clock::time_point begin = Clock::now();
    const Answer answer = asked(models, example.text);
    const std::chrono::duration<double, std::micro> time = Clock::now() - begin;
    const bool is_in_scope = example.label != brain::kOutOfScope;
    result.decisions.push_back({.is_in_scope = is_in_scope,
                                .is_right = is_in_scope && answer.decision.label == example.label,
                                .confidence = answer.decision.confidence});
    result.times.push_back(time.count());
    if (example.slots) result.slots.add(*example.slots, answer.slots);
    JsonObject row{
        {"label", answer.decision.label}, {"confidence", answer.decision.confidence}, {"micros", time.count()}};
    if (!answer.domain.empty()) row.set("domain", answer.domain);
    if (models.has_slots()) row.set("slots", shown(answer.slots, example.text));
    base::append_json(result.lines, row);
    result.lines += '\n';
  }
  return result;
}

std::string line(const char* name, double value, const char* format) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%-36s", name);
  std::string result = text.data();
  std::snprintf(text.data(), text.size(), format, value);
  return result + text.data() + "\n";
}

// Name for machines, name for people.
struct Figure {
  const char* name;
  const char* title;
  double value;
};

std::vector<Figure> figures_of(const Judgement& judgement) {
  const brain::Measures measures = brain::measure(judgement.decisions);
  std::vector<Figure> figures;
  if (measures.accuracy) figures.push_back({"accuracy", "accuracy in scope", *measures.accuracy});
  if (measures.oos_auroc) figures.push_back({"oos_auroc", "in scope above out of scope (AUROC)", *measures.oos_auroc});
  if (measures.oos_recall_at_95)
    figures.push_back({"oos_recall_at_95", "out of scope found, 95 % kept", *measures.oos_recall_at_95});
  figures.push_back({"decided_at_99", "decided at 99 % precision", measures.decided_at_99});
  figures.push_back({"accuracy_at_half", "right at a confidence of one half", measures.accuracy_at_half});
  figures.push_back({"calibration_error", "calibration error", measures.calibration_error});
  if (judgement.slots.told > 0) figures.push_back({"slot_f1", "slots, F1", judgement.slots.f1()});
  figures.push_back({"p50_us", "a decision, median, us", brain::quantile(judgement.times, 0.5)});
  figures.push_back({"p99_us", "a decision, p99, us", brain::quantile(judgement.times, 0.99)});
  return figures;
}

}  // namespace

Result<int> brain_train_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::string examples_path;
  std::string out;
  const std::array<Wanted, 2> wanted{{{"--examples", &examples_path}, {"--out", &out}}};
  TRY(take_flags("brain train", command.words, wanted));
  const std::vector<brain::Example> examples = TRY(read_examples(examples_path));
  const Clock::time_point begin = Clock::now();
  Result<brain::Classifier> classifier = brain::Classifier::train(examples);
  if (!classifier) return base::in_context(classifier.error(), "'" + examples_path + "'");
  const std::string bytes = classifier->save();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  TRY(sys::write_file_atomic(out, bytes));
  const std::size_t labels = labels_in(examples);
  const std::size_t slots = classifier->slots().size();
  return print_figures(
      {{"seconds", seconds}, {"labels", labels}, {"bytes", bytes.size()}, {"slots", slots}, {"out", out}},
      line("examples", static_cast<double>(examples.size()), "%.0f") +
          line("labels", static_cast<double>(labels), "%.0f") + line("slots", static_cast<double>(slots), "%.0f") +
          line("seconds", seconds, "%.2f") + line("bytes", static_cast<double>(bytes.size()), "%.0f"),
      command.common.is_json);
}

Result<int> brain_eval_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::string model;
  std::string examples_path;
  std::string predictions;
  const std::array<Wanted, 3> wanted{
      {{"--model", &model}, {"--examples", &examples_path}, {"--predictions", &predictions}}};
  TRY(take_flags("brain eval", command.words, wanted));
  const Models models = TRY(read_models(model));
  const std::vector<brain::Example> examples = TRY(read_examples(examples_path));
  const Judgement judgement = judge(models, examples);
  if (!predictions.empty()) TRY(sys::write_file_atomic(predictions, judgement.lines));
  JsonObject output{{"examples", examples.size()}};
  std::string text = line("examples", static_cast<double>(examples.size()), "%.0f");
  for (const Figure& figure : figures_of(judgement)) {
    output.set(figure.name, figure.value);
    text += line(figure.title, figure.value, "%.4f");
  }
  return print_figures(std::move(output), text, command.common.is_json);
}

}  // namespace lilux::surface
