#include "tools/item_requests.h"

#include <algorithm>
#include <array>

#include "brain/caller_rest_words.h"
#include "brain/extract_text.h"
#include "brain/polite.h"
#include "brain/split.h"

namespace lilux::tools {

namespace {

std::vector<std::string> acts_of(const brain::ToolSet& items) {
  std::vector<std::string> acts;
  for (const brain::Tool& item : items.tools()) {
    const std::vector<std::string> parts = brain::name_parts(item.name);
    if (parts.size() > 1) acts.push_back(parts.front());
  }
  return acts;
}

// From where on all is one thing that is said, written or to be thought of.
std::size_t begin_of_saying(std::string_view text, const std::vector<std::string>& acts) {
  constexpr std::array<std::string_view, 3> kBegins{": ", " saying ", " that "};
  const std::string lower = brain::lowered(text);
  std::size_t begin = lower.size();
  for (const std::string_view one : kBegins) begin = std::min(begin, lower.find(one));
  for (std::size_t to = lower.find(" to "); to < begin; to = lower.find(" to ", to + 1)) {
    const std::string rest = "a and " + lower.substr(to + 4) + " it";
    if (brain::split_request(std::string("now ") + rest, acts).size() > 1) begin = to;
  }
  return begin;
}

bool is_carried(const brain::Token& token, const std::vector<const brain::Tool*>& called, const std::string& given) {
  const auto knows = [&](const brain::Tool* tool) {
    const auto offers = [&](const brain::Parameter& one) {
      return std::ranges::any_of(one.choices, [&](const base::Json& choice) {
        return choice.is_string() && brain::lowered(choice.as_string()) == token.lower;
      });
    };
    return brain::speaks_of(*tool, token.stem) || std::ranges::any_of(tool->parameters, offers);
  };
  return token.is_stop() || given.contains(token.lower) || std::ranges::any_of(called, knows);
}

bool names_thing(const brain::Token& token, const std::vector<const brain::Tool*>& called) {
  return std::ranges::any_of(called, [&](const brain::Tool* tool) {
    const auto& name = tool->name_words;
    return name.size() > 1 && std::find(name.begin() + 1, name.end(), token.stem) != name.end();
  });
}

bool stands_in(const brain::Token& token, std::size_t begin, std::size_t end) {
  return token.begin >= begin && token.end <= end;
}

}  // namespace

std::vector<std::string_view> requests_in(std::string_view text, const brain::ToolSet& items) {
  const std::vector<std::string> acts = acts_of(items);
  const std::size_t saying = begin_of_saying(text, acts);
  std::vector<std::string_view> parts = brain::split_request(text, acts);
  const auto is_later = [&](std::string_view part) {
    return static_cast<std::size_t>(part.data() - text.data()) > saying;
  };
  const auto later = std::ranges::find_if(parts, is_later);
  if (later == parts.end()) return parts;
  const auto before = std::prev(later);  // the saying begins in it
  *before = text.substr(static_cast<std::size_t>(before->data() - text.data()));
  parts.erase(later, parts.end());
  return parts;
}

std::string not_carried(std::string_view text, const brain::ToolSet& items,
                        const std::vector<brain::ProposedCall>& calls) {
  std::vector<const brain::Tool*> called;
  std::string given;
  for (const brain::ProposedCall& call : calls) {
    const auto tool = std::ranges::find(items.tools(), call.name, &brain::Tool::name);
    if (tool != items.tools().end()) called.push_back(&*tool);
    given += " " + brain::lowered(base::to_text(call.arguments));
  }
  const std::string plain = brain::plainly(text);
  search::Words words;
  const brain::Reading reading = brain::read(plain, {}, words);
  const auto is_measured = [&](const brain::Token& token) {
    return std::ranges::any_of(reading.quantities,
                               [&](const brain::Quantity& one) { return stands_in(token, one.begin, one.unit_end); }) ||
           std::ranges::any_of(reading.moments,
                               [&](const brain::Moment& one) { return stands_in(token, one.begin, one.end); });
  };
  const std::vector<brain::Cut> cuts = brain::cuts_of(plain);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::size_t end = i + 1 < cuts.size() ? cuts[i + 1].begin : plain.size();
    const auto is_lost = [&](const brain::Token& token) {
      return stands_in(token, cuts[i].end, end) && !is_measured(token) && !is_carried(token, called, given);
    };
    const auto first = std::ranges::find_if(
        reading.text.tokens, [&](const brain::Token& token) { return token.begin >= cuts[i].end && !token.is_stop(); });
    const bool begins_lost = first != reading.text.tokens.end() && is_lost(*first);
    const auto lost = std::ranges::count_if(reading.text.tokens, is_lost);
    // "wiki and the server mail2" is no one server.
    const bool is_second = first != reading.text.tokens.end() && first->end <= end && names_thing(*first, called) &&
                           given.contains(brain::lowered(plain.substr(cuts[i].begin, first->end - cuts[i].begin)));
    if (is_second) return plain.substr(cuts[i].end, end - cuts[i].end);
    if (begins_lost && lost > (cuts[i].is_weak ? 1 : 0)) return plain.substr(cuts[i].end, end - cuts[i].end);
  }
  return {};
}

}  // namespace lilux::tools
