#!/usr/bin/env python3
"""Tests of tidy.py on small trees."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import tidy


class Tidy(unittest.TestCase):
    def faults(self, **files):
        """What tidy says about a tree of the given files, '__' standing for '/' and '_dot_' for '.'."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name.replace("__", "/").replace("_dot_", "."))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [wrong for _, _, wrong in tidy.check(folder)]

    def assert_one(self, faults, part):
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(part, faults[0])

    def test_a_clean_tree_has_no_faults(self):
        self.assertEqual([], self.faults(
            src__main_dot_cpp='#include "surface/cli.h"\n',
            src__kernel__task_dot_h='#pragma once\n#include <string>\n#include "policy/policy.h"\n',
            src__kernel__task_dot_cpp='#include "kernel/task.h"\n// errno and catch (...) in a comment\n'
                                      'auto s = "errno";\n',
            src__sys__file_dot_cpp='int e = errno;\n'))

    def test_an_include_of_a_higher_folder_is_found(self):
        self.assert_one(self.faults(src__policy__a_dot_cpp='#include "kernel/task.h"\n'), "policy (level 3) must not")

    def test_an_include_of_an_equal_folder_is_found(self):
        self.assert_one(self.faults(src__net__a_dot_cpp='#include "db/handle.h"\n'), "must not include db (level 2)")

    def test_a_folder_without_level_is_found(self):
        self.assert_one(self.faults(src__weather__a_dot_cpp="\n"), "has no level")

    def test_an_include_that_does_not_start_at_src_is_found(self):
        self.assert_one(self.faults(src__net__a_dot_cpp='#include "socket.h"\n'), "not a folder of src/")

    def test_test_support_is_for_tests(self):
        self.assert_one(self.faults(src__net__a_dot_cpp='#include "tests/support/tree.h"\n'), "for tests only")
        self.assertEqual([], self.faults(src__net__a_test_dot_cpp='#include "tests/support/tree.h"\n'))

    def test_a_header_needs_its_guard_first(self):
        self.assert_one(self.faults(src__net__a_dot_h="#include <string>\n"), "#pragma once")

    def test_a_source_includes_its_own_header_first(self):
        header = "#pragma once\n#include <string>\n"
        self.assert_one(self.faults(src__net__a_dot_h=header, src__net__a_dot_cpp='#include <string>\n#include "net/a.h"\n'),
                        '"net/a.h" first')
        self.assertEqual([], self.faults(src__net__a_dot_h=header, src__net__a_dot_cpp='#include "net/a.h"\n'))

    def test_errno_outside_sys_is_found(self):
        self.assert_one(self.faults(src__net__a_dot_cpp="int e = errno;\n"), "errno")

    def test_a_catch_is_found_but_round_tools_and_libraries(self):
        self.assert_one(self.faults(src__net__a_dot_cpp="try { f(); } catch (const E& e) { g(); }\n"), "catch only")
        self.assertEqual([], self.faults(src__kernel__call_path_dot_cpp="try { f(); } catch (const E& e) { g(); }\n"))

    def test_an_empty_catch_is_found(self):
        self.assert_one(self.faults(src__base__toml_dot_cpp="try { f(); } catch (const E&) {}\n"), "empty catch")

    def test_using_namespace_in_a_header_is_found(self):
        self.assert_one(self.faults(src__net__a_dot_h="#pragma once\nusing namespace std;\n"), "using namespace")

    def test_detached_threads_and_sleeps_are_found(self):
        self.assert_one(self.faults(src__net__a_dot_cpp="thread.detach();\n"), "never detached")
        self.assert_one(self.faults(src__net__a_dot_cpp="std::this_thread::sleep_for(1s);\n"), "do not sleep")
        self.assertEqual([], self.faults(src__net__a_test_dot_cpp="std::this_thread::sleep_for(1s);\n"))

    def test_tabs_and_trailing_spaces_are_found(self):
        self.assert_one(self.faults(src__net__a_dot_cpp="\tint a;\n"), "a tab")
        self.assert_one(self.faults(src__net__a_dot_cpp="int a; \n"), "spaces at the end")

    def test_digit_separators_do_not_hide_code(self):
        self.assert_one(self.faults(src__net__a_dot_cpp="int a = 1'000; int e = errno; int b = 2'000;\n"), "errno")

    def test_folders_that_say_nothing_are_found(self):
        self.assert_one(self.faults(tests__helpers__a_dot_txt="\n"), "says nothing")

    def test_words_that_do_not_belong_are_found(self):
        self.assert_one(self.faults(docs__a_dot_md="see /wor" + "k/shared/x\n"), "a path of one machine")
        self.assert_one(self.faults(docs__a_dot_md="FIX" + "ME\n"), "do it")
        self.assert_one(self.faults(docs__a_dot_md="TO" + "DO: shorter\n"), "do it")
        self.assertEqual([], self.faults(docs__a_dot_md="TO" + "DO: shorter when g++ 13 is the floor\n"))


if __name__ == "__main__":
    unittest.main()
