#pragma once

// What a project is, from what really lies in its folder: its languages, manifests, how it is built, tested and run,
// its repository and documents. The same folder gives the same survey. No program is run. Any thread.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/field.h"
#include "base/result.h"

namespace lilux::tools {

struct Language {
  std::string name;
  std::int64_t files = 0;
  std::int64_t lines = 0;
  static constexpr base::Fields fields{
      base::Field{"name", &Language::name, "Language"},
      base::Field{"files", &Language::files, "Files in it"},
      base::Field{"lines", &Language::lines, "Their lines"},
  };
};

struct Folder {
  std::string name;        // "./" for the files of the project's own folder
  std::int64_t files = 0;  // with all below
  std::string language;    // of most of them
  static constexpr base::Fields fields{
      base::Field{"name", &Folder::name, "Folder; ./ are the files beside it"},
      base::Field{"files", &Folder::files, "Files in it and below"},
      base::Field{"language", &Folder::language, "Language of most of them"},
  };
};

// A command with the file that says so.
struct Recipe {
  std::string command;
  std::string from;
  static constexpr base::Fields fields{
      base::Field{"command", &Recipe::command, "Command line"},
      base::Field{"from", &Recipe::from, "The file that says so"},
  };
};

struct Survey {
  std::string name;
  std::string description;
  std::string version;
  std::string license;
  std::vector<Language> languages;  // most lines first
  std::vector<std::string> manifests;
  std::vector<Recipe> install;
  std::vector<Recipe> build;
  std::vector<Recipe> test;
  std::vector<Recipe> lint;
  std::vector<Recipe> run;
  std::vector<std::string> ci;
  std::vector<std::string> documents;
  std::vector<std::string> instructions;  // for agents: AGENTS.md, CLAUDE.md
  std::vector<Folder> folders;
  std::string branch;
  std::string head;    // commit
  std::string remote;  // without what a URL may hold of a password
  std::int64_t files = 0;
  bool is_cut = false;  // there was more than is looked at
  static constexpr base::Fields fields{
      base::Field{"name", &Survey::name, "Its name"},
      base::Field{"description", &Survey::description, "What it says it is"},
      base::Field{"version", &Survey::version, "Its version"},
      base::Field{"license", &Survey::license, "Its licence"},
      base::Field{"languages", &Survey::languages, "Languages, most lines first"},
      base::Field{"manifests", &Survey::manifests, "Files of build systems and package managers"},
      base::Field{"install", &Survey::install, "How what it needs is installed"},
      base::Field{"build", &Survey::build, "How it is built"},
      base::Field{"test", &Survey::test, "How it is tested"},
      base::Field{"lint", &Survey::lint, "How its text is checked, without running it"},
      base::Field{"run", &Survey::run, "How it is run"},
      base::Field{"ci", &Survey::ci, "What runs its tests elsewhere"},
      base::Field{"documents", &Survey::documents, "Its documents"},
      base::Field{"instructions", &Survey::instructions, "What it has for agents"},
      base::Field{"folders", &Survey::folders, "Its folders"},
      base::Field{"branch", &Survey::branch, "Branch of its repository"},
      base::Field{"head", &Survey::head, "Commit of its repository"},
      base::Field{"remote", &Survey::remote, "Where its repository comes from"},
      base::Field{"files", &Survey::files, "How many files it has"},
      base::Field{"is_cut", &Survey::is_cut, "There are more than were looked at"},
  };
};

// Files that `is_hidden` names are not looked at. Fails when the folder cannot be read.
base::Result<Survey> survey(const std::string& folder, const std::function<bool(const std::string& path)>& is_hidden);

// The survey as a page for people and agents.
std::string page_of(const Survey& survey);
// How it is installed, built, tested and run, as a page that is found by searching.
std::string commands_of(const Survey& survey);

}  // namespace lilux::tools
