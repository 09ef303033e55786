#include "brain/caller_measure.h"

#include <chrono>
#include <map>
#include <optional>

#include "brain/measures.h"
#include "brain/retrieve.h"

namespace lilux::brain {

using base::Result;

Result<std::vector<Predicted>> predict(std::span<const Case> cases, const CallContext& context) {
  std::vector<Predicted> all;
  std::string known;
  ToolSet tools;
  std::optional<Retriever> retriever;
  CallContext with = context;
  for (const Case& one : cases) {
    std::string text = base::to_text(one.tools);
    if (text != known || all.empty()) {
      auto set = ToolSet::compile(one.tools);
      if (!set) return base::in_context(set.error(), base::to_text(one.id));
      tools = std::move(*set);
      known = std::move(text);
      with.retriever = tools.tools().size() < kManyTools ? nullptr : &retriever.emplace(tools);
    }
    const auto begin = std::chrono::steady_clock::now();
    Proposal decision = calls_for(one.text, tools, with);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    Predicted predicted{.id = one.id, .confidence = decision.confidence, .micros = took.count()};
    for (ProposedCall& call : decision.calls)
      predicted.calls.push_back({.name = std::move(call.name), .arguments = std::move(call.arguments)});
    all.push_back(std::move(predicted));
  }
  return all;
}

Result<CallMeasures> measure(std::span<const Case> cases, std::span<const Predicted> predicted) {
  CallMeasures measures{.cases = cases.size()};
  std::vector<double> times;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    times.push_back(predicted[i].micros);
    const Case& one = cases[i];
    if (!one.answers) continue;
    ++measures.judged;
    if (one.answers->empty()) {
      ++measures.to_leave;
      measures.left += predicted[i].calls.empty() ? 1 : 0;
      continue;
    }
    ++measures.to_call;
    measures.names += names_are_right(predicted[i].calls, *one.answers) ? 1 : 0;
    measures.calls += are_right(predicted[i].calls, *one.answers, TRY(ToolSet::compile(one.tools))) ? 1 : 0;
  }
  measures.p50_us = quantile(times, 0.5);
  measures.p99_us = quantile(times, 0.99);
  return measures;
}

}  // namespace lilux::brain
