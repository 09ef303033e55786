#include "tools/sentences.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/embed.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/reference.h"
#include "brain/time_back.h"
#include "item/interpolate.h"
#include "tools/command_words.h"
#include "tools/faithful.h"
#include "tools/said_patterns.h"
#include "tools/said_places.h"
#include "tools/table.h"

LILUX_EMBED(lilux_sentences, LILUX_SENTENCES);
LILUX_EMBED(lilux_sentences_compiled, LILUX_SENTENCES_COMPILED);

namespace lilux::tools {

using base::Json;
using base::Result;
using brain::Proposal;

namespace {

constexpr double kLoose = 0.95;
constexpr std::string_view kUndoNewest = "undo newest";
constexpr std::string_view kPutIn = "put in";
constexpr std::string_view kWrite = "write";
constexpr std::string_view kEmptyFile = "empty a file";
constexpr std::string_view kLinesInFiles = "find lines in files";
constexpr std::string_view kCountIn = "count in";
constexpr std::string_view kCopyText = "copy a text";
constexpr std::string_view kAppendText = "append a text";
constexpr std::string_view kDeleteEnding = "delete by ending";
constexpr std::string_view kDeleteItem = "delete item ";
constexpr std::array<std::string_view, 4> kPlaces{"path", "source", "destination", "directory"};
constexpr std::array<std::string_view, 3> kNames{"pid", "task", "call"};

struct Shipped {
  std::vector<brain::Rule> rules;
  brain::Matcher matcher;
};

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& text : list.as_array()) texts.push_back(text.as_string());
  return texts;
}

// As compile/sentences.cpp wrote them when the program was built: each with its sentences as they stand there, or with
// those that are loosened, which only what only looks is asked for by.
Result<Shipped> compiled(std::string_view member) {
  const Json all = TRY(base::parse_json(lilux_sentences_compiled()));
  std::vector<brain::Rule> rules;
  for (const Json& one : all.as_array()) {
    brain::Rule& rule = rules.emplace_back();
    rule.name = one.string_or("name");
    rule.tool = one.string_or("tool");
    rule.arguments = *one.find("with");
    if (member == "says" || is_harmless(rule.tool)) rule.says = texts_of(*one.find(member));
  }
  brain::Matcher matcher = TRY(brain::Matcher::compile(rules));
  return Shipped{.rules = std::move(rules), .matcher = std::move(matcher)};
}

// Neither ever changes; the second is only made once the first does not do.
const Result<Shipped>& shipped() {
  static const Result<Shipped> kShipped = compiled("says");
  return kShipped;
}
const Result<Shipped>& shipped_loosely() {
  static const Result<Shipped> kLooseOnes = compiled("loosely");
  return kLooseOnes;
}

bool is_any(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Words that tell of what sort something is, and are the name of none.
constexpr std::array<std::string_view, 14> kSorts{"file",        "files",   "folder", "folders",  "directory",
                                                  "directories", "here",    "things", "stuff",    "everything",
                                                  "current",     "working", "this",   "structure"};

bool is_one_piece(std::string_view value, std::string_view text) {
  return value.find(' ') == std::string_view::npos || brain::is_quoted(value, text);
}

// "show me the fun" is about no file: a place is one word or in quotes, and has a dot or slash, unless the sentence
// says that it is one or it is there.
bool is_place(std::string_view value, std::string_view text, const Speaker& speaker) {
  if (!is_one_piece(value, text) || is_any(kSorts, value)) return false;
  const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  // "an overview of this folder" is about that folder.
  const bool says_folder = (says("folder") || says("director") || says(" dir ")) && with_here(text) == text;
  return value.find_first_of("./~*") != std::string_view::npos || says("file") || says_folder ||
         (speaker.look && speaker.look(value));
}

// A name is one word or in quotes, and has a dot, a slash or a star unless the sentence says that it is a name: "the
// file notes" does, "all python files" tells of what sort they are.
bool is_name(std::string_view value, std::string_view text) {
  const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  const std::size_t at = text.find(value);
  const std::string_view before = at == std::string_view::npos ? text : text.substr(0, at + value.size());
  return is_one_piece(value, text) && !is_any(kSorts, value) &&
         (value.find_first_of("./*?") != std::string_view::npos || before.find("file") != std::string_view::npos ||
          says("called") || says("named") || says("the folder "));
}

// "*.js" of "js files" and ".js files", where that is an ending: there are no files by the name of "*.big".
std::optional<std::string> of_ending(std::string_view pattern) {
  constexpr std::array<std::string_view, 62> kEndings{
      "asm",  "avi",  "bak",   "bash", "bin",  "bmp",  "bz2",  "c",    "cc",   "cfg",   "conf", "cpp", "cs",
      "css",  "csv",  "dart",  "db",   "doc",  "docx", "epub", "gif",  "go",   "gz",    "h",    "hpp", "htm",
      "html", "ini",  "ipynb", "jar",  "java", "jpeg", "jpg",  "js",   "json", "jsonl", "jsx",  "kt",  "log",
      "lua",  "md",   "mjs",   "mp3",  "mp4",  "pdf",  "php",  "png",  "py",   "rb",    "rs",   "sh",  "sql",
      "svg",  "toml", "ts",    "tsx",  "txt",  "xml",  "xlsx", "yaml", "yml",  "zip"};
  std::string ending = brain::lowered(pattern.substr(pattern.find_last_of('.') + 1));
  return is_any(kEndings, ending) ? std::optional("*." + ending) : std::nullopt;
}

// Whether a word of the text, taken as a place, is a file that is there, or by its ending might be one.
bool is_file(std::string_view value, const Speaker& speaker) {
  if (value.contains('*')) return false;
  const auto type = speaker.look ? speaker.look(value) : std::nullopt;
  const std::string_view name = value.substr(value.find_last_of('/') + 1);
  return type ? type == sys::FileType::regular : name.substr(std::min<std::size_t>(1, name.size())).contains('.');
}

bool is_folder_there(std::string_view value, const Speaker& speaker) {
  const std::string_view place = bare_place(value);
  return !place.contains(' ') && speaker.look && speaker.look(place) == sys::FileType::directory;
}

// What is found by its name, in files or on the web is not looked for in what is known.
bool is_question(std::string_view value, const Speaker& speaker) {
  constexpr std::array<std::string_view, 8> kElsewhere{"the web", "the internet", "web for ",  "internet for ",
                                                       "google",  "online",       "all files", "everywhere"};
  constexpr std::array<std::string_view, 10> kWhere{
      " in all files", " in my files", " in the files", " in all the files", " in every file",
      " in any file",  " everywhere",  " online",       " on the internet",  " on the web"};
  if (std::ranges::any_of(kElsewhere, [&](auto where) { return value.starts_with(where); })) return false;
  if (std::ranges::any_of(kWhere, [&](auto where) { return value.ends_with(where); })) return false;
  const std::size_t in = value.rfind(" in ");
  const std::string_view where =
      in == std::string_view::npos ? "" : value.substr(in + 4, value.find(' ', in + 4) - in - 4);
  if (where.contains('*') || (where.contains('.') && is_file(where, speaker))) return false;
  if (value.ends_with(" here")) return false;
  return !value.starts_with("file") && !value.starts_with("a file") && !value.starts_with("the file") &&
         !value.starts_with("folder") && !value.starts_with("the folder");
}

// "grep foo src": as that program has it, the last word is where.
void split_place(brain::ProposedCall& call, Json& pattern, std::string_view text, const Speaker& speaker) {
  const std::string said = pattern.as_string();
  const std::size_t blank = said.rfind(' ');
  if (!text.starts_with("grep ") || text.starts_with("grep for ") || blank == std::string::npos || !speaker.look)
    return;
  const std::string place = said.substr(blank + 1);
  if (said.contains(" or ") || !speaker.look(place) || brain::is_quoted(said, text)) return;
  pattern = Json(brain::unquoted(said.substr(0, blank)));
  call.arguments.as_object().set("path", place);
}

// 3 of "three"; any other word as it is.
Json number_of(const std::string& said) {
  constexpr std::array<std::string_view, 12> kNumbers{"one",   "two",   "three", "four", "five",   "six",
                                                      "seven", "eight", "nine",  "ten",  "eleven", "twelve"};
  const auto* found = std::ranges::find(kNumbers, said);
  return found == kNumbers.end() ? Json(said) : Json(found - kNumbers.begin() + 1);
}

// "the first template" names none.
bool is_pointed(std::string_view value, std::string_view text) {
  return std::ranges::any_of(brain::find_mentions(text),
                             [&](const brain::Mention& one) { return one.said.contains(value); });
}

// Whether a value is what its field wants; times become what tools read.
bool settle(const std::string& name, Json& value, std::string_view text, const Speaker& speaker) {
  if (!value.is_string()) return true;
  if (is_any(kPlaces, name) && !brain::is_quoted(value.as_string(), text)) value = bare_place(value.as_string());
  if (name == "limit") value = number_of(value.as_string());
  if (value.is_integer()) return true;
  const std::string said = value.as_string();
  if (is_any(kPlaces, name)) return is_place(said, text, speaker);
  if (name == "pattern" && said.starts_with("*.") && !text.contains(said)) {
    const std::optional<std::string> pattern = of_ending(said);
    if (pattern) value = *pattern;
    return pattern.has_value();
  }
  if (name == "pattern") return is_name(said, text) || !meant_by(said, speaker.names).empty();
  if (name == "query") return is_question(said, speaker);
  if (is_any(kNames, name)) return is_id(said);
  if (name == "tool") return find(said) || (said.contains(".*") && !said.contains(' '));
  if (name == "name") return is_one_piece(said, text) && !is_pointed(said, text);
  if (name == "limit") return said.size() < 4 && said.find_first_not_of("0123456789") == std::string::npos;
  if (name == "glob") return said.contains('*') && !said.contains(' ');
  return true;
}

// The word before a value of the sentence, in small letters.
std::string word_before(std::string_view value, std::string_view text) {
  std::string before;
  for (const brain::Spoken::Word& word : brain::spoken(text).words) {
    if (text.substr(word.begin).starts_with(value)) break;
    before = word.folded;
  }
  return before;
}

// "from last week" begins and ends; what is since then, or before it, has one of the two. A tool that takes no end is
// only asked for what is not over yet, or looks at more than was said.
bool settle_time(brain::ProposedCall& call, const std::string& name, std::string_view text, const Speaker& speaker) {
  base::JsonObject& fields = call.arguments.as_object();
  const std::string said = fields.find(name)->as_string();
  const std::optional<brain::TimeBack> time = brain::time_back(said, speaker.now, speaker.offset);
  if (!time) return false;
  const std::string before = word_before(said, text);
  if (name == "until") {
    fields.set(name, before == "before" || !time->to ? time->from : *time->to);
    const std::string since = fields.find("since") ? fields.find("since")->as_string() : "";
    const bool are_times = since.contains('T') && fields.find(name)->as_string().contains('T');
    return !are_times || since < fields.find(name)->as_string();  // "between monday and sunday": of which week?
  }
  fields.set(name, before == "after" && time->to ? *time->to : time->from);
  if (before == "since" || before == "after" || before == "between" || !time->to || fields.find("until")) return true;
  const Json schema = find(call.name)->input_schema();
  if (schema.find("properties")->find("until")) fields.set("until", *time->to);
  return fields.find("until") || is_harmless(call.name);
}

// What the path is, or what the sentence says that it is: "the folder src", "the src directory".
std::optional<sys::FileType> type_of(const std::string& path, std::string_view text, const Speaker& speaker) {
  const auto type = speaker.look ? speaker.look(path) : std::nullopt;
  if (type) return type;
  const bool is_here = path == "." || path.ends_with('/');
  const bool is_said = std::ranges::any_of(std::array{"folder", "directory"}, [&](const std::string& sort) {
    return text.contains(sort + " " + path) || text.contains(path + " " + sort);
  });
  return is_here || is_said ? std::optional(sys::FileType::directory) : std::nullopt;
}

// To read a folder is to list it, and the other way round; how large one is, is what lies in it.
void mind_type(brain::ProposedCall& call, std::string_view text, const Speaker& speaker) {
  constexpr std::array<std::string_view, 4> kSizes{"big", "large", "size", "bytes"};
  const Json* path = call.arguments.find("path");
  const auto type = path && path->is_string() ? type_of(path->as_string(), text, speaker) : std::nullopt;
  const bool is_folder = type == sys::FileType::directory;
  if (is_folder && call.name == "fs.read") call.name = "fs.list";
  if (call.name == "fs.list" && call.arguments.string_or("path") == ".") call.arguments.as_object().erase("path");
  if (type == sys::FileType::regular && call.name == "fs.list") call.name = "fs.read";
  const auto says = [&](std::string_view word) { return text.contains(word); };
  if (is_folder && call.name == "fs.stat" && std::ranges::any_of(kSizes, says))
    call.arguments.as_object().set("recursive", true);
}

// What is to be there already, and may be meant by less than its whole name.
bool is_of_what_is_there(std::string_view tool, std::string_view name) {
  constexpr std::array<std::string_view, 6> kTools{"fs.read", "fs.list", "fs.stat", "fs.delete", "fs.edit", "fs.chmod"};
  return (name == "path" && is_any(kTools, tool)) || name == "source";
}

// Each of several, where the tool takes one: "a.txt and b.txt", "delete *.txt". Nothing where one of them is no place;
// empty where no name fits.
std::optional<std::vector<std::string>> places(std::string_view value, std::string_view tool, std::string_view text,
                                               const Speaker& speaker) {
  std::vector<std::string> found;
  const bool is_quoted = brain::is_quoted(value, text);
  for (const std::string& one : is_quoted ? std::vector{std::string(value)} : listed(value)) {
    const std::string said(is_quoted ? one : bare_place(one));
    const bool is_there = speaker.look && speaker.look(said);
    const bool is_pattern = said.contains('*') && speaker.names && !is_there;
    if (is_pattern && tool != "fs.delete") return std::nullopt;
    const std::vector<std::string> meant = is_there ? std::vector<std::string>{} : meant_by(said, speaker.names);
    if (meant.empty() && !is_pattern && !is_place(said, text, speaker)) return std::nullopt;
    if (meant.empty() && !is_pattern) found.push_back(said);
    found.insert(found.end(), meant.begin(), meant.end());
  }
  return found;
}

// Whether a place is said by what sort it is of, "the empty file", which may be the name of none: nobody knows that by
// less than a whole name.
bool is_said_by_sort(std::string_view said, const std::string& place) {
  constexpr std::array<std::string_view, 5> kBehind{" file", " folder", " directory", " dir", " one"};
  const bool is_behind = std::ranges::any_of(kBehind, [&](auto sort) { return said.ends_with(sort); });
  const std::string bare = brain::lowered(bare_place(said));
  const std::string word = bare.starts_with("the ") ? bare.substr(4) : bare;
  const bool is_whole = place == bare_place(said);
  if (is_quality(word)) return is_behind || !is_whole;
  return !is_whole && is_item_kind(word);
}

// What is changed by a bare word is there and is what the sentence says it is: "the newest file" names nothing, and
// "the old file" no folder that is called so.
std::optional<std::string> wrong_to_change(const std::string& place, std::string_view said, std::string_view text,
                                           const Speaker& speaker) {
  if (!speaker.look || brain::is_quoted(place, text)) return std::nullopt;
  const std::optional<sys::FileType> type = speaker.look(place);
  const auto says_folder = [&](std::string_view sort) { return text.contains(std::string(sort) + place); };
  if (type == sys::FileType::regular && (says_folder("folder ") || says_folder("directory ")))
    return "which folder: '" + place + "' is a file";
  if (type && is_said_by_sort(said, place))
    return "which one: '" + std::string(said) + "' may only say what sort it is of; for '" + place + "' say that name";
  if (place.find_first_of("./~") != std::string::npos) return std::nullopt;
  if (!type) return "what '" + place + "' is: nothing there has such a name";
  if (type == sys::FileType::directory && text.contains(place + " file"))
    return "which file: '" + place + "' is a folder";
  return std::nullopt;
}

// A call for each of them, or what is wrong with so many or none.
void take_places(Proposal& made, const std::string& name, std::string_view said, const std::vector<std::string>& all) {
  constexpr std::size_t kSeveralMax = 20;
  const brain::ProposedCall call = made.calls.front();
  made.calls.clear();
  if (all.empty()) made.missing = {"what '" + std::string(said) + "' is: nothing there has such a name"};
  if (all.size() > kSeveralMax)
    made.missing = {"which of them: " + std::to_string(all.size()) + " fit '" + std::string(said) + "', and " +
                    std::to_string(kSeveralMax) + " can be meant at once"};
  if (!made.missing.empty()) return;
  for (const std::string& place : all) {
    made.calls.push_back(call);
    made.calls.back().arguments.as_object().set(name, place);
  }
}

// What waits for the list of what can be undone: its newest entries, each once those before it are undone.
void undo_newest(Proposal& made) {
  constexpr std::int64_t kUndoneMax = 10;
  base::JsonObject& of_list = made.calls.front().arguments.as_object();
  const Json* said = of_list.find("limit");
  const std::int64_t count =
      said && said->is_integer() ? std::clamp<std::int64_t>(said->as_integer(), 1, kUndoneMax) : 1;
  of_list.erase("limit");
  of_list.set("work", true);
  made.tool = "undo.apply";
  for (int nth = 1; nth <= count; ++nth)
    made.calls.push_back(
        {.name = made.tool, .confidence = 1, .results = {{.argument = "call", .call = 0, .nth = nth}}});
}

// What is read first is what is written then.
void append_text(Proposal& made) {
  const base::JsonObject given = made.calls.front().arguments.as_object();
  made.calls.front().name = "fs.read";
  made.calls.front().arguments = base::JsonObject{{"path", *given.find("source")}};
  made.tool = "fs.write";
  made.calls.push_back({.name = made.tool,
                        .arguments = base::JsonObject{{"path", *given.find("destination")}, {"append", true}},
                        .confidence = 1,
                        .results = {{.argument = "content", .call = 0, .kind = brain::Wanted::text}}});
}

// "rename d to e", "copy d to e": what is there gets or lends a name, which may be any word. To where something is
// moved has to be a place.
bool names_anew(const base::JsonObject& gaps, const Json& value, std::string_view text, const Speaker& speaker) {
  const Json* source = gaps.find("source");
  const std::string said = brain::lowered(text);
  return source && speaker.look && value.is_string() && !said.contains("move") &&
         speaker.look(bare_place(source->as_string())) &&
         bare_place(value.as_string()).find(' ') == std::string_view::npos && !is_pointed(value.as_string(), text);
}

bool is_said_to_be_folder(std::string_view said) {
  const std::string words = " " + std::string(said) + " ";
  return words.contains(" folder ") || words.contains(" directory ") || words.contains(" dir ");
}

// What some rules want of their gaps beside what every field wants.
bool are_of_their_sort(const brain::Rule& rule, const base::JsonObject& gaps, std::string_view text,
                       const Speaker& speaker) {
  const auto said = [&](std::string_view name) {
    const Json* gap = gaps.find(name);
    return gap ? gap->as_string() : std::string();
  };
  if (rule.name == kCopyText || rule.name == kAppendText) return is_file(bare_place(said("source")), speaker);
  if (rule.name == kWrite) {  // neither what is moved into a folder, nor what is copied
    const bool is_place = said("path").find_first_of("./~") != std::string::npos || text.contains(" file ");
    const bool is_text = brain::is_quoted(said("content"), text) || !speaker.look ||
                         speaker.look(bare_place(said("content"))) != sys::FileType::regular;
    return is_place && is_text && !said("content").starts_with("of ") && !is_folder_there(said("path"), speaker);
  }
  if (rule.name == kEmptyFile) return !is_said_to_be_folder(said("path")) && !is_folder_there(said("path"), speaker);
  if (rule.tool == "fs.write") return !said("content").starts_with("of ");  // "the text of a.txt"
  if (rule.name.starts_with(kDeleteItem))
    return !is_quality(said("name")) && said("name").find_first_of("./~*") == std::string::npos;
  if (rule.name == kCountIn)
    return is_folder_there(said("path"), speaker) || said("path").find_first_of("./~") != std::string::npos;
  if (rule.name.starts_with(kLinesInFiles))
    return is_file(said("path"), speaker) || is_folder_there(said("path"), speaker);
  return true;
}

std::optional<Proposal> settled(const brain::Matcher::Said& found, std::string_view text, const Speaker& speaker) {
  const brain::Rule& rule = shipped()->rules[found.rule];
  std::optional<Proposal> made = said(rule, found.gaps);
  if (!made) return std::nullopt;
  if (!are_of_their_sort(rule, found.gaps, text, speaker)) return std::nullopt;
  for (const auto& [name, written] : rule.arguments.as_object()) {
    Json value = *made->calls.front().arguments.find(name);
    if (value == written) continue;  // without a gap
    if (rule.name == kDeleteEnding) {
      const std::optional<std::string> pattern = of_ending(value.as_string());
      if (!pattern) return std::nullopt;
      value = Json(*pattern);
    }
    if (value.is_string() && is_of_what_is_there(rule.tool, name)) {
      const std::optional<std::vector<std::string>> all = places(value.as_string(), rule.tool, text, speaker);
      const Json* into = found.gaps.find("destination");  // several go into a folder alone
      const bool goes_into =
          into && speaker.look && speaker.look(bare_place(into->as_string())) == sys::FileType::directory;
      if (!all || (all->size() != 1 && name != "path" && !goes_into)) return std::nullopt;
      if (rule.name == kPutIn && !goes_into) return std::nullopt;  // what is put into a file is written to it
      take_places(*made, name, value.as_string(), *all);
      for (const std::string& place : *all) {
        const bool takes_away = rule.tool == "fs.delete" || rule.tool == "fs.move";
        const auto wrong = takes_away ? wrong_to_change(place, value.as_string(), text, speaker) : std::nullopt;
        if (wrong) made->calls.clear(), made->missing = {*wrong};
        made->is_asked = made->is_asked || is_said_by_sort(value.as_string(), place);
      }
      if (made->calls.empty()) return made;
      continue;
    }
    const bool is_text = rule.tool == "fs.grep" && name == "pattern";        // of lines, and no name
    if (is_text && value.as_string().starts_with("-")) return std::nullopt;  // an option of the program
    if (is_text && !made->calls.front().arguments.find("path")) split_place(made->calls.front(), value, text, speaker);
    if (is_text && !brain::is_quoted(value.as_string(), text)) value = bare_text(value.as_string());
    if (const std::optional<std::string> any =
            is_text && !brain::is_quoted(value.as_string(), text) ? any_of_texts(value.as_string()) : std::nullopt) {
      for (brain::ProposedCall& call : made->calls) {
        call.arguments.as_object().set(name, *any);
        call.arguments.as_object().erase("literal");
      }
      continue;
    }
    if (name == "since" || name == "until") {
      if (!settle_time(made->calls.front(), name, text, speaker)) return std::nullopt;
      continue;
    }
    const bool is_new_name = name == "destination" && names_anew(found.gaps, value, text, speaker);
    if (is_new_name) value = Json(bare_place(value.as_string()));
    if (!is_text && !is_new_name && !settle(name, value, text, speaker)) return std::nullopt;
    if (rule.tool == "fs.search" && name == "pattern") value = name_pattern(value.as_string(), text, speaker.names);
    for (brain::ProposedCall& call : made->calls) call.arguments.as_object().set(name, value);
  }
  for (brain::ProposedCall& call : made->calls) mind_type(call, text, speaker);
  made->tool = made->calls.front().name;
  if (rule.name.starts_with(kUndoNewest)) undo_newest(*made);
  if (rule.name == kAppendText) append_text(*made);
  return made;
}

// Of the rules that the words fit, the first one whose gaps hold what they should.
std::optional<Proposal> first_settled(const brain::Matcher& matcher, const brain::Spoken& words, std::string_view text,
                                      const Speaker& speaker) {
  for (const brain::Matcher::Said& found : matcher.all_of(words)) {
    if (std::optional<Proposal> made = settled(found, text, speaker)) return made;
  }
  return std::nullopt;
}

}  // namespace

std::string_view sentences() {
  return lilux_sentences();
}

bool is_harmless(std::string_view name) {
  const kernel::Tool* tool = find(name);
  return tool && tool->traits.effect == kernel::Effect::none && tool->traits.risk <= policy::Risk::low &&
         tool->traits.is_idempotent && !tool->traits.is_urgent;
}

Json as_taken(const kernel::Tool& tool, Json arguments) {
  const Json schema = tool.input_schema();
  const Json* fields = schema.find("properties");
  base::JsonObject made;
  for (const auto& [name, value] : arguments.as_object()) {
    const Json* field = fields ? fields->find(name) : nullptr;
    const std::string type = field ? field->string_or("type", "string") : "string";
    const Result<Json> read = value.is_string() && type != "string" ? base::parse_json(value.as_string()) : value;
    made.set(name, read.value_or(value));
  }
  return made;
}

std::optional<Proposal> said(const brain::Rule& rule, const base::JsonObject& gaps) {
  const kernel::Tool* tool = find(rule.tool);
  Result<Json> arguments = item::interpolated(rule.arguments, [&](std::string_view name) -> std::optional<Json> {
    const Json* value = gaps.find(name);
    return value ? std::optional(*value) : std::nullopt;
  });
  if (!arguments || !tool) return std::nullopt;
  return Proposal{.calls = {{.name = rule.tool, .arguments = as_taken(*tool, std::move(*arguments)), .confidence = 1}},
                  .confidence = 1,
                  .tool = rule.tool,
                  .why = "rule '" + rule.name + "'"};
}

bool is_id(std::string_view text) {
  return text.find(' ') == std::string_view::npos && text.find_first_of("0123456789") != std::string_view::npos;
}

std::optional<Proposal> by_sentences(std::string_view said, const Speaker& speaker) {
  if (!shipped()) return std::nullopt;
  const std::string spelt = spelt_out(said);
  const std::string_view text = spelt;
  const std::string here = with_here(text);
  const auto exactly = [&](std::string_view way) {
    return first_settled(shipped()->matcher, brain::spoken(way), text, speaker);
  };
  const auto loosely = [&](std::string_view way) {
    auto found = shipped_loosely()
                     ? first_settled(shipped_loosely()->matcher, brain::loosely_spoken(way), text, speaker)
                     : std::optional<Proposal>();
    if (found) found->confidence = kLoose;
    return found;
  };
  if (auto found = exactly(text)) return found;
  if (auto found = exactly(brain::plainly(text))) return found;
  if (auto found = loosely(text)) return found;
  if (here == text) return std::nullopt;
  if (auto found = exactly(brain::plainly(here))) return found;
  return loosely(here);
}

std::vector<SaidCall> shipped_sentences() {
  std::vector<SaidCall> all;
  if (!shipped()) return all;
  for (const brain::Rule& rule : shipped()->rules) {
    if (rule.name.starts_with(kUndoNewest)) continue;  // an example is of one call
    for (const std::string& text : rule.says)
      all.push_back({.text = text, .tool = rule.tool, .arguments = rule.arguments});
  }
  return all;
}

// Gaps have no values of their own.
std::vector<SaidCall> shipped_calls() {
  std::vector<SaidCall> all = shipped_sentences();
  std::erase_if(all, [](const SaidCall& said) { return said.text.contains("{{"); });
  return all;
}

bool has_unknown_value(std::string_view text) {
  constexpr std::array<std::string_view, 13> kBefore{"the",    "my",    "a",     "an",  "in",   "of",  "on",
                                                     "called", "named", "about", "for", "with", "from"};
  static const std::set<std::string, std::less<>> kKnown = [] {
    std::set<std::string, std::less<>> known;
    if (!shipped()) return known;
    for (const brain::Rule& rule : shipped()->rules) {
      for (const std::string& says : rule.says) {
        for (const brain::Spoken::Word& word : brain::spoken(says).words) known.insert(word.folded);
      }
    }
    return known;
  }();
  const brain::Spoken said = brain::spoken(brain::plainly(text));
  for (std::size_t at = 1; at < said.words.size(); ++at) {
    if (is_any(kBefore, said.words[at - 1].folded) && !kKnown.contains(said.words[at].folded)) return true;
  }
  return false;
}

}  // namespace lilux::tools
