#pragma once

// One value checked by one program. Made for one check and thrown away; see schema.h for the limits.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/schema.h"
#include "base/schema_node.h"

namespace lilux::base::schema {

struct CheckLimits {
  std::size_t depth_max = 0;
  std::size_t steps_max = 0;
};

class Check {
 public:
  // silent: only whether it fits, which is faster; loud: also why not.
  enum class Voice : std::uint8_t { silent, loud };
  Check(CheckLimits limits, Voice voice) : limits_(limits), is_loud_(voice == Voice::loud) {}

  bool fits(const Program& program, const Json& value);
  // Of the value that did not fit, in a loud check.
  SchemaViolation violation() const { return violation_; }

 private:
  // Where in the value we are.
  struct Place {
    const Place* outer = nullptr;
    std::string_view name = {};
    std::size_t index = 0;
    std::size_t depth = 0;
    std::string text() const;
  };
  // Which members or entries of one value have been looked at by a schema that fits.
  using Seen = std::vector<bool>;
  struct Subject {
    const Json& value;
    const Place& place;
    Seen* seen;  // null when nobody needs it
  };

  bool fits(const Node& node, const Json& value, const Place& place, Seen* seen);
  bool fits_quietly(const Node& node, const Subject& subject, Seen* seen);
  bool fits_member(const Node& node, const Subject& subject, std::string_view name, const Json& member);
  bool fits_entry(const Node& node, const Subject& subject, std::size_t index);

  bool apply(const NeverRule&, const Subject&);
  bool apply(const TypeRule&, const Subject&);
  bool apply(const EnumRule&, const Subject&);
  bool apply(const BoundRule&, const Subject&);
  bool apply(const MultipleRule&, const Subject&);
  bool apply(const SizeRule&, const Subject&);
  bool apply(const PatternRule&, const Subject&);
  bool apply(const FormatRule&, const Subject&);
  bool apply(const UniqueRule&, const Subject&);
  bool apply(const RequiredRule&, const Subject&);
  bool apply(const DependentRule&, const Subject&);
  bool apply(const ReferenceRule&, const Subject&);
  bool apply(const CombinedRule&, const Subject&);
  bool apply(const ConditionRule&, const Subject&);
  bool apply(const MembersRule&, const Subject&);
  bool apply(const NamesRule&, const Subject&);
  bool apply(const ElementsRule&, const Subject&);
  bool apply(const ContainsRule&, const Subject&);
  bool apply(const UnevaluatedRule&, const Subject&);
  bool any_of(const CombinedRule&, const Subject&);
  bool one_of(const CombinedRule&, const Subject&);
  bool unevaluated_members(const UnevaluatedRule&, const Subject&);
  bool unevaluated_entries(const UnevaluatedRule&, const Subject&);

  bool spend(std::size_t steps);
  // Notes why a value does not fit; always false. `explain` is only called when somebody wants to know.
  template <class Explain>
  bool refuse(const Place& place, std::string_view keyword, Explain&& explain);
  bool refuse_member(const Subject& subject, std::string_view keyword, std::string_view name, const MembersRule* known);

  CheckLimits limits_;
  bool is_loud_;
  bool is_given_up_ = false;
  std::size_t steps_ = 0;
  std::size_t depth_ = 0;
  std::size_t violation_depth_ = 0;
  SchemaViolation violation_;
  std::vector<const Resource*> entered_;  // the dynamic scope, outermost first
};

}  // namespace lilux::base::schema
