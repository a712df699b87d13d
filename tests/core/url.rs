//! URLs and forms, as the URL Standard has them.

use scopewise::core::url::{Params, absolute, base, origin, parts, with_query};

use crate::common::{Random, pairs};

fn pair(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn it_reads_what_the_url_standard_says() {
    for (text, name, member) in [
        ("a=b", "a", "b"),
        ("a", "a", ""),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("a=b=c", "a", "b=c"),
        ("a+b=c+d", "a b", "c d"),
        ("a%3Db=%26%23%3F%2B", "a=b", "&#?+"),
        ("%61=%E2%82%AC", "a", "\u{20ac}"),
        ("a=%f0%9F%98%80", "a", "\u{1f600}"),
        // What is no escape stands for itself.
        ("a=%", "a", "%"),
        ("a=%4", "a", "%4"),
        ("a=%zz%4z", "a", "%zz%4z"),
        ("a=%2%41", "a", "%2A"),
        ("a=\u{e9}", "a", "\u{e9}"),
    ] {
        assert_eq!(pairs(text), [pair(name, member)], "{text}");
    }
    assert_eq!(pairs(""), []);
    assert_eq!(pairs("&&"), []);
    assert_eq!(pairs("&a=1&&b=2&"), [pair("a", "1"), pair("b", "2")]);
}

#[test]
fn c040_bytes_that_are_no_text_are_not_nothing() {
    for text in ["%FF", "a%C3", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80"] {
        let [(name, member)] = pairs(&format!("{text}={text}")).try_into().unwrap();
        assert!(!name.is_empty() && !member.is_empty(), "{text}");
        assert!(member.contains('\u{fffd}'), "{text} became {member}");
    }
}

#[test]
fn it_writes_what_the_url_standard_says() {
    let mut params = Params::new();
    params.push("a b", "-._*~!'()+&=#%/:\u{e9}\u{0}");
    params.push_some("none", None);
    params.push_some("some", Some(""));
    params.push("x", " ");
    assert_eq!(
        params.to_form(),
        "a+b=-._*%7E%21%27%28%29%2B%26%3D%23%25%2F%3A%C3%A9%00&some=&x=+"
    );
    assert_eq!(
        with_query("https://id.example/x", &params).split_once('?').unwrap().1,
        "a%20b=-._*%7E%21%27%28%29%2B%26%3D%23%25%2F%3A%C3%A9%00&some=&x=%20",
        "in a URL a plus is not a blank for everybody"
    );
}

#[test]
fn what_is_written_is_read_again() {
    let mut random = Random(0xf0);
    for _ in 0..5_000 {
        let mut text = || -> String {
            (0..random.below(8))
                .map(|_| char::from_u32(random.next() as u32 % 0x11_0000).unwrap_or('+'))
                .collect()
        };
        let all: Vec<_> = (0..3).map(|_| (text(), text())).collect();
        let params = Params::from_iter(all.clone());
        assert_eq!(pairs(&params.to_form()), all);
        assert!(!params.is_empty() && params.to_form().is_ascii());
        for (name, _) in &all {
            // The first of a name has the only word.
            let (_, first) = all.iter().find(|(other, _)| other == name).unwrap();
            assert_eq!(params.get(name), Some(first.as_str()));
        }
        let other = text();
        if all.iter().all(|(name, _)| *name != other) {
            assert_eq!(params.get(&other), None);
        }
    }
}

#[test]
fn parameters_of_the_nearest_come_first_and_each_name_is_there_once() {
    let mut params = Params::new();
    params.push("a", "near");
    params.push("b", "near");
    params.complete(&Params::from_iter([
        pair("b", "far"),
        pair("c", "far"),
        pair("c", "again"),
    ]));
    let all: Vec<_> = params.iter().collect();
    // Only what is there before counts as there: several of a name may come together.
    assert_eq!(all, [("a", "near"), ("b", "near"), ("c", "far"), ("c", "again")]);
    assert_eq!(format!("{params:?}"), r#"["a", "b", "c", "c"]"#, "names only");
}

#[test]
fn a_url_has_an_origin_a_base_a_query_and_a_fragment() {
    for (url, its_origin, its_base, its_parts) in [
        (
            "https://a.example/x?y#z",
            "https://a.example",
            "https://a.example/x",
            ("y", "z"),
        ),
        ("https://a.example", "https://a.example", "https://a.example", ("", "")),
        ("http://[::1]:80/#?x", "http://[::1]:80", "http://[::1]:80/", ("", "?x")),
        (
            "https://a.example/x??#",
            "https://a.example",
            "https://a.example/x",
            ("?", ""),
        ),
        (
            "https://a.example?x=/y#/z",
            "https://a.example",
            "https://a.example",
            ("x=/y", "/z"),
        ),
        (
            "https://a.example#/z",
            "https://a.example",
            "https://a.example",
            ("", "/z"),
        ),
    ] {
        assert_eq!(origin(url), its_origin, "{url}");
        assert_eq!(base(url), its_base, "{url}");
        assert_eq!(parts(url), its_parts, "{url}");
    }
    for (text, expected) in [
        ("/x", "https://a.example/x"),
        ("//evil.example", "//evil.example"),
        ("https://b.example", "https://b.example"),
        ("x", "x"),
        ("", ""),
    ] {
        assert_eq!(absolute(text, "https://a.example"), expected);
    }
}
