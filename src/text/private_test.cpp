#include "text/private.h"

#include <doctest/doctest.h>

#include "text/private_number.h"

using lilux::text::has_made_up_word;
using lilux::text::has_private_number;
using lilux::text::is_private;
using lilux::text::may_hold_secret;

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

TEST_CASE("numbers of cards, accounts and locks are told from those of everything else") {
  for (const char* line :
       {"pay with 4111 1111 1111 1111", "pay with 4111-1111-1111-1111 now", "card 378282246310005",
        "send 5 euros to DE89370400440532013000", "send 5 euros to DE89 3704 0044 0532 0130 00 today",
        "the account is gb29 nwbk 6016 1331 9268 19", R"({"account":"NL91ABNA0417164300"})", "my pin is 4821",
        "remember that 4821 is the pin of my card", R"({"key":"pin","value":"4821"})", "the code of the door is 73910",
        "cvv 123", "my number is 078-05-1120"})
    CHECK_MESSAGE(has_private_number(line), line);
  for (const char* line :
       {"", "4", "show calls since 1700000000000000", "pay with 4111 1111 1111 1112", "read report-2024-11-23.md",
        "DE89370400440532013001", "call 555 123 4567 at 10", "exit code 137", "show me the code in main.cpp",
        "pin the tab", "the sum is 49927398716000000000000", "at 2026-11-22T21:10:05Z", "undo cd20mw3wwab4e",
        "list the first 100 files", "123e4567-e89b-12d3-a456-426614174000"})
    CHECK_FALSE_MESSAGE(has_private_number(line), line);
}

TEST_CASE("what one gets in with is private, however plain") {
  for (const char* line : {"log in as ana with hunter2", "sign in as ana using correcthorse",
                           "unlock the box with abc123!", "pay with 4111 1111 1111 1111", "my pin is 4821"})
    CHECK_MESSAGE(is_private(line), line);
  CHECK(may_hold_secret("log in as ana with s3cr3tPa55w0rd"));
  for (const char* line : {"log in with google", "show me a.txt as text", "connect to host1.example.org",
                           "decrypt notes.gpg with key.pem", "delete a.txt with care2"})
    CHECK_FALSE_MESSAGE(may_hold_secret(line), line);
}
