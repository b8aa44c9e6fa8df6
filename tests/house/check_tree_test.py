"""The checks of check_tree.py find what they are there to find."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_tree  # noqa: E402


class CheckTreeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def findings(self, check, files):
        for name, text in files.items():
            path = os.path.join(self.folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())
        return list(check(self.folder.name, sorted(files)))

    def test_a_path_of_one_machine_is_found_with_its_line(self):
        path = "/" + "root/.cache/x"
        found = self.findings(check_tree.machine_paths, {"a.md": f"fine\nsee {path}\n"})
        self.assertEqual(found, ["a.md:2: names a path of one machine: /" + "root/.cache"])

    def test_a_path_inside_a_word_or_a_binary_file_is_none(self):
        files = {"a.md": "docs/" + "work/index and net" + "work/x\n", "b.bin": b"\0/" + b"root/x"}
        self.assertEqual(self.findings(check_tree.machine_paths, files), [])

    def test_a_long_source_file_is_found_and_a_long_data_file_is_not(self):
        files = {"a.cc": "int a;\n" * 701, "b.json": "{}\n" * 701, "c.cc": "int a;\n" * 700}
        found = self.findings(check_tree.file_sizes, files)
        self.assertEqual(found, ["a.cc:701: a source file is at most 700 lines"])

    def test_a_way_around_the_gates_is_found(self):
        files = {
            "src/agent/a.cc": "// a Carrier\nCarrier& carrier_;\nSpeechSynthesizer::Callbacks c;\n",
            "src/tasks/b.cc": "auto run = registry.Find(name);\nToolRegistry* registry;\n",
            "src/runtime/c.cc": "carrier_->Place(request, executor, {});\n",
            "src/lab/d.cc": "voice->Synthesize(text);\nauto* t = tools_.Find(name);\n",
            "src/lab/faulty_speech.cc": "inner.Synthesize(text);\n",
            "src/safety/e.cc": "carrier_->Place(request, executor, {});\n",
            "src/memory/f.h": "#include <curl/curl.h>\n",
            "src/tasks/g.cc": "system(command);\n#include \"dragoman/transport/http_transport.h\"\n",
        }
        found = [f.split(": ")[0] for f in self.findings(check_tree.choke_point, files)]
        self.assertEqual(found, [
            "src/agent/a.cc:2", "src/lab/d.cc:1", "src/lab/d.cc:2", "src/memory/f.h:1",
            "src/runtime/c.cc:1", "src/tasks/b.cc:2", "src/tasks/g.cc:1", "src/tasks/g.cc:2"])

    def test_a_source_that_is_not_laid_out_is_found(self):
        with open(os.path.join(self.folder.name, ".clang-format"), "w") as file:
            file.write("BasedOnStyle: Google\n")
        found = self.findings(check_tree.layout, {"a.cc": "int   a ;\n", "b.cc": "int a;\n"})
        self.assertEqual(len(found), 1)
        self.assertIn("a.cc:1", found[0])

    def test_a_class_name_of_two_modules_is_found_and_one_of_a_file_alone_is_not(self):
        space = "namespace dragoman {{\n{}\n}}  // namespace dragoman\n"
        files = {
            "src/a/a.cc": space.format("class Line final : public Base {\n};"),
            "src/b/b.h": space.format("class Other;\nstruct Line {\n  class Other {};\n};"),
            "src/c/c.cc": space.format("namespace {\nclass Line {};\n}  // namespace"),
            "tests/d.cc": space.format("class Line {};"),
        }
        self.assertEqual(self.findings(check_tree.class_names, files), [
            "src/b/b.h:3: dragoman::Line is defined in src/a/a.cc:2 too",
        ])

    def test_a_dead_link_and_a_dead_anchor_are_found(self):
        files = {
            "docs/a.md": "# Two words\n[x](b.md) [y](#two-words) [z](../README.md#none)\n"
                         "[w](https://example.org/x)\n```\n[c](nowhere.md)\n```\n",
            "README.md": "# Title\n",
        }
        self.assertEqual(self.findings(check_tree.links, files), [
            "docs/a.md:2: leads to b.md, which is not there",
            "docs/a.md:2: README.md has no heading #none",
        ])

    def test_a_quickstart_that_differs_is_found(self):
        page = "x\n<!-- examples/quickstart.cc -->\n```cpp\n{}\n```\n<!-- end -->\n"
        same = {"README.md": page.format("int main() {}"), "examples/quickstart.cc": "int main() {}\n"}
        self.assertEqual(self.findings(check_tree.quickstart, same), [])
        same["examples/quickstart.cc"] = "int main() { return 1; }\n"
        self.assertEqual(len(self.findings(check_tree.quickstart, same)), 1)


if __name__ == "__main__":
    unittest.main()
