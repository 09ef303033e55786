#include "brain/router.h"

#include <algorithm>

#include "brain/extract_text.h"

namespace lilux::brain {

Band Router::band_of(const Proposal& proposal) const {
  if (proposal.calls.empty() || proposal.confidence < bands_.verify_from) return Band::defer;
  const bool is_harmless =
      std::ranges::all_of(proposal.calls, [&](const ProposedCall& call) { return is_harmless_(call.name); });
  return is_harmless && !proposal.is_asked && proposal.confidence >= bands_.execute_from ? Band::execute : Band::verify;
}

std::optional<Proposal> Router::said_by(const Named& layer, std::string_view text) const {
  std::optional<Proposal> said = layer.says(text);
  if (said && check_) check_(*said);
  if (!said || !refused_) return said;
  for (const ProposedCall& call : said->calls) {
    std::string refused = refused_(call);
    if (refused.empty()) continue;
    said->why = "what is said for " + refused + " is none that " + call.name + " takes";
    said->tool = call.name;
    said->missing = {std::move(refused)};
    said->calls.clear();
    break;
  }
  return said;
}

Route Router::route(std::string_view text) const {
  Route best;
  for (const Named& layer : layers_) {
    std::optional<Proposal> proposal = said_by(layer, text);
    if (!proposal) continue;
    const bool is_better = best.layer.empty() || (best.proposal.calls.empty() && !proposal->calls.empty()) ||
                           (!proposal->calls.empty() && proposal->confidence > best.proposal.confidence);
    if (is_better || layer.word == Word::last) best = {.proposal = std::move(*proposal), .layer = layer.name};
    if (layer.word == Word::last) break;
    const bool is_sure = best.proposal.confidence >= bands_.execute_from && !best.proposal.is_asked;
    if (best.proposal.is_settled || (!best.proposal.calls.empty() && is_sure)) break;
  }
  best.band = band_of(best.proposal);
  return best;
}

std::vector<Router::Said> Router::each(std::string_view text) const {
  std::vector<Said> all;
  for (const Named& layer : layers_) all.push_back({.layer = layer.name, .proposal = said_by(layer, text)});
  return all;
}

std::vector<Router::Share> Router::shares(std::string_view layer, std::string_view text) const {
  std::vector<Share> all;
  const auto it = std::ranges::find(layers_, layer, &Named::name);
  const std::optional<Proposal> whole = it == layers_.end() ? std::nullopt : said_by(*it, text);
  if (!whole) return all;
  search::Words words;
  const Text read = read_text(text, words);
  for (std::size_t i = 0; i < std::min(kSharesMost, read.tokens.size()); ++i) {
    const Token& token = read.tokens[i];
    std::string rest(read.text);
    rest.erase(token.begin, token.end - token.begin);
    const std::optional<Proposal> without = said_by(*it, rest);
    const bool is_same = without && without->tool == whole->tool;
    all.push_back({.word = read.text.substr(token.begin, token.end - token.begin),
                   .share = whole->confidence - (is_same ? without->confidence : 0)});
  }
  return all;
}

}  // namespace lilux::brain
