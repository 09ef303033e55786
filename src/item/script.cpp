#include "item/script.h"

#include <algorithm>
#include <cctype>

#include "base/field.h"
#include "base/toml.h"
#include "item/limits.h"
#include "item/python.h"
#include "text/edit.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Json;
using base::Result;
using text::trimmed;

namespace {

struct Known {
  std::string_view module;
  std::string_view package;
};
constexpr std::array kPackages{
    Known{"Crypto", "pycryptodome"},
    Known{"OpenSSL", "pyOpenSSL"},
    Known{"PIL", "Pillow"},
    Known{"attr", "attrs"},
    Known{"bs4", "beautifulsoup4"},
    Known{"cv2", "opencv-python"},
    Known{"dateutil", "python-dateutil"},
    Known{"docx", "python-docx"},
    Known{"dotenv", "python-dotenv"},
    Known{"fitz", "PyMuPDF"},
    Known{"git", "GitPython"},
    Known{"github", "PyGithub"},
    Known{"googleapiclient", "google-api-python-client"},
    Known{"jwt", "PyJWT"},
    Known{"magic", "python-magic"},
    Known{"mysqldb", "mysqlclient"},
    Known{"pptx", "python-pptx"},
    Known{"psycopg2", "psycopg2-binary"},
    Known{"serial", "pyserial"},
    Known{"skimage", "scikit-image"},
    Known{"sklearn", "scikit-learn"},
    Known{"slugify", "python-slugify"},
    Known{"telegram", "python-telegram-bot"},
    Known{"usb", "pyusb"},
    Known{"yaml", "PyYAML"},
    Known{"zmq", "pyzmq"},
};

// Takes the line at the front of a text.
std::string_view take_line(std::string_view& text) {
  const text::LineSpan line = text::line_at(text, 0);
  const std::string_view content = text::text_of(text, line);
  text.remove_prefix(line.next);
  return content;
}

std::string_view comment_mark(ScriptLanguage language) {
  return language == ScriptLanguage::javascript ? "//" : "#";
}

// Without lines that say "__version__: 1.0", which are kept apart.
std::string first_paragraph(std::string_view text, std::vector<Attribute>& keys) {
  std::string made;
  bool is_over = false;
  while (!text.empty()) {
    const std::string_view content = trimmed(take_line(text));
    const std::size_t colon = content.find("__:");
    if (content.starts_with("__") && colon != std::string_view::npos && colon > 2) {
      keys.push_back({.name = std::string(content.substr(0, colon + 2)),
                      .value = std::string(trimmed(content.substr(colon + 3)))});
      continue;
    }
    if (content.empty()) is_over = is_over || !made.empty();
    if (!is_over && !content.empty()) made += (made.empty() ? "" : " ") + std::string(content);
  }
  return made;
}

// The comment that a program begins with, without marks, shebang and stamp; below the block '/// script' where that
// comes first.
std::string head_comment(std::string_view text, ScriptLanguage language) {
  const std::string_view mark = comment_mark(language);
  std::string made;
  bool is_block = false;
  bool is_metadata = false;
  while (!text.empty()) {
    std::string_view content = trimmed(take_line(text));
    if (is_metadata) {
      is_metadata = content != std::string(mark) + " ///";
      continue;
    }
    if (content.starts_with("#!") || content.contains(" kiwi-mcp:validated:")) continue;
    is_metadata = !is_block && content.starts_with(std::string(mark) + " /// ");
    if (is_metadata && !trimmed(made).empty()) break;
    if (is_metadata) continue;
    if (language == ScriptLanguage::javascript && content.starts_with("/*")) {
      is_block = true;
      content.remove_prefix(std::min(content.find_first_not_of("/*"), content.size()));
    } else if (!is_block && content.starts_with(mark)) {
      content.remove_prefix(mark.size());
    } else if (!is_block && (!content.empty() || !made.empty())) {
      break;
    }
    const std::size_t close = is_block ? content.find("*/") : std::string_view::npos;
    content = content.substr(0, close);
    if (is_block && content.starts_with('*')) content.remove_prefix(1);
    made += std::string(trimmed(content)) + "\n";
    if (close != std::string_view::npos) break;
  }
  return made;
}

// The TOML within "# /// script" and "# ///".
struct Metadata {
  std::string toml = {};
  std::size_t at = 0;
  std::size_t begin = 0;  // of its first line
  bool is_there = false;
  bool is_closed = false;
};
Metadata metadata_in(std::string_view text, std::string_view mark) {
  const std::string open = std::string(mark) + " /// script";
  const std::string close = std::string(mark) + " ///";
  Metadata made;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const std::string_view content = take_line(rest);
    if (made.is_there) {
      made.is_closed = trimmed(content) == close;
      if (made.is_closed || !content.starts_with(mark)) break;
      std::string_view inner = content.substr(mark.size());
      if (inner.starts_with(' ')) inner.remove_prefix(1);
      made.toml.append(inner).append("\n");
    } else if (trimmed(content) == open) {
      made = {.at = at, .begin = text.size() - rest.size(), .is_there = true};
    }
  }
  return made;
}

Json json_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return *number;
  if (const auto flag = node.value_exact<bool>()) return *flag;
  if (const auto real = node.value_exact<double>()) return *real;
  return nullptr;
}

// A name, or a table with one.
std::optional<Input> input_from(const toml::node& node) {
  if (const auto name = node.value_exact<std::string>(); name && !name->empty()) return Input{.name = *name};
  const toml::table* table = node.as_table();
  if (!table) return std::nullopt;
  const toml::table& entry = *table;
  Input made{.name = entry["name"].value_or(std::string()),
             .type = entry["type"].value_or(std::string("string")),
             .description = entry["description"].value_or(std::string()),
             .is_required = entry["required"].value_or(false),
             .is_positional = entry["positional"].value_or(false)};
  if (const toml::node* value = entry["default"].node(); value && !json_of(*value).is_null())
    made.value = json_of(*value);
  if (const toml::array* choices = entry["choices"].as_array())
    for (const toml::node& choice : *choices)
      made.choices.push_back(choice.is_string() ? choice.value_or(std::string()) : base::to_text(json_of(choice)));
  return made.name.empty() ? std::nullopt : std::optional(std::move(made));
}

class MetadataReader {
 public:
  MetadataReader(std::string_view text, Script& script, Review& review)
      : text_(text), script_(script), review_(review) {}

  void read() {
    const Metadata metadata = metadata_in(text_, comment_mark(script_.language));
    if (!metadata.is_there) return;
    if (!metadata.is_closed)
      return review_.error(metadata.at, "the block '/// script' is not closed", "end it with a comment '///'");
    if (metadata.toml.size() > kInnerBytesMax)
      return review_.error(metadata.at, "the block '/// script' is larger than 256 KiB", "say less in it");
    toml_ = metadata.toml;
    begin_ = metadata.begin;
    const toml::parse_result parsed = base::parse_toml(toml_);
    if (!parsed)
      return review_.error(place(parsed.error().source().begin),
                           "it is no TOML: " + std::string(parsed.error().description()),
                           "close quotes and brackets: dependencies = [\"requests==2.31.0\"]");
    if (const auto version = parsed["requires-python"].value<std::string>()) script_.requires_python = *version;
    if (const toml::node* list = parsed["dependencies"].node()) dependencies(*list);
    if (const toml::node* list = parsed["tool"]["lilux"]["permissions"].node()) permissions(*list);
    if (const toml::node* list = parsed["tool"]["lilux"]["inputs"].node()) inputs(*list);
  }

 private:
  // In the file, where a mark stands before every line of the TOML.
  std::size_t place(const toml::source_position& at) const {
    std::size_t from = begin_;
    for (toml::source_index line = 1; line < at.line; ++line)
      from = std::min(text_.find('\n', from), text_.size() - 1) + 1;
    const std::size_t within = base::toml_offset(toml_, at) - base::toml_offset(toml_, {.line = at.line, .column = 1});
    std::size_t mark = comment_mark(script_.language).size();
    if (from + mark < text_.size() && text_[from + mark] == ' ') ++mark;
    return std::min(from + mark + within, std::min(text_.find('\n', from), text_.size()));
  }

  // They take the place of those that the program declares itself.
  void inputs(const toml::node& node) {
    if (!node.is_array()) return review_.error(place(node.source().begin), "'inputs' must be a list");
    if (const std::size_t count = node.as_array()->size(); count > kPartsMax)
      return review_.error(place(node.source().begin), too_many(count, "entries of 'inputs'"), "name fewer");
    script_.inputs.clear();
    script_.are_inputs_declared = true;
    for (const toml::node& entry : *node.as_array()) {
      std::optional<Input> made = input_from(entry);
      const bool is_new = made && std::ranges::find(script_.inputs, made->name, &Input::name) == script_.inputs.end();
      if (is_new)
        script_.inputs.push_back(std::move(*made));
      else
        review_.error(place(entry.source().begin),
                      made ? "a second input is named '" + made->name + "'" : "an entry of 'inputs' cannot be read",
                      "write {name = \"env\", type = \"string\", required = true}");
    }
  }

  template <class Each>
  void texts(const toml::node& node, std::string_view key, Each each) {
    if (!node.is_array())
      return review_.error(place(node.source().begin), "'" + std::string(key) + "' must be a list of texts");
    if (const std::size_t count = node.as_array()->size(); count > kPartsMax)
      return review_.error(place(node.source().begin), too_many(count, "entries of '" + std::string(key) + "'"),
                           "name fewer");
    for (const toml::node& entry : *node.as_array()) {
      const auto text = entry.value<std::string>();
      if (!text || !each(*text))
        review_.error(place(entry.source().begin), "an entry of '" + std::string(key) + "' cannot be read",
                      key == "permissions" ? "write \"read filesystem src/**\"" : "write \"requests==2.31.0\"");
    }
  }

  void dependencies(const toml::node& node) {
    script_.are_dependencies_declared = true;
    texts(node, "dependencies", [this](const std::string& text) {
      auto made = dependency_from(text);
      if (made) script_.dependencies.push_back(std::move(*made));
      return made.has_value();
    });
  }

  void permissions(const toml::node& node) {
    texts(node, "permissions", [this](const std::string& text) {
      auto made = permission_from(text);
      if (made) script_.permissions.push_back(std::move(*made));
      return made.has_value();
    });
    if (!node.is_array()) return;
    for (const toml::node& entry : *node.as_array()) {
      const auto made = permission_from(entry.value<std::string>().value_or(""));
      if (made) check_words(*made, place(entry.source().begin), review_);
    }
  }

  std::string_view text_;
  Script& script_;
  Review& review_;
  std::string toml_;
  std::size_t begin_ = 0;  // of the block's first line
};

void take_keys(Script& script, const std::vector<Attribute>& keys) {
  for (const auto& [name, value] : keys) {
    if (name == "__version__") script.version = value;
    if (name == "__executor__" || name == "__executor_id__") script.executor = value;
  }
}

// A program for another interpreter than the ending of its file says.
void check_first_line(std::string_view text, ScriptLanguage language, Review& review) {
  if (text.starts_with("\xEF\xBB\xBF") && language == ScriptLanguage::shell)
    return review.error(0, "a byte order mark stands before the first command", "save it as UTF-8 without one");
  const std::string_view line = take_line(text);
  if (!line.starts_with("#!")) return;
  constexpr std::array<std::string_view, 9> kOthers{"awk",  "fish", "lua",   "perl",   "php",
                                                    "pwsh", "ruby", "tclsh", "Rscript"};
  for (std::string_view rest = line.substr(2); !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    rest = trimmed(rest.substr(word.size()));
    const std::string_view program = word.substr(word.rfind('/') + 1);
    const bool is_python = program.starts_with("python");
    const bool is_other = std::ranges::find(kOthers, program) != kOthers.end() ||
                          (is_python && language != ScriptLanguage::python) ||
                          (program == "node" && language != ScriptLanguage::javascript);
    if (is_other)
      return review.error(0,
                          "its first line wants '" + std::string(program) + "', and its file's name says " +
                              std::string(base::enum_name(language)),
                          "scripts are in Python (.py), for a shell (.sh) or in JavaScript (.js, .mjs)");
  }
}

void read_python(std::string_view text, Script& script, Review& review) {
  PythonFacts facts = python_facts(text, review);
  std::vector<Attribute> keys;
  script.description = first_paragraph(facts.docstring, keys);
  take_keys(script, keys);
  take_keys(script, facts.dunders);
  for (std::string& module : facts.imports)
    if (!is_python_standard(module)) script.imports.push_back(std::move(module));
  script.environment = std::move(facts.environment);
  script.inputs = std::move(facts.inputs);
}

}  // namespace

Script parse_script(std::string_view text, std::string_view ending, Review& review) {
  Script made{.language = ending == "sh"                      ? ScriptLanguage::shell
                          : ending == "js" || ending == "mjs" ? ScriptLanguage::javascript
                                                              : ScriptLanguage::python,
              .code = std::string(text)};
  check_first_line(text, made.language, review);
  if (trimmed(text).empty()) review.error(0, "the script is empty");
  if (made.language == ScriptLanguage::python) {
    read_python(text, made, review);
  } else {
    std::vector<Attribute> keys;
    made.description = first_paragraph(head_comment(text, made.language), keys);
    take_keys(made, keys);
  }
  MetadataReader(text, made, review).read();
  if (!made.are_dependencies_declared)
    for (const std::string& module : made.imports) made.dependencies.push_back({.package = package_of(module)});
  if (made.description.empty())
    review.warning(0, "nothing says what the script does",
                   made.language == ScriptLanguage::python ? "begin with a docstring" : "begin with a comment");
  return made;
}

std::string package_of(std::string_view module) {
  const auto found = std::ranges::find(kPackages, module, &Known::module);
  return std::string(found == kPackages.end() ? module : found->package);
}

}  // namespace lilux::item
