#include "brain/schema_effect.h"

#include <optional>
#include <string>
#include <vector>

#include "brain/extract_text.h"

namespace lilux::brain {

using base::Json;

namespace {

// As stems, with a space on both sides.
constexpr std::string_view kDestroying =
    " delet remov eras drop clear wipe purg discard trash kill termin uninstal revok transfer pay refund "
    "withdraw overwrit destroy shutdown reboot truncat drain unlink rm cancel format evict ban expel reset ";
constexpr std::string_view kLooking =
    " get find search list read show view fetch check calcul comput look lookup queri describ count convert translat "
    "estim predict analyz analys compar determin valid verifi retriev identifi recommend detect evalu solv summar "
    "suggest "
    "browse inspect info detail histori weather forecast locat explor measur classifi tell ";

bool is_in(std::string_view list, std::string_view stem) {
  return list.find(" " + std::string(stem) + " ") != std::string_view::npos;
}

std::optional<bool> hint(const Json& annotations, std::string_view name) {
  const Json* given = annotations.find(name);
  return given != nullptr && given->is_bool() ? std::optional(given->as_bool()) : std::nullopt;
}

}  // namespace

bool is_destroying(std::string_view stem) {
  return is_in(kDestroying, stem);
}

Effect effect_of(const Json& tool, std::string_view name, search::Words& words) {
  if (const Json* annotations = tool.find("annotations"); annotations != nullptr) {
    if (hint(*annotations, "readOnlyHint") == true) return Effect::looks;
    if (const auto destroys = hint(*annotations, "destructiveHint"))
      return *destroys ? Effect::destructive : Effect::changes;
    if (hint(*annotations, "readOnlyHint") == false) return Effect::destructive;
  }
  // memory.delete: what stands before the last point is whose it is.
  const std::size_t point = name.find_last_of(".:/");
  const std::vector<std::string> stems =
      name_stems(point == std::string_view::npos ? name : name.substr(point + 1), words);
  if (stems.empty()) return Effect::changes;
  for (const std::string& stem : {stems.front(), stems.back()}) {
    if (is_destroying(stem)) return Effect::destructive;
    if (is_in(kLooking, stem)) return Effect::looks;
  }
  return Effect::changes;
}

}  // namespace lilux::brain
