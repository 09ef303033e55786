#pragma once

// A person's domains: classifiers learned from examples, whose labels mean calls. Each is a file in the state folder,
// for the user or for a project that is trusted; all that count where one stands give one decision, which is a layer of
// the router. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "brain/caller.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/learning.h"

namespace lilux::tools::domains {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using learning::Scope;

inline constexpr std::int64_t kNameMax = 64;

// What the domains say a sentence means; nothing where there are none, and for who is no person.
std::optional<brain::Proposal> by_domains(const CallContext& call, std::string_view text);

struct AddRequest {
  std::string name;
  std::string examples;
  std::optional<Scope> scope;
  static constexpr base::Fields fields{
      Field{"name",
            &AddRequest::name,
            "The domain; one of that name is learned anew",
            {.minimum = 1, .maximum = kNameMax}},
      Field{"examples",
            &AddRequest::examples,
            "File with an example on each line: text, label, slots, call",
            {.minimum = 1, .maximum = 4096}},
      Field{"scope", &AddRequest::scope, "For the user everywhere, or for the project; where you stand when absent"},
  };
};
struct AddResponse {
  std::string name;
  Scope scope = Scope::user;
  std::int64_t examples = 0;
  std::int64_t labels = 0;
  std::int64_t slots = 0;
  std::int64_t bytes = 0;
  double seconds = 0;
  static constexpr base::Fields fields{
      Field{"name", &AddResponse::name, "The domain"},
      Field{"scope", &AddResponse::scope, "Whom it is for"},
      Field{"examples", &AddResponse::examples, "Examples it was learned from"},
      Field{"labels", &AddResponse::labels, "Labels that mean a call"},
      Field{"slots", &AddResponse::slots, "Slots"},
      Field{"bytes", &AddResponse::bytes, "Of its file"},
      Field{"seconds", &AddResponse::seconds, "That learning took"},
  };
};
Result<Assessment> assess_add(const CallContext& call, const AddRequest& request);
Result<AddResponse> add(CallContext& call, const AddRequest& request);

struct RemoveRequest {
  std::string name;
  std::optional<Scope> scope;
  static constexpr base::Fields fields{
      Field{"name", &RemoveRequest::name, "The domain", {.minimum = 1, .maximum = kNameMax}},
      Field{"scope", &RemoveRequest::scope, "Of the user or the project; where you stand when absent"},
  };
};
struct RemoveResponse {
  std::string name;
  Scope scope = Scope::user;
  static constexpr base::Fields fields{
      Field{"name", &RemoveResponse::name, "The domain that is gone"},
      Field{"scope", &RemoveResponse::scope, "Whose it was"},
  };
};
Result<Assessment> assess_remove(const CallContext& call, const RemoveRequest& request);
Result<RemoveResponse> remove(CallContext& call, const RemoveRequest& request);

struct ListRequest {
  static constexpr base::Fields<> fields{};
};
struct DomainRow {
  std::string name;
  Scope scope = Scope::user;
  std::int64_t examples = 0;
  std::int64_t labels = 0;
  std::vector<std::string> slots;
  std::vector<std::string> tools;
  std::int64_t bytes = 0;
  std::string problem;
  static constexpr base::Fields fields{
      Field{"name", &DomainRow::name, "The domain"},
      Field{"scope", &DomainRow::scope, "For the user everywhere, or for this project"},
      Field{"examples", &DomainRow::examples, "Examples it was learned from"},
      Field{"labels", &DomainRow::labels, "Labels that mean a call"},
      Field{"slots", &DomainRow::slots, "What it finds in a sentence"},
      Field{"tools", &DomainRow::tools, "What its labels call"},
      Field{"bytes", &DomainRow::bytes, "Of its file"},
      Field{"problem", &DomainRow::problem, "Why it is not asked"},
  };
};
struct ListResponse {
  std::vector<DomainRow> domains;
  static constexpr base::Fields fields{Field{"domains", &ListResponse::domains, "That are asked where you stand"}};
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

}  // namespace lilux::tools::domains
