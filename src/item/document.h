#pragma once

// Patterns, plans and templates: texts with a head that may be missing. A template can extend another and take parts of
// it, and hold other texts:
//
//   {{> header}}                      the text of the template `header` stands here
//   {{#block steps}} ... {{/block}}   a part with a name; who extends this template may write it anew
//
// What a template that extends another holds besides blocks is left out. {{names}} stay for whoever uses the text.
// Pure; any thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/head.h"

namespace lilux::item {

struct Document {
  std::string title = {};
  std::string description = {};
  std::string category = {};
  std::string version = {};
  std::vector<std::string> tags = {};
  std::string status = {};   // of plans
  std::string extends = {};  // of templates
  std::vector<Input> inputs = {};
  std::string body = {};
  base::Json other = base::JsonObject();
  friend bool operator==(const Document&, const Document&) = default;
};

Document parse_document(std::string_view text, std::string_view name, Review& review);
std::string write_document(const Document& document);

// What a template extends and holds, with the places where it says so.
struct TemplateUse {
  std::string name = {};
  std::size_t at = 0;
};
std::vector<TemplateUse> uses_of(std::string_view text);

// The text of a template of that name, wherever it lies; nothing when there is none.
using FindTemplate = std::function<std::optional<std::string>(std::string_view name)>;
// The body with what it extends and holds put together. Going round, more than 16 levels, more than 4 MiB and names
// that are not found are errors that name the way there.
base::Result<std::string> composed(std::string_view name, std::string_view text, const FindTemplate& find);
// The inputs of a template and of all that it extends, each as the nearest says it. As far as composed() would come.
std::vector<Input> inputs_of_line(const Document& document, const FindTemplate& find);

}  // namespace lilux::item
