#include "brain/router.h"

#include <algorithm>

namespace lilux::brain {

Band Router::band_of(const Decision& decision) const {
  if (decision.calls.empty() || decision.confidence < kVerifyFrom) return Band::defer;
  const bool is_harmless =
      std::ranges::all_of(decision.calls, [&](const ProposedCall& call) { return is_harmless_(call.name); });
  return is_harmless && decision.confidence >= kExecuteFrom ? Band::execute : Band::verify;
}

Route Router::route(std::string_view text) const {
  Route best;
  for (const auto& [name, layer] : layers_) {
    std::optional<Decision> decision = layer(text);
    if (!decision) continue;
    const bool is_better = best.layer.empty() || (best.decision.calls.empty() && !decision->calls.empty()) ||
                           (!decision->calls.empty() && decision->confidence > best.decision.confidence);
    if (is_better) best = {.decision = std::move(*decision), .layer = name};
    if (!best.decision.calls.empty() && best.decision.confidence >= kExecuteFrom) break;
  }
  best.band = band_of(best.decision);
  return best;
}

}  // namespace lilux::brain
