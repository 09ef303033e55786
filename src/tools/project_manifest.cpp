#include "tools/project_manifest.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "base/toml.h"
#include "text/markdown.h"
#include "text/xml.h"

namespace lilux::tools {

namespace {

using base::Json;
using Has = std::function<bool(std::string_view)>;
using Reader = void (*)(const std::string& text, const Has& has, const std::string& name, Survey& survey);

constexpr std::size_t kFactBytesMax = 300;

void add(std::vector<Recipe>& recipes, std::string command, const std::string& from) {
  const auto is_there = [&](const Recipe& known) { return known.command == command; };
  if (!std::ranges::any_of(recipes, is_there)) recipes.push_back({.command = std::move(command), .from = from});
}

// The first manifest that says something is believed. One line of it.
void say(std::string& fact, std::string_view value) {
  if (!fact.empty()) return;
  fact = std::string(base::clipped(value.substr(0, value.find('\n')), kFactBytesMax));
}

struct Table {
  toml::parse_result parsed;
  explicit Table(const std::string& text) : parsed(base::parse_toml(text)) {}
  bool has(std::string_view path) const { return parsed && parsed.table().at_path(path); }
  std::string text(std::string_view path) const {
    return parsed ? parsed.table().at_path(path).value_or(std::string()) : std::string();
  }
};

std::string node_runner(const Has& has) {
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  return has("bun.lockb") || has("bun.lock") ? "bun" : "npm";
}

void read_node(const std::string& text, const Has& has, const std::string& name, Survey& survey) {
  const base::Result<Json> json = base::parse_json(text);
  if (!json || !json->is_object()) return;
  say(survey.name, json->string_or("name"));
  say(survey.description, json->string_or("description"));
  say(survey.version, json->string_or("version"));
  say(survey.license, json->string_or("license"));
  const std::string runner = node_runner(has);
  add(survey.install, runner == "npm" && has("package-lock.json") ? "npm ci" : runner + " install", name);
  const Json* scripts = json->find("scripts");
  if (!scripts || !scripts->is_object()) return;
  for (const auto& [script, command] : scripts->as_object()) {
    const bool is_plain =
        script.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") ==
        std::string::npos;
    if (!is_plain) continue;
    const std::string line = runner + " run " + script;
    if (script == "test" || script.starts_with("test:")) add(survey.test, line, name);
    if (script == "build" || script.starts_with("build:")) add(survey.build, line, name);
    if (script == "start" || script == "dev" || script == "serve") add(survey.run, line, name);
    if (script == "lint" || script == "typecheck") add(survey.lint, line, name);
  }
}

void read_cargo(const std::string& text, const Has& has, const std::string& name, Survey& survey) {
  const Table table(text);
  say(survey.name, table.text("package.name"));
  say(survey.description, table.text("package.description"));
  say(survey.version, table.text("package.version"));
  say(survey.license, table.text("package.license"));
  add(survey.build, "cargo build", name);
  add(survey.test, "cargo test", name);
  if (has("src/main.rs") || table.has("bin")) add(survey.run, "cargo run", name);
}

bool names_pytest(const std::string& text, const Has& has) {
  return has("pytest.ini") || has("conftest.py") || text.find("pytest") != std::string::npos;
}

void read_python(const std::string& text, const Has& has, const std::string& name, Survey& survey) {
  const Table table(text);
  for (const std::string_view head : {"project", "tool.poetry"}) {
    const std::string at(head);
    say(survey.name, table.text(at + ".name"));
    say(survey.description, table.text(at + ".description"));
    say(survey.version, table.text(at + ".version"));
    say(survey.license, table.text(at + ".license"));
  }
  const bool is_poetry = table.has("tool.poetry");
  const bool is_uv = has("uv.lock") || table.has("tool.uv");
  add(survey.install, is_poetry ? "poetry install" : is_uv ? "uv sync" : "pip install -e .", name);
  const std::string before = is_poetry ? "poetry run " : is_uv ? "uv run " : "";
  if (table.has("build-system"))
    add(survey.build, is_poetry ? "poetry build" : is_uv ? "uv build" : "python -m build", name);
  if (table.has("tool.tox") || has("tox.ini")) add(survey.test, "tox", name);
  if (names_pytest(text, has))
    add(survey.test, before + "pytest", name);
  else if (has("tests"))
    add(survey.test, before + "python -m unittest discover tests", name);
  if (table.has("tool.ruff")) add(survey.lint, before + "ruff check", name);
}

void read_go(const std::string& text, const Has&, const std::string& name, Survey& survey) {
  constexpr std::string_view kModule = "module ";
  if (text.starts_with(kModule)) {
    const std::string path = text.substr(kModule.size(), text.find('\n') - kModule.size());
    say(survey.name, path.substr(path.rfind('/') + 1));
  }
  add(survey.build, "go build ./...", name);
  add(survey.test, "go test ./...", name);
}

// Targets of a Makefile or a Justfile that people mean: "test:", at the beginning of a line.
void read_targets(const std::string& text, const std::string& runner, const std::string& name, Survey& survey) {
  const auto has_target = [&](std::string_view target) {
    const std::string head = std::string(target) + ":";
    for (std::size_t at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
      const bool is_assignment = text.compare(at + head.size(), 1, "=") == 0;
      if ((at == 0 || text[at - 1] == '\n') && !is_assignment) return true;
    }
    return false;
  };
  for (const std::string_view target : {"build", "all"}) {
    if (has_target(target)) add(survey.build, target == "all" ? runner : runner + " " + std::string(target), name);
  }
  for (const std::string_view target : {"test", "tests", "check"}) {
    if (has_target(target)) add(survey.test, runner + " " + std::string(target), name);
  }
  if (has_target("lint")) add(survey.lint, runner + " lint", name);
  for (const std::string_view target : {"run", "start", "serve", "dev"}) {
    if (has_target(target)) add(survey.run, runner + " " + std::string(target), name);
  }
}

// What `make` alone makes: the first target that is named, neither a setting of make itself (.PHONY) nor a pattern.
std::string first_target(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(':');
    const bool is_rule = colon != std::string::npos && colon > 0 && line.find_first_of("=#$%\t") > colon &&
                         line.compare(colon, 2, ":=") != 0 && line.compare(colon, 3, "::=") != 0 &&
                         !line.starts_with('.');
    if (is_rule) return line.substr(0, line.find_first_of(" :"));
  }
  return {};
}

// `make` alone builds, unless the first target is one of those that do not.
void read_make(const std::string& text, const Has&, const std::string& name, Survey& survey) {
  read_targets(text, "make", name, survey);
  constexpr std::array<std::string_view, 8> kOthers{"test", "check", "lint", "fmt", "format", "run", "clean", "help"};
  const std::string first = first_target(text);
  const bool is_other = std::ranges::find(kOthers, first) != kOthers.end();
  if (survey.build.empty() && !is_other) add(survey.build, "make", name);
}

void read_just(const std::string& text, const Has&, const std::string& name, Survey& survey) {
  read_targets(text, "just", name, survey);
}

void read_composer(const std::string& text, const Has&, const std::string& name, Survey& survey) {
  const base::Result<Json> json = base::parse_json(text);
  if (!json || !json->is_object()) return;
  say(survey.name, json->string_or("name"));
  say(survey.description, json->string_or("description"));
  add(survey.install, "composer install", name);
  const Json* scripts = json->find("scripts");
  if (scripts && scripts->find("test")) add(survey.test, "composer test", name);
}

// A value of Maven that is not put together from properties.
void say_plain(std::string& fact, const text::XmlElement& project, std::string_view name) {
  const text::XmlElement* found = project.find(name);
  if (found && !found->text.contains("${")) say(fact, text::trimmed(found->text));
}

void read_maven(const std::string& text, const Has& has, const std::string& name, Survey& survey) {
  const std::string runner = has("mvnw") ? "./mvnw" : "mvn";
  add(survey.build, runner + " package", name);
  add(survey.test, runner + " test", name);
  const std::size_t begin = text.find("<project");
  const auto project = text::parse_xml(text, std::min(begin, text.size()));
  if (!project || begin == std::string::npos) return;
  say_plain(survey.name, *project, "name");
  say_plain(survey.name, *project, "artifactId");
  say_plain(survey.description, *project, "description");
  say_plain(survey.version, *project, "version");
  if (const text::XmlElement* parent = project->find("parent")) say_plain(survey.version, *parent, "version");
}

// Python's packages without a project that they belong to: of pip, or of conda.
void read_packages(const std::string& text, const Has& has, const std::string& name, Survey& survey) {
  add(survey.install, (name.ends_with(".txt") ? "pip install -r " : "conda env create -f ") + name, name);
  if (names_pytest(text, has) && !has("pyproject.toml")) add(survey.test, "pytest", name);
}

// A build system that says the same for every project.
template <auto& Lines>
void read_fixed(const std::string&, const Has&, const std::string& name, Survey& survey) {
  for (const auto& [kind, command] : Lines) add(survey.*kind, std::string(command), name);
}
using Line = std::pair<std::vector<Recipe> Survey::*, std::string_view>;
constexpr std::array kCMake{Line{&Survey::build, "cmake -B build && cmake --build build"},
                            Line{&Survey::test, "ctest --test-dir build"}};
constexpr std::array kMeson{Line{&Survey::build, "meson setup build && meson compile -C build"},
                            Line{&Survey::test, "meson test -C build"}};
constexpr std::array kGradle{Line{&Survey::build, "gradle build"}, Line{&Survey::test, "gradle test"}};
constexpr std::array kBundler{Line{&Survey::install, "bundle install"}};
constexpr std::array kRake{Line{&Survey::test, "rake test"}};
constexpr std::array kMix{Line{&Survey::install, "mix deps.get"}, Line{&Survey::build, "mix compile"},
                          Line{&Survey::test, "mix test"}};
constexpr std::array kSwift{Line{&Survey::build, "swift build"}, Line{&Survey::test, "swift test"}};
constexpr std::array kPub{Line{&Survey::install, "dart pub get"}, Line{&Survey::test, "dart test"}};
constexpr std::array kDeno{Line{&Survey::test, "deno test"}};
constexpr std::array kSetup{Line{&Survey::install, "pip install -e ."}};
constexpr std::array kZig{Line{&Survey::build, "zig build"}, Line{&Survey::test, "zig build test"}};
constexpr std::array kBazel{Line{&Survey::build, "bazel build //..."}, Line{&Survey::test, "bazel test //..."}};
constexpr std::array kCompose{Line{&Survey::run, "docker compose up"}};
constexpr std::array<Line, 0> kNothing{};

struct Known {
  std::string_view name;
  Reader read;
};
constexpr auto kKnown = std::to_array<Known>({{"package.json", read_node},
                                              {"Cargo.toml", read_cargo},
                                              {"pyproject.toml", read_python},
                                              {"go.mod", read_go},
                                              {"composer.json", read_composer},
                                              {"CMakeLists.txt", read_fixed<kCMake>},
                                              {"meson.build", read_fixed<kMeson>},
                                              {"pom.xml", read_maven},
                                              {"build.gradle", read_fixed<kGradle>},
                                              {"build.gradle.kts", read_fixed<kGradle>},
                                              {"Gemfile", read_fixed<kBundler>},
                                              {"Rakefile", read_fixed<kRake>},
                                              {"mix.exs", read_fixed<kMix>},
                                              {"Package.swift", read_fixed<kSwift>},
                                              {"pubspec.yaml", read_fixed<kPub>},
                                              {"deno.json", read_fixed<kDeno>},
                                              {"build.zig", read_fixed<kZig>},
                                              {"MODULE.bazel", read_fixed<kBazel>},
                                              {"requirements.txt", read_packages},
                                              {"environment.yml", read_packages},
                                              {"environment.yaml", read_packages},
                                              {"setup.py", read_fixed<kSetup>},
                                              {"justfile", read_just},
                                              {"Justfile", read_just},
                                              {"Makefile", read_make},
                                              {"makefile", read_make},
                                              {"GNUmakefile", read_make},
                                              {"Dockerfile", read_fixed<kNothing>},
                                              {"compose.yaml", read_fixed<kCompose>},
                                              {"docker-compose.yml", read_fixed<kCompose>}});

}  // namespace

bool is_manifest(std::string_view name) {
  return std::ranges::find(kKnown, name, &Known::name) != kKnown.end();
}

void read_manifest(const std::string& name, const std::string& text, const Has& has, Survey& survey) {
  const auto known = std::ranges::find(kKnown, name, &Known::name);
  if (known != kKnown.end()) known->read(text, has, name, survey);
}

}  // namespace lilux::tools
