// brain.explain, brain.status and brain.export: what the router knows, why it says what it says, and all of it as
// training data for models that call functions.

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "base/hash.h"
#include "brain/caller_train.h"
#include "brain/features.h"
#include "kernel/kernel.h"
#include "text/private.h"
#include "tools/brain.h"
#include "tools/common.h"
#include "tools/item_routes.h"
#include "tools/learning.h"
#include "tools/phrasings.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::tools::learning {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using brain::Answer;
using brain::Experience;

namespace {

constexpr std::size_t kExamplesShown = 5;
constexpr std::size_t kWordsShown = 12;
constexpr double kShareLeast = 0.01;
constexpr std::size_t kVersionCharacters = 16;

std::string version_of(std::string_view bytes) {
  return base::to_hex(base::sha256(bytes)).substr(0, kVersionCharacters);
}

void add_examples(const brain::Learned& learned, const std::string& text, ExplainResponse& response) {
  const std::vector<brain::Alike> alike = learned.alike(text, kExamplesShown);
  for (const brain::Alike& one : alike) {
    const Experience& example = learned.examples()[one.example];
    response.examples.push_back({.id = example.id,
                                 .project = example.project,
                                 .text = example.text,
                                 .answer = example.answer,
                                 .tool = example.tool,
                                 .similarity = one.similarity});
  }
  if (alike.empty()) return;
  for (const brain::WordWeight& word : learned.words(text, alike.front().example)) {
    if (response.words.size() < kWordsShown) response.words.push_back({.word = word.word, .weight = word.weight});
  }
}

// The words that decided, where no example of a person's did.
void add_words(const brain::Router& router, const std::string& text, ExplainResponse& response) {
  if (response.layer == "learned" || response.layer == "alike" || response.layer.empty()) return;
  response.words.clear();
  std::vector<brain::Router::Share> shares = router.shares(response.layer, text);
  std::ranges::sort(shares, std::greater(), [](const auto& one) { return std::abs(one.share); });
  for (brain::Router::Share& one : shares)
    if (std::abs(one.share) >= kShareLeast && response.words.size() < kWordsShown)
      response.words.push_back({.word = std::move(one.word), .weight = one.share});
}

// Why a layer that knows tools by their schemas alone came to one: what it says of itself, and which of the words.
std::string why_of_schema(const std::string& text, const kernel::Tool& tool) {
  constexpr std::size_t kSmall = 2;  // "a", "of"
  const std::vector<std::string> own = brain::tokens_of(std::string(tool.name) + " " + std::string(tool.summary) + " " +
                                                        base::to_text(tool.input_schema()));
  std::string why = "it says of itself: " + std::string(tool.summary);
  std::string words;
  for (const std::string& word : brain::tokens_of(text))
    if (word.size() > kSmall && std::ranges::find(own, word) != own.end()) words += (words.empty() ? "" : ", ") + word;
  return words.empty() ? why : why + "; it has the words: " + words;
}

LearnedRow row_of(const Shelf& shelf) {
  LearnedRow row{.project = shelf.project, .problem = shelf.problem};
  for (const Experience& example : shelf.examples) {
    ++(example.answer == Answer::accepted    ? row.accepted
       : example.answer == Answer::corrected ? row.corrected
                                             : row.refused);
    row.newest = example.time;
  }
  row.version = version_of(brain::lines_of(shelf.examples));
  return row;
}

// What was meant instead says nothing of its own: the refused proposal is counted.
std::vector<BandRow> answers_of(const std::vector<Shelf>& all) {
  std::map<std::pair<std::string, brain::Band>, BandRow> rows;
  for (const Shelf& shelf : all) {
    for (const Experience& example : shelf.examples) {
      if (example.layer.empty() || example.answer == Answer::corrected) continue;
      BandRow& row = rows[{example.layer, example.band}];
      row.layer = example.layer;
      row.band = example.band;
      ++(example.answer == Answer::accepted ? row.right : row.wrong);
    }
  }
  std::vector<BandRow> made;
  for (auto& [key, row] : rows) made.push_back(std::move(row));
  return made;
}

// On the wire names have no dots.
std::string wire_name(std::string_view tool) {
  std::string name(tool);
  std::ranges::replace(name, '.', '_');
  return name;
}

Json function_of(const kernel::Tool& tool) {
  return JsonObject{
      {"type", "function"},
      {"function",
       JsonObject{{"name", wire_name(tool.name)}, {"description", tool.summary}, {"parameters", tool.input_schema()}}}};
}

// The right one among those of the same noun.
JsonArray choice_of(std::string_view right) {
  JsonArray tools;
  const std::string_view noun = right.substr(0, right.find('.') + 1);
  for (const kernel::Tool& tool : table()) {
    if (tool.name.starts_with(noun) && tool.traits.audience != kernel::Audience::people)
      tools.push_back(function_of(tool));
  }
  return tools;
}

Json line_of(Format format, const SaidCall& said) {
  const bool is_openai = format == Format::openai;
  JsonArray messages;
  if (!is_openai) {
    messages.push_back(
        JsonObject{{"role", "developer"},
                   {"content", "You are a model that can do function calling with the following functions"}});
  }
  messages.push_back(JsonObject{{"role", "user"}, {"content", said.text}});
  JsonObject call;
  if (is_openai) call.set("id", "call_1");
  call.set("type", "function");
  call.set("function", JsonObject{{"name", wire_name(said.tool)},
                                  {"arguments", is_openai ? Json(base::to_text(said.arguments)) : said.arguments}});
  JsonObject answer{{"role", "assistant"}, {"tool_calls", JsonArray{std::move(call)}}};
  if (is_openai) answer.set("content", nullptr);
  messages.push_back(std::move(answer));
  return JsonObject{{"messages", std::move(messages)}, {"tools", choice_of(said.tool)}};
}

bool is_private(const SaidCall& said) {
  return text::may_hold_secret(said.text) || text::may_hold_secret(base::to_text(said.arguments));
}

// What nobody said here: as it is shipped, and made from schemas and items.
std::vector<SaidCall> made_examples(const CallContext& call) {
  std::vector<SaidCall> all = shipped_calls();
  std::ranges::move(filled_sentences(), std::back_inserter(all));
  for (const kernel::Tool& tool : table()) std::ranges::move(phrasings_of(tool), std::back_inserter(all));
  for (const Runnable& item : runnable_items(call)) {
    // The words of items are a person's, as those of answers are.
    std::ranges::copy_if(phrasings_of(item), std::back_inserter(all), std::not_fn(is_private));
  }
  return all;
}

}  // namespace

Result<Assessment> assess_look(const CallContext&, const ExplainRequest&) {
  return reads_kernel("brain");
}

Result<ExplainResponse> explain(CallContext& call, const ExplainRequest& request) {
  const std::shared_ptr<const brain::Learned> learned = TRY(learned_for(call));
  const brain::Router router = brain_tools::router_for(call, *learned);
  const brain::Route route = router.route(request.text);
  ExplainResponse response{.layer = route.layer,
                           .band = route.band,
                           .tool = route.proposal.tool,
                           .confidence = route.proposal.confidence,
                           .execute_from = router.bands().execute_from,
                           .verify_from = router.bands().verify_from};
  for (brain::Router::Said& said : router.each(request.text)) {
    LayerRow& row = response.layers.emplace_back(LayerRow{.layer = std::move(said.layer)});
    if (!said.proposal) continue;
    row.tool = std::move(said.proposal->tool);
    row.confidence = said.proposal->confidence;
    row.why = std::move(said.proposal->why);
    const kernel::Tool* tool = find(row.tool);
    if (row.why.empty() && tool) row.why = why_of_schema(request.text, *tool);
  }
  add_examples(*learned, request.text, response);
  add_words(router, request.text, response);
  return response;
}

Result<Assessment> assess_status(const CallContext&, const StatusRequest&) {
  return reads_kernel("brain");
}

Result<StatusResponse> status(CallContext& call, const StatusRequest&) {
  const std::vector<Shelf> all = TRY(shelves(call));
  StatusResponse response{.answers = answers_of(all)};
  const Result<std::shared_ptr<const brain::Learned>> learned = learned_for(call);  // not there: its row says why
  const brain::Learned nothing;
  const brain::Router router = brain_tools::router_for(call, learned ? **learned : nothing);
  for (brain::Router::Said& said : router.each("-")) response.layers.push_back(std::move(said.layer));
  const brain::Bands& bands = router.bands();
  response.bands = {.execute_from = bands.execute_from,
                    .verify_from = bands.verify_from,
                    .answers = static_cast<std::int64_t>(bands.answers)};
  for (const Shelf& shelf : all) response.learned.push_back(row_of(shelf));
  response.models.push_back({.name = "schema", .version = version_of(brain::bytes_of(brain::shipped_weights()))});
  response.models.push_back({.name = "sentence", .version = version_of(sentences())});
  return response;
}

Result<Assessment> assess_export(const CallContext&, const ExportRequest&) {
  return reads_kernel("brain");
}

// Newer answers replace older ones to the same sentence, and what was made; what was refused is no example of anything.
Result<ExportResponse> export_examples(CallContext& call, const ExportRequest& request) {
  const std::shared_ptr<const brain::Learned> learned = TRY(learned_for(call));
  std::vector<SaidCall> all = made_examples(call);
  for (const Experience& one : learned->examples()) {
    SaidCall said{.text = one.text, .tool = one.tool, .arguments = one.arguments};
    if (one.answer != Answer::refused && find(one.tool) && !is_private(said)) all.push_back(std::move(said));
  }
  ExportResponse response;
  std::set<std::string> seen;
  for (auto said = all.rbegin(); said != all.rend(); ++said) {
    if (seen.insert(brain::plain(said->text)).second) response.lines.push_back(line_of(request.format, *said));
  }
  std::ranges::reverse(response.lines);
  return response;
}

}  // namespace lilux::tools::learning
