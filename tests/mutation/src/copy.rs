//! The copy of the repository that has the mutants, and its tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use syn::visit::Visit;

use crate::mutants::{Finder, Named, Written};

const BINARIES: [&str; 3] = ["core", "client", "model"];
/// What is not as it is in the repository: as many stories as a mutant is worth, and the text of a file without mutants.
const CHANGES: [(&str, &str, &str); 3] = [
    (
        "tests/client/many_tabs.rs",
        "for seed in seeds {",
        "for seed in seeds.take(100) {",
    ),
    (
        "tests/common/mod.rs",
        "include_str!(\"../../src",
        "include_str!(\"../../../../../src",
    ),
    ("src/lib.rs", "//! An OAuth", "#![allow(warnings)]\n//! An OAuth"),
];

pub struct Copy {
    pub root: PathBuf,
    pub work: PathBuf,
}

/// Writes a file only where it changes, so that cargo does not build it again.
fn put(path: &Path, bytes: &[u8]) {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

impl Copy {
    fn path(&self, name: &str) -> PathBuf {
        self.work.join("copy").join(name)
    }

    /// Copies what git knows, and what it does not ignore.
    fn files(&self) -> Vec<String> {
        let mut git = Command::new("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let listed = git.current_dir(&self.root).output().unwrap();
        let mut files: Vec<String> = String::from_utf8(listed.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        files.retain(|name| self.root.join(name).is_file());
        files.sort();
        files
    }

    fn is_mutated(name: &str) -> bool {
        (name.starts_with("src/core/") || name.starts_with("src/client/")) && name.ends_with(".rs")
    }

    fn copy(&self) {
        for name in self.files().iter().filter(|name| !Copy::is_mutated(name)) {
            let mut bytes = fs::read(self.root.join(name)).unwrap();
            for (_, from, to) in CHANGES.iter().filter(|(path, ..)| path == name) {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(from), "{name} has no {from}");
                bytes = text.replacen(from, to, 1).into_bytes();
            }
            if name == "src/lib.rs" {
                bytes.extend(b"\n#[doc(hidden)]\npub mod mutation;\n");
            }
            put(&self.path(name), &bytes);
        }
        put(&self.path("src/mutation.rs"), include_bytes!("selected.rs"));
    }

    fn write(&self, left_out: &BTreeSet<String>) -> (Vec<(String, Written)>, Vec<Named>) {
        let (mut files, mut all) = (Vec::new(), Vec::new());
        for name in self.files().into_iter().filter(|name| Copy::is_mutated(name)) {
            let source = fs::read_to_string(self.root.join(&name)).unwrap();
            let parsed = syn::parse_file(&source).unwrap();
            let mut finder = Finder::new(&name, &source, left_out, all.len() + 1);
            finder.visit_file(&parsed);
            let (written, mutants) = finder.write();
            put(&self.path(&name), written.text.as_bytes());
            files.push((name, written));
            all.extend(mutants);
        }
        (files, all)
    }

    fn cargo(&self, command: &[&str]) -> Vec<Value> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(command).args(["--message-format=json", "--quiet"]);
        cargo.args([
            "--config",
            "profile.dev.opt-level=1",
            "--config",
            "profile.dev.debug=false",
        ]);
        cargo
            .env("CARGO_TARGET_DIR", self.work.join("target"))
            .env_remove("RUSTC");
        let done = cargo
            .current_dir(self.work.join("copy"))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Makes the copy with all mutants that compile; those, and its test programs.
    pub fn build(&self) -> (Vec<Named>, Vec<(String, PathBuf)>) {
        self.copy();
        let list = self.work.join("do-not-compile.txt");
        let mut left_out: BTreeSet<String> = lines(&list).into_iter().collect();
        loop {
            let (files, mut all) = self.write(&left_out);
            let wrong = wrong(&self.cargo(&["check", "--lib"]), &files);
            println!("{} mutants, {} do not compile", all.len(), left_out.len() + wrong.len());
            if wrong.is_empty() {
                all.retain(|(_, name)| !left_out.contains(name));
                return (all, self.programs());
            }
            left_out.extend(
                all.into_iter()
                    .filter(|(number, _)| wrong.contains(number))
                    .map(|(_, name)| name),
            );
            let text: String = left_out.iter().map(|name| format!("{name}\n")).collect();
            fs::write(&list, text).unwrap();
        }
    }

    fn programs(&self) -> Vec<(String, PathBuf)> {
        let mut command = vec!["test", "--no-run"];
        command.extend(BINARIES.iter().flat_map(|name| ["--test", name]));
        let messages = self.cargo(&command);
        let program = |message: &Value| {
            let name = message["target"]["name"].as_str()?.to_owned();
            let path = message["executable"].as_str()?.into();
            BINARIES.contains(&name.as_str()).then_some((name, path))
        };
        let programs: Vec<_> = messages.iter().filter_map(program).collect();
        assert_eq!(programs.len(), BINARIES.len(), "the tests of the copy do not compile");
        programs
    }
}

/// The mutants that the compiler complains about.
fn wrong(messages: &[Value], files: &[(String, Written)]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for message in messages
        .iter()
        .map(|one| &one["message"])
        .filter(|message| message["level"] == "error")
    {
        for span in message["spans"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|span| span["is_primary"] == true)
        {
            let at = span["byte_start"].as_u64().unwrap() as usize;
            let file = files.iter().find(|(name, _)| span["file_name"] == **name);
            let regions = file.into_iter().flat_map(|(_, written)| &written.regions);
            let around = regions
                .filter(|(range, _)| range.contains(&at))
                .min_by_key(|(range, _)| range.len());
            let (_, of) = around.unwrap_or_else(|| panic!("not of a mutant: {}", message["rendered"]));
            found.extend(of);
        }
    }
    found
}
