#include "item/python.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "item/limits.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;

namespace {

constexpr std::size_t kNestedMax = 200;
constexpr std::string_view kBothWays = "BooleanOptionalAction";  // of argparse: --color and --no-color
constexpr std::string_view kRest = "REMAINDER";                  // of argparse: all words that follow
constexpr std::size_t kArgumentTokensMax = 10'000;               // of one call of add_argument: no more are looked at

enum class Type : std::uint8_t { name, number, text, mark, line_end };

// Small, because a program may be made of nothing but marks.
struct Token {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
  Type type = Type::mark;
  bool is_first = false;  // on its line, without indentation
};

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Of a string, without its prefix: the mark that it begins and ends with.
std::string_view quote_at(std::string_view text, std::size_t at) {
  const std::string_view three = text.substr(at, 3);
  const bool is_long = three.size() == 3 && three[1] == three[0] && three[2] == three[0];
  return text.substr(at, is_long ? 3 : 1);
}

// What a string says, as it stands in the program.
std::string string_value(std::string_view written) {
  const std::size_t prefix = written.find_first_of("'\"");
  const bool is_raw = written.substr(0, prefix).find_first_of("rR") != std::string_view::npos;
  const std::size_t quote = quote_at(written, prefix).size();
  const std::string_view inner = written.substr(prefix + quote, written.size() - prefix - 2 * quote);
  std::string value;
  for (std::size_t at = 0; at < inner.size(); ++at) {
    if (inner[at] != '\\' || at + 1 == inner.size()) {
      value += inner[at];
      continue;
    }
    const char next = inner[++at];
    if (is_raw)
      value += std::string("\\") + next;
    else if (next == 'n')
      value += '\n';
    else if (next == 't')
      value += '\t';
    else if (next != '\n')
      value += std::string_view("\\'\"").contains(next) ? std::string(1, next) : std::string("\\") + next;
  }
  return value;
}

// Line ends within brackets are no tokens, nor are those of empty lines.
class Tokens {
 public:
  Tokens(std::string_view text, Review& review) : text_(text), review_(review) {}

  std::vector<Token> read() {
    while (pos_ < text_.size() && is_whole_) one();
    if (!open_.empty() && is_whole_)
      review_.error(open_.back(), "'" + std::string(1, text_[open_.back()]) + "' is not closed");
    add(Type::line_end, 0);
    return std::move(tokens_);
  }

 private:
  void one() {
    const char c = text_[pos_];
    if (c == '\n') {
      const bool ends_any = !tokens_.empty() && tokens_.back().type != Type::line_end;
      if (open_.empty() && ends_any) add(Type::line_end, 0);
      ++pos_;
    } else if (c == '#') {
      pos_ = std::min(text_.find('\n', pos_), text_.size());
    } else if (c == '\\' || std::isspace(static_cast<unsigned char>(c)) != 0) {
      pos_ += c == '\\' && text_.substr(pos_ + 1, 1) == "\n" ? 2U : 1U;
    } else if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) {
      string(prefix);
    } else if (is_name_start(c)) {
      word(Type::name, is_name_part);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      word(Type::number, [](char d) { return is_name_part(d) || d == '.'; });
    } else {
      mark(c);
    }
  }

  void mark(char c) {
    if (std::string_view("([{").contains(c)) {
      open_.push_back(pos_);
    } else if (std::string_view(")]}").contains(c)) {
      const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open_.empty() || text_[open_.back()] != wanted) {
        review_.error(pos_, "'" + std::string(1, c) + "' closes nothing");
        is_whole_ = false;
      } else {
        open_.pop_back();
      }
    }
    add(Type::mark, 1);
    ++pos_;
  }

  template <class Part>
  void word(Type type, Part part) {
    std::size_t end = pos_;
    while (end < text_.size() && part(text_[end])) ++end;
    add(type, end - pos_);
    pos_ = end;
  }

  // Letters before a quote: r, b, f, u and two of them.
  std::size_t string_prefix() const {
    for (std::size_t size = 0; size <= 2 && pos_ + size < text_.size(); ++size) {
      const char c = text_[pos_ + size];
      if (c == '"' || c == '\'') return size;
      if (!std::string_view("rRbBfFuU").contains(c)) return std::string_view::npos;
    }
    return std::string_view::npos;
  }

  void string(std::size_t prefix) {
    const std::string_view quote = quote_at(text_, pos_ + prefix);
    std::size_t end = pos_ + prefix + quote.size();
    const auto goes_on = [&] { return end < text_.size() && !text_.substr(end).starts_with(quote); };
    while (goes_on() && (quote.size() == 3 || text_[end] != '\n')) end += text_[end] == '\\' ? 2U : 1U;
    if (end >= text_.size() || goes_on()) {
      review_.error(pos_, "the string is not closed");
      is_whole_ = false;
      return;
    }
    end += quote.size();
    add(Type::text, end - pos_);
    pos_ = end;
  }

  void add(Type type, std::size_t size) {
    const bool begins_line = pos_ == 0 || text_[pos_ - 1] == '\n';
    tokens_.push_back({.at = static_cast<std::uint32_t>(pos_),
                       .size = static_cast<std::uint32_t>(size),
                       .type = type,
                       .is_first = begins_line && open_.empty()});
  }

  std::string_view text_;
  Review& review_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> open_;
  std::size_t pos_ = 0;
  bool is_whole_ = true;
};

// Names in the order in which they came, each once; no more than what says that there are too many.
class Names {
 public:
  void add(const std::string& name) {
    if (!name.empty() && names_.size() <= kPartsMax && seen_.insert(name).second) names_.push_back(name);
  }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
  std::unordered_set<std::string> seen_;
};

class Facts {
 public:
  Facts(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  PythonFacts read() {
    docstring();
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const bool begins =
          at_ == 0 || tokens_[at_ - 1].type == Type::line_end || is_mark(at_ - 1, ";") || is_mark(at_ - 1, ":");
      if (begins && is_name(at_, "import"))
        imports();
      else if (begins && is_name(at_, "from"))
        import_from();
      else if (tokens_[at_].is_first && is_mark(at_ + 1, "="))
        dunder();
      else if (is_name(at_, "os") && is_mark(at_ + 1, "."))
        environment();
      else if (is_name(at_, "add_argument") && is_mark(at_ + 1, "("))
        argument();
    }
    made_.imports = imports_.take();
    made_.environment = environment_.take();
    return std::move(made_);
  }

 private:
  const Token& token(std::size_t at) const { return tokens_[std::min(at, tokens_.size() - 1)]; }
  std::string_view written(std::size_t at) const { return text_.substr(token(at).at, token(at).size); }
  bool is_name(std::size_t at, std::string_view name) const {
    return token(at).type == Type::name && written(at) == name;
  }
  bool is_mark(std::size_t at, std::string_view mark) const {
    return token(at).type == Type::mark && written(at) == mark;
  }
  // No f-string.
  bool is_text(std::size_t at) const {
    const std::string_view text = written(at);
    return token(at).type == Type::text && text.find_first_of("fF") > text.find_first_of("'\"");
  }
  std::string value(std::size_t at) const { return string_value(written(at)); }

  void docstring() {
    std::size_t at = 0;
    while (at < tokens_.size() && tokens_[at].type == Type::line_end) ++at;
    if (is_text(at)) made_.docstring = value(at);
  }

  void imports() {
    for (std::size_t at = at_ + 1; token(at).type == Type::name;) {
      imports_.add(std::string(written(at)));
      while (token(at).type != Type::line_end && !is_mark(at, ",") && !is_mark(at, ";") && !is_mark(at, ":")) ++at;
      if (is_mark(at, ",")) ++at;
    }
  }

  // "from . import x" is of the same folder.
  void import_from() {
    if (token(at_ + 1).type == Type::name) imports_.add(std::string(written(at_ + 1)));
  }

  void dunder() {
    const std::string_view name = written(at_);
    if (made_.dunders.size() > kPartsMax) return;
    if (token(at_).type == Type::name && name.size() > 4 && name.starts_with("__") && name.ends_with("__") &&
        is_text(at_ + 2))
      made_.dunders.push_back({.name = std::string(name), .value = value(at_ + 2)});
  }

  // os.getenv("A"), os.environ["A"], os.environ.get("A")
  void environment() {
    const bool is_getenv = is_name(at_ + 2, "getenv") && is_mark(at_ + 3, "(");
    const bool is_environ = is_name(at_ + 2, "environ");
    const bool is_get = is_environ && is_mark(at_ + 3, ".") && is_mark(at_ + 5, "(");
    const bool is_index = is_environ && is_mark(at_ + 3, "[");
    const std::size_t name = at_ + (is_get ? 6 : 4);
    if ((is_getenv || is_get || is_index) && is_text(name)) environment_.add(value(name));
  }

  // Calls may stand within calls, so that one is only looked at so far, and no more of them than may be.
  void argument() {
    if (++arguments_ > 2 * kPartsMax || made_.inputs.size() > kPartsMax) return;
    end_ = std::min(tokens_.size(), at_ + kArgumentTokensMax);
    std::vector<std::string> flags;
    std::vector<std::pair<std::string, Json>> options;
    for (std::size_t at = at_ + 2; at < end_ && !is_mark(at, ")") && token(at).type != Type::line_end;) {
      const std::size_t from = at;
      if (token(at).type == Type::name && is_mark(at + 1, "=") && !is_mark(at + 2, "=")) {
        const std::string key(written(at));
        at += 2;
        const bool is_said = token(at).type != Type::name || is_name(at, "True") || is_name(at, "False");
        Json said = literal(at, 0);
        if (key != "default" || is_said) options.emplace_back(key, std::move(said));
      } else if (const Json flag = literal(at, 0); flag.is_string()) {
        flags.push_back(flag.as_string());
      }
      skip_to_comma(at);
      if (at == from) ++at;  // a bracket of another kind
    }
    if (!flags.empty()) add(flags, options);
  }

  void skip_to_comma(std::size_t& at) const {
    std::size_t depth = 0;
    for (; at < end_ && token(at).type != Type::line_end; ++at) {
      const bool opens = is_mark(at, "(") || is_mark(at, "[") || is_mark(at, "{");
      const bool closes = is_mark(at, ")") || is_mark(at, "]") || is_mark(at, "}");
      if (depth == 0 && (closes || is_mark(at, ","))) break;
      if (opens) ++depth;
      if (closes) --depth;
    }
    if (is_mark(at, ",")) ++at;
  }

  // A value that is written down; the name of what is not, as in type=int, without its module; null for what must be
  // computed.
  Json literal(std::size_t& at, std::size_t depth) const {
    if (is_text(at)) {
      std::string made;
      for (; is_text(at); ++at) made += value(at);
      return made;
    }
    const bool is_negative = is_mark(at, "-");
    if (is_negative) ++at;
    if (token(at).type == Type::number) {
      const base::Result<Json> number = base::parse_json((is_negative ? "-" : "") + std::string(written(at++)));
      return number ? *number : Json(nullptr);
    }
    if (token(at).type == Type::name) {
      std::string_view name = written(at++);
      for (; is_mark(at, ".") && token(at + 1).type == Type::name; at += 2) name = written(at + 1);
      if (name == "None") return nullptr;
      return name == "True" || name == "False" ? Json(name == "True") : Json(name);
    }
    if ((is_mark(at, "[") || is_mark(at, "(")) && depth < kNestedMax) return list(at, depth);
    return nullptr;
  }

  Json list(std::size_t& at, std::size_t depth) const {
    JsonArray made;
    for (++at; at < end_ && !is_mark(at, "]") && !is_mark(at, ")") && token(at).type != Type::line_end;) {
      const std::size_t from = at;
      made.push_back(literal(at, depth + 1));
      skip_to_comma(at);
      if (at == from) ++at;
    }
    ++at;
    return made;
  }

  void add(const std::vector<std::string>& flags, const std::vector<std::pair<std::string, Json>>& options) {
    const auto option = [&](std::string_view key) -> const Json* {
      const auto found = std::ranges::find(options, key, [](const auto& pair) { return std::string_view(pair.first); });
      return found == options.end() ? nullptr : &found->second;
    };
    const auto word = [&](std::string_view key) {
      const Json* found = option(key);
      return found && found->is_string() ? found->as_string() : std::string();
    };
    if (word("action") == "version" || word("action") == "help") return;  // it says something and ends
    const bool is_option = flags.front().starts_with('-');
    const auto is_long = [](const std::string& flag) { return flag.starts_with("--"); };
    const auto longest = std::ranges::find_if(flags, is_long);
    Input input{.type = type_of(word("type"), word("action"), option("nargs")), .description = word("help")};
    const std::string& flag = longest == flags.end() ? flags.front() : *longest;
    input.name = named_by(word("dest"), word("action"), flag);
    if (is_option && flag != "--" + dashed(input.name)) input.flag = flag;
    input.is_positional = !is_option;
    input.is_together = is_option && word("action") != "append" && is_many(option("nargs"));
    input.is_counted = word("action") == "count";
    if (word("action") == kBothWays) input.no_flag = "--no-" + flag.substr(std::min<std::size_t>(2, flag.size()));
    const Json* required = option("required");
    const std::string nargs = word("nargs");
    input.is_required =
        is_option ? required && *required == Json(true) : nargs != "?" && nargs != "*" && nargs != kRest;
    if (const Json* value = option("default"); value && !value->is_null()) input.value = *value;
    if (const Json* choices = option("choices"); choices && choices->is_array())
      for (const Json& choice : choices->as_array())
        input.choices.push_back(choice.is_string() ? choice.as_string() : base::to_text(choice));
    if (!input.name.empty() && input.name != "help") made_.inputs.push_back(std::move(input));
  }

  // Its dest, unless another has that already, or it sets that to one value of several.
  std::string named_by(const std::string& dest, std::string_view action, std::string_view flag) const {
    const bool is_taken = std::ranges::find(made_.inputs, dest, &Input::name) != made_.inputs.end();
    const bool is_one_of = action == "store_false" || action.ends_with("_const");
    if (!dest.empty() && !is_taken && !is_one_of) return dest;
    std::string name(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
    std::ranges::replace(name, '-', '_');
    return name;
  }

  static std::string dashed(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
  }

  static bool is_many(const Json* nargs) {
    return nargs && (nargs->is_integer() || *nargs == Json("+") || *nargs == Json("*") || *nargs == Json(kRest));
  }

  static std::string type_of(std::string_view type, std::string_view action, const Json* nargs) {
    if (action.starts_with("store_") || action == "append_const" || action == kBothWays) return "boolean";
    if (action == "append" || is_many(nargs)) return "array";
    if (type == "int" || action == "count") return "integer";
    if (type == "float") return "number";
    return "string";  // of type=bool too: it takes a word, and any word but an empty one is true
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;        // of what is looked at of an argument
  std::size_t arguments_ = 0;  // calls of add_argument
  Names imports_;
  Names environment_;
  PythonFacts made_;
};

// What is listed for others stays short.
void limit(PythonFacts& facts, Review& review) {
  const auto check = [&](auto& list, std::string_view what) {
    if (list.size() <= kPartsMax) return;
    review.error(0, "it has more than " + std::to_string(kPartsMax) + " " + std::string(what),
                 "divide it into several scripts");
    list.resize(kPartsMax);
  };
  check(facts.imports, "imports");
  check(facts.environment, "variables of the environment");
  check(facts.inputs, "arguments");
  check(facts.dunders, "values of its own");
}

}  // namespace

PythonFacts python_facts(std::string_view text, Review& review) {
  PythonFacts made = Facts(text, Tokens(text, review).read()).read();
  limit(made, review);
  return made;
}

}  // namespace lilux::item
