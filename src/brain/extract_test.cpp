#include "brain/extract.h"

#include <doctest/doctest.h>

#include "brain/extract_class.h"
#include "brain/extract_place.h"
#include "brain/schema_words.h"

using namespace lilux::brain;
using lilux::search::Words;

namespace {

double only_number(std::string_view text) {
  const auto found = find_quantities(text);
  REQUIRE_MESSAGE(found.size() == 1, text);
  return found.front().value;
}

std::string only_date(std::string_view text, std::string_view pattern, Now now = {}) {
  const auto found = find_moments(text, now);
  REQUIRE_MESSAGE(found.size() == 1, text);
  return written(found.front(), pattern).value_or("-");
}

// Sunday, 1 March 2026, noon.
Now noon() {
  using namespace std::chrono;
  return local_days(year(2026) / 3 / 1) + hours(12);
}

std::vector<std::string> literals(std::string_view text, LiteralKind kind) {
  std::vector<std::string> found;
  for (const Literal& one : find_literals(text)) {
    if (one.kind == kind) found.emplace_back(text.substr(one.begin, one.end - one.begin));
  }
  return found;
}

}  // namespace

TEST_CASE("numbers are read as digits and as words") {
  CHECK(only_number("take 42 of them") == 42);
  CHECK(only_number("it costs $1,250.50") == 1250.5);
  CHECK(only_number("minus -3.5 it is") == -3.5);
  CHECK(only_number("about 1.5k people") == 1500);
  CHECK(only_number("2 million people") == 2e6);
  CHECK(only_number("twenty-five people") == 25);
  CHECK(only_number("two hundred and fifty") == 250);
  CHECK(only_number("three thousand four hundred") == 3400);
  CHECK(only_number("a rate of 1e-3") == 1e-3);
  CHECK(only_number("3/4 of it") == 0.75);
  CHECK(only_number("the 5th row") == 5);
}

TEST_CASE("parts of names are no numbers") {
  for (const char* text : {"building B1004", "file_2", "v2beta", "abc123def", "x86", "no number"})
    CHECK_MESSAGE(find_quantities(text).empty(), text);
}

TEST_CASE("units and percents go with their numbers") {
  const auto found = find_quantities("5 km, 70kg, 8%, 20 degrees and 3 minutes");
  REQUIRE(found.size() == 5);
  CHECK(found[0].unit->dimension == Dimension::length);
  CHECK(found[1].unit->dimension == Dimension::mass);
  CHECK(found[2].is_percent);
  CHECK(found[4].unit->dimension == Dimension::time);
  CHECK(converted(5, *unit_named("km"), *unit_named("m")) == 5000);
  CHECK(converted(3, *unit_named("minutes"), *unit_named("seconds")) == 180);
  CHECK(converted(100, *unit_named("celsius"), *unit_named("fahrenheit")) == 212);
  CHECK(converted(2, *unit_named("gb"), *unit_named("mb")) == 2000);
  CHECK_FALSE(converted(1, *unit_named("kg"), *unit_named("km")));
  CHECK_FALSE(unit_named("bananas"));
}

TEST_CASE("dates are read in the ways they are written") {
  for (const char* text : {"on 2023-06-05", "on June 5th, 2023", "on 5 June 2023", "on the 5th of June 2023",
                           "on Jun. 5 2023", "06/05/2023", "2023 June 5"})
    CHECK_MESSAGE(only_date(text, "YYYY-MM-DD") == "2023-06-05", text);
  CHECK(only_date("June 5th 2023 at 3:30pm", "YYYY-MM-DD HH:mm") == "2023-06-05 15:30");
  CHECK(only_date("at 12 am", "HH:mm") == "00:00");
  CHECK(only_date("at noon", "HH:mm") == "12:00");
  CHECK(find_moments("2023-13-45 or 99:99", {}).empty());
}

TEST_CASE("what is told from now needs a now") {
  CHECK(only_date("tomorrow at 3pm", "YYYY-MM-DD HH:mm", noon()) == "2026-03-02 15:00");
  CHECK(only_date("yesterday", "YYYY-MM-DD", noon()) == "2026-02-28");
  CHECK(only_date("next Tuesday", "YYYY-MM-DD", noon()) == "2026-03-03");
  CHECK(only_date("in 3 days", "DD/MM/YYYY", noon()) == "04/03/2026");
  CHECK(only_date("tomorrow", "YYYY-MM-DD") == "-");
  CHECK(only_date("June 5", "YYYY-MM-DD") == "-");
  CHECK(only_date("June 5", "YYYY-MM-DD", noon()) == "2026-06-05");
}

TEST_CASE("a date without a year has that of its neighbour") {
  const auto found = find_moments("from April 4th to April 8th, 2023", {});
  REQUIRE(found.size() == 2);
  CHECK(written(found[0], "YYYY-MM-DD") == "2023-04-04");
}

TEST_CASE("literals are found with what they are") {
  using Texts = std::vector<std::string>;
  CHECK(literals("see https://a.example/x?y=1.", LiteralKind::url) == Texts{"https://a.example/x?y=1"});
  CHECK(literals("mail bob@a.example, please", LiteralKind::email) == Texts{"bob@a.example"});
  CHECK(literals("copy /etc/hosts to ~/b and notes.txt", LiteralKind::path) == Texts{"/etc/hosts", "~/b", "notes.txt"});
  CHECK(literals("say 'it's here' and \"that\"", LiteralKind::quoted) == Texts{"it's here", "that"});
  CHECK(literals("sum [1, [2]] of it", LiteralKind::bracketed) == Texts{"[1, [2]]", "[2]"});
  CHECK(literals("don't do it, it's late", LiteralKind::quoted).empty());
}

TEST_CASE("words are tokens without the marks round them") {
  Words words;
  const Text text = read_text("Is (Boston, MA) near \"New York\"? x=5", words);
  std::vector<std::string> found;
  for (const Token& token : text.tokens) found.emplace_back(text.text.substr(token.begin, token.end - token.begin));
  CHECK(found == std::vector<std::string>{"Is", "Boston", "MA", "near", "New", "York", "x", "5"});
  CHECK(text.tokens[2].gap == Gap::comma);
  CHECK(text.tokens[7].gap == Gap::equals);
}

TEST_CASE("lists are what stands between commas and and") {
  Words words;
  const Reading reading = read("buy apples, rice and salt", {}, words);
  bool is_found = false;
  for (const ListSpan& list : reading.lists) {
    is_found =
        is_found || (list.items.size() == 3 && reading.text.span(list.items[0].first, list.items[0].last) == "apples" &&
                     reading.text.span(list.items[2].first, list.items[2].last) == "salt");
  }
  CHECK(is_found);
}

TEST_CASE("descriptions tell examples, defaults, units and patterns") {
  CHECK(examples_in("The colour, e.g. red, green or blue") == std::vector<std::string>{"red", "green", "blue"});
  CHECK(examples_in("Either 'metric' or 'imperial'") == std::vector<std::string>{"metric", "imperial"});
  CHECK(default_in("How many; defaults to 10.") == "10");
  CHECK_FALSE(default_in("How many"));
  CHECK(unit_in("Length in kilometers") == unit_named("km"));
  CHECK(time_pattern("Date as YYYY-MM-DD") == "YYYY-MM-DD");
  CHECK(time_pattern("for example 2024-01-31 08:00:00") == "YYYY-MM-DD HH:mm:ss");
  CHECK(place_in_full("Boston") == "Boston, MA");
  CHECK_FALSE(place_in_full("Nowhere"));
  CHECK(class_of("red") == WordClass::color);
  CHECK(class_of("rex") == WordClass::none);
}

TEST_CASE("names and calls as programs have them, and formulas, are values") {
  using Found = std::vector<std::string>;
  CHECK(literals("click #save-button or .nav-item", LiteralKind::code) == Found{"#save-button", ".nav-item"});
  CHECK(literals("use userName, user_id and MAX_SIZE", LiteralKind::code) == Found{"userName", "user_id", "MAX_SIZE"});
  CHECK(literals("run alert('a b') now", LiteralKind::code) == Found{"alert('a b')"});
  CHECK(literals("derive 3x^2 + 2x - 1.", LiteralKind::code) == Found{"3x^2 + 2x - 1"});
  for (const char* text :
       {"no code here", "a well-known name, ok?", "from 3 - 5 pm", "(in brackets)", "f(", "#", "x +"})
    CHECK_MESSAGE(literals(text, LiteralKind::code).empty(), text);
}

TEST_CASE("the mark that closes a quotation opens none") {
  CHECK(literals("change \"a\" to \"b\"", LiteralKind::quoted) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("places, states and currencies are told in short") {
  CHECK(place_in_full("san diego") == "San Diego, CA");
  CHECK(place_in_full("Birmingham") == "Birmingham, AL");  // of two the first
  CHECK_FALSE(place_in_full("nowhere at all"));
  CHECK_FALSE(place_in_full("denver;boulder"));
  CHECK_FALSE(place_in_full(""));
  CHECK(is_ordinary_word("Nice"));
  CHECK_FALSE(is_ordinary_word("Boston"));
  CHECK(state_in_short("texas") == "TX");
  CHECK(state_in_short("TX") == "TX");
  CHECK(state_in_short("in").empty());
  CHECK(currency_code("Japanese yen") == "JPY");
  CHECK(currency_code("pounds") == "GBP");
  CHECK(currency_code("stones").empty());
}

TEST_CASE("K is a thousand only where nothing is warm") {
  CHECK(only_number("a salary of 50k") == 50000);
  CHECK(only_number("a temperature of 400K") == 400);
  CHECK(only_number("heated to 300 K") == 300);
}
