#include "ledger/key.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/ledger_fixture.h"

namespace lilux::ledger {
namespace {

class KeyFolder {
 public:
  KeyFolder()
      : folder_(sys::make_temporary_directory(std::filesystem::temp_directory_path().string(), "key-").value()) {}
  ~KeyFolder() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/key"; }

 private:
  std::string folder_;
};

TEST_CASE("what a key signs its public half verifies, and nothing else does") {
  const KeyFolder folder;
  const auto key = KeyFile::create(folder.path());
  REQUIRE(key);
  Signature signature = key->sign("message");
  CHECK(verify_signature(signature, "message", key->public_key()));
  CHECK_FALSE(verify_signature(signature, "massage", key->public_key()));
  CHECK_FALSE(verify_signature(signature, "message", key->next_public_key()));
  signature[3] ^= 1;
  CHECK_FALSE(verify_signature(signature, "message", key->public_key()));
}

TEST_CASE("evolving leaves no trace of the used key and survives reopening") {
  const KeyFolder folder;
  auto key = KeyFile::create(folder.path());
  REQUIRE(key);
  for (int i = 0; i < 5; ++i) {
    const std::string file = bytes_of_file(folder.path());
    const std::size_t slot = i % 2 == 0 ? 0 : 4096;
    const std::string used = file.substr(slot + 24, 32);
    const PublicKey next = key->next_public_key();
    REQUIRE(key->evolve());
    CHECK(key->public_key() == next);
    CHECK(bytes_of_file(folder.path()).find(used) == std::string::npos);
    key = KeyFile::open(folder.path());
    REQUIRE(key);
    CHECK(key->index() == static_cast<std::uint64_t>(i) + 1);
    CHECK(key->public_key() == next);
  }
}

TEST_CASE("a kill between writing the new key and wiping the old one is made good") {
  const KeyFolder folder;
  auto key = KeyFile::create(folder.path());
  REQUIRE(key);
  std::string before = bytes_of_file(folder.path());
  before.resize(4096, '\0');
  REQUIRE(key->evolve());
  const std::string after = bytes_of_file(folder.path());
  replace_file(folder.path(), before + after.substr(4096));
  const auto opened = KeyFile::open(folder.path());
  REQUIRE(opened);
  CHECK(opened->index() == 1);
  CHECK(is_zero(bytes_of_file(folder.path()).substr(0, 128)));
}

TEST_CASE("a new key that was half written leaves the old one in force") {
  const KeyFolder folder;
  auto key = KeyFile::create(folder.path());
  REQUIRE(key);
  const PublicKey old = key->public_key();
  const std::string before = bytes_of_file(folder.path());
  REQUIRE(key->evolve());
  const std::string after = bytes_of_file(folder.path());
  for (const std::size_t written : {1U, 20U, 60U, 127U}) {
    std::string torn = before;
    torn.resize(4096, '\0');
    replace_file(folder.path(), torn + after.substr(4096, written));
    const auto opened = KeyFile::open(folder.path());
    REQUIRE(opened);
    CHECK(opened->index() == 0);
    CHECK(opened->public_key() == old);
    CHECK(is_zero(bytes_of_file(folder.path()).substr(4096)));  // what was torn is secret too
  }
}

TEST_CASE("a damaged, empty or newer key file is refused with its name") {
  const KeyFolder folder;
  CHECK(KeyFile::open(folder.path()).error().code == base::ErrorCode::not_found);
  REQUIRE(KeyFile::create(folder.path()));
  const std::string sound = bytes_of_file(folder.path());
  for (std::size_t at = 0; at < 128; ++at) {
    std::string flipped = sound;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    replace_file(folder.path(), flipped);
    const auto opened = KeyFile::open(folder.path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find(folder.path()) != std::string::npos);
    CHECK(bytes_of_file(folder.path()) == flipped);
  }
  replace_file(folder.path(), "");
  CHECK(KeyFile::open(folder.path()).error().code == base::ErrorCode::corrupt);
  std::string newer = sound;
  newer[8] = 2;
  replace_file(folder.path(), newer);
  CHECK(KeyFile::open(folder.path()).error().code == base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace lilux::ledger
