#pragma once

// What people say to a new system: the sentences of sentences.toml, which is part of the program, and what they come
// to. A person's own rules come before these. Any thread.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/caller.h"
#include "brain/matcher.h"
#include "brain/rule.h"
#include "kernel/tool.h"
#include "sys/file.h"

namespace lilux::tools {

// The file as it is shipped.
std::string_view sentences();

// Who speaks: when, and where.
struct Speaker {
  brain::Now now = {};
  std::chrono::seconds offset{0};  // of their clocks from UTC
  // What a path is to them; nothing where nothing is there, or it is not for them to know.
  std::function<std::optional<sys::FileType>(std::string_view path)> look = {};
  // What lies in a folder, for the same.
  std::function<std::vector<std::string>(std::string_view folder)> names = {};
};

// What the shipped sentences say to it; nothing when none fits, or what stands in its gaps is not of the kind that is
// meant.
std::optional<brain::Proposal> by_sentences(std::string_view text, const Speaker& speaker);

// The call of a rule with what stands in the gaps of its sentence; nothing when that is none.
std::optional<brain::Proposal> said(const brain::Rule& rule, const base::JsonObject& gaps);

// What was read in a sentence is text; where the tool takes a number or a truth value, it becomes one.
base::Json as_taken(const kernel::Tool& tool, base::Json arguments);

// A sentence that means one call, as the shipped sentences have it for each tool.
struct SaidCall {
  std::string text;
  std::string tool;
  base::Json arguments;
};
std::vector<SaidCall> shipped_calls();
// All shipped sentences, those with gaps too: what is said of each tool.
std::vector<SaidCall> shipped_sentences();

// Whether a word that may be a value, as it stands behind "the" or "called", is in no shipped sentence: no sentence
// that is merely near has it.
bool has_unknown_value(std::string_view text);

// What tasks, calls and processes are called by has a digit in it.
bool is_id(std::string_view text);

// Only looks, by itself: what makes other calls, as item.run does, may do anything and is not the same twice.
bool is_harmless(std::string_view tool);

}  // namespace lilux::tools
