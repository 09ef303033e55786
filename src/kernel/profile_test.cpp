#include "kernel/profile.h"

#include <vector>

#include <doctest/doctest.h>

namespace lilux::kernel {
namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

std::string detected(std::uint64_t memory_bytes, std::int64_t cores) {
  return detect_profile({.memory_bytes = memory_bytes, .cores = cores}).name;
}

TEST_CASE("the profiles have the values they are known by") {
  const auto values = [](std::string_view name) {
    const Profile profile = find_profile(name).value();
    return std::vector<std::int64_t>{static_cast<std::int64_t>(profile.memory_bytes / kGigabyte), profile.agents_max,
                                     profile.tasks_max, profile.context_tokens};
  };
  CHECK(values("minimal") == std::vector<std::int64_t>{1, 1, 1, 2048});
  CHECK(values("standard") == std::vector<std::int64_t>{4, 3, 2, 8192});
  CHECK(values("performance") == std::vector<std::int64_t>{16, 8, 6, 32768});
  CHECK(profiles().size() == 3);
}

TEST_CASE("the largest profile that fits is taken") {
  CHECK(detected(64 * kGigabyte, 16) == "performance");
  CHECK(detected(16 * kGigabyte, 4) == "performance");
  CHECK(detected(13 * kGigabyte, 4) == "standard");
  CHECK(detected(8 * kGigabyte, 8) == "standard");
  CHECK(detected(4 * kGigabyte, 2) == "standard");
  CHECK(detected(2 * kGigabyte, 8) == "minimal");
  CHECK(detected(0, 0) == "minimal");
}

TEST_CASE("a machine that reports a little less than it was sold with is not put down for it") {
  CHECK(detected(16 * kGigabyte - 1'500'000'000, 4) == "performance");
  CHECK(detected(4 * kGigabyte - 400'000'000, 2) == "standard");
  CHECK(detected(4 * kGigabyte - 600'000'000, 2) == "minimal");
}

TEST_CASE("few cores hold a profile back, however much memory there is") {
  CHECK(detected(64 * kGigabyte, 2) == "standard");
  CHECK(detected(64 * kGigabyte, 1) == "minimal");
}

TEST_CASE("there is no other profile") {
  CHECK_FALSE(find_profile("Standard"));
  CHECK_FALSE(find_profile(""));
  CHECK_FALSE(find_profile("auto"));
}

}  // namespace
}  // namespace lilux::kernel
