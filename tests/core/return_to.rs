//! Where users may be sent afterwards.

use scopewise::core::authorize::return_to;
use scopewise::core::end_session;

use crate::common::{self, CALLBACK, ORIGIN, cases, code, rows, vectors};

fn run(case: &str) {
    let table = vectors("return_to");
    let (origin, callback) = (table["origin"].as_str().unwrap(), table["callback"].as_str().unwrap());
    for row in rows(&table, case) {
        let input = row["input"].as_str().unwrap();
        let parsed = return_to::parse(input, origin, callback);
        match row["path"].as_str() {
            Some(path) => assert_eq!(parsed.unwrap(), path, "{input:?}"),
            None => assert_eq!(code(parsed), "invalid_return_to", "{input:?}"),
        }
    }
}

cases! { run:
    c286_only_paths_of_this_origin = "C286",
    c288_back_to_the_callback_without_a_response = "C288",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("return_to"), CASES);
}

#[test]
fn c288_a_callback_with_a_query_is_a_callback_too() {
    let callback = format!("{CALLBACK}?tenant=1");
    for input in ["/callback", "/callback?tenant=1", "/callback?x"] {
        assert_eq!(return_to::parse(input, ORIGIN, &callback).unwrap(), input);
    }
    let response = "/callback?tenant=1&code=x&state=y#/orders/8";
    let path = return_to::parse(response, ORIGIN, &callback).unwrap();
    assert_eq!(path, "/callback?tenant=1#/orders/8");
}

#[test]
fn c288_a_callback_at_the_root_leaves_the_root_as_it_is() {
    let callback = format!("{ORIGIN}/");
    assert_eq!(return_to::parse("/?tab=1", ORIGIN, &callback).unwrap(), "/?tab=1");
}

#[test]
fn c277_sign_out_returns_to_safe_places_only() {
    assert_eq!(
        end_session::return_uri("/bye?x=1", ORIGIN).unwrap(),
        "https://app.example/bye?x=1"
    );
    assert_eq!(
        end_session::return_uri("https://www.example/bye", ORIGIN).unwrap(),
        "https://www.example/bye"
    );
    let bad = [
        "",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://evil.example",
        "bye",
    ];
    for text in bad {
        assert_eq!(
            code(end_session::return_uri(text, ORIGIN)),
            "invalid_return_to",
            "{text:?}"
        );
    }
}
