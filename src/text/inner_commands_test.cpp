#include "text/inner_commands.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "text/bash.h"
#include "text/shell.h"

namespace lilux::text {

namespace {

using Words = std::vector<std::string>;
using Span = std::span<const std::string>;

std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

TEST_CASE("every command of a script is found, and whether that is all") {
  const auto told = [](std::vector<std::string> words) -> std::string {
    const auto found = shell_commands(words);
    if (!found) return "none";
    std::string line = !found->is_understood ? "?" : found->is_certain ? "=" : "~";
    for (const auto& command : found->commands) line += " " + join(command) + ";";
    return line;
  };
  CHECK(told({"ls", "-c", "rm x"}) == "none");
  CHECK(told({"bash", "-c", "ls a; if b; then (rm c); fi > d"}) == "= ls a; b; rm c;");
  CHECK(told({"bash", "-c", "ls \"$HOME\" | rm -f *"}) == "~ ls '$HOME'; rm -f '*';");
  CHECK(told({"/bin/bash", "-ec", "echo $(rm x)"}) == "~ rm x; echo '$(rm x)';");
  CHECK(told({"bash", "-c", "A=1 rm x"}) == "~ rm x;");
  CHECK(told({"bash", "-c", "ls() { rm x; }; ls"}) == "~ rm x; ls;");
  CHECK(told({"bash", "-c", "eval rm x"}) == "~ 'eval' rm x;");
  CHECK(told({"eval", "rm", "x; ls"}) == "= rm x; ls;");
  CHECK(told({"eval", "--", "rm x"}) == "= rm x;");
  CHECK(told({"trap", "rm x", "EXIT"}) == "= rm x;");
  CHECK(told({"trap", "--", "rm x", "EXIT"}) == "= rm x;");
  CHECK(told({"bash", "-c", "PATH=/x; ls"}) == "~ ls;");
  CHECK(told({"bash", "-c", "shopt -s expand_aliases; alias a=b\na"}) ==
        "? 'shopt' -s expand_aliases; 'alias' a=b; a;");
  CHECK(told({"bash", "-c", "echo 'open"}) == "?");
  CHECK(told({"sh", "-c", "rm x && ls > y"}) == "= rm x; ls;");
  CHECK(told({"sh", "-c", "ls; rm $x"}) == "~ ls; rm '$x';");
  CHECK(told({"zsh", "-c", "ls; rm $x"}) == "? ls; rm '$x';");
  // What these are to other shells.
  CHECK(told({"dash", "-c", "((rm x))"}) == "?");
  CHECK(told({"sh", "-c", "[[ a && rm x ]]"}) == "?");
  CHECK(told({"sh", "-c", "echo $'a\\'; rm x; echo '"}) == R"(? echo 'a'\''; rm x; echo ';)");
  CHECK(told({"sh", "-c", "alias ls=rm\nls x"}) == "? 'alias' ls=rm; ls x;");
}

TEST_CASE("the script of a shell is found behind its other options") {
  const auto told = [](std::vector<std::string> words) -> std::string {
    const auto found = shell_commands(words);
    if (!found) return "none";
    std::string line = found->is_understood ? "" : "?";
    for (const auto& command : found->commands) line += (line.empty() ? "" : " ") + join(command);
    return line;
  };
  CHECK(told({"sh", "-c", "a"}) == "a");
  CHECK(told({"/bin/bash", "--norc", "-o", "pipefail", "-ec", "a", "name"}) == "a");
  CHECK(told({"bash", "-c", "-e", "--", "a"}) == "a");
  CHECK(told({"zsh", "-fc", "a"}) == "a");
  CHECK(told({"bash", "+c", "a"}) == "a");
  CHECK(told({"sh", "file", "-c", "a"}) == "none");
  CHECK(told({"python3", "-c", "a"}) == "none");
  // Any word may be the script, or it comes from elsewhere.
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"bash", "-eo", "pipefail", "-c", "rm x"},
                                             {"bash", "-co", "pipefail", "rm x"},
                                             {"bash", "-cO", "extglob", "rm x"},
                                             {"bash", "-rcfile", "/dev/null", "-c", "rm x"},
                                             {"zsh", "-eo", "extendedglob", "-c", "rm x"},
                                             {"dash", "-sc", "rm x"}}) {
    CAPTURE(join(words));
    CHECK(told(words).starts_with("?"));
    CHECK(told(words).ends_with("rm x"));
  }
  CHECK(shell_commands(std::vector<std::string>{"sh"})->reads_input);
  CHECK(told({"bash", "-s"}).starts_with("?"));
}

TEST_CASE("what env and the like run is found behind their options") {
  const auto inner = [](std::vector<std::string> words) {
    std::string line;
    for (const auto& command : wrapped_commands(words)) line += (line.empty() ? "" : "; ") + join(command);
    return line;
  };
  CHECK(inner({"env", "-iu", "A", "rm", "x"}) == "rm x");
  CHECK(inner({"env", "-S", "rm x"}).starts_with("rm x"));
  CHECK(inner({"env", "-iS", "rm", "x"}).starts_with("rm x"));
  CHECK(inner({"env", "--split-string=rm x"}).starts_with("rm x"));
  CHECK(inner({"timeout", "-vk", "1", "5", "rm", "x"}) == "rm x");
  CHECK(inner({"timeout", "--signal", "KILL", "5", "rm", "x"}) == "KILL 5 rm x; 5 rm x; rm x; x");
  CHECK(inner({"timeout", "--signal=KILL", "5", "rm", "x"}) == "rm x");
  CHECK(inner({"xargs", "-rn", "1", "rm"}) == "rm");
  CHECK(inner({"nice", "--", "rm", "-x"}) == "rm -x");
  CHECK(inner({"env", "-i", "-u", "A", "B=c", "rm", "x"}) == "rm x");
  CHECK(inner({"/usr/bin/nice", "-n", "5", "rm"}) == "rm");
  CHECK(inner({"nice", "-n5", "rm"}) == "rm");
  CHECK(inner({"timeout", "-k", "1", "--foreground", "5", "rm", "-r"}).ends_with("; rm -r"));
  CHECK(inner({"xargs", "-0", "-n", "1", "rm"}) == "rm");
  CHECK(inner({"stdbuf", "-oL", "rm"}) == "rm");
  CHECK(inner({"env"}).empty());
  CHECK(inner({"timeout", "5"}).empty());
  CHECK(inner({"rm", "env"}).empty());
}

// What is told of a line given to bash: "rm" where rm is found in it, "?" where something is hidden.
std::string told(Span words, int depth) {
  if (name_of(words[0]) == "rm") return "rm";
  std::string found;
  const auto inside = shell_commands(words);
  std::vector<Words> commands = wrapped_commands(words);
  if (inside) commands.insert(commands.end(), inside->commands.begin(), inside->commands.end());
  for (const Words& command : commands) {
    if (depth < 8 && told(command, depth + 1) == "rm") return "rm";
    if (depth < 8 && told(command, depth + 1) == "?") found = "?";
  }
  if (inside && (!inside->is_understood || inside->hides_programs || inside->reads_input)) found = "?";
  return found;
}

std::string told(const std::string& script) {
  return told(Words{"bash", "-c", script}, 0);
}

// Every line of both was run by bash 5.2 and ran the program.
TEST_CASE("a program is found in whatever runs it by name") {
  for (const std::string& script : Words{"env --split-string='rm x'; env --s=true",
                                         "env --s 'rm x'",
                                         "env -S 'rm\\_x'",
                                         "env -S '\\trm\\tx'",
                                         "cmake -E env A=1 rm x",
                                         "cmake -E time rm x",
                                         "install -s --strip-program=rm a b",
                                         "git clone -u 'rm x;' a b",
                                         "git fetch --upload-p='rm x;' a",
                                         "GIT_SSH_COMMAND='rm x;' git fetch ssh://h/a",
                                         "export GIT_EXTERNAL_DIFF='rm x'; git diff",
                                         "env PAGER='rm x' man ls",
                                         "mapfile -C 'rm x;' -c 1 < f",
                                         "readarray -t -C 'rm x;' a < f",
                                         "compgen -C 'rm x'",
                                         "complete -C 'rm x' ls",
                                         "jobs -x rm x",
                                         "trap 'rm x' DEBUG",
                                         "trap -- 'rm x' EXIT",
                                         "coproc rm x",
                                         "command eval 'rm x'",
                                         "builtin eval rm x",
                                         "exec -a y rm x",
                                         "time -p rm x",
                                         "/usr/bin/time -f %e rm x",
                                         "env -S 'rm x'",
                                         "env -i A=b nice -n 5 rm x",
                                         "env - rm x",
                                         "env - A=1 rm x",
                                         "env -u A - rm x",
                                         "env -- - A=1 nice rm x",
                                         "flock f rm x",
                                         "flock -w 5 f rm x",
                                         "flock f -c 'rm x'",
                                         "flock --comm='rm x' f",
                                         "script -c 'rm x' /dev/null",
                                         "script -qec 'rm x' /dev/null",
                                         "chroot / rm x",
                                         "chroot --userspec=root / rm x",
                                         "chroot --userspec root / rm x",
                                         "unshare -r rm x",
                                         "nsenter -t 1 -m rm x",
                                         "setarch x86_64 rm x",
                                         "linux64 rm x",
                                         "taskset -c 0 rm x",
                                         "chrt -o 0 rm x",
                                         "ionice -c 3 rm x",
                                         "choom -n 0 -- rm x",
                                         "prlimit --nofile=100 rm x",
                                         "setpriv --no-new-privs rm x",
                                         "runuser -u root rm x",
                                         "runuser -c 'rm x'",
                                         "su - root -c 'rm x'",
                                         "sg root -c 'rm x'",
                                         "sudo -u root A=b rm x",
                                         "capsh -- -c 'rm x'",
                                         "logsave /dev/null rm x",
                                         "ssh-agent rm x",
                                         "perf stat -o y rm x",
                                         "strace -f -o y rm x",
                                         "/lib64/ld-linux-x86-64.so.2 /bin/rm x",
                                         "busybox rm x",
                                         "toybox nice rm x",
                                         "watch -g -n 1 rm x",
                                         "watch -n1 'ls; rm x'",
                                         "ls | entr rm x",
                                         "ls | entr -s 'rm x'",
                                         "setsid -w stdbuf -oL nohup rm x",
                                         "find . -name y -exec rm {} ;",
                                         "find . -type f -execdir nice rm {} +",
                                         "find . -ok true ';' -okdir rm x ';'",
                                         "find . -exec sh -c 'rm \"$1\"' _ {} \\;",
                                         "fd y -x rm",
                                         "echo x | xargs -r -n 1 rm",
                                         "echo x | xargs -I % sh -c 'rm y'",
                                         "split --filter='rm x' f",
                                         "sort --compress-program=rm f",
                                         "tar xf a.tar --to-command='rm x'",
                                         "tar cf a.tar f --checkpoint=1 --checkpoint-action=exec='rm x'",
                                         "tar -I 'rm x' -cf a.tar f",
                                         "git -c alias.x='!rm x' x",
                                         "git -C . -c alias.x='rebase -x \"rm x\"' x",
                                         "git -c core.sshCommand='rm x' fetch",
                                         "git -c Core.Pager='rm x' -p log",
                                         "git rebase --exec='rm x' main",
                                         "git rebase -i -x 'rm x' main",
                                         "git filter-branch --tree-filter 'rm x' HEAD",
                                         "git submodule --quiet foreach 'ls; rm x'",
                                         "git bisect run nice rm x",
                                         "ssh -o ProxyCommand='rm x' h",
                                         "ssh -oProxyCommand='rm x' h",
                                         "ssh -4vo 'proxycommand rm x' h",
                                         "ssh -o PermitLocalCommand=yes -o LocalCommand='rm x' h",
                                         "scp -o KnownHostsCommand='rm x' a h:",
                                         "zip -T -TT 'rm x' a.zip f",
                                         "zip -T --unzip-command='rm x' a.zip f",
                                         "gdb -ex '!rm x'",
                                         "gdb --batch --ex='shell rm x' f",
                                         "gdb -iex 'sh rm x'",
                                         "vim -c ':!rm x' f",
                                         "vi -c ':silent !rm x' f",
                                         "nvim '+!rm x' f",
                                         "ex -c '%!rm x' f",
                                         "view --cmd 'r !rm x'",
                                         "ex -sc '%!rm x' f",
                                         "vim -nu NONE -escq -c'!rm x' f",
                                         "ed '!rm x'",
                                         "sed -n '1e rm x' f",
                                         "sed 's/a/b/;e rm x' f",
                                         "sed -e p -e '/[/]/,$ { s/a/b/g; 1!e rm x' -e '}' f",
                                         "sed -Ene 'y/abc/xyz/;\\%a%e rm x' f",
                                         "fish -c 'rm x'"}) {
    CAPTURE(script);
    CHECK(told(script) == "rm");
  }
}

TEST_CASE("what a line does not tell for sure is hidden") {
  for (const std::string& script : Words{"source /dev/stdin <<< 'rm x'",
                                         ". ./f",
                                         "builtin source f",
                                         "PS4='$(rm x)'; set -x; ls",
                                         "read -r PS4 <<< '$(rm x)'; set -x; ls",
                                         "for PS4 in '$(rm x)'; do set -x; ls; done",
                                         "unset PS4; : ${PS4:='$(rm x)'}; set -x; ls",
                                         "unset PS4; r=PS4; : ${!r:='$(rm x)'}; set -x; ls",
                                         "declare -n r=PS4; r='$(rm x)'; set -x; ls",
                                         "export P'S'4='$(rm x)'; set -x; ls",
                                         "printf -v PS4 '$(rm x)'; set -x; ls",
                                         "printf -v \"$n\" '$(rm x)'; set -x; ls",
                                         "declare \"$n=\\$(rm x)\"; set -x; ls",
                                         "BASH_ENV=f bash -c ls",
                                         "env BASH_ENV=f bash -c ls",
                                         "export BASH_ENV=f; bash -c ls",
                                         "ENV=$PWD/f sh -ic ls",
                                         "PROMPT_COMMAND='rm x' bash -i <<< ls",
                                         "env 'BASH_FUNC_ls%%=() { rm x; }' bash -c ls",
                                         "bash --rcfile f -ic ls",
                                         "BASH_CMDS[ls]=/bin/rm; ls x",
                                         "set -o posix; BASH_ALIASES[y]=rm\ny x",
                                         "builtin hash -p /bin/rm ls; ls x",
                                         "hash -p /bin/rm ls; ls x",
                                         "enable -f ./x.so y",
                                         "set -o history; history -s 'rm x'; set -H\n!!",
                                         "set -o history -o histexpand; ls",
                                         "bind -x '\"\\C-a\":rm x'",
                                         "compgen -W '$(rm x)'",
                                         "x='; rm y'; eval \"echo $x\"",
                                         "x='; rm y'; bash -c \"echo $x\"",
                                         "x='; rm y'; builtin eval \"echo $x\"",
                                         "trap \"$x\" EXIT",
                                         "$x y",
                                         "env $x",
                                         "timeout 5 $x",
                                         "nice env A=b $x y",
                                         "xargs $x",
                                         "find . -exec $x {} \\;",
                                         "find . -name rm -exec {} x \\;",
                                         "find . -exec sh -c {} \\;",
                                         "echo rm x | xargs env",
                                         "echo 'rm x' | xargs -d '\\n' sh -c",
                                         "echo f | xargs bash",
                                         "echo rm | xargs -I% % x",
                                         "echo 'rm x' | xargs -I % sh -c %",
                                         "echo 'rm x' | xargs -tI % sh -c %",
                                         "parallel ::: 'rm x'",
                                         "echo 'rm x' | bash",
                                         "bash /dev/stdin <<< 'rm x'",
                                         "echo 'rm x' | su",
                                         "echo 'rm x' | chroot /",
                                         "echo 'rm x' | at now",
                                         "bash <(echo rm x)",
                                         "awk 'BEGIN { system(\"rm x\") }'",
                                         "awk 'BEGIN { print 1 | \"rm x\" }'",
                                         "perl -e '`rm x`'",
                                         "sed 's/x/y/e' f",
                                         "sed 's/.*/rm x/;e' f",
                                         "sed -f - f <<< 'e rm x'",
                                         "sed s; sed 's/a'; sed '/a'",
                                         "sed 's/a/b/w' f; sed 'k'",
                                         "git -c core.hooksPath=f commit",
                                         "git --config-env=alias.x=A x",
                                         "gdb -ex 'call (int)system(\"rm x\")' -p 1",
                                         "gdb -ex 'python import os' f",
                                         "vim -c 'call system(\"rm x\")'",
                                         "tclsh <<< 'exec rm x'",
                                         "tclsh <<< 'open |rm'",
                                         "echo 'exec rm x' | tclsh",
                                         "ed f <<< '!rm x'",
                                         "ed f <<E\n!rm x\nE",
                                         "ex f <<< '!rm x'",
                                         "vim -es f <<< '!rm x'",
                                         "gdb f <<< 'shell rm x'",
                                         "echo '!rm x' | timeout 5 ed f",
                                         "python3 <<< 'import os; os.system(\"rm x\")'",
                                         "python3 - a <<< \"$x\"",
                                         "perl <<'E'\nsystem(1)\nE",
                                         "cat f | python3",
                                         "awk -f - f <<< 'BEGIN { system(\"rm x\") }'",
                                         "python3.11 -c 'import os; os.system(\"rm x\")'",
                                         "x='a[$(rm y)]'; eval '((x))'",
                                         "x='a[$(rm y)]' bash -c '((x))'",
                                         "x='a['; y='$(rm z)]'; z=$x$y; ((z))",
                                         "p=\\$; a=\"x[$p(rm x)]\"; echo $((a))",
                                         "a='x[$'; a+='(rm x)]'; ((a))",
                                         "set -- 'x[$' '(rm x)]'; IFS=; a=\"$*\"; echo $((a))",
                                         "p=\\$; a=\"x[$p(rm x)]\"; [ -v \"$a\" ]",
                                         "p=\\$; a=\"x[$p(rm x)]\"; echo ${!a}",
                                         "p=\\$; a=\"x[$p(rm x)]\"; b[$a]=1",
                                         "x=BASH_CM; declare -n q=${x}DS; q[ls]=/usr/bin/rm; ls x",
                                         "declare -n q; for q in BASH_CMDS; do q[ls]=/usr/bin/rm; done; ls x",
                                         "f() { local -n q=$1; q[ls]=/usr/bin/rm; }; f \"$x\"; ls x",
                                         "builtin typeset -gn q=$x; q[ls]=/usr/bin/rm; ls x",
                                         "env -S '${X} x'",
                                         "declare -n r='a[$(rm x)]'; echo $r",
                                         "x='$(rm y)'; echo ${x@P}",
                                         "x=abc; echo ${x:'a[$(rm y)]'}"}) {
    CAPTURE(script);
    CHECK(told(script) == "?");
  }
}

TEST_CASE("a line that runs nothing else hides nothing") {
  for (const std::string& script : Words{"ls -la; cd src && make -j2 test",
                                         "NODE_ENV=test npm test",
                                         "export NODE_ENV=test A=\"$B\"",
                                         "echo \"$ENV $PS1\"; [ -n \"$BASH_ENV\" ]",
                                         "for f in *.c; do cc -c \"$f\"; done",
                                         "find \"$dir\" -name '*.o' -delete",
                                         "find . -name '*.c' -exec grep -n word {} +",
                                         "git ls-files | xargs -n 10 wc -l",
                                         "ls | xargs -I % mv % old/",
                                         "awk '{ print $1 }' f | sort -u",
                                         "python3 -c 'print(1)'",
                                         "python3 setup_exec.py build",
                                         "x=$(date); [ -f \"$x\" ] && echo `pwd`",
                                         "git commit -m 'use `x` $(y)'; [ -f z ]",
                                         "i=0; while ((i < 3)); do i=$((i + 1)); done",
                                         "bash -c 'if [ -f a ]; then echo $(date); fi'",
                                         "bash build.sh \"$x\"",
                                         "read -r line < f; echo \"$line\"",
                                         "printf '%s\\n' \"$x\" PS",
                                         "timeout 5 env A=b make",
                                         "tar -xzf a.tar.gz; tar --check a.tar",
                                         "mapfile -t a < f; jobs; set -eu",
                                         "time make; command -v python3; command -V bash; exec > log",
                                         "env -",
                                         "git -c user.name=a -c color.ui=always commit -m \"$x\"",
                                         "git -c core.pager=cat log -p; git clean -x -f",
                                         "git switch -c new; git log -x",
                                         "ssh -o BatchMode=yes -p 22 h",
                                         "zip -rT a.zip f",
                                         "gdb -batch -; sed -; git -; vim -; vim +; ssh -o",
                                         "gdb -batch -ex bt -ex 'info threads' f",
                                         "vim -c 'set number' -c 'wq!' +12 f",
                                         "sed -i 's/e/x/g; s|e|y|; /e/d' f",
                                         "sed -e 's/[/e]/x/' -e 'a e rm x' f",
                                         "sed -n '/e/,$p;10q' f; sed -i.e \"s/$x/$y/\" f",
                                         "sed ':e;N;$!be;s/\\n/ /g;w e' f",
                                         "sed -f script.sed f; tclsh script.tcl",
                                         "ed -s f <<< 'w'",
                                         "python3 <<'E'\nprint(1)\nE",
                                         "python3 - a <<< 'print(1)'",
                                         "python3 --version; node -v; awk -f a.awk f",
                                         "GIT_PAGER=cat git --no-pager -C d log -p; GIT_EDITOR=true git rebase f",
                                         "git push -u origin main; git add -u; git clone --depth 1 a; env -u A ls",
                                         "cmake -E make_directory a; cmake -S . -B b; install -s -m 755 a b",
                                         "declare -n q=list; q+=(1); for i in 1 2; do [ -f $i ] && echo \"[$i]\"; done",
                                         "f() { local -n q=list; local -r n=$1; }; re='^a[0-9]+$'; [[ $x =~ $re ]]",
                                         "script.sh; ./watch; trap - EXIT"}) {
    CAPTURE(script);
    CHECK(told(script).empty());
  }
}

TEST_CASE("a script that is too large to be read hides what it runs") {
  const std::string most(kBashBytesMax, '\n');
  for (const std::string& script : {most + "git status", most + "x=$(git status"}) {
    const auto found = shell_commands(std::vector<std::string>{"bash", "-c", script});
    REQUIRE(found);
    CHECK(found->hides_programs);
    CHECK_FALSE(found->is_understood);
    CHECK_FALSE(found->is_certain);
    CHECK(found->commands.empty());
  }
}

}  // namespace

}  // namespace lilux::text
