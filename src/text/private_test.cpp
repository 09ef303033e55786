#include "text/private.h"

#include <doctest/doctest.h>

using lilux::text::has_made_up_word;

TEST_CASE("words that look made up as passwords and keys are told from what people name") {
  for (const char* line :
       {"log in as ana with s3cr3tPa55w0rd", "use Tr0ub4dor&3 for the door", "{\"key\":\"x9Kd02LmPq77vT\"}",
        "the pin is correct-h0rse9b4ttery", "export A=1 with kd83hf72ls92"})
    CHECK_MESSAGE(has_made_up_word(line), line);
  for (const char* line :
       {"", "show me report2024final.pdf", "read src/a1b2c3d4e5f6g7/x9y8z7.txt", "go back to 3f2a9c01be77d0aa4c1e",
        "undo cd20mw3wwab4e", "install node-v18.19.1-linux-x64", "mail ana.b2c3d4e5@example.org", "call 555-1234-5678",
        "at 2026-11-22T21:10:05Z", "find *2024-a1b2c3d4* here", "123e4567-e89b-12d3-a456-426614174000",
        "f(x1y2z3a4b5) = 2", "the internationalization of localization"})
    CHECK_FALSE_MESSAGE(has_made_up_word(line), line);
}
