#include "tools/project_survey.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/encoding.h"
#include "base/escape.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "tools/project_manifest.h"

namespace lilux::tools {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint64_t kEntriesMax = 200'000;
constexpr std::int64_t kFilesCounted = 20'000;  // whose lines are counted
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kFoldersShown = 30;
constexpr std::size_t kLanguagesShown = 12;

// Those with a dot that are of the project; the others are a program's own.
constexpr std::array<std::string_view, 5> kDotFolders{".github", ".gitlab", ".circleci", ".devcontainer", ".husky"};

struct Ending {
  std::string_view ending;
  std::string_view language;
};
constexpr auto kEndings = std::to_array<Ending>({{"c", "C"},
                                                 {"h", "C"},
                                                 {"cc", "C++"},
                                                 {"cpp", "C++"},
                                                 {"cxx", "C++"},
                                                 {"hpp", "C++"},
                                                 {"cs", "C#"},
                                                 {"clj", "Clojure"},
                                                 {"css", "CSS"},
                                                 {"scss", "CSS"},
                                                 {"dart", "Dart"},
                                                 {"ex", "Elixir"},
                                                 {"exs", "Elixir"},
                                                 {"elm", "Elm"},
                                                 {"erl", "Erlang"},
                                                 {"f90", "Fortran"},
                                                 {"fs", "F#"},
                                                 {"go", "Go"},
                                                 {"groovy", "Groovy"},
                                                 {"hs", "Haskell"},
                                                 {"html", "HTML"},
                                                 {"java", "Java"},
                                                 {"js", "JavaScript"},
                                                 {"mjs", "JavaScript"},
                                                 {"cjs", "JavaScript"},
                                                 {"jsx", "JavaScript"},
                                                 {"jl", "Julia"},
                                                 {"kt", "Kotlin"},
                                                 {"kts", "Kotlin"},
                                                 {"lua", "Lua"},
                                                 {"m", "Objective-C"},
                                                 {"ml", "OCaml"},
                                                 {"nim", "Nim"},
                                                 {"nix", "Nix"},
                                                 {"php", "PHP"},
                                                 {"pl", "Perl"},
                                                 {"pm", "Perl"},
                                                 {"proto", "Protocol Buffers"},
                                                 {"py", "Python"},
                                                 {"r", "R"},
                                                 {"R", "R"},
                                                 {"rb", "Ruby"},
                                                 {"rs", "Rust"},
                                                 {"scala", "Scala"},
                                                 {"sh", "Shell"},
                                                 {"bash", "Shell"},
                                                 {"sql", "SQL"},
                                                 {"svelte", "Svelte"},
                                                 {"swift", "Swift"},
                                                 {"tf", "Terraform"},
                                                 {"ts", "TypeScript"},
                                                 {"tsx", "TypeScript"},
                                                 {"vue", "Vue"},
                                                 {"zig", "Zig"}});
// What is made, fetched or not of the project; whatever begins with a dot is left out too.
constexpr auto kLeftOut = std::to_array<std::string_view>({"__pycache__", "bower_components", "build", "coverage",
                                                           "dist", "env", "node_modules", "out", "site-packages",
                                                           "target", "third_party", "vendor", "venv"});
constexpr auto kDocuments = std::to_array<std::string_view>(
    {"ARCHITECTURE.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE", "LICENSE.md", "LICENSE.txt",
     "COPYING", "README", "README.md", "README.rst", "README.txt", "SECURITY.md", "STYLE.md", "docs", "doc"});
constexpr auto kInstructions = std::to_array<std::string_view>(
    {"AGENTS.md", "CLAUDE.md", "CLAUDE.local.md", "GEMINI.md", ".claude", ".cursor/rules", ".codex/config.toml",
     ".mcp.json", ".github/copilot-instructions.md", ".ai"});
constexpr auto kCi = std::to_array<std::string_view>({".github/workflows", ".gitlab-ci.yml", ".circleci/config.yml",
                                                      ".travis.yml", "Jenkinsfile", "azure-pipelines.yml", ".drone.yml",
                                                      ".buildkite", "bitbucket-pipelines.yml"});

std::string_view language_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  const auto found = std::ranges::find(kEndings, name.substr(dot + 1), &Ending::ending);
  return found == kEndings.end() ? std::string_view() : found->language;
}

// The text of a file of the folder; empty when it cannot be read or is no text.
std::string text_of(const std::string& path) {
  const Result<sys::Place> place = sys::open_parent(path);
  if (!place) return {};
  const Result<sys::Fd> fd = sys::open_regular(*place);
  if (!fd) return {};
  const Result<std::string> text = sys::read_at(fd->get(), 0, kFileBytesMax, path);
  return text && base::is_utf8(*text) ? *text : std::string();
}

struct Count {
  std::int64_t files = 0;
  std::int64_t lines = 0;
};
struct Counts {
  std::map<std::string, Count, std::less<>> languages;
  std::map<std::string, std::map<std::string, std::int64_t, std::less<>>, std::less<>> folders;  // files by language
};

template <class Name>
std::string most_of(const std::map<std::string, std::int64_t, Name>& files) {
  std::string best;
  std::int64_t most = 0;
  for (const auto& [language, count] : files) {
    if (!language.empty() && count > most) std::tie(best, most) = std::pair(language, count);
  }
  return best;
}

void count_file(const std::string& folder, const sys::Place& place, Survey& survey, Counts& counts) {
  const std::string below = place.path.substr(folder.size() + 1);
  const std::size_t slash = below.find('/');
  const std::string_view language = language_of(place.name);
  ++survey.files;
  ++counts.folders[slash == std::string::npos ? "./" : below.substr(0, slash) + "/"][std::string(language)];
  if (language.empty()) return;
  Count& count = counts.languages[std::string(language)];
  ++count.files;
  if (survey.files > kFilesCounted) return;
  const std::string text = text_of(place.path);
  count.lines += std::ranges::count(text, '\n');
}

Result<void> count_files(const std::string& folder, const std::function<bool(const std::string&)>& is_hidden,
                         Survey& survey, Counts& counts) {
  const auto visit = [&](const sys::Place& place, const sys::Stat& stat) -> Result<sys::Descend> {
    if (place.path == folder) return sys::Descend::yes;
    const bool is_shown = !place.name.starts_with('.') || stat.is_regular() ||
                          std::ranges::find(kDotFolders, place.name) != kDotFolders.end();
    const bool is_left_out =
        !is_shown || is_hidden(place.path) || (stat.is_directory() && std::ranges::binary_search(kLeftOut, place.name));
    if (is_left_out) return sys::Descend::no;
    if (stat.is_regular()) count_file(folder, place, survey, counts);
    return sys::Descend::yes;
  };
  const Result<sys::TreeSize> walked = sys::walk_tree(TRY(sys::open_parent(folder)), kEntriesMax, visit);
  if (walked) return {};
  if (walked.error().code != ErrorCode::over_budget) return std::unexpected(walked.error());
  survey.is_cut = true;
  return {};
}

// Headers are of the language of what includes them.
void give_headers(std::map<std::string, Count, std::less<>>& languages) {
  const auto c = languages.find("C");
  const auto cpp = languages.find("C++");
  if (c == languages.end() || cpp == languages.end() || c->second.lines > cpp->second.lines) return;
  cpp->second.files += c->second.files;
  cpp->second.lines += c->second.lines;
  languages.erase(c);
}

void tell_counts(Counts& counts, Survey& survey) {
  give_headers(counts.languages);
  for (const auto& [name, count] : counts.languages)
    survey.languages.push_back({.name = name, .files = count.files, .lines = count.lines});
  std::ranges::sort(survey.languages, [](const Language& left, const Language& right) {
    return left.lines != right.lines ? left.lines > right.lines : left.name < right.name;
  });
  for (const auto& [name, files] : counts.folders) {
    Folder row{.name = name, .language = most_of(files)};
    for (const auto& [language, count] : files) row.files += count;
    survey.folders.push_back(std::move(row));
  }
}

// Of a URL what stands between "//" and "@".
std::string without_password(std::string url) {
  const std::size_t host = url.find("//");
  if (host == std::string::npos) return url;
  const std::size_t path = std::min(url.find('/', host + 2), url.size());
  const std::size_t at = url.rfind('@', path);
  const bool has_user = at != std::string::npos && at > host;
  if (has_user) url.erase(host + 2, at - host - 1);
  return url;
}

// From the files of the repository; a worktree or submodule, whose .git is a file, says nothing.
void read_repository(const std::string& folder, Survey& survey) {
  const std::string head = text_of(folder + "/.git/HEAD");
  constexpr std::string_view kRef = "ref: refs/heads/";
  const std::string line = head.substr(0, head.find('\n'));
  if (line.starts_with(kRef)) {
    survey.branch = line.substr(kRef.size());
    survey.head = text_of(folder + "/.git/refs/heads/" + survey.branch);
    if (survey.head.empty()) {  // packed
      const std::string packed = text_of(folder + "/.git/packed-refs");
      const std::size_t at = packed.find(" refs/heads/" + survey.branch + "\n");
      constexpr std::size_t kIdSize = 40;
      if (at != std::string::npos && at >= kIdSize) survey.head = packed.substr(at - kIdSize, kIdSize);
    }
  } else {
    survey.head = line;
  }
  survey.head = survey.head.substr(0, survey.head.find('\n'));
  const std::string config = text_of(folder + "/.git/config");
  const std::size_t origin = config.find("[remote \"origin\"]");
  if (origin == std::string::npos) return;
  const std::size_t url = config.find("\turl = ", origin);
  const std::size_t next = config.find("\n[", origin);
  if (url == std::string::npos || url > next) return;
  survey.remote = without_password(config.substr(url + 7, config.find('\n', url) - url - 7));
}

// The first paragraph that is neither a heading nor a badge.
std::string first_paragraph(const std::string& text) {
  std::string paragraph;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string line = text.substr(from, end - from);
    from = end + 1;
    const bool is_prose = !line.empty() && std::string_view("#=-<[!|`>").find(line.front()) == std::string_view::npos;
    if (!is_prose && !paragraph.empty()) break;
    if (is_prose) paragraph += (paragraph.empty() ? "" : " ") + line;
  }
  constexpr std::size_t kShown = 400;
  return std::string(base::clipped(paragraph, kShown));
}

void read_documents(const std::string& folder, const std::function<bool(const std::string&)>& is_hidden,
                    Survey& survey) {
  const auto is_there = [&](std::string_view name) {
    const std::string path = folder + "/" + std::string(name);
    return !is_hidden(path) && sys::lstat(path).has_value();
  };
  for (const std::string_view name : kDocuments)
    if (is_there(name)) survey.documents.emplace_back(name);
  for (const std::string_view name : kInstructions)
    if (is_there(name)) survey.instructions.emplace_back(name);
  for (const std::string_view name : kCi)
    if (is_there(name)) survey.ci.emplace_back(name);
  for (const std::string& name : survey.documents) {
    if (survey.description.empty() && name.starts_with("README"))
      survey.description = first_paragraph(text_of(folder + "/" + name));
  }
}

void read_manifests(const std::string& folder, const std::function<bool(const std::string&)>& is_hidden,
                    const std::vector<sys::Entry>& entries, Survey& survey) {
  const auto has = [&](std::string_view name) {
    if (std::ranges::find(entries, name, &sys::Entry::name) != entries.end()) return true;
    const std::string path = folder + "/" + std::string(name);
    return name.contains('/') && !is_hidden(path) && sys::exists(path);
  };
  for (const sys::Entry& entry : entries) {
    const std::string path = folder + "/" + entry.name;
    if (!is_manifest(entry.name) || is_hidden(path)) continue;
    survey.manifests.push_back(entry.name);
    read_manifest(entry.name, text_of(path), has, survey);
  }
}

// Programs of the project's own folder that say by their name what they do.
void read_programs(const std::string& folder, const std::function<bool(const std::string&)>& is_hidden,
                   const std::vector<sys::Entry>& entries, Survey& survey) {
  for (const sys::Entry& entry : entries) {
    const std::string stem = entry.name.substr(0, entry.name.size() - (entry.name.ends_with(".sh") ? 3 : 0));
    const auto into = stem == "build"   ? &Survey::build
                      : stem == "test"  ? &Survey::test
                      : stem == "run"   ? &Survey::run
                      : stem == "setup" ? &Survey::install
                                        : nullptr;
    const Result<sys::Stat> found = sys::lstat(folder + "/" + entry.name);
    constexpr std::uint32_t kRuns = 0100;
    const bool is_program = into && found && found->is_regular() && (found->mode & kRuns) != 0;
    if (is_program && !is_hidden(folder + "/" + entry.name))
      (survey.*into).insert((survey.*into).begin(), {.command = "./" + entry.name, .from = entry.name});
  }
}

void put_list(std::string& page, std::string_view title, const std::vector<std::string>& names) {
  if (names.empty()) return;
  page += "- " + std::string(title) + ": ";
  for (const std::string& name : names) page += (&name == &names.front() ? "`" : ", `") + base::escape_line(name) + "`";
  page += "\n";
}

void put_recipes(std::string& page, std::string_view title, const std::vector<Recipe>& recipes) {
  for (const Recipe& recipe : recipes)
    page += "- " + std::string(title) + ": `" + base::escape_line(recipe.command) + "` (" +
            base::escape_line(recipe.from) + ")\n";
}

void put_fact(std::string& page, std::string_view title, const std::string& fact) {
  if (!fact.empty()) page += "- " + std::string(title) + ": " + base::escape_line(fact) + "\n";
}

}  // namespace

Result<Survey> survey(const std::string& folder, const std::function<bool(const std::string&)>& is_hidden) {
  Survey made;
  Counts counts;
  TRY(count_files(folder, is_hidden, made, counts));
  tell_counts(counts, made);
  const std::vector<sys::Entry> entries = TRY(sys::list_directory(folder));
  read_manifests(folder, is_hidden, entries, made);
  read_programs(folder, is_hidden, entries, made);
  read_documents(folder, is_hidden, made);
  if (!is_hidden(folder + "/.git/config")) read_repository(folder, made);
  if (made.name.empty()) made.name = sys::name_of(folder);
  return made;
}

std::string page_of(const Survey& survey) {
  std::string page = "# " + base::escape_line(survey.name) + "\n\n";
  if (!survey.description.empty()) page += base::escape_line(survey.description) + "\n\n";
  put_fact(page, "Version", survey.version);
  put_fact(page, "License", survey.license);
  put_fact(page, "Branch", survey.branch);
  put_fact(page, "Remote", survey.remote);
  page += "- Files: " + std::to_string(survey.files) + (survey.is_cut ? " and more" : "") + "\n";
  if (!survey.languages.empty()) page += "\n## Languages\n\n| language | files | lines |\n|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(survey.languages.size(), kLanguagesShown); ++i) {
    const Language& row = survey.languages[i];
    page += "| " + row.name + " | " + std::to_string(row.files) + " | " + std::to_string(row.lines) + " |\n";
  }
  if (!survey.manifests.empty()) page += "\n## Work\n\n";
  put_recipes(page, "Install", survey.install);
  put_recipes(page, "Build", survey.build);
  put_recipes(page, "Test", survey.test);
  put_recipes(page, "Check", survey.lint);
  put_recipes(page, "Run", survey.run);
  put_list(page, "Manifests", survey.manifests);
  put_list(page, "Continuous integration", survey.ci);
  if (!survey.folders.empty()) page += "\n## Layout\n\n| folder | files | mostly |\n|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(survey.folders.size(), kFoldersShown); ++i) {
    const Folder& row = survey.folders[i];
    page += "| `" + base::escape_line(row.name) + "` | " + std::to_string(row.files) + " | " + row.language + " |\n";
  }
  if (!survey.documents.empty() || !survey.instructions.empty()) page += "\n## Documents\n\n";
  put_list(page, "Documents", survey.documents);
  put_list(page, "For agents", survey.instructions);
  return page;
}

std::string commands_of(const Survey& survey) {
  std::string page = "# Commands of " + base::escape_line(survey.name) + "\n\n";
  put_recipes(page, "Install", survey.install);
  put_recipes(page, "Build", survey.build);
  put_recipes(page, "Test", survey.test);
  put_recipes(page, "Check", survey.lint);
  put_recipes(page, "Run", survey.run);
  if (survey.install.empty() && survey.build.empty() && survey.test.empty() && survey.lint.empty() &&
      survey.run.empty())
    page += "No file of the project says how it is installed, built, tested or run.\n";
  return page;
}

}  // namespace lilux::tools
