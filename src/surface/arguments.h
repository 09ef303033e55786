#pragma once

// The words of a command line: flags that stand for every command taken out, the others put into the fields of a
// request by its schema. Pure, but for `--args -`, which reads standard input.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::surface {

// What stands for every command.
struct Common {
  bool is_json = false;
  bool is_yes = false;
  std::string reason;
  std::string task;
  std::string key;
  std::optional<std::string> arguments;
  std::optional<std::chrono::milliseconds> timeout;
};

struct Command {
  Common common;
  std::vector<std::string> words;  // without the common flags
};

// Common flags before the verb, or between it and the tool, go behind those words: `lilux --json status`.
std::vector<std::string_view> verb_first(std::span<const std::string_view> words);

// How many words are ours, the verb first: behind a verb that takes a command what belongs to that is not.
std::size_t count_own(std::span<const std::string_view> words);

// Takes the common flags out, wherever they stand before a bare "--"; one that is a field of the schema is no common
// flag.
base::Result<Command> read_words(std::span<const std::string_view> words, const base::Json* schema);

// The same for a verb that has no flags of its own and takes at most so many words.
base::Result<Command> only_words(std::string_view verb, std::span<const std::string_view> words, std::size_t most);

// What follows --args: JSON, or "-" for standard input.
base::Result<base::Json> whole_arguments(const std::string& text);

// The bytes of a file that a flag names: a regular one, or what a shell hands over as /dev/stdin or /dev/fd/63.
// Anything else might keep one waiting for ever.
base::Result<std::string> read_given(const std::string& path, std::size_t bytes_max);

// The value of a flag that takes a whole number from 0 to `most`.
base::Result<std::int64_t> number_of(std::string_view flag, const std::string& text, std::int64_t most);

// The fields that words without a flag fill, in turn: what the tool cannot do without, else its first one.
std::vector<std::string_view> positional_of(const base::Json& schema);

// Flags into arguments, by the tool's input schema: --field value, --field=value, --flag, --no-flag; lists by repeating
// or as JSON. Words without a flag fill `positional` fields in turn. With Prose::joined those that are left over belong
// to the last of them where that is a query or a text, as of `lilux search two words`.
enum class Prose : std::uint8_t { is_quoted, joined };
base::Result<base::Json> arguments_from(const base::Json& schema, std::span<const std::string_view> positional,
                                        std::span<const std::string> words, Prose prose = Prose::is_quoted);

}  // namespace lilux::surface
