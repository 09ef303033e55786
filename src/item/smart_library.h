#pragma once

// SmartLibrary.md of LLMunix: what components there are. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"

namespace lilux::item {

struct LibraryEntry {
  std::string id = {};
  std::string name = {};  // without its mark
  std::string mark = {};  // REAL, SIMULATION, GEN, of "RealWebFetchTool [REAL]"
  std::string file_path = {};
  std::string record_type = {};  // TOOL, AGENT, REAL_TOOL, REAL_AGENT, SIMULATION_AGENT
  std::vector<std::string> claude_tools = {};
  std::string domain = {};
  std::string description = {};
  std::string cost = {};
  std::string latency = {};
  std::string side_effects = {};
  std::string version = {};
  std::string status = {};  // DEPRECATED, or nothing
  std::vector<std::string> tags = {};
  std::string applicability_text = {};
  std::vector<Attribute> other = {};  // keys that mean nothing here
  friend bool operator==(const LibraryEntry&, const LibraryEntry&) = default;
};

std::vector<LibraryEntry> parse_library(std::string_view text);
// Reading what it writes gives the same entries.
std::string write_library(const std::vector<LibraryEntry>& entries);

}  // namespace lilux::item
