#include "surface/line_editor.h"

#include <algorithm>
#include <clocale>
#include <cstdio>

#include <histedit.h>

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/shell_history.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

struct LineEditor::Parts {
  EditLine* line = nullptr;
  History* history = nullptr;
  Complete complete;
  std::string prompt;
  bool is_interrupted = false;
  ~Parts() {
    if (line) el_end(line);
    if (history) history_end(history);
  }
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  static Parts* of(EditLine* line) {
    Parts* parts = nullptr;
    el_get(line, EL_CLIENTDATA, &parts);
    return parts;
  }
};

namespace {

constexpr std::size_t kShownMax = 60;

void show(const std::vector<std::string>& words) {
  std::string text = "\n";
  for (std::size_t i = 0; i < std::min(words.size(), kShownMax); ++i)
    text += base::escape_for_terminal(words[i]) + "  ";
  if (words.size() > kShownMax) text += "... " + std::to_string(words.size() - kShownMax) + " more";
  std::fprintf(stdout, "%s\n", text.c_str());
}

}  // namespace

std::string common_beginning(const std::vector<std::string>& words) {
  std::string shared = words.empty() ? "" : words.front();
  for (const std::string& word : words) {
    const auto [ours, theirs] = std::ranges::mismatch(shared, word);
    shared.erase(ours, shared.end());
  }
  while (!base::is_utf8(shared)) shared.pop_back();
  return shared;
}

LineEditor::LineEditor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LineEditor::~LineEditor() = default;

Result<std::unique_ptr<LineEditor>> LineEditor::create(Complete complete) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  auto parts = std::make_unique<Parts>();
  parts->complete = std::move(complete);
  parts->line = el_init("lilux", stdin, stdout, stderr);
  parts->history = history_init();
  if (!parts->line || !parts->history)
    return fail(ErrorCode::unavailable, "lines cannot be edited at this terminal", "TERM=dumb lilux");
  HistEvent event;
  history(parts->history, &event, H_SETSIZE, static_cast<int>(kHistoryMax));
  EditLine* line = parts->line;
  el_set(line, EL_CLIENTDATA, parts.get());
  el_set(line, EL_PROMPT, +[](EditLine* of) { return Parts::of(of)->prompt.data(); });
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_SIGNAL, 0);
  el_set(line, EL_HIST, history, parts->history);
  el_wset(  // el_set would copy both texts and forget the copies
      line, EL_ADDFN, L"lilux-complete", L"Complete the word", +[](EditLine* of, int) -> unsigned char {
        const LineInfo* info = el_line(of);
        const std::string before(info->buffer, info->cursor);
        const std::size_t blank = before.find_last_of(" \t");
        const std::string word = blank == std::string::npos ? before : before.substr(blank + 1);
        const std::vector<std::string> words = Parts::of(of)->complete(before);
        if (words.empty()) return CC_REFRESH_BEEP;
        const std::string shared = common_beginning(words);
        if (shared.size() > word.size() && shared.starts_with(word)) {
          el_insertstr(of, shared.c_str() + word.size());
          return CC_REFRESH;
        }
        show(words);
        return CC_REDISPLAY;
      });
  el_wset(
      line, EL_ADDFN, L"lilux-interrupt", L"Throw the line away", +[](EditLine* of, int) -> unsigned char {
        Parts::of(of)->is_interrupted = true;
        std::fputs("^C\n", stdout);
        std::fflush(stdout);
        return CC_EOF;
      });
  el_set(line, EL_BIND, "^I", "lilux-complete", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(line, EL_BIND, "^C", "lilux-interrupt", nullptr);
  el_set(line, EL_BIND, "\\e[H", "ed-move-to-beg", nullptr);
  el_set(line, EL_BIND, "\\e[F", "ed-move-to-end", nullptr);
  el_set(line, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
  el_set(line, EL_SETTY, "-d", "-isig", nullptr);  // Ctrl-C is a key here
  return std::unique_ptr<LineEditor>(new LineEditor(std::move(parts)));
}

std::optional<LineEditor::Read> LineEditor::read(const std::string& prompt) {
  parts_->prompt = prompt;
  parts_->is_interrupted = false;
  int size = 0;
  const char* text = el_gets(parts_->line, &size);
  if (parts_->is_interrupted) {
    el_reset(parts_->line);
    return Read{.is_interrupted = true};
  }
  if (!text || size <= 0) return std::nullopt;
  std::string line(text, static_cast<std::size_t>(size));
  line.erase(line.find_last_not_of("\r\n") + 1);
  return Read{.line = std::move(line)};
}

void LineEditor::remember(const std::string& line) {
  HistEvent event;
  history(parts_->history, &event, H_ENTER, line.c_str());
}

}  // namespace lilux::surface
