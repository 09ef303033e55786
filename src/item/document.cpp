#include "item/document.h"

#include <algorithm>
#include <map>

#include "text/fault.h"
#include "text/markdown.h"

namespace lilux::item {

using base::ErrorCode;
using base::fail;
using base::Result;
using text::trimmed;

namespace {

constexpr std::size_t kLevelsMax = 16;
constexpr std::size_t kTemplatesMax = 10'000;
constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr std::size_t kReadBytesMax = 4 * kBytesMax;  // what blocks say instead is read and left out
constexpr std::string_view kBlock = "{{#block ";
constexpr std::string_view kBlockEnd = "{{/block}}";
constexpr std::string_view kPart = "{{>";

HeadAndBody file_of(const Document& document) {
  HeadWriter head;
  head.text("title", document.title);
  head.text("description", document.description);
  head.text("category", document.category);
  head.text("version", document.version);
  head.texts("tags", document.tags);
  head.text("status", document.status);
  head.text("extends", document.extends);
  head.inputs("inputs", document.inputs);
  head.rest(document.other);
  return {.head = head.take(), .body = document.body};
}

struct Block {
  std::string name = {};
  std::size_t at = 0;
  std::size_t begin = 0;
  std::size_t end = 0;    // of what is within
  std::size_t whole = 0;  // behind its closing mark
};

// Blocks do not hold blocks.
Result<std::vector<Block>> blocks_in(std::string_view text) {
  std::vector<Block> blocks;
  for (std::size_t at = text.find(kBlock); at != std::string_view::npos; at = text.find(kBlock, at)) {
    const std::size_t open = text.find("}}", at);
    const std::size_t close = text.find(kBlockEnd, at);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      return text::fault_at(text, at, "the block is not closed", "write {{/block}}");
    if (text.substr(open, close - open).contains(kBlock))
      return text::fault_at(text, text.find(kBlock, open), "a block within a block", "close the first one before");
    const std::string_view name = trimmed(text.substr(at + kBlock.size(), open - at - kBlock.size()));
    if (name.empty()) return text::fault_at(text, at, "the block has no name");
    blocks.push_back(
        {.name = std::string(name), .at = at, .begin = open + 2, .end = close, .whole = close + kBlockEnd.size()});
    at = blocks.back().whole;
  }
  return blocks;
}

// A template as it was read, once however often it stands in others.
struct Read {
  std::string text;
  Document document;
  std::vector<Block> blocks;
};

class Composer {
 public:
  explicit Composer(const FindTemplate& find) : find_(find) {}

  Result<std::string> first(const std::string& name, std::string_view text) {
    return whole(name, *TRY(keep(name, text)), {});
  }

 private:
  Result<const Read*> keep(const std::string& name, std::string_view text) {
    Review review(text);
    Read made{.text = std::string(text), .document = parse_document(text, name, review), .blocks = {}};
    made.blocks = TRY(blocks_in(made.document.body));
    return &read_.insert_or_assign(name, std::move(made)).first->second;
  }

  Result<const Read*> read(const std::string& name) {
    if (const auto found = read_.find(name); found != read_.end()) return &found->second;
    const std::optional<std::string> text = find_(name);
    if (!text) return missing(name);
    return keep(name, *text);
  }

  Result<std::string> whole(const std::string& name, const Read& read, std::map<std::string, std::string> blocks) {
    TRY(enter(name));
    texts_.push_back(read.text);
    if (++templates_ > kTemplatesMax)
      return fail(ErrorCode::invalid_argument,
                  "the template '" + way_.front() + "' is made of more than 10000 templates");
    read_bytes_ += read.text.size();
    if (read_bytes_ > kReadBytesMax)
      return fail(ErrorCode::invalid_argument,
                  "the templates that '" + way_.front() + "' is made of have more than 16 MiB together");
    const Document& document = read.document;
    for (const Block& block : read.blocks)
      blocks.emplace(block.name, document.body.substr(block.begin, block.end - block.begin));
    Result<std::string> made =
        document.extends.empty() ? filled(read, blocks) : parent(document.extends, std::move(blocks));
    way_.pop_back();
    texts_.pop_back();
    return made;
  }

  Result<std::string> parent(const std::string& name, std::map<std::string, std::string> blocks) {
    return whole(name, *TRY(read(name)), std::move(blocks));
  }

  // Blocks by what stands for them, and parts.
  Result<std::string> filled(const Read& read, const std::map<std::string, std::string>& blocks) {
    const std::string_view body = read.document.body;
    std::string made;
    std::size_t from = 0;
    for (const Block& block : read.blocks) {
      made.append(body.substr(from, block.at - from)).append(blocks.at(block.name));
      from = block.whole;
      if (made.size() > kBytesMax) return grows();
    }
    return with_parts(made.append(body.substr(from)));
  }

  Result<std::string> with_parts(std::string_view body) {
    std::string made;
    std::size_t from = 0;
    for (std::size_t at = body.find(kPart); at != std::string_view::npos; at = body.find(kPart, from)) {
      const std::size_t end = body.find("}}", at);
      if (end == std::string_view::npos) break;
      const std::string name(trimmed(body.substr(at + kPart.size(), end - at - kPart.size())));
      const std::string part = TRY(whole(name, *TRY(read(name)), {}));
      made.append(body.substr(from, at - from)).append(trimmed(part));
      from = end + 2;
      bytes_ += part.size();
      if (bytes_ > kBytesMax || made.size() > kBytesMax) return grows();
    }
    return made.append(body.substr(from));
  }

  Result<void> enter(std::string_view name) {
    const bool is_round = std::ranges::find(way_, name) != way_.end();
    way_.emplace_back(name);
    if (is_round)
      return fail(ErrorCode::invalid_argument, "templates go round: " + way(), "let one of them not use the next");
    if (way_.size() > kLevelsMax)
      return fail(ErrorCode::invalid_argument, "templates are more than 16 levels deep: " + way());
    return {};
  }
  std::unexpected<base::Error> grows() const {
    return fail(ErrorCode::invalid_argument, "the template '" + way_.front() + "' grows beyond 4 MiB");
  }
  std::unexpected<base::Error> missing(const std::string& name) const {
    const auto uses = uses_of(texts_.back());
    const auto use = std::ranges::find(uses, name, &TemplateUse::name);
    const text::Position at = text::position_of(texts_.back(), use == uses.end() ? 0 : use->at);
    return fail(ErrorCode::not_found,
                "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) + " of '" + way_.back() +
                    "': there is no template '" + name + "'",
                "write it, or name another: `lilux item list --kind template`");
  }
  std::string way() const {
    std::string made;
    for (const std::string& name : way_) made += (made.empty() ? "" : " -> ") + name;
    return made;
  }

  const FindTemplate& find_;
  std::map<std::string, Read> read_;  // by name
  std::vector<std::string> way_;
  std::vector<std::string_view> texts_;  // of those
  std::size_t bytes_ = 0;                // of what became parts
  std::size_t read_bytes_ = 0;           // of templates, as often as they are used
  std::size_t templates_ = 0;
};

}  // namespace

Document parse_document(std::string_view text, std::string_view name, Review& review) {
  Head head(text, review);
  Document made{
      .title = head.text("title"),
      .description = head.text("description"),
      .category = head.text("category"),
      .version = head.text("version"),
      .tags = head.texts("tags"),
      .status = head.text("status"),
      .extends = head.text("extends"),
      .inputs = head.inputs("inputs"),
      .body = std::string(head.body()),
      .other = head.rest({"title", "description", "category", "version", "tags", "status", "extends", "inputs"})};
  if (made.extends == name) review.error(head.place_of("extends"), "it extends itself");
  const std::size_t offset = text.size() - made.body.size();
  if (const auto blocks = blocks_in(made.body); !blocks) {
    const text::Fault fault = text::fault_of(blocks.error());
    std::size_t at = offset;
    for (std::size_t line = 1; line < fault.position.line; ++line) at = text.find('\n', at) + 1;
    review.error(at + fault.position.column - 1, fault.message, fault.hint);
  }
  return made;
}

std::string write_document(const Document& document) {
  const HeadAndBody file = file_of(document);
  return file.head.empty() ? document.body : write_head(file);
}

std::vector<Input> inputs_of_line(const Document& document, const FindTemplate& find) {
  std::vector<Input> inputs = document.inputs;
  std::string name = document.extends;
  for (std::size_t level = 1; level < kLevelsMax && !name.empty(); ++level) {
    const std::optional<std::string> text = find(name);
    if (!text) break;
    Review review(*text);
    const Document parent = parse_document(*text, name, review);
    for (const Input& input : parent.inputs)
      if (std::ranges::find(inputs, input.name, &Input::name) == inputs.end()) inputs.push_back(input);
    name = parent.extends;
  }
  return inputs;
}

std::vector<TemplateUse> uses_of(std::string_view text) {
  Review review(text);
  Head head(text, review);
  std::vector<TemplateUse> made;
  if (const std::string extends = head.text("extends"); !extends.empty())
    made.push_back({.name = extends, .at = head.place_of("extends")});
  std::size_t at = text.find(kPart, text.size() - head.body().size());
  for (std::size_t end = text.find("}}", at); end != std::string_view::npos; end = text.find("}}", at)) {
    made.push_back({.name = std::string(trimmed(text.substr(at + kPart.size(), end - at - kPart.size()))), .at = at});
    at = text.find(kPart, end);
  }
  return made;
}

Result<std::string> composed(std::string_view name, std::string_view text, const FindTemplate& find) {
  return Composer(find).first(std::string(name), text);
}

}  // namespace lilux::item
