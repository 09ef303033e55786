#pragma once

// The tool of the router: request and response.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "brain/learned.h"
#include "brain/router.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::brain_tools {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct RouteRequest {
  std::string text;
  static constexpr base::Fields fields{
      Field{"text", &RouteRequest::text, "What is wanted, in plain words", {.minimum = 1, .maximum = 16'384}}};
};
struct ResultRow {
  std::string argument;
  std::int64_t call = 0;
  std::int64_t nth = 0;
  brain::Wanted kind = brain::Wanted::any;
  std::string item_kind;
  static constexpr base::Fields fields{
      Field{"argument", &ResultRow::argument, "Argument that is the result"},
      Field{"call", &ResultRow::call, "Of this call of the list, counted from 0"},
      Field{"nth", &ResultRow::nth, "Which of what it gives, counted from 1; -1: the last; 0: the only one"},
      Field{"kind", &ResultRow::kind, "Of those of this kind alone"},
      Field{"item_kind", &ResultRow::item_kind, "Of items of this kind alone; empty: of any"},
  };
};
struct CallRow {
  std::string tool;
  base::Json arguments;
  std::vector<ResultRow> results;
  static constexpr base::Fields fields{
      Field{"tool", &CallRow::tool, "Tool"},
      Field{"arguments", &CallRow::arguments, "Its arguments"},
      Field{"results", &CallRow::results, "Arguments that another call of the list gives"},
  };
};
struct ReferredRow {
  std::string said;
  std::string value;
  std::string call;
  static constexpr base::Fields fields{
      Field{"said", &ReferredRow::said, "What speaks of something before"},
      Field{"value", &ReferredRow::value, "What that is"},
      Field{"call", &ReferredRow::call, "Call that was about it or gave it; empty: one of the same sentence"},
  };
};
struct RunnerUpRow {
  std::string tool;
  double confidence = 0;
  static constexpr base::Fields fields{
      Field{"tool", &RunnerUpRow::tool, "Tool"},
      Field{"confidence", &RunnerUpRow::confidence, "How sure that one was meant"},
  };
};
struct RouteResponse {
  std::string layer;
  std::vector<CallRow> calls;
  double confidence = 0;
  brain::Band band = brain::Band::defer;
  std::string why;
  std::vector<std::string> missing;
  std::vector<RunnerUpRow> runners_up;
  std::vector<ReferredRow> referred;
  std::optional<std::string> problem;
  std::optional<std::string> tool;
  std::optional<std::string> advice;
  static constexpr base::Fields fields{
      Field{"tool", &RouteResponse::tool, "Where no call is whole: the tool that is meant"},
      Field{"layer", &RouteResponse::layer,
            "Which one answers: table (of AGENTS.md), rule (of yours), learned or alike (your answers), sentence, "
            "domain (yours), "
            "near (a sentence), item, schema"},
      Field{"calls", &RouteResponse::calls, "What would be called; nothing is"},
      Field{"confidence", &RouteResponse::confidence, "How sure that is, from 0 to 1"},
      Field{"band", &RouteResponse::band, "execute, verify (look first) or defer (nobody here knows)"},
      Field{"why", &RouteResponse::why, "Why"},
      Field{"missing", &RouteResponse::missing, "What the sentence does not say and the tool needs"},
      Field{"runners_up", &RouteResponse::runners_up, "Other tools that might be meant"},
      Field{"referred", &RouteResponse::referred, "What the sentence speaks of that came before"},
      Field{"problem", &RouteResponse::problem,
            "A file of rules that cannot be read; told once, `rule.list` tells it always"},
      Field{"advice", &RouteResponse::advice, "What a person can type instead, where no call does it"},
  };
};
Result<Assessment> assess_route(const CallContext& call, const RouteRequest& request);
Result<RouteResponse> route(CallContext& call, const RouteRequest& request);

// All layers, for a caller and what they taught; both have to outlive it.
brain::Router router_for(const CallContext& call, const brain::Learned& learned);
// Those that are shipped alone.
brain::Router shipped_router();

}  // namespace lilux::tools::brain_tools
