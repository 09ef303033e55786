#include "tools/sandbox_check.h"

#include <array>

#include "kernel/children.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "sys/file.h"
#include "sys/self.h"
#include "text/shell.h"

namespace lilux::tools::kernel_tools {

namespace {

constexpr auto kTime = std::chrono::seconds(10);  // for one way out

// Bash that ends well when it got out. $STATE, $HOME_OF and $KERNEL say what it must not reach.
struct WayOut {
  std::string_view what;
  std::string_view script;
};
constexpr std::array kWaysOut{
    WayOut{"read Lilux's record", "cat \"$STATE\"/ledger/*"},
    WayOut{"read Lilux's keys", "cat \"$STATE/digest.key\""},
    WayOut{"list the home folder", "ls \"$HOME_OF\""},
    WayOut{"write to the home folder", ": > \"$HOME_OF/.lilux-way-out\" && rm \"$HOME_OF/.lilux-way-out\""},
    WayOut{"write to /etc", ": > /etc/lilux-way-out && rm /etc/lilux-way-out"},
    WayOut{"write to /usr", ": > /usr/lilux-way-out && rm /usr/lilux-way-out"},
    WayOut{"read passwords", "cat /etc/shadow"},
    WayOut{"read another root", "ls \"/proc/$KERNEL/root/\""},
    WayOut{"read another's variables", "cat \"/proc/$KERNEL/environ\""},
    WayOut{"signal the kernel", "kill -0 \"$KERNEL\""},
    WayOut{"see the kernel", "ls \"/proc/$KERNEL\""},
    WayOut{"change the system", "cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness"},
    WayOut{"mount", "mount -t tmpfs none /tmp"},
    WayOut{"unmount", "umount /proc"},
    WayOut{"change the root", "chroot /tmp /bin/true"},
    WayOut{"make a user namespace", "unshare --user true"},
    WayOut{"make a mount namespace", "unshare --mount true"},
    WayOut{"join a namespace", "nsenter --target 1 --mount true"},
    WayOut{"make a device", "mknod /tmp/lilux-device b 7 0"},
    WayOut{"give a file away",
           ": > /tmp/lilux-file && chown 1:1 /tmp/lilux-file && test \"$(stat -c %u /tmp/lilux-file)\" = 1"},
    WayOut{"become root by a program", "test \"$(id -u)\" != 0 && su -c true < /dev/null"},
    WayOut{"load a kernel module", "modprobe loop && test -w /dev/loop-control"},
    WayOut{"read the kernel's log", "dmesg"},
    WayOut{"set the host's name", "hostname \"$(hostname)\""},
    WayOut{"set the clock", "date --set=now"},
    WayOut{"open a disk", "head -c 1 /dev/sda || head -c 1 /dev/vda || head -c 1 /dev/nvme0n1"},
    WayOut{"open memory", "head -c 1 /dev/mem || head -c 1 /dev/kmem"},
    WayOut{"reach this machine's network", ": > /dev/tcp/127.0.0.1/${PORT:-22}"},
    WayOut{"reach another machine", "timeout 1 bash -c ': > /dev/tcp/198.51.100.1/80'"},
    WayOut{"see network interfaces", "test \"$(ls /sys/class/net | wc -l)\" -gt 1"},
};

std::string port_of(const kernel::Kernel& kernel) {
  const std::string address = sys::read_file(kernel.folders().address_file().string(), 200).value_or("");
  const std::size_t colon = address.rfind(':');
  return colon == std::string::npos
             ? "22"
             : address.substr(colon + 1, address.find_first_not_of("0123456789", colon + 1) - colon - 1);
}

Finding attempt(const CallContext& call, const WayOut& way, const std::string& port) {
  kernel::Kernel& kernel = call.kernel();
  const std::string script(way.script);
  kernel::Children::Start start{.task = call.task(), .command = script, .within = sandbox::Spec{}};
  start.spawn = {.program = "/bin/bash",
                 .arguments = {"bash", "-c", script},
                 .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "STATE=" + kernel.folders().state.string(),
                                 "HOME_OF=" + kernel.folders().home, "KERNEL=" + std::to_string(sys::process_id()),
                                 "PORT=" + port},
                 .cwd = "/",
                 .group = sys::ProcessGroup::own_session};
  kernel::Children& children = kernel.children();
  const Result<std::int64_t> pid = children.start(std::move(start));
  Finding found{.check = "way out: " + std::string(way.what), .ok = false, .detail = "stopped", .fix = {}};
  if (!pid) {
    found.detail = "could not be tried: " + pid.error().message;
    return found;
  }
  const auto status = children.wait(*pid, call.stop(), std::chrono::steady_clock::now() + kTime);
  if (!status || !status->exit) {
    children.kill(*pid);
    found.detail = "could not be tried: it does not end";
    return found;
  }
  call.kernel().children().forget(status->pid);
  found.ok = status->exit->code != 0;
  if (!found.ok) {
    found.detail = "it got out";
    found.fix = "do not run what you do not trust on this machine, and tell us";
  }
  return found;
}

}  // namespace

Finding check_sandbox(kernel::Kernel& kernel) {
  const sandbox::Host host = kernel.children().host();
  const sandbox::Tier tier = sandbox::best_tier(host);
  const std::string lacking = sandbox::shortfall(host);
  std::string detail = "tier " + std::string(base::enum_name(tier)) + ", Landlock " +
                       (host.landlock > 0 ? std::to_string(host.landlock) : "none") + ", namespaces " +
                       (host.has_namespaces ? "yes" : "no") + ", overlays " + (host.has_overlay ? "yes" : "no");
  if (host.has_namespaces && !host.has_overlay) detail += " (" + host.overlay_problem + ")";
  if (tier == sandbox::Tier::restricted && !host.has_attendant)
    detail += " (programs cannot set modes and times of files: " + host.attendant_problem + ")";
  if (!lacking.empty()) detail += " (" + lacking + ")";
  detail += host.groups.empty() ? ", limits by rlimits and a watch (no control groups: " + host.group_problem + ")"
                                : ", limits by control groups below " + host.groups;
  const kernel::Profile& most = kernel.config().profile;
  detail += ", a command has at most " + std::to_string(most.processes_max) + " processes, " +
            std::to_string(most.descriptors_max) + " descriptors in each, and the processors for its time limit";
  const bool is_ok = tier != sandbox::Tier::none;
  return {.check = "sandbox",
          .ok = is_ok,
          .detail = std::move(detail),
          .fix = is_ok ? std::nullopt : std::optional<std::string>("see docs/sandbox.md: what a machine needs")};
}

std::vector<Finding> try_sandbox(const CallContext& call) {
  std::vector<Finding> found{check_sandbox(call.kernel())};
  if (!found.front().ok) return found;
  const kernel::Scheduler::Lent lent(call.kernel().scheduler());
  const std::string port = port_of(call.kernel());
  for (const WayOut& way : kWaysOut) found.push_back(attempt(call, way, port));
  return found;
}

}  // namespace lilux::tools::kernel_tools
