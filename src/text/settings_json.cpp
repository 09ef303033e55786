// JSON with comments: read into a tree of places, edited at those places.

#include <algorithm>
#include <array>
#include <vector>

#include "text/edit.h"
#include "text/settings.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kDepthMax = 128;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Item;

// A value and where it stands.
struct Node {
  Json scalar;  // when it holds no items
  bool is_object = false;
  bool is_array = false;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t tail = 0;   // of what holds items: behind the last of them, its comma and the comments there
  std::size_t close = 0;  // its closing bracket
  std::vector<Item> items;
};

struct Item {
  std::string key;
  std::size_t begin = 0;  // of the key, or of the value in a list
  Node value;
  std::optional<std::size_t> comma;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // nullopt: there is nothing but white space and comments.
  Result<std::optional<Node>> read() {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    TRY(skip());
    if (at_ == text_.size()) return std::nullopt;
    Node root = TRY(value(0));
    TRY(skip());
    if (at_ < text_.size()) return wrong("nothing more is expected here");
    return root;
  }

 private:
  std::unexpected<base::Error> wrong(const std::string& what) const {
    const std::size_t column = at_ - line_begin(text_, at_) + 1;
    return fail(ErrorCode::invalid_argument,
                "line " + std::to_string(line_number(text_, at_)) + ", column " + std::to_string(column) + ": " + what,
                "mend the file");
  }

  // White space and comments.
  Result<void> skip() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (std::string_view(" \t\r\n").find(rest[0]) != std::string_view::npos) {
        ++at_;
      } else if (rest.starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        solid_ = at_ < text_.size() && text_[at_ - 1] == '\r' ? at_ - 1 : at_;
      } else if (rest.starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return wrong("this comment does not end");
        solid_ = at_ = end + 2;
      } else {
        return {};
      }
    }
    return {};
  }

  bool take(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    solid_ = ++at_;
    return true;
  }

  Result<Node> value(std::size_t depth) {
    if (depth == kDepthMax) return wrong("it is nested deeper than " + std::to_string(kDepthMax));
    Node node{.begin = at_};
    if (take('{'))
      node.is_object = true;
    else if (take('['))
      node.is_array = true;
    if (node.is_object || node.is_array)
      TRY(items(node, depth));
    else
      node.scalar = TRY(scalar());
    node.end = solid_ = at_;
    return node;
  }

  Result<void> items(Node& node, std::size_t depth) {
    while (true) {
      TRY(skip());
      node.tail = solid_;
      node.close = at_;
      if (take(node.is_object ? '}' : ']')) return {};
      if (at_ == text_.size())
        return wrong("the text ends, and what begins in line " + std::to_string(line_number(text_, node.begin)) +
                     " does not");
      if (!node.items.empty() && !node.items.back().comma) return wrong("a comma is missing before this");
      Item item{.key = {}, .begin = at_, .value = {}, .comma = {}};
      if (node.is_object) {
        if (text_[at_] != '"') return wrong("a name in quotes is expected here");
        item.key = TRY(scalar()).as_string();
        TRY(skip());
        if (!take(':')) return wrong("a colon is missing before this");
        TRY(skip());
      }
      item.value = TRY(value(depth + 1));
      TRY(skip());
      const std::size_t comma = at_;
      if (take(',')) item.comma = comma;
      node.items.push_back(std::move(item));
    }
  }

  Result<Json> scalar() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    if (end < text_.size() && text_[end] == '"') {
      for (++end; end < text_.size() && text_[end] != '"' && text_[end] != '\n'; ++end) end += text_[end] == '\\';
      end = std::min(end + 1, text_.size());
    } else {
      end = std::min(text_.find_first_of(",:]}[{\"/ \t\r\n", begin), text_.size());
    }
    Result<Json> parsed = base::parse_json(text_.substr(begin, end - begin));
    if (!parsed) return wrong("a value is expected here");
    solid_ = at_ = end;
    return parsed;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t solid_ = 0;  // behind the last thing that is no white space
};

Json json_of(const Node& node) {
  if (node.is_array) {
    JsonArray array;
    for (const Item& item : node.items) array.push_back(json_of(item.value));
    return array;
  }
  if (!node.is_object) return node.scalar;
  JsonObject object;
  for (const Item& item : node.items) object.set(item.key, json_of(item.value));
  return object;
}

// How far a path leads.
struct Found {
  const Node* node = nullptr;    // the innermost value that is there
  const Node* holder = nullptr;  // that holds it, and its place there
  std::size_t number = 0;
  std::size_t depth = 0;  // keys that were found
};

Result<Found> follow(std::string_view text, const Node& root, KeyPath path) {
  Found found{.node = &root};
  for (; found.depth < path.size(); ++found.depth) {
    const std::string& key = path[found.depth];
    if (!found.node->is_object)
      return fail(ErrorCode::invalid_argument,
                  "line " + std::to_string(line_number(text, found.node->begin)) + ": " +
                      (found.depth == 0 ? "the whole is" : "'" + path[found.depth - 1] + "' is") + " no object",
                  "mend the file");
    const auto& items = found.node->items;
    const auto item = std::ranges::find(items, key, &Item::key);
    if (item == items.end()) return found;
    if (const auto twin = std::ranges::find(item + 1, items.end(), key, &Item::key); twin != items.end())
      return fail(ErrorCode::invalid_argument,
                  "line " + std::to_string(line_number(text, twin->begin)) + ": '" + key +
                      "' stands here again, after line " + std::to_string(line_number(text, item->begin)),
                  "keep one of them");
    found.holder = found.node;
    found.number = static_cast<std::size_t>(item - items.begin());
    found.node = &item->value;
  }
  return found;
}

struct Style {
  std::string line_end;
  std::string unit;  // one step of indentation
};

Style style_of(std::string_view text, const Node& root) {
  Style style{.line_end = std::string(line_end_of(text)), .unit = "  "};
  if (root.items.empty()) return style;
  const std::string_view indent = indent_at(text, root.items[0].begin);
  if (!indent.empty()) style.unit = indent;
  return style;
}

// On lines of its own, of which the first stands behind something already.
std::string spread(const Json& value, std::string_view indent, const Style& style) {
  const std::string pretty = base::to_text(value, base::JsonStyle::pretty);
  std::string made;
  for (std::string_view rest = pretty; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    if (!made.empty()) made.append(style.line_end).append(indent);
    for (std::size_t step = 0; step < blanks / 2; ++step) made += style.unit;
    made += line.substr(blanks);
  }
  return made;
}

// Puts a value behind what a list or object holds.
std::string added(std::string_view text, const Node& holder, const std::optional<std::string>& key, const Json& value,
                  const Style& style) {
  const std::string name = key ? base::to_text(Json(*key)) + ": " : "";
  if (holder.items.empty()) {
    const std::string outer(indent_at(text, holder.begin));
    const std::string indent = outer + style.unit;
    const std::string item = style.line_end + indent + name + spread(value, indent, style);
    const bool ends_line = text.substr(holder.tail, holder.close - holder.tail).find('\n') != std::string_view::npos;
    if (ends_line) return edited(text, {{.at = holder.tail, .text = item}});
    return edited(text,
                  {{.at = holder.tail, .size = holder.close - holder.tail, .text = item + style.line_end + outer}});
  }
  const Item& last = holder.items.back();
  const std::size_t first = holder.items.front().begin;
  const bool is_spread = text.substr(holder.begin, first - holder.begin).find('\n') != std::string_view::npos;
  const std::string indent(indent_at(text, first));
  std::string item = is_spread ? style.line_end + indent + name + spread(value, indent, style)
                               : " " + name + base::to_text(value, base::JsonStyle::spaced);
  if (last.comma) return edited(text, {{.at = holder.tail, .text = item + ","}});
  return edited(text, {{.at = last.value.end, .text = ","}, {.at = holder.tail, .text = std::move(item)}});
}

std::string replaced(std::string_view text, const Found& found, const Json& value, const Style& style) {
  const Node& node = *found.node;
  const std::size_t begin = found.holder ? found.holder->items[found.number].begin : node.begin;
  const bool is_own_line = back_over_blanks(text, begin) == line_begin(text, begin);
  std::string made =
      is_own_line ? spread(value, indent_at(text, begin), style) : base::to_text(value, base::JsonStyle::spaced);
  return edited(text, {{.at = node.begin, .size = node.end - node.begin, .text = std::move(made)}});
}

// Takes out an item with the comma that it needs no longer, and its lines when nothing else stands there.
std::string removed(std::string_view text, const Node& holder, std::size_t number) {
  const Item& item = holder.items[number];
  const std::size_t inner = holder.begin + 1;
  const auto is_white = [&](std::size_t from, std::size_t to) {
    return text.substr(from, to - from).find_first_not_of(" \t\r\n") == std::string_view::npos;
  };
  const bool is_alone = holder.items.size() == 1 && is_white(inner, item.begin) &&
                        is_white(item.comma ? *item.comma + 1 : item.value.end, holder.close);
  if (is_alone) return edited(text, {{.at = inner, .size = holder.close - inner}});
  std::size_t end = item.value.end;
  const bool is_comma_next = item.comma && is_white(end, *item.comma);
  if (is_comma_next) end = *item.comma + 1;
  std::size_t begin = back_over_blanks(text, item.begin);
  const bool begins_line = begin == line_begin(text, begin);
  const std::size_t behind = skip_blanks(text, end);
  if (begins_line && is_line_end(text, behind)) {
    end = after_line_end(text, behind);
  } else if (begins_line || number == 0) {
    begin = item.begin;
    end = behind;
  }
  std::vector<Edit> cuts;
  if (!item.comma && number > 0) cuts.push_back({.at = *holder.items[number - 1].comma, .size = 1});
  cuts.push_back({.at = begin, .size = end - begin});
  if (item.comma && !is_comma_next) cuts.push_back({.at = *item.comma, .size = 1});
  return edited(text, cuts);
}

// A text without anything becomes an object.
struct Tree {
  std::string text;
  Node root;
};

Result<Tree> tree_of(std::string_view text) {
  Tree tree{.text = std::string(text), .root = {}};
  std::optional<Node> root = TRY(Reader(tree.text).read());
  if (!root) {
    const std::string line_end(line_end_of(text));
    if (!text.empty() && !text.ends_with('\n')) tree.text += line_end;
    tree.text += "{}" + line_end;
    root = TRY(Reader(tree.text).read());
  }
  tree.root = std::move(*root);
  return tree;
}

Result<Found> list_at(const Tree& tree, KeyPath path) {
  Found found = TRY(follow(tree.text, tree.root, path));
  if (found.depth == path.size() && !found.node->is_array)
    return fail(
        ErrorCode::invalid_argument,
        "line " + std::to_string(line_number(tree.text, found.node->begin)) + ": '" + path.back() + "' is no list",
        "mend the file");
  return found;
}

}  // namespace

Result<std::optional<Json>> find_json(std::string_view text, KeyPath path) {
  const Tree tree = TRY(tree_of(text));
  const Found found = TRY(follow(tree.text, tree.root, path));
  return found.depth == path.size() ? std::optional(json_of(*found.node)) : std::nullopt;
}

Result<std::string> with_json(std::string_view text, KeyPath path, const Json& value) {
  const Tree tree = TRY(tree_of(text));
  const Found found = TRY(follow(tree.text, tree.root, path));
  const Style style = style_of(tree.text, tree.root);
  if (found.depth == path.size()) return replaced(tree.text, found, value, style);
  Json whole = value;
  for (std::size_t i = path.size() - 1; i > found.depth; --i) whole = JsonObject{{path[i], std::move(whole)}};
  return added(tree.text, *found.node, path[found.depth], whole, style);
}

Result<std::string> without_json(std::string_view text, KeyPath path) {
  const Tree tree = TRY(tree_of(text));
  const Found found = TRY(follow(tree.text, tree.root, path));
  if (found.depth < path.size() || !found.holder) return std::string(text);
  return removed(tree.text, *found.holder, found.number);
}

Result<std::string> with_json_entry(std::string_view text, KeyPath path, const Json& value) {
  const Tree tree = TRY(tree_of(text));
  const Found found = TRY(list_at(tree, path));
  if (found.depth < path.size()) return with_json(text, path, JsonArray{value});
  return added(tree.text, *found.node, std::nullopt, value, style_of(tree.text, tree.root));
}

Result<std::string> without_json_entry(std::string_view text, KeyPath path, std::size_t number) {
  const Tree tree = TRY(tree_of(text));
  const Found found = TRY(list_at(tree, path));
  if (found.depth < path.size() || number >= found.node->items.size()) return std::string(text);
  return removed(tree.text, *found.node, number);
}

}  // namespace lilux::text
