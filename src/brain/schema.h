#pragma once

// Tools as they describe themselves, read once: what each parameter is called, takes and looks like, as far as its
// schema and the words of its description tell. Takes {"name", "description", "parameters"}, the same inside
// {"type": "function", "function"}, and MCP's "inputSchema". Pure; a ToolSet is a value that any thread may read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/extract_number.h"
#include "brain/schema_effect.h"
#include "brain/schema_limits.h"
#include "brain/schema_look.h"
#include "brain/schema_sense.h"

namespace lilux::brain {

inline constexpr std::size_t kParametersMax = 64;  // of one tool, with those inside objects
inline constexpr std::size_t kToolsMax = 20'000;

enum class Kind : std::uint8_t { string, integer, number, boolean, choice, array, object, any };

struct Parameter {
  std::vector<std::string> path = {};  // its name, behind those of the objects it is in
  Kind kind = Kind::string;
  Kind item = Kind::string;  // of an array
  std::size_t list_at = 0;   // how much of the path leads to a list of objects that it is in; 0: to none
  bool is_required = false;
  bool is_required_inside = false;  // by the object that it is in, which may be left out itself
  Limits limits = {};
  Look look = Look::any;
  std::string format = {};
  base::JsonArray choices = {};                // of an enum, its own or its items'
  std::vector<std::string> choice_stems = {};  // of each, as the thesaurus has them; empty: it cannot know it
  std::vector<std::string> examples = {};      // that the description gives
  std::optional<base::Json> otherwise = {};    // default of the schema
  bool has_default = false;                    // there, or told in the description
  std::vector<std::string> name = {};          // stems
  std::vector<std::string> words = {};         // stems of the description
  Sense sense = Sense::none;
  std::optional<Unit> unit = {};  // that numbers are wanted in
  bool is_of_several = false;     // hours beside minutes: each takes its own part of "2 hours 30 minutes"
  bool wants_region = false;      // a place with its state or country
  bool wants_percent = false;     // 8 for 8 %
  bool wants_code = false;        // a currency by its code: JPY
  std::string time_pattern = {};
  std::string description = {};
  const std::string& key() const { return path.back(); }
};

struct Tool {
  std::string name = {};
  std::string description = {};
  std::vector<std::string> name_words = {};  // stems
  std::vector<std::string> words = {};       // stems of the description
  std::vector<Parameter> parameters = {};
  Limits limits = {};  // what the parameters do not tell each by itself
  Effect effect = Effect::looks;
};

class ToolSet {
 public:
  // An array of tools. Errors name the tool and what is wrong with it.
  static base::Result<ToolSet> compile(const base::Json& tools);

  const std::vector<Tool>& tools() const { return tools_; }
  // How much a stem tells of which tool is meant: 1 for what one of them has, less for what many have.
  double rarity(const std::string& stem) const;

 private:
  void count_stems();

  std::vector<Tool> tools_ = {};
  std::vector<std::pair<std::string, double>> rarities_ = {};  // sorted
};

// The argument of a call that is out of the bounds of its parameter, as a.b, or the name of the tool where what it
// demands of all of them together does not hold; empty where everything holds. Types and what is missing are not told.
std::string out_of_bounds(const Tool& tool, const base::Json& arguments);

}  // namespace lilux::brain
