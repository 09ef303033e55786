#pragma once

// What clients of the Model Context Protocol are offered: the rows of the table that fit, as tools and prompts under
// their names on the wire, and resources, each of which is read by one of these tools. Immutable; any thread.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "kernel/tool.h"

namespace lilux::surface {

// A resource, or a template of many: the URI then has one {variable}, which fills a field of the tool.
struct Resource {
  std::string_view uri;
  std::string_view name;
  std::string_view title;
  std::string_view mime_type;
  std::string_view tool;
  std::string_view field = {};
  std::string_view arguments = "{}";  // further ones, as JSON
};
std::span<const Resource> own_resources();

// Whether an object of that schema has to have the field.
bool is_required(const base::Json& schema, std::string_view field);
// A tool's name where only letters, digits and _ may stand.
std::string wire_name(std::string_view tool);

class Offer {
 public:
  // What a resource's URI asks for.
  struct Reading {
    const Resource* resource = nullptr;
    base::JsonObject arguments;
  };

  // `expose`: "four" for the entry tools, "all", or globs over the tools' own names, separated by commas.
  static base::Result<Offer> make(std::span<const kernel::Tool> table, std::span<const Resource> resources,
                                  std::string_view expose);

  bool has_entry() const { return has_entry_; }
  base::JsonArray tools() const;  // made anew: with their schemas they are large, and seldom asked for
  const base::JsonArray& prompts() const { return prompts_; }
  const base::JsonArray& resources() const { return resources_; }
  const base::JsonArray& templates() const { return templates_; }

  // By the name on the wire; null when it is not offered.
  const kernel::Tool* tool(std::string_view wire) const;
  const kernel::Tool* prompt(std::string_view wire) const;
  std::optional<Reading> resource(std::string_view uri) const;
  const Resource* template_of(std::string_view uri) const;
  // The arguments of a tool that a client repeats in headers (x-mcp-header), each with its header.
  const std::vector<std::pair<std::string, std::string>>& mirrored(const std::string& wire) const;
  // All that the entry tools reach.
  std::span<const kernel::Tool* const> callable() const { return callable_; }

 private:
  bool has_entry_ = false;
  std::map<std::string, const kernel::Tool*, std::less<>> tools_by_name_;  // on the wire, as the next
  std::map<std::string, const kernel::Tool*, std::less<>> prompts_by_name_;
  std::vector<const kernel::Tool*> callable_;
  std::vector<Resource> known_;
  struct Mirrored {  // made when it is first asked for
    std::once_flag once;
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> by_name;  // on the wire
  };
  std::unique_ptr<Mirrored> mirrored_ = std::make_unique<Mirrored>();
  base::JsonArray prompts_;
  base::JsonArray resources_;
  base::JsonArray templates_;
};

}  // namespace lilux::surface
