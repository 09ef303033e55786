#include "tools/template_check.h"

#include "item/document.h"

namespace lilux::tools {

using base::Result;
using item::Kind;

std::optional<std::string> TemplateCheck::text_of(const std::string& name, const std::optional<std::string>& source) {
  const auto [known, is_new] = texts_.try_emplace({source.value_or(""), name});
  if (!is_new) return known->second;
  Result<FoundItem> found = volumes_.find(Kind::template_item, name, std::nullopt);
  if (!found && source) found = volumes_.find(Kind::template_item, name, source);
  const Result<ReadItem> read = found ? read_item(*found) : Result<ReadItem>(std::unexpected(found.error()));
  if (read) known->second = read->content.bytes;
  return known->second;
}

std::vector<item::Problem> TemplateCheck::problems(const std::string& name, std::string_view text,
                                                   const std::optional<std::string>& source) {
  item::Review review(text);
  const std::vector<item::TemplateUse> uses = item::uses_of(text);
  bool are_there = true;
  for (const item::TemplateUse& use : uses) {
    if (review.is_full()) break;
    if (text_of(use.name, source)) continue;
    are_there = false;
    const Result<FoundItem> none = volumes_.find(Kind::template_item, use.name, std::nullopt);
    review.error(use.at, "there is no template '" + use.name + "'", none ? std::string() : none.error().hint);
  }
  if (uses.empty() || !are_there) return review.take();
  const item::FindTemplate find = [&](std::string_view other) { return text_of(std::string(other), source); };
  if (const Result<std::string> made = item::composed(name, text, find); !made)
    review.error(uses.front().at, made.error().message, made.error().hint);
  return review.take();
}

}  // namespace lilux::tools
