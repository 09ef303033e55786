#include "tools/command_words.h"

#include <algorithm>
#include <array>
#include <vector>

#include "brain/phrase.h"

namespace lilux::tools {

namespace {

struct Command {
  std::string_view name;
  std::string_view before;   // what it takes
  std::string_view between;  // empty: it takes one
  std::string_view options;  // that change nothing for us
};
constexpr std::array<Command, 6> kCommands{{{"cp", "copy", "to", "-r -R -a -p -v -i"},
                                            {"mv", "rename", "to", "-v -i"},
                                            {"rm", "delete", "", "-r -R -f -rf -fr -v -i"},
                                            {"rmdir", "delete the folder", "", "-v"},
                                            {"mkdir", "make the folder", "", "-p -v"},
                                            {"ls", "list the folder", "", "-l -a -la -al -A -lh -lah -1"}}};

}  // namespace

std::string spelt_out(std::string_view text) {
  const brain::Spoken said = brain::spoken(text);
  if (said.words.empty()) return std::string(text);
  const auto* command = std::ranges::find(kCommands, said.words.front().folded, &Command::name);
  if (command == kCommands.end()) return std::string(text);
  std::vector<std::string> given;
  for (const brain::Spoken::Word& word : said.words) {
    const std::string own = said.text.substr(word.begin, word.end - word.begin);
    const bool is_option =
        own.starts_with('-') && (" " + std::string(command->options) + " ").contains(" " + own + " ");
    if (&word != &said.words.front() && !is_option) given.push_back(own);
  }
  const std::size_t wanted = command->between.empty() ? 1 : 2;
  if (command->name == "rm" && !given.empty()) {
    std::string made(command->before);
    for (const std::string& one : given) made.append(&one == &given.front() ? " " : " and ").append(one);
    return made;
  }
  if (given.size() != wanted) return std::string(text);
  std::string made = std::string(command->before) + " " + given.front();
  if (wanted == 2) made.append(" ").append(command->between).append(" ").append(given.back());
  return made;
}

}  // namespace lilux::tools
