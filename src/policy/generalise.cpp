// What an "always" answer could be saved as: from exactly this to a little wider, never beyond the project or one
// folder of the home.

#include <algorithm>

#include "base/field.h"
#include "base/hash.h"
#include "policy/target.h"

namespace lilux::policy {

namespace {

// The capabilities that would cover a need, narrowest first.
std::vector<std::string> widening(const Need& need, const Anchors& anchors) {
  const std::string stem = std::string(base::enum_name(need.verb)) + " " + need.resource + " ";
  std::vector<std::string> found;
  if (need.resource == "fs") {
    found.push_back(stem + escape_glob(need.target));
    const std::string folder = need.target.substr(0, need.target.rfind('/'));
    const bool is_project = !anchors.project.empty() && (folder + "/").starts_with(anchors.project + "/");
    const bool is_home = (folder + "/").starts_with(anchors.home + "/") && folder != anchors.home;
    if (is_project || is_home) found.push_back(stem + escape_glob(folder) + "/**");
  } else if (need.resource == "shell") {
    found.push_back(stem + escape_glob(need.target));
    const std::size_t first = need.target.find(' ');
    const std::size_t second = first == std::string::npos ? first : need.target.find(' ', first + 1);
    if (first != std::string::npos && need.target[first + 1] != '-')
      found.push_back(stem + escape_glob(need.target.substr(0, second)) + " **");
  } else {
    found.push_back(stem + escape_glob(need.target));
  }
  return found;
}

}  // namespace

std::vector<Rule> generalise(std::string_view tool, std::span<const Need> needs, const Anchors& anchors) {
  std::vector<Rule> rules;
  if (needs.empty() || needs.size() > 4) return rules;  // a rule is about one thing; many things are asked about
  for (const Need& need : needs) {
    if (need.verb == Verb::admin || !malformed(need).empty()) continue;
    for (std::string& capability : widening(need, anchors)) {
      if (!parse_capability(capability, "/", anchors.home)) continue;
      Rule rule{.effect = Effect::allow,
                .tool = std::string(tool),
                .capability = std::move(capability),
                .source = "proposed"};
      rule.id = "always-" + base::to_hex(base::sha256(rule.tool, rule.capability)).substr(0, 8);
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace lilux::policy
