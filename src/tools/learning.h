#pragma once

// The tools over what a person's answers taught: request and response of each, and where the answers lie.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "brain/experience.h"
#include "brain/learned.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::learning {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

// For the person alone, or for the trusted project where they stand.
enum class Scope : std::uint8_t { user, project };
constexpr std::array<std::string_view, 2> enum_names(Scope) {
  return {"user", "project"};
}

// A file of answers as it lies there.
struct Shelf {
  std::string file;
  std::string project;
  std::vector<brain::Experience> examples;
  std::string problem;
};
// All of them, the user's first.
Result<std::vector<Shelf>> shelves(const CallContext& call);

// What counts where the caller stands: the person's own and then the project's. Nothing for whoever is no person.
// Kept compiled by the kernel until they change.
Result<std::shared_ptr<const brain::Learned>> learned_for(const CallContext& call);

struct LearnRequest {
  std::string text;
  brain::Answer answer = brain::Answer::accepted;
  std::string tool;
  std::optional<base::Json> arguments;
  std::optional<std::string> layer;
  std::optional<brain::Band> band;
  std::optional<double> confidence;
  static constexpr base::Fields fields{
      Field{"text", &LearnRequest::text, "What was said", {.minimum = 1, .maximum = 4'096}},
      Field{"answer", &LearnRequest::answer, "accepted, corrected (this call was meant) or refused"},
      Field{"tool", &LearnRequest::tool, "Tool that was meant, or refused"},
      Field{"arguments", &LearnRequest::arguments, "Its arguments"},
      Field{"layer", &LearnRequest::layer, "Layer that had proposed a call"},
      Field{"band", &LearnRequest::band, "In which band"},
      Field{"confidence", &LearnRequest::confidence, "How sure it was", {.minimum = 0, .maximum = 1}},
  };
};
struct LearnResponse {
  std::int64_t id = 0;
  Scope scope = Scope::user;
  bool kept = false;
  static constexpr base::Fields fields{
      Field{"id", &LearnResponse::id, "Its number, for brain.forget"},
      Field{"scope", &LearnResponse::scope, "Whom it is for: the user everywhere, or the project"},
      Field{"kept", &LearnResponse::kept, "False: something in it looks like a secret, so it is not"},
  };
};
Result<Assessment> assess_learn(const CallContext& call, const LearnRequest& request);
Result<LearnResponse> learn(CallContext& call, const LearnRequest& request);

struct ForgetRequest {
  std::optional<std::string> text;
  std::optional<std::int64_t> id;
  std::optional<std::int64_t> last;
  std::optional<std::string> since;
  std::optional<bool> all;
  std::optional<Scope> scope;
  static constexpr base::Fields fields{
      Field{"text", &ForgetRequest::text, "Examples of this sentence", {.minimum = 1, .maximum = 4'096}},
      Field{"id", &ForgetRequest::id, "The example of this number", {.minimum = 1}},
      Field{"last", &ForgetRequest::last, "So many of the newest", {.minimum = 1}},
      Field{"since", &ForgetRequest::since, "Those since a time: 2h, 7d, 2026-03-01"},
      Field{"all", &ForgetRequest::all, "All of them"},
      Field{"scope", &ForgetRequest::scope, "Of the user or the project; where you stand when absent"},
  };
};
struct ForgetResponse {
  std::int64_t forgotten = 0;
  std::int64_t kept = 0;
  Scope scope = Scope::user;
  static constexpr base::Fields fields{
      Field{"forgotten", &ForgetResponse::forgotten, "Examples that are gone"},
      Field{"kept", &ForgetResponse::kept, "Examples that are left"},
      Field{"scope", &ForgetResponse::scope, "Whose"},
  };
};
Result<Assessment> assess_forget(const CallContext& call, const ForgetRequest& request);
Result<ForgetResponse> forget(CallContext& call, const ForgetRequest& request);

struct ExplainRequest {
  std::string text;
  static constexpr base::Fields fields{
      Field{"text", &ExplainRequest::text, "What is wanted, in plain words", {.minimum = 1, .maximum = 16'384}}};
};
struct LayerRow {
  std::string layer;
  std::string tool;
  double confidence = 0;
  std::string why;
  static constexpr base::Fields fields{
      Field{"layer", &LayerRow::layer, "Layer, in the order they are asked"},
      Field{"tool", &LayerRow::tool, "What it would call; empty: it passes"},
      Field{"confidence", &LayerRow::confidence, "How sure it is"},
      Field{"why", &LayerRow::why, "Why"},
  };
};
struct ExampleRow {
  std::int64_t id = 0;
  std::string project;
  std::string text;
  brain::Answer answer = brain::Answer::accepted;
  std::string tool;
  double similarity = 0;
  static constexpr base::Fields fields{
      Field{"id", &ExampleRow::id, "Its number"},
      Field{"project", &ExampleRow::project, "Project it counts in; empty: everywhere"},
      Field{"text", &ExampleRow::text, "What was said then"},
      Field{"answer", &ExampleRow::answer, "What was answered"},
      Field{"tool", &ExampleRow::tool, "Tool"},
      Field{"similarity", &ExampleRow::similarity, "How alike, from 0 to 1"},
  };
};
struct WordRow {
  std::string word;
  double weight = 0;
  static constexpr base::Fields fields{
      Field{"word", &WordRow::word, "Word"},
      Field{"weight", &WordRow::weight, "Above 0: for the most alike example; below: against it"},
  };
};
struct ExplainResponse {
  std::string layer;
  brain::Band band = brain::Band::defer;
  std::string tool;
  double confidence = 0;
  std::vector<LayerRow> layers;
  std::vector<ExampleRow> examples;
  std::vector<WordRow> words;
  double execute_from = brain::kExecuteFrom;
  double verify_from = brain::kVerifyFrom;
  double like_from = brain::kLikeFrom;
  static constexpr base::Fields fields{
      Field{"layer", &ExplainResponse::layer, "Which one answers"},
      Field{"band", &ExplainResponse::band, "execute, verify or defer"},
      Field{"tool", &ExplainResponse::tool, "Tool"},
      Field{"confidence", &ExplainResponse::confidence, "How sure"},
      Field{"layers", &ExplainResponse::layers, "What each layer says"},
      Field{"examples", &ExplainResponse::examples, "Answers of yours to what is most alike"},
      Field{"words", &ExplainResponse::words,
            "Of the sentence: how each speaks for the first of them, or for what the layer says"},
      Field{"execute_from", &ExplainResponse::execute_from, "Made at once from there, when it only looks; 2: never"},
      Field{"verify_from", &ExplainResponse::verify_from, "Shown and asked from there"},
      Field{"like_from", &ExplainResponse::like_from, "Examples less alike say nothing"},
  };
};
Result<Assessment> assess_look(const CallContext& call, const ExplainRequest& request);
Result<ExplainResponse> explain(CallContext& call, const ExplainRequest& request);

struct StatusRequest {
  static constexpr base::Fields<> fields{};
};
struct LearnedRow {
  std::string project;
  std::int64_t accepted = 0;
  std::int64_t corrected = 0;
  std::int64_t refused = 0;
  std::string newest;
  std::string version;
  std::string problem;
  static constexpr base::Fields fields{
      Field{"project", &LearnedRow::project, "Project; empty: the user's own, for everywhere"},
      Field{"accepted", &LearnedRow::accepted, "Calls that were meant"},
      Field{"corrected", &LearnedRow::corrected, "Calls that were meant instead"},
      Field{"refused", &LearnedRow::refused, "Calls that were not"},
      Field{"newest", &LearnedRow::newest, "When the newest was answered"},
      Field{"version", &LearnedRow::version, "Digest of the examples"},
      Field{"problem", &LearnedRow::problem, "Why they cannot be read"},
  };
};
struct BandRow {
  std::string layer;
  brain::Band band = brain::Band::defer;
  std::int64_t right = 0;
  std::int64_t wrong = 0;
  static constexpr base::Fields fields{
      Field{"layer", &BandRow::layer, "Layer"},
      Field{"band", &BandRow::band, "Band"},
      Field{"right", &BandRow::right, "Proposals that were accepted"},
      Field{"wrong", &BandRow::wrong, "Proposals that were refused"},
  };
};
struct ModelRow {
  std::string name;
  std::string version;
  static constexpr base::Fields fields{
      Field{"name", &ModelRow::name, "What is shipped"},
      Field{"version", &ModelRow::version, "Digest"},
  };
};
struct BordersRow {
  double execute_from = 0;
  double verify_from = 0;
  std::int64_t answers = 0;
  static constexpr base::Fields fields{
      Field{"execute_from", &BordersRow::execute_from, "Made at once from there, when it only looks; 2: never"},
      Field{"verify_from", &BordersRow::verify_from, "Shown and asked from there"},
      Field{"answers", &BordersRow::answers, "Answers they are fitted to; 0: as given"},
  };
};
struct StatusResponse {
  std::vector<std::string> layers;
  std::vector<LearnedRow> learned;
  std::vector<BandRow> answers;
  BordersRow bands;
  std::vector<ModelRow> models;
  static constexpr base::Fields fields{
      Field{"layers", &StatusResponse::layers, "In the order they are asked"},
      Field{"learned", &StatusResponse::learned, "Examples, by whom they are for"},
      Field{"answers", &StatusResponse::answers, "How right what was proposed and asked about turned out to be"},
      Field{"bands", &StatusResponse::bands, "From which confidence on a call is made, or asked about"},
      Field{"models", &StatusResponse::models, "What is shipped"},
  };
};
Result<Assessment> assess_status(const CallContext& call, const StatusRequest& request);
Result<StatusResponse> status(CallContext& call, const StatusRequest& request);

enum class Format : std::uint8_t { functiongemma, openai };
constexpr std::array<std::string_view, 2> enum_names(Format) {
  return {"functiongemma", "openai"};
}
struct ExportRequest {
  Format format = Format::openai;
  static constexpr base::Fields fields{
      Field{"format", &ExportRequest::format, "Chat form of the lines: functiongemma or openai"}};
};
struct ExportResponse {
  std::vector<base::Json> lines;
  static constexpr base::Fields fields{Field{
      "lines", &ExportResponse::lines, "A conversation each: what was said, the call, and the tools to choose from"}};
};
Result<Assessment> assess_export(const CallContext& call, const ExportRequest& request);
Result<ExportResponse> export_examples(CallContext& call, const ExportRequest& request);

}  // namespace lilux::tools::learning
