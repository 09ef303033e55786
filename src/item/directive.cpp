#include "item/directive.h"

#include <algorithm>
#include <unordered_set>

#include "base/field.h"
#include "base/nearest.h"
#include "base/number.h"
#include "item/interpolate.h"
#include "item/limits.h"
#include "text/markdown.h"
#include "text/xml.h"

namespace lilux::item {

using base::Json;
using base::Result;
using text::trimmed;
using text::XmlElement;

namespace {

constexpr std::string_view kOpen = "<directive";
constexpr std::string_view kClose = "</directive>";
constexpr std::int64_t kRetriesMax = 10;
constexpr std::array<std::string_view, 8> kSections{"metadata", "context", "inputs",   "process",
                                                    "outputs",  "limits",  "examples", "success_criteria"};
constexpr std::array<std::string_view, 8> kMetadata{"description", "category",    "author",        "model",
                                                    "model_class", "permissions", "relationships", "limits"};
constexpr std::array<std::string_view, 6> kInputAttributes{"name",    "type",    "required",
                                                           "default", "choices", "description"};
// As JSON Schema has them, and as people shorten them.
constexpr std::array<std::string_view, 20> kTypes{"string", "str",  "text",    "integer", "int",  "number", "float",
                                                  "real",   "bool", "boolean", "object",  "dict", "map",    "array",
                                                  "list",   "path", "file",    "folder",  "enum", "url"};

// CDATA cannot hold CDATA, so actions write its ends as words.
std::string expanded(std::string_view text) {
  return text::replaced_all(text::replaced_all(text, "{CDATA_OPEN}", "<![CDATA["), "{CDATA_CLOSE}", "]]>");
}

std::string text_in(const XmlElement* element) {
  return element ? std::string(trimmed(element->text)) : std::string();
}

std::string attribute_of(const XmlElement& element, std::string_view name, std::string_view otherwise = {}) {
  const std::string* value = element.attribute(name);
  return std::string(value ? std::string_view(*value) : otherwise);
}

// Reads one directive; faults go into the review.
class Reader {
 public:
  explicit Reader(Review& review) : review_(review) {}

  Directive read(const XmlElement& root, std::string_view file_name) {
    made_.name = attribute_of(root, "name");
    made_.version = attribute_of(root, "version");
    if (made_.name.empty())
      review_.error(root.begin, "<directive> has no attribute 'name'", "write name=\"" + std::string(file_name) + "\"");
    else if (made_.name != file_name)
      review_.error(root.begin,
                    "the directive is named '" + made_.name + "', its file '" + std::string(file_name) + "'",
                    "give both the same name");
    if (made_.version.empty()) review_.warning(root.begin, "<directive> has no attribute 'version'");
    if (has_too_many(root)) return std::move(made_);
    for (const XmlElement& section : root.elements) {
      check_name(section, kSections);
      check_place(section, kSections, kMetadata, "stands outside of <metadata>");
    }
    metadata(root);
    if (const XmlElement* context = root.find("context"))
      for (const XmlElement& entry : context->elements)
        made_.context.push_back({.name = entry.name, .value = text_in(&entry)});
    if (const XmlElement* inputs = root.find("inputs"))
      for (const XmlElement& entry : inputs->elements) input(entry);
    process(root);
    if (const XmlElement* outputs = root.find("outputs")) {
      made_.success = text_in(outputs->find("success"));
      made_.failure = text_in(outputs->find("failure"));
    }
    return std::move(made_);
  }

 private:
  // It or one of the lists that a directive has, in it and in its metadata.
  bool has_too_many(const XmlElement& list) {
    if (list.elements.size() > kPartsMax) {
      review_.error(list.begin, too_many(list.elements.size(), "elements in <" + list.name + ">"),
                    "make several directives of it");
      return true;
    }
    const bool has_lists = list.name == "directive" || list.name == "metadata";
    return has_lists && std::ranges::any_of(list.elements, [this](const auto& inner) { return has_too_many(inner); });
  }

  template <std::size_t N>
  void check_name(const XmlElement& element, const std::array<std::string_view, N>& known) {
    if (std::ranges::find(known, element.name) != known.end()) return;
    if (const auto near = base::nearest(element.name, known))
      review_.warning(element.begin, "<" + element.name + "> is not known",
                      "did you mean <" + std::string(*near) + ">?");
  }

  // What is known elsewhere is not looked for here.
  template <std::size_t N, std::size_t M>
  void check_place(const XmlElement& element, const std::array<std::string_view, N>& here,
                   const std::array<std::string_view, M>& elsewhere, const std::string& where) {
    const auto is_among = [&](const auto& names) { return std::ranges::find(names, element.name) != names.end(); };
    if (!is_among(here) && is_among(elsewhere) && element.name != "permissions")
      review_.warning(element.begin, "<" + element.name + "> " + where + ", where nobody looks for it", "move it");
  }

  void metadata(const XmlElement& root) {
    static const XmlElement kNone;
    const XmlElement* found = root.find("metadata");
    if (!found) review_.error(root.begin, "<metadata> is missing");
    const XmlElement& metadata = found ? *found : kNone;
    for (const XmlElement& entry : metadata.elements) {
      check_name(entry, kMetadata);
      check_place(entry, kMetadata, kSections, "stands within <metadata>");
    }
    made_.description = text_in(metadata.find("description"));
    made_.category = text_in(metadata.find("category"));
    made_.author = text_in(metadata.find("author"));
    if (found && made_.description.empty()) review_.warning(metadata.begin, "<description> is missing");
    model(metadata);
    if (found) permissions(metadata, root.find("permissions"));
    if (const XmlElement* relationships = metadata.find("relationships"))
      for (const XmlElement& entry : relationships->elements)
        made_.relationships.push_back({.kind = entry.name, .target = text_in(&entry)});
    const XmlElement* limits = metadata.find("limits");
    if (!limits) limits = root.find("limits");
    if (limits) read_limits(*limits);
  }

  void model(const XmlElement& metadata) {
    const XmlElement* model = metadata.find("model");
    if (const XmlElement* legacy = model ? nullptr : metadata.find("model_class")) {
      review_.warning(legacy->begin, "<model_class> is the old name", "write <model>");
      model = legacy;
    }
    if (!model) return;
    made_.model = DirectiveModel{.tier = attribute_of(*model, "tier"),
                                 .fallback = attribute_of(*model, "fallback"),
                                 .id = attribute_of(*model, "id"),
                                 .why = text_in(model)};
    if (const std::string* parallel = model->attribute("parallel"))
      made_.model->is_parallel = flag(*model, "parallel", *parallel);
    if (made_.model->tier.empty() && made_.model->id.empty())
      review_.warning(model->begin, "<" + model->name + "> says neither 'tier' nor 'id'");
  }

  bool flag(const XmlElement& element, std::string_view name, std::string_view value) {
    if (value == "true" || value == "false") return value == "true";
    review_.error(element.begin, "attribute '" + std::string(name) + "' is '" + std::string(value) + "'",
                  "write \"true\" or \"false\"");
    return false;
  }

  void permissions(const XmlElement& metadata, const XmlElement* outside) {
    const XmlElement* permissions = metadata.find("permissions");
    if (!permissions && outside)
      return review_.error(outside->begin, "<permissions> stands outside of <metadata>", "move it into <metadata>");
    if (!permissions)
      return review_.error(
          metadata.begin, "<permissions> is missing",
          "say what it needs: <permissions><read resource=\"filesystem\" path=\"src/**\"/></permissions>");
    if (permissions->elements.empty()) review_.error(permissions->begin, "<permissions> is empty", "name one at least");
    for (const XmlElement& entry : permissions->elements) {
      if (entry.attributes.empty()) {
        review_.error(entry.begin, "<" + entry.name + "> in <permissions> has no attributes",
                      "write resource=\"filesystem\" path=\"...\", for example");
        continue;
      }
      std::vector<Attribute> attributes;
      for (const auto& [name, value] : entry.attributes) attributes.push_back({.name = name, .value = value});
      made_.permissions.push_back(permission_of(entry.name, std::move(attributes)));
      if (made_.permissions.back().resource.empty())
        review_.error(entry.begin, "<" + entry.name + "> in <permissions> has no attribute 'resource'");
      else
        check_words(made_.permissions.back(), entry.begin, review_);
    }
  }

  template <class Number>
  std::optional<Number> limit(const XmlElement& limits, std::string_view name) {
    const XmlElement* found = limits.find(name);
    if (!found) return std::nullopt;
    const std::string word = text_in(found);
    std::optional<Number> number;
    if constexpr (std::integral<Number>) {
      number = base::number_from<Number>(word);
    } else {
      const Result<Json> parsed = base::parse_json(word);
      if (parsed && parsed->is_number()) number = parsed->as_real();
    }
    if (number && *number >= 0) return number;
    review_.error(found->begin, "<" + found->name + "> is '" + word + "'", "write a number");
    return std::nullopt;
  }

  void read_limits(const XmlElement& limits) {
    const XmlElement* spend = limits.find("spend");
    made_.limits = DirectiveLimits{.tokens = limit<std::int64_t>(limits, "tokens"),
                                   .turns = limit<std::int64_t>(limits, "turns"),
                                   .spawns = limit<std::int64_t>(limits, "spawns"),
                                   .spend = limit<double>(limits, "spend"),
                                   .currency = spend ? attribute_of(*spend, "currency") : ""};
  }

  void input(const XmlElement& entry) {
    if (entry.name != "input")
      return review_.warning(entry.begin, "<" + entry.name + "> is no input", "write <input name=\"...\">");
    Input input{.name = attribute_of(entry, "name"),
                .type = attribute_of(entry, "type", "string"),
                .description = text_in(&entry)};
    if (input.name.empty()) return review_.error(entry.begin, "<input> has no attribute 'name'");
    check_input(entry, input.type);
    if (!inputs_.insert(input.name).second)
      return review_.error(entry.begin, "a second input is named '" + input.name + "'");
    if (const std::string* required = entry.attribute("required"))
      input.is_required = flag(entry, "required", *required);
    if (const std::string* value = entry.attribute("default")) input.value = typed(*value, input.type);
    for (const std::string& choice : tool_names(attribute_of(entry, "choices"))) input.choices.push_back(choice);
    made_.inputs.push_back(std::move(input));
  }

  // What is written nearly as a word that counts does not count.
  void check_input(const XmlElement& entry, const std::string& type) {
    for (const auto& [name, value] : entry.attributes) {
      const bool is_known = std::ranges::find(kInputAttributes, name) != kInputAttributes.end();
      if (const auto near = is_known ? std::nullopt : base::nearest(name, kInputAttributes))
        review_.warning(entry.begin, "attribute '" + name + "' of <input> is not known",
                        "did you mean '" + std::string(*near) + "'?");
    }
    if (std::ranges::find(kTypes, type) != kTypes.end()) return;
    if (const auto near = base::nearest(type, kTypes))
      review_.warning(entry.begin, "there is no type '" + type + "'", "did you mean '" + std::string(*near) + "'?");
  }

  // A default is text, or what JSON makes of it where the type is another.
  static Json typed(const std::string& value, std::string_view type) {
    if (type == "string") return value;
    Result<Json> parsed = base::parse_json(value);
    return parsed ? std::move(*parsed) : Json(value);
  }

  void process(const XmlElement& root) {
    const XmlElement* process = root.find("process");
    if (!process || process->elements.empty())
      return review_.warning(process ? process->begin : root.begin, "the directive has no steps",
                             "write <process><step name=\"...\"><action>...</action></step></process>");
    for (const XmlElement& entry : process->elements) {
      if (entry.name == "step")
        step(entry);
      else
        review_.warning(entry.begin, "<" + entry.name + "> is no step", "write <step name=\"...\">");
    }
  }

  void step(const XmlElement& entry) {
    DirectiveStep step{.name = attribute_of(entry, "name"),
                       .description = text_in(entry.find("description")),
                       .error_handling = text_in(entry.find("error_handling"))};
    if (step.name.empty())
      review_.error(entry.begin, "<step> has no attribute 'name'");
    else if (steps_.contains(step.name))
      review_.error(entry.begin, "a second step is named '" + step.name + "'");
    settings(entry, step);
    const XmlElement* action = entry.find("action");
    if (!action)
      review_.warning(entry.begin, "the step '" + step.name + "' has no <action>");
    else if (const std::string* tool = action->attribute("tool"))
      call(*action, *tool, step);
    else
      step.action = trimmed(expanded(action->text));
    steps_.insert(step.name);
    made_.steps.push_back(std::move(step));
  }

  void settings(const XmlElement& entry, DirectiveStep& step) {
    if (const std::string* on_error = entry.attribute("on_error")) {
      const auto known = base::enum_from_name<OnError>(*on_error);
      if (!known)
        review_.error(entry.begin, "attribute 'on_error' is '" + *on_error + "'", "write \"stop\" or \"continue\"");
      step.on_error = known.value_or(OnError::stop);
    }
    if (const std::string* retries = entry.attribute("retries")) {
      const auto number = base::number_from<std::int64_t>(*retries);
      if (!number || *number < 0 || *number > kRetriesMax)
        review_.error(entry.begin, "attribute 'retries' is '" + *retries + "'", "write a number from 0 to 10");
      else
        step.retries = *number;
    }
  }

  void call(const XmlElement& action, const std::string& tool, DirectiveStep& step) {
    const std::string written = expanded(action.text);
    const std::string_view arguments = trimmed(written);
    Result<Json> parsed = base::parse_json(arguments.empty() ? "{}" : arguments);
    if (tool.empty()) review_.error(action.begin, "attribute 'tool' of <action> is empty", "name a tool: fs.read");
    if (!parsed)
      return review_.error(action.inner_begin, "the arguments of '" + tool + "' are no JSON: " + parsed.error().message,
                           "write one JSON object; put what has '<' or '&' into <![CDATA[ ]]>");
    if (!parsed->is_object())
      return review_.error(action.inner_begin, "the arguments of '" + tool + "' are " + base::described(*parsed),
                           "write one JSON object");
    const std::vector<std::string> names = placeholders(*parsed);
    if (names.size() > kPartsMax)
      return review_.error(action.inner_begin, too_many(names.size(), "placeholders in one action"), "use fewer");
    for (const std::string& name : names) check_placeholder(action, name);
    step.call = StepCall{.tool = tool, .arguments = std::move(*parsed)};
  }

  void check_placeholder(const XmlElement& action, const std::string& name) {
    const std::size_t dot = name.find('.');
    const std::string first = name.substr(0, dot);
    const std::string second = dot == std::string::npos ? "" : name.substr(dot + 1, name.find('.', dot + 1) - dot - 1);
    if (first == "steps" && !steps_.contains(second))
      review_.error(action.inner_begin, "{{" + name + "}}: no step before is named '" + second + "'");
    else if (first != "steps" && !inputs_.contains(first == "inputs" ? second : first))
      review_.error(action.inner_begin, "{{" + name + "}}: there is no such input", "declare it in <inputs>");
  }

  Review& review_;
  Directive made_;
  std::unordered_set<std::string> inputs_;  // names
  std::unordered_set<std::string> steps_;   // names of those before
};

}  // namespace

std::optional<DirectiveBlock> directive_block(std::string_view text) {
  std::size_t begin = text.find(kOpen);
  while (begin != std::string_view::npos &&
         !std::string_view(" \t\r\n>/").contains(begin + kOpen.size() < text.size() ? text[begin + kOpen.size()] : 'x'))
    begin = text.find(kOpen, begin + 1);
  const std::size_t end = text.rfind(kClose);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  return DirectiveBlock{.begin = begin, .end = end + kClose.size()};
}

Directive parse_directive(std::string_view text, std::string_view name, Review& review) {
  const auto block = directive_block(text);
  if (!block) {
    const std::size_t open = text.find(kOpen);
    const bool has_open = open != std::string_view::npos;
    const auto cut = has_open ? text::parse_xml(text, open, text.size()) : Result<XmlElement>();
    if (!cut)  // where it went wrong: an end that is written otherwise
      review.error(cut.error());
    else
      review.error(has_open ? open : 0, has_open ? "<directive> is not closed" : "there is no <directive> in it",
                   has_open ? "write </directive>" : "write <directive name=\"...\" version=\"1.0.0\">...</directive>");
    return {};
  }
  const Result<XmlElement> root = text::parse_xml(text, block->begin, block->end);
  if (root) return Reader(review).read(*root, name);
  review.error(root.error());
  return {};
}

}  // namespace lilux::item
