#include "sys/control_group.h"

#include <doctest/doctest.h>

namespace {

using lilux::sys::group_folder;

constexpr const char* kMounts =
    "25 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "31 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST_CASE("a process finds the folder of its control group") {
  CHECK(group_folder(kMounts, "0::/user.slice/user@1000.service/lilux.scope\n") ==
        "/sys/fs/cgroup/user.slice/user@1000.service/lilux.scope");
  CHECK(group_folder(kMounts, "0::/\n") == "/sys/fs/cgroup");
  CHECK(group_folder(kMounts, "9:memory:/a\n0::/b\n") == "/sys/fs/cgroup/b");
}

TEST_CASE("only a part of the groups may be mounted, at a place with spaces") {
  constexpr const char* kPart = "31 25 0:26 /a /with\\040space rw - cgroup2 none rw\n";
  CHECK(group_folder(kPart, "0::/a/b\n") == "/with space/b");
  CHECK(group_folder(kPart, "0::/a\n") == "/with space");
  CHECK_FALSE(group_folder(kPart, "0::/ab\n"));
}

TEST_CASE("a group that lies outside of what is seen has no folder") {
  CHECK_FALSE(group_folder(kMounts, "0::/../other\n"));
  CHECK_FALSE(group_folder(kMounts, "9:memory:/a\n"));
  CHECK_FALSE(group_folder("25 1 254:0 / / rw - ext4 /dev/vda rw\n", "0::/\n"));
  CHECK_FALSE(group_folder("25 - cgroup2\n\n-", "0::/\n"));
}

}  // namespace
