#include "tools/project_survey.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "sys/file.h"
#include "sys/path.h"
#include "tests/support/scratch.h"

namespace lilux::tools {
namespace {

bool sees_all(const std::string&) {
  return false;
}

void put(const test::Scratch& folder, const std::string& name, const std::string& text) {
  const std::filesystem::path path = folder / name;
  std::filesystem::create_directories(path.parent_path());
  REQUIRE(sys::write_file_atomic(path.string(), text));
}

std::vector<std::string> commands(const std::vector<Recipe>& recipes) {
  std::vector<std::string> made;
  for (const Recipe& recipe : recipes) made.push_back(recipe.command);
  return made;
}

using Commands = std::vector<std::string>;

TEST_CASE("a project of Node is told by its package.json and its lock file") {
  const test::Scratch folder;
  put(folder, "package.json",
      R"({"name": "shop", "description": "Sells things", "version": "2.1.0",
          "scripts": {"build": "tsc", "test": "vitest", "lint": "eslint .", "dev": "vite", "x; rm -rf ~": "no"}})");
  put(folder, "pnpm-lock.yaml", "");
  put(folder, "src/a.ts", "1\n2\n3\n");
  put(folder, "node_modules/big/index.js", "1\n");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(found.name == "shop");
  CHECK(found.description == "Sells things");
  CHECK(commands(found.install) == Commands{"pnpm install"});
  CHECK(commands(found.build) == Commands{"pnpm run build"});
  CHECK(commands(found.test) == Commands{"pnpm run test"});
  CHECK(commands(found.lint) == Commands{"pnpm run lint"});
  CHECK(commands(found.run) == Commands{"pnpm run dev"});
  REQUIRE(found.languages.size() == 1);  // what was fetched is not the project's
  CHECK(found.languages[0].name == "TypeScript");
  CHECK(found.languages[0].lines == 3);
}

TEST_CASE("a project of Python is told by its pyproject.toml") {
  const test::Scratch folder;
  put(folder, "pyproject.toml", "[project]\nname = \"tool\"\n[build-system]\n[tool.uv]\n[tool.pytest.ini_options]\n");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(found.name == "tool");
  CHECK(commands(found.install) == Commands{"uv sync"});
  CHECK(commands(found.test) == Commands{"uv run pytest"});
}

TEST_CASE("pytest is named where something says so, and else what comes with Python") {
  const test::Scratch folder;
  put(folder, "pyproject.toml", "[project]\nname = \"tool\"\n");
  std::filesystem::create_directory(folder.path() + "/tests");
  CHECK(commands(survey(folder.path(), sees_all).value().test) == Commands{"python -m unittest discover tests"});
  put(folder, "pyproject.toml", "[project]\nname = \"tool\"\n[dependency-groups]\ndev = [\"pytest>=8\"]\n");
  CHECK(commands(survey(folder.path(), sees_all).value().test) == Commands{"pytest"});
}

TEST_CASE("packages of pip or conda are named where there is no more") {
  const test::Scratch folder;
  put(folder, "environment.yml", "name: lab\ndependencies:\n  - numpy\n");
  CHECK(commands(survey(folder.path(), sees_all).value().install) == Commands{"conda env create -f environment.yml"});
  CHECK(survey(folder.path(), sees_all).value().test.empty());
  put(folder, "requirements.txt", "pytest==8.1\n");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(commands(found.install) == Commands{"conda env create -f environment.yml", "pip install -r requirements.txt"});
  CHECK(commands(found.test) == Commands{"pytest"});
}

TEST_CASE("several build systems are all named, each with its file") {
  const test::Scratch folder;
  put(folder, "go.mod", "module example.com/team/server\n");
  put(folder, "Makefile", "VERSION := 1\nbuild: x\n\ttrue\ncheck:\n\ttrue\ntests := 3\n");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(found.name == "server");
  CHECK(commands(found.build) == Commands{"make build", "go build ./..."});
  CHECK(commands(found.test) == Commands{"make check", "go test ./..."});
}

TEST_CASE("make alone builds only when its first target is about that") {
  const test::Scratch only_tests;
  put(only_tests, "Makefile", "A = b:c\n.PHONY: test\ntest:\n\tgo test ./...\n");
  CHECK(survey(only_tests.path(), sees_all).value().build.empty());
  const test::Scratch program;
  put(program, "Makefile", "CC := gcc\nprogram: a.o\n\tcc\ntest:\n\ttrue\n");
  CHECK(commands(survey(program.path(), sees_all).value().build) == Commands{"make"});
}

TEST_CASE("headers are of the language of what includes them") {
  const test::Scratch folder;
  put(folder, "a.cpp", "1\n2\n");
  put(folder, "a.h", "1\n");
  const Survey found = survey(folder.path(), sees_all).value();
  REQUIRE(found.languages.size() == 1);
  CHECK(found.languages[0].name == "C++");
  CHECK(found.languages[0].files == 2);
}

TEST_CASE("the repository is read without git, and its password is left out") {
  const test::Scratch folder;
  put(folder, ".git/HEAD", "ref: refs/heads/main\n");
  put(folder, ".git/packed-refs", "# pack-refs\n0123456789012345678901234567890123456789 refs/heads/main\n");
  put(folder, ".git/config", "[remote \"origin\"]\n\turl = https://user:secret@host/x.git\n[branch \"main\"]\n");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(found.branch == "main");
  CHECK(found.head == "0123456789012345678901234567890123456789");
  CHECK(found.remote == "https://host/x.git");
}

TEST_CASE("a hostile folder leads nowhere and breaks nothing") {
  const test::Scratch folder;
  put(folder, ".git/HEAD", "ref: refs/heads/../../../../../../etc/hostname\n");
  put(folder, "package.json", "{\"name\": 3, \"scripts\": []");
  put(folder, "Cargo.toml", "[[[");
  put(folder, "README.md", "# x\n\n\x1b[31mred\x1b[0m \xff\n");
  std::filesystem::create_symlink("/etc/passwd", folder / "pyproject.toml");
  const Survey found = survey(folder.path(), sees_all).value();
  CHECK(found.head.empty());
  CHECK(found.name == sys::name_of(folder.path()));
  CHECK_FALSE(page_of(found).contains('\x1b'));
}

TEST_CASE("what may not be read is not told") {
  const test::Scratch folder;
  put(folder, "secret/a.py", "1\n");
  put(folder, "README.md", "It is secret.\n");
  const auto is_hidden = [&](const std::string& path) { return path.contains("secret") || path.ends_with(".md"); };
  const Survey found = survey(folder.path(), is_hidden).value();
  CHECK(found.languages.empty());
  CHECK(found.documents.empty());
  CHECK(found.description.empty());
}

}  // namespace
}  // namespace lilux::tools
