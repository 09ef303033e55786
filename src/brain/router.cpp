#include "brain/router.h"

#include <algorithm>

namespace lilux::brain {

Band Router::band_of(const Proposal& proposal) const {
  if (proposal.calls.empty() || proposal.confidence < bands_.verify_from) return Band::defer;
  const bool is_harmless =
      std::ranges::all_of(proposal.calls, [&](const ProposedCall& call) { return is_harmless_(call.name); });
  return is_harmless && !proposal.is_asked && proposal.confidence >= bands_.execute_from ? Band::execute : Band::verify;
}

Route Router::route(std::string_view text) const {
  Route best;
  for (const auto& [name, says, word] : layers_) {
    std::optional<Proposal> proposal = says(text);
    if (!proposal) continue;
    const bool is_better = best.layer.empty() || (best.proposal.calls.empty() && !proposal->calls.empty()) ||
                           (!proposal->calls.empty() && proposal->confidence > best.proposal.confidence);
    if (is_better || word == Word::last) best = {.proposal = std::move(*proposal), .layer = name};
    if (word == Word::last) break;
    const bool is_sure = best.proposal.confidence >= bands_.execute_from && !best.proposal.is_asked;
    if (!best.proposal.calls.empty() && is_sure) break;
  }
  best.band = band_of(best.proposal);
  return best;
}

std::vector<Router::Said> Router::each(std::string_view text) const {
  std::vector<Said> all;
  for (const Named& layer : layers_) all.push_back({.layer = layer.name, .proposal = layer.says(text)});
  return all;
}

}  // namespace lilux::brain
