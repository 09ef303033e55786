#include "kernel/body_skim.h"

#include <charconv>

#include "base/json.h"

namespace lilux::kernel {

namespace {

// Walks compact JSON as our own writer makes it: no white space between tokens. It only finds where values end; what
// it does not understand makes it give up, and the real parser takes over.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool is_done() const { return at_ == text_.size(); }

  // The next value as it stands, quotes and brackets included; empty when there is none.
  std::string_view value() {
    const std::size_t begin = at_;
    if (at_ >= text_.size()) return {};
    const char first = text_[at_];
    const bool is_whole = first == '"' ? skip_string() : first == '{' || first == '[' ? skip_nested() : skip_plain();
    return is_whole ? text_.substr(begin, at_ - begin) : std::string_view();
  }

 private:
  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '"')
        break;
    }
    return take('"');
  }

  bool skip_nested() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[')
        ++depth;
      else if ((c == '}' || c == ']') && --depth == 0)
        return true;
    }
    return false;
  }

  bool skip_plain() {
    const std::size_t end = text_.find_first_of(",}] \t\r\n", at_);
    if (end == std::string_view::npos || end == at_) return false;
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Calls `each` with every member's key (without quotes, escapes as written) and value; false when this is no compact
// object.
template <class Each>
bool each_member(std::string_view object, const Each& each) {
  Walker walker(object);
  if (!walker.take('{')) return false;
  if (walker.take('}')) return walker.is_done();
  do {
    const std::string_view key = walker.value();
    if (key.size() < 2 || key.front() != '"' || !walker.take(':')) return false;
    const std::string_view value = walker.value();
    if (value.empty()) return false;
    each(key.substr(1, key.size() - 2), value);
  } while (walker.take(','));
  return walker.take('}') && walker.is_done();
}

void take_text(std::string_view value, std::string& into) {
  if (value.front() != '"') return;
  if (value.find('\\') == std::string_view::npos) {
    into = value.substr(1, value.size() - 2);
  } else if (const base::Result<base::Json> parsed = base::parse_json(value); parsed && parsed->is_string()) {
    into = parsed->as_string();
  }
}

void take_number(std::string_view value, std::int64_t& into) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc() && rest == value.data() + value.size()) into = number;
}

std::string* text_member(SkimmedBody& body, std::string_view key) {
  if (key == "call") return &body.call;
  if (key == "tool") return &body.tool;
  if (key == "task") return &body.task;
  if (key == "principal") return &body.principal;
  if (key == "cause") return &body.cause;
  if (key == "result") return &body.result;
  if (key == "undo") return &body.undo;
  if (key == "tier") return &body.tier;
  return nullptr;
}

std::optional<SkimmedBody> skim_compact(std::string_view text) {
  SkimmedBody body;
  const bool is_object = each_member(text, [&](std::string_view key, std::string_view value) {
    if (std::string* member = text_member(body, key)) {
      take_text(value, *member);
    } else if (key == "needs") {
      Walker list(value);
      if (list.take('[')) {
        if (const std::string_view first = list.value(); !first.empty()) take_text(first, body.need);
      }
    } else if (key == "changes") {
      body.changes = value;
    } else if (key == "inverse") {
      body.has_inverse = value.front() == '{';
    } else if (key == "error") {
      each_member(value, [&](std::string_view name, std::string_view inner) {
        if (name == "code") take_text(inner, body.error_code);
      });
    } else if (key == "cost") {
      each_member(value, [&](std::string_view name, std::string_view inner) {
        if (name == "wall_us") take_number(inner, body.wall_us);
      });
    }
  });
  return is_object ? std::optional(std::move(body)) : std::nullopt;
}

}  // namespace

std::optional<SkimmedBody> skim(std::string_view body) {
  if (std::optional<SkimmedBody> skimmed = skim_compact(body)) return skimmed;
  const base::Result<base::Json> parsed = base::parse_json(body);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return skim_compact(base::to_text(*parsed));
}

}  // namespace lilux::kernel
