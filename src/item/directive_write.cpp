// Directives as text.

#include <initializer_list>
#include <utility>

#include "base/field.h"
#include "item/directive.h"
#include "text/markdown.h"
#include "text/xml.h"

namespace lilux::item {

using base::Json;

namespace {

// The other way round of what reading does.
std::string collapsed(std::string_view text) {
  return text::replaced_all(text::replaced_all(text, "<![CDATA[", "{CDATA_OPEN}"), "]]>", "{CDATA_CLOSE}");
}

// Writes elements line by line.
class Writer {
 public:
  using Attributes = std::vector<Attribute>;

  void open(std::string_view name, const Attributes& attributes = {}) {
    line("<" + tag(name, attributes) + ">");
    depth_ += 2;
  }
  void close(std::string_view name) {
    depth_ -= 2;
    line("</" + std::string(name) + ">");
  }
  void leaf(std::string_view name, const std::string& content, const Attributes& attributes = {}) {
    if (content.empty())
      line("<" + tag(name, attributes) + "/>");
    else
      line("<" + tag(name, attributes) + ">" + text::xml_content(content) + "</" + std::string(name) + ">");
  }
  // Nothing when there is nothing to say.
  void text(std::string_view name, const std::string& content) {
    if (!content.empty()) leaf(name, content);
  }
  std::string take() { return std::move(made_); }

 private:
  static std::string tag(std::string_view name, const Attributes& attributes) {
    std::string made(name);
    for (const auto& [key, value] : attributes) made += " " + key + "=\"" + text::xml_attribute(value) + "\"";
    return made;
  }
  void line(const std::string& content) { made_ += std::string(depth_, ' ') + content + "\n"; }

  std::string made_;
  std::size_t depth_ = 0;
};

void add(Writer::Attributes& attributes, std::string_view name, const std::string& value) {
  if (!value.empty()) attributes.push_back({.name = std::string(name), .value = value});
}

std::string number_text(double number) {
  return base::to_text(Json(number));
}

void write_metadata(Writer& out, const Directive& directive) {
  out.open("metadata");
  out.text("description", directive.description);
  out.text("category", directive.category);
  out.text("author", directive.author);
  if (directive.model) {
    Writer::Attributes attributes;
    add(attributes, "tier", directive.model->tier);
    add(attributes, "fallback", directive.model->fallback);
    if (directive.model->is_parallel) add(attributes, "parallel", *directive.model->is_parallel ? "true" : "false");
    add(attributes, "id", directive.model->id);
    out.leaf("model", directive.model->why, attributes);
  }
  out.open("permissions");
  for (const Permission& permission : directive.permissions) out.leaf(permission.verb, "", permission.attributes);
  out.close("permissions");
  if (!directive.relationships.empty()) {
    out.open("relationships");
    for (const Relationship& relationship : directive.relationships) out.leaf(relationship.kind, relationship.target);
    out.close("relationships");
  }
  if (directive.limits) {
    const DirectiveLimits& limits = *directive.limits;
    out.open("limits");
    for (const auto& [name, value] :
         {std::pair{"tokens", limits.tokens}, {"turns", limits.turns}, {"spawns", limits.spawns}})
      if (value) out.leaf(name, std::to_string(*value));
    Writer::Attributes currency;
    add(currency, "currency", limits.currency);
    if (limits.spend) out.leaf("spend", number_text(*limits.spend), currency);
    out.close("limits");
  }
  out.close("metadata");
}

void write_input(Writer& out, const Input& input) {
  Writer::Attributes attributes{{.name = "name", .value = input.name}, {.name = "type", .value = input.type}};
  if (input.is_required) add(attributes, "required", "true");
  if (input.value)
    attributes.push_back({.name = "default",
                          .value = input.value->is_string() ? input.value->as_string() : base::to_text(*input.value)});
  std::string choices;
  for (const std::string& choice : input.choices) choices += (choices.empty() ? "" : ",") + choice;
  add(attributes, "choices", choices);
  out.leaf("input", input.description, attributes);
}

void write_step(Writer& out, const DirectiveStep& step) {
  Writer::Attributes attributes{{.name = "name", .value = step.name}};
  if (step.on_error != OnError::stop) add(attributes, "on_error", std::string(base::enum_name(step.on_error)));
  if (step.retries > 0) add(attributes, "retries", std::to_string(step.retries));
  out.open("step", attributes);
  out.text("description", step.description);
  if (step.call)
    out.leaf("action", collapsed(base::to_text(step.call->arguments, base::JsonStyle::spaced)),
             {{.name = "tool", .value = step.call->tool}});
  else
    out.text("action", collapsed(step.action));
  out.text("error_handling", step.error_handling);
  out.close("step");
}

std::string write_block(const Directive& directive) {
  Writer out;
  Writer::Attributes attributes{{.name = "name", .value = directive.name}};
  add(attributes, "version", directive.version);
  out.open("directive", attributes);
  write_metadata(out, directive);
  if (!directive.context.empty()) {
    out.open("context");
    for (const auto& [name, value] : directive.context) out.leaf(name, value);
    out.close("context");
  }
  if (!directive.inputs.empty()) {
    out.open("inputs");
    for (const Input& input : directive.inputs) write_input(out, input);
    out.close("inputs");
  }
  out.open("process");
  for (const DirectiveStep& step : directive.steps) write_step(out, step);
  out.close("process");
  if (!directive.success.empty() || !directive.failure.empty()) {
    out.open("outputs");
    out.text("success", directive.success);
    out.text("failure", directive.failure);
    out.close("outputs");
  }
  out.close("directive");
  return out.take();
}

}  // namespace

std::string write_directive(const Directive& directive) {
  std::string made = "# " + directive.name + "\n\n";
  if (!directive.description.empty()) made += directive.description + "\n\n";
  return made + "```xml\n" + write_block(directive) + "```\n";
}

}  // namespace lilux::item
