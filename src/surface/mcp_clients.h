#pragma once

// The MCP clients that Lilux can be entered into: which file each reads, and that file's text with our entry in it or
// taken out. Texts are values; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/settings.h"

namespace lilux::surface {

// A file of the user's: in a folder that a variable may name, else in the home or the configuration folder.
struct Place {
  std::string_view variable;
  std::string_view folder;
  std::string_view file;
  bool is_config = false;
};

struct Client {
  std::string_view name;
  const text::SettingsFormat& format;
  std::string_view list;     // the member that holds the servers
  std::string_view command;  // the member that names the program
  bool has_type;             // stdio, said in every entry
  Place user;
  std::string_view project;  // file below the project; empty: it has none
  bool has_hook = false;
};

// What is to be entered, or taken out again.
struct Installation {
  const Client* client = nullptr;
  std::string name = "lilux";
  std::string program;
  std::vector<std::string> serve{"mcp", "serve"};
  bool is_project = false;  // in the file of the project we stand in
  bool is_removal = false;
};

std::vector<std::string_view> client_names();
base::Result<const Client*> client_of(const std::string& name);

// The file of the servers, and the one of the hooks.
base::Result<std::string> server_file(const Installation& wanted);
base::Result<std::string> hook_file(const Installation& wanted);

// The text of such a file as it should be; what a person added to our entry stays. `conflict` when an entry of that
// name is not ours, `invalid_argument` with the line when the text is not understood.
base::Result<std::string> with_server(const Installation& wanted, const std::string& before);
base::Result<std::string> with_hook(const Installation& wanted, const std::string& before);

}  // namespace lilux::surface
