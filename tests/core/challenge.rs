//! What the `WWW-Authenticate` header of an API asks for.

use std::hint::black_box;

use allocation_counter::measure;
use scopewise::core::demands::Demands;
use scopewise::core::resource::{Challenge, ChallengeKind as Kind, MAX_HEADER};
use scopewise::core::scope::{self, Scope};

use crate::common::Random;

/// Kind, scopes, acr_values and max_age.
type Read<'a> = (Kind, &'a str, Option<&'a str>, Option<i64>);

const NOTHING: Read<'_> = (Kind::Nothing, "", None, None);
const INVALID_TOKEN: Read<'_> = (Kind::InvalidToken, "", None, None);

fn scopes(scope: &str) -> Read<'_> {
    (Kind::InsufficientScope, scope, None, None)
}

#[track_caller]
fn assert_reads(status: u16, header: &str, expected: Read<'_>) {
    let read = Challenge::parse(status, header);
    let scope = read.scope.to_string();
    let Demands {
        acr_values, max_age, ..
    } = read.demands;
    let found = (read.kind, scope.as_str(), acr_values.as_deref(), max_age);
    assert_eq!(found, expected, "{status} {header:.300}");
}

#[test]
fn the_examples_of_the_specifications() {
    for (expected, header) in [
        // RFC 6750 §3
        (INVALID_TOKEN, r#"Bearer realm="example""#),
        (
            INVALID_TOKEN,
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
        ),
        // RFC 9449 §7.1, §9
        (
            INVALID_TOKEN,
            r#"DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256""#,
        ),
        (
            (Kind::UseDpopNonce, "", None, None),
            r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
        ),
        // RFC 9110 §11.6.1
        (
            NOTHING,
            r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#,
        ),
    ] {
        assert_reads(401, header, expected);
    }
    assert_reads(403, r#"Bearer error="insufficient_scope", scope="a b""#, scopes("a b"));
}

#[test]
fn c180_without_a_scope_nothing_is_guessed() {
    assert_reads(403, r#"Bearer error="insufficient_scope""#, scopes(""));
    assert_reads(403, r#"Bearer error="insufficient_scope", scope="""#, scopes(""));
    assert_reads(403, r#"Bearer realm="api""#, NOTHING);
    assert_reads(403, "Bearer", NOTHING);
    assert_reads(403, "", NOTHING);
    assert_reads(401, "", NOTHING);
    // The scheme makes the challenge.
    assert_reads(403, r#"error="insufficient_scope", scope="admin""#, NOTHING);
}

#[test]
fn c180_a_scope_without_an_error_counts_where_more_rights_are_asked_for() {
    assert_reads(403, r#"Bearer scope="a b""#, scopes("a b"));
    assert_reads(401, r#"Bearer scope="a b""#, (Kind::InvalidToken, "a b", None, None));
    assert_reads(401, r#"Bearer error="insufficient_scope", scope="a""#, scopes("a"));
    for status in [401, 403] {
        assert_reads(status, r#"Bearer error="invalid_request", scope="a""#, NOTHING);
        // As it is written in RFC 6750 §3.1, and not otherwise.
        assert_reads(status, r#"Bearer error="Insufficient_Scope", scope="a""#, NOTHING);
    }
    // A new token is what a 401 is about.
    assert_reads(403, r#"Bearer error="invalid_token""#, NOTHING);
}

#[test]
fn c180_tokens_outside_the_grammar_are_dropped() {
    let header = r#"Bearer error="insufficient_scope", scope="a  b\"c d\\e é a 
 https://x.example/f:*""#;
    assert_reads(403, header, scopes("a https://x.example/f:*"));
    assert_reads(403, "Bearer scope=\"a \x1e b\"", scopes("a b"));
}

#[test]
fn c182_all_challenges_of_all_lines_are_read() {
    let asks = r#"Bearer error="insufficient_scope", scope="a""#;
    let others = [
        r#"Basic realm="x", charset="UTF-8""#,
        "Negotiate",
        "Negotiate oYGzMIGwoAMKAQGi/+abc==",
        r#"Digest realm="d", qop="auth, auth-int", nonce=abc, opaque="x\"y", scope="b", scope="c""#,
        r#"Newauth title="Bearer scope=\"admin\", Bearer scope=\"root\"""#,
        r#"Bearer realm="x""#,
        r#"DPoP algs="ES256", error="use_dpop_nonce""#,
        "",
        ",, ,\t,",
    ];
    for other in others {
        for header in [[other, asks], [asks, other]] {
            assert_reads(403, &header.join(", "), scopes("a"));
            assert_reads(401, &header.join(","), scopes("a"));
        }
        assert_reads(403, &[other, asks, other].join(" \t, "), scopes("a"));
    }
    assert_reads(401, "Negotiate abc==, Basic realm=x, DPoP", INVALID_TOKEN);
    assert_reads(401, r#"Bearer, , error="insufficient_scope" ,, scope="a""#, scopes("a"));
}

#[test]
fn c182_the_first_of_the_most_specific_challenges_counts() {
    let a = r#"DPoP error="insufficient_scope", scope="a""#;
    let b = r#"Bearer error="insufficient_scope", scope="b""#;
    assert_reads(403, &[a, b].join(", "), scopes("a"));
    assert_reads(403, &[b, a].join(", "), scopes("b"));
    let step_up = r#"Bearer error="insufficient_user_authentication", max_age=5"#;
    for header in [[a, step_up], [step_up, a]] {
        let expected = (Kind::InsufficientUserAuthentication, "", None, Some(5));
        assert_reads(401, &header.join(", "), expected);
    }
}

#[test]
fn c184_lenient_where_nothing_is_lost() {
    for header in [
        "Bearer error=insufficient_scope, scope=a",
        "Bearer error=insufficient_scope,scope=a",
        "  Bearer  error = \"insufficient_scope\" ,\tscope\t=\t\"a\"  ",
        r#"Bearer ERROR="insufficient_scope", Scope="a""#,
        r#"Bearer error="insufficient\_scope", scope="\a""#,
        // Without the comma between.
        r#"Bearer error="insufficient_scope" scope="a""#,
        "Bearer error=insufficient_scope scope=a",
        r#"Bearer error="insufficient_scope",scope="a","#,
        r#"Bearer realm=, error="insufficient_scope", scope="a""#,
        r#"Bearer , error="insufficient_scope", scope="a""#,
    ] {
        assert_reads(403, header, scopes("a"));
    }
    let unquoted = "Bearer error=insufficient_scope, scope=https://x.example/a?b=c:*";
    assert_reads(403, unquoted, scopes("https://x.example/a?b=c:*"));
    // A token68 holds no parameter.
    assert_reads(401, "Bearer abc/def+==", INVALID_TOKEN);
    assert_reads(403, "Bearer abc/def+==", NOTHING);
}

#[test]
fn c184_what_could_be_read_in_two_ways_is_dropped() {
    for header in [
        r#"Bearer error="insufficient_scope", scope="a", scope="b""#,
        r#"Bearer error="insufficient_scope", scope="a", SCOPE="a""#,
        r#"Bearer error="invalid_token", error="insufficient_scope", scope="a""#,
        r#"Bearer realm="x", realm="y", error="insufficient_scope", scope="a""#,
        r#"Bearer foo=1, error="insufficient_scope", foo=2, scope="a""#,
        r#"Bearer error="insufficient_scope", scope="a"#,
        r#"Bearer error="insufficient_scope", scope="a\"#,
        r#"Bearer error="insufficient_scope", scope="a\""#,
        r#"Bearer error="insufficient_scope", scope=""#,
        "Bearer error=insufficient_scope, scope=a b",
        r#"Bearer error="insufficient_scope", scope=a"b""#,
        r#"Bearer error="insufficient_scope", "scope"="a""#,
        r#"Bearer error="insufficient_scope", scope="a", é"#,
        r#"Bearer error="insufficient_scope"; scope="a""#,
    ] {
        for status in [401, 403] {
            assert_reads(status, header, NOTHING);
        }
    }
    // Of a header, the sound part stays.
    let sound = r#"Bearer error="insufficient_scope", scope="a""#;
    assert_reads(403, &[r#"DPoP scope="b", scope="c""#, sound].join(", "), scopes("a"));
    assert_reads(403, &[sound, r#"DPoP scope="b", scope="c""#].join(", "), scopes("a"));
    assert_reads(403, &[sound, r#"DPoP scope="b, Bearer x=""#].join(", "), scopes("a"));
    assert_reads(403, &["Newauth (a)[b];{c}", sound].join(", "), scopes("a"));
    let many: String = (0..40).map(|i| format!("p{i}=1, ")).collect();
    assert_reads(403, &["Bearer ", &many, "scope=a"].concat(), NOTHING);
    let with_others = |count: usize| (0..count).map(|i| format!("p{i}=1, ")).collect::<String>();
    assert_reads(403, &["Bearer ", &with_others(31), "scope=a"].concat(), scopes("a"));
    assert_reads(403, &["Bearer ", &with_others(32), "scope=a"].concat(), NOTHING);
    assert_reads(403, &["Newauth ", &many, sound].concat(), scopes("a"));
}

#[test]
fn c185_schemes_are_known_in_any_case() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "DPoP", "dpop", "DPOP"] {
        let header = [scheme, r#" error="insufficient_scope", scope="a""#].concat();
        assert_reads(403, &header, scopes("a"));
        assert_reads(401, scheme, INVALID_TOKEN);
    }
    for scheme in ["Bearers", "Bear", "DPoPs", "X-Bearer", "Basic", "MAC", "Bearer/1"] {
        let header = [scheme, r#" error="insufficient_scope", scope="a""#].concat();
        assert_reads(403, &header, NOTHING);
        assert_reads(401, scheme, NOTHING);
    }
}

const ASKS: &str = r#", Bearer error="insufficient_scope", scope="a""#;

#[test]
fn c186_a_header_beyond_the_cap_is_not_read() {
    let filled = |bytes: usize| ["Basic ", &"x".repeat(bytes - 6 - ASKS.len()), ASKS].concat();
    assert_reads(403, &filled(MAX_HEADER), scopes("a"));
    assert_reads(403, &filled(MAX_HEADER + 1), NOTHING);
    assert_reads(403, &filled(1_000_000), NOTHING);
    assert_reads(403, &[ASKS; 10_000].concat(), NOTHING);
    let most = [ASKS; MAX_HEADER / ASKS.len()].concat();
    assert_reads(403, &most, scopes("a"));
}

#[test]
fn c186_a_scope_that_no_request_carries_is_dropped() {
    let header = |bytes: usize| format!(r#"Bearer scope="{}""#, "x".repeat(bytes));
    assert_reads(403, &header(scope::MAX_BYTES), scopes(&"x".repeat(scope::MAX_BYTES)));
    assert_reads(403, &header(scope::MAX_BYTES + 1), NOTHING);
    let numbered = |count: usize| (0..count).map(|i| format!("s{i}")).collect::<Vec<_>>().join(" ");
    let header = |count: usize| format!(r#"Bearer scope="{}""#, numbered(count));
    assert_reads(403, &header(200), scopes(&numbered(200)));
    assert_reads(403, &header(201), NOTHING);
}

/// Allocations, and bytes, that it takes to read a header: what is read of it is copied.
fn work(header: &str) -> (u64, u64) {
    let made = measure(|| drop(black_box(Challenge::parse(403, black_box(header)))));
    (made.count_total, made.bytes_total)
}

#[test]
fn c186_eight_times_the_header_is_about_eight_times_the_work() {
    let numbered = |piece: &str| -> String { (0..9_000).map(|i| piece.replace('#', &i.to_string())).collect() };
    let shapes = [
        "Bearer ".to_owned() + &numbered("a#=1,"),
        "Bearer ".to_owned() + &numbered("a#=\"\\\"\" "),
        numbered("Bearer a#=b,"),
        numbered("Bearer scope=a#,"),
        numbered("Bearer "),
        numbered("a# "),
        "Bearer a=\"".to_owned() + &"\\\"".repeat(MAX_HEADER),
        "Bearer a=".to_owned() + &"\"".repeat(MAX_HEADER),
        "Bearer a".to_owned() + &"=".repeat(MAX_HEADER),
        "Bearer a".to_owned() + &" ".repeat(MAX_HEADER),
        "Bearer ".to_owned() + &"x".repeat(MAX_HEADER),
        "Bearer ".to_owned() + &", ".repeat(MAX_HEADER),
        "é".repeat(MAX_HEADER),
        "Bearer a=é".repeat(MAX_HEADER),
    ];
    for shape in shapes {
        let cut = |bytes| shape.get(..bytes).or(shape.get(..bytes + 1)).unwrap();
        let (small, large) = (cut(MAX_HEADER / 8 - 8), cut(MAX_HEADER - 8));
        let (few, many) = (work(small), work(large));
        // What is quadratic would be 64 times as much. What is compared has caps of its own, in the tests above.
        assert!(many.0 <= few.0 * 16, "{few:?} {many:?} allocations {shape:.60}");
        assert!(many.1 <= few.1 * 16, "{few:?} {many:?} bytes {shape:.60}");
        assert!(many.1 <= 16 * large.len() as u64, "{many:?} bytes {shape:.60}");
    }
}

#[test]
fn c189_a_step_up_says_what_it_wants() {
    let read = |acr_values, max_age| (Kind::InsufficientUserAuthentication, "", acr_values, max_age);
    let start = r#"Bearer error="insufficient_user_authentication""#;
    for (acr_values, max_age, rest) in [
        // RFC 9470 §3
        (
            Some("myACR"),
            None,
            r#", error_description="A different level is required", acr_values="myACR""#,
        ),
        (
            None,
            Some(5),
            r#", error_description="More recent authentication is required", max_age="5""#,
        ),
        (Some("a b"), Some(0), r#", acr_values="a b", max_age=0"#),
        (None, None, ""),
        (None, None, r#", acr_values="""#),
        (None, None, r#", acr_values="  ""#),
    ] {
        assert_reads(401, &[start, rest].concat(), read(acr_values, max_age));
    }
    let both = r#"DPoP scope="a b", max_age=60, error="insufficient_user_authentication", acr_values="mfa""#;
    let expected = (Kind::InsufficientUserAuthentication, "a b", Some("mfa"), Some(60));
    assert_reads(401, both, expected);
    assert_reads(403, both, expected);
    // As Okta's own APIs say it.
    let okta =
        r#"Bearer realm="IdpMyAccountAPI", error="insufficient_authentication_context", error_description="more", "#;
    assert_reads(403, &[okta, "max_age=900"].concat(), read(None, Some(900)));
    assert_reads(
        403,
        &[okta, r#"acr_values="urn:okta:loa:2fa:any""#].concat(),
        read(Some("urn:okta:loa:2fa:any"), None),
    );
}

#[test]
fn c190_a_max_age_that_is_none_drops_its_challenge() {
    let header =
        |max_age: &str| format!(r#"Bearer error="insufficient_user_authentication", acr_values=x, max_age={max_age}"#);
    for (text, number) in [("0", 0), ("\"300\"", 300), ("2147483647", 2_147_483_647), ("007", 7)] {
        let expected = (Kind::InsufficientUserAuthentication, "", Some("x"), Some(number));
        assert_reads(401, &header(text), expected);
    }
    let none = r#"
        -1 "abc" 1e99 1.5 "" 2147483648 9223372036854775808 +5 0x10 - 99999999999999999999999999999999 ٣ Infinity NaN"#;
    for text in none.split_whitespace().chain(["", "\" 5\"", "\"5 \"", "\"5,6\""]) {
        assert_reads(401, &header(text), NOTHING);
        let other = [&header(text), r#", DPoP error="insufficient_scope", scope="a""#].concat();
        assert_reads(401, &other, scopes("a"));
    }
}

#[test]
fn random_headers_neither_panic_nor_ask_for_what_is_not_in_them() {
    let words = "
        Bearer DPoP Basic , = \" \\ scope error max_age acr_values insufficient_scope
        insufficient_user_authentication invalid_token 5 - a é \u{1f600} \0 \x1d \x1e scope=\"a\"
        error=\"insufficient_scope\"";
    let blanks = [" ", "  ", "\t", ", ", "b c"];
    let pieces: Vec<_> = words.split_whitespace().chain(blanks).collect();
    let mut random = Random(0x5eed);
    let mut helped = 0;
    for _ in 0..60_000 {
        let mut header = String::new();
        for _ in 0..random.below(16) {
            header.push_str(random.pick(&pieces));
        }
        let lower = header.to_ascii_lowercase();
        for status in [401, 403] {
            let read = Challenge::parse(status, &header);
            helped += u32::from(read.kind > Kind::InvalidToken);
            if read.kind != Kind::Nothing {
                assert!(lower.contains("bearer") || lower.contains("dpop"), "{header:?}");
            }
            assert!(read.kind <= Kind::InvalidToken || header.contains("insufficient") || status == 403);
            assert!(read.demands.max_age.is_none_or(|age| (0..1 << 31).contains(&age)));
            for token in read.scope.iter() {
                assert!(Scope::parse(token).is_ok(), "{header:?}");
            }
        }
    }
    assert!(helped > 50, "too few of the headers ask for anything: {helped}");
}

#[test]
fn random_challenges_read_as_they_were_written() {
    let mut random = Random(0xc0de);
    for _ in 0..5_000 {
        let tokens: Vec<String> = (0..1 + random.below(4))
            .map(|i| format!("s{i}:{}", random.below(99)))
            .collect();
        let scope = tokens.join(" ");
        let quoted: String = scope
            .chars()
            .flat_map(|c| [Some('\\').filter(|_| random.below(4) == 0), Some(c)])
            .flatten()
            .collect();
        let mut parameters = [
            format!("scope=\"{quoted}\""),
            random
                .pick(&["error=insufficient_scope", "ERROR = \"insufficient_scope\""])
                .to_owned(),
            random
                .pick(&["realm=\"a, Bearer scope=b\"", "x=1", "max_age=5"])
                .to_owned(),
        ];
        parameters.rotate_left(random.below(3));
        let scheme = random.pick(&["Bearer ", "dpop  "]);
        let other = random.pick(&[
            "Basic realm=\"x\"",
            "Negotiate abc==",
            "Digest a=\"\\\"\", b=c",
            "Bearer",
        ]);
        let separator = random.pick(&[",", ", ", " ,\t"]);
        let asks = [scheme, &parameters.join(separator)].concat();
        let header = if random.below(2) == 0 {
            [&asks, other]
        } else {
            [other, asks.as_str()]
        }
        .join(separator);
        let read = Challenge::parse(401, &header);
        assert_eq!(
            (read.kind, read.scope.to_string().as_str()),
            (Kind::InsufficientScope, scope.as_str()),
            "{header}"
        );
    }
}
