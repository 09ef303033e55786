#pragma once

// What a command prints, as JSON or for people, and the exit code that goes with it. Standard output holds results,
// standard error refusals. One thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lilux::surface {

void print(std::string_view text);

// On one line, safe for a terminal.
void print_json(const base::Json& json);

// How an output is shown to a person. Tables are cut to a line's width in characters; 0: as wide as they are.
using Show = std::string (*)(const base::Json& output, std::size_t line_width);
std::string shown(const base::Json& output, std::size_t line_width);            // any: show.cpp
std::string shown_why(const base::Json& output, std::size_t line_width);        // of ledger.why: show_verbs.cpp
std::string shown_doctor(const base::Json& output, std::size_t line_width);     // of kernel.doctor: likewise
std::string shown_run(const base::Json& output, std::size_t line_width);        // of item.run: show_items.cpp
std::string shown_item(const base::Json& output, std::size_t line_width);       // of item.load: likewise
std::string shown_validated(const base::Json& output, std::size_t line_width);  // of item.validate: likewise
std::string shown_hits(const base::Json& output, std::size_t line_width);       // of search.query: likewise
std::string shown_merge(const base::Json& output, std::size_t line_width);      // of volume.merge: likewise
std::string shown_import(const base::Json& output, std::size_t line_width);     // of item.import: likewise
std::string shown_route(const base::Json& output, std::size_t line_width);      // of brain.route: show_route.cpp
std::string shown_lines(const base::Json& output, std::size_t line_width);      // of brain.export: show_verbs.cpp

// The list that is a member of an object; empty when it has none.
base::JsonArray list_of(const base::Json& object, std::string_view name);

// The envelope of a call. Gives the exit code: 0 ok, 1 bug, 2 usage, 3 token, 4 not reachable, 5 the tool failed, 6
// denied or waiting, 7 not verified, 8 budget or time.
int print_envelope(const base::Json& envelope, bool is_json, Show show = shown);

// Of a verb that is more or less than one call.
int print_own(base::JsonObject output, const std::string& text, bool is_json);
// Of a verb that measures: as JSON its figures stand at the top of the envelope too, for programs that look there.
int print_figures(base::JsonObject figures, const std::string& text, bool is_json);

// Of a route: a call with its arguments; all of them, with what is meant, how sure it is and why; "85 %".
std::string shown_call(const base::Json& call);
std::string shown_calls(const base::Json& route);
std::string shown_confidence(const base::Json& object);

}  // namespace lilux::surface
