//! README.md keeps its word: every error code is explained there, and every link leads somewhere, in guides too.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::codes;

const README: &str = include_str!("../../README.md");
const SEVERAL_SERVERS: &str = include_str!("../../docs/several-servers.md");
const TYPES: &str = include_str!("../../js/types.ts");

/// Failures of the JavaScript around the module, which the core never sees.
const CODES_OF_THE_LOADER: [&str; 3] = ["wasm_unavailable", "wasm_blocked_by_csp", "instance_poisoned"];

/// The codes that are the client's, or that it acts on.
fn client_codes() -> Vec<&'static str> {
    [codes(), vec!["access_denied"], CODES_OF_THE_LOADER.to_vec()].concat()
}

/// What stands between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?}")).0
}

/// The first cells of the table of errors, which are codes in backticks, each with what happened.
fn explained() -> Vec<(&'static str, &'static str)> {
    let table = between(README, "\n## Error codes\n", "\n## ");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (code, rest) = row.split_once("` |").unwrap_or_else(|| panic!("no code in {row:?}"));
        (code, rest.split('|').next().unwrap().trim())
    })
    .collect()
}

/// The codes that the types name, in quotes: those before the mark are the client's, those after it the server's.
fn typed() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let union = between(TYPES, "export type AuthErrorCode =", "(string & {})");
    let parts = union.split_once("// of the server");
    let (client, server) = parts.unwrap_or_else(|| panic!("the server's codes have no comment of their own"));
    let codes = |text: &'static str| text.split('\'').skip(1).step_by(2).collect();
    (codes(client), codes(server))
}

#[test]
fn every_code_is_explained_once_and_no_other() {
    let rows = explained();
    let codes: BTreeSet<_> = rows.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), rows.len(), "a code stands there twice");
    let (_, server) = typed();
    let known: BTreeSet<_> = client_codes().into_iter().chain(server).collect();
    let missing: Vec<_> = known.difference(&codes).collect();
    let strange: Vec<_> = codes.difference(&known).collect();
    assert!(missing.is_empty(), "README.md does not explain {missing:?}");
    assert!(
        strange.is_empty(),
        "README.md explains {strange:?}, which there are not"
    );
    for (code, what) in rows {
        assert!(what.len() > 10, "README.md says next to nothing about {code}");
    }
}

#[test]
fn the_types_name_the_same_codes() {
    let (client, server) = typed();
    let all: BTreeSet<_> = client_codes().into_iter().collect();
    assert_eq!(all.len(), client_codes().len(), "a code is there twice");
    assert!(client.is_disjoint(&server), "a code is the client's and the server's");
    // Two of the server's codes are known to the client, since it acts on them.
    let of_client: BTreeSet<_> = all.difference(&server).copied().collect();
    assert_eq!(client, of_client);
}

#[test]
fn relative_links_lead_somewhere() {
    for (name, text) in [("README.md", README), ("docs/several-servers.md", SEVERAL_SERVERS)] {
        let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        let relative: Vec<_> = targets.filter(|target| !target.contains("://")).collect();
        assert!(!relative.is_empty(), "there should be links to follow");
        for target in relative {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            let file = folder.parent().unwrap().join(path);
            assert!(path.is_empty() || file.is_file(), "{name}: there is no {path}");
            let is_there = match path {
                "" => headings(text).contains(&anchor.to_owned()),
                "../README.md" => headings(README).contains(&anchor.to_owned()),
                _ => true,
            };
            assert!(is_there, "{name}: there is no {path}#{anchor}");
        }
    }
}

/// The headings as anchors: lower case, with hyphens.
fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let anchors = lines.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    anchors.map(|line| line.replace(' ', "-").replace(',', "")).collect()
}
