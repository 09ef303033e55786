#pragma once

// The tools over what a person's answers taught: request and response of each, and where the answers lie.

#include <cstdint>
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

// What counts where the caller stands: the person's own and then the project's. Nothing for whoever is no person.
Result<brain::Learned> learned_for(const CallContext& call);

struct LearnRequest {
  std::string text;
  brain::Answer answer = brain::Answer::accepted;
  std::string tool;
  std::optional<base::Json> arguments;
  std::optional<std::string> layer;
  std::optional<brain::Band> band;
  static constexpr std::tuple fields{
      Field{"text", &LearnRequest::text, "What was said", {.minimum = 1, .maximum = 4'096}},
      Field{"answer", &LearnRequest::answer, "accepted, corrected (this call was meant) or refused"},
      Field{"tool", &LearnRequest::tool, "Tool that was meant, or refused"},
      Field{"arguments", &LearnRequest::arguments, "Its arguments"},
      Field{"layer", &LearnRequest::layer, "Layer that had proposed a call"},
      Field{"band", &LearnRequest::band, "In which band"},
  };
};
struct LearnResponse {
  std::int64_t id = 0;
  Scope scope = Scope::user;
  bool kept = false;
  static constexpr std::tuple fields{
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
  static constexpr std::tuple fields{
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
  static constexpr std::tuple fields{
      Field{"forgotten", &ForgetResponse::forgotten, "Examples that are gone"},
      Field{"kept", &ForgetResponse::kept, "Examples that are left"},
      Field{"scope", &ForgetResponse::scope, "Whose"},
  };
};
Result<Assessment> assess_forget(const CallContext& call, const ForgetRequest& request);
Result<ForgetResponse> forget(CallContext& call, const ForgetRequest& request);

}  // namespace lilux::tools::learning
