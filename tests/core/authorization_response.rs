//! Authorization responses, from the URL to the code.

use std::time::{Duration, Instant};

use crate::common::{
    CALLBACK, ISSUER, MARK, NOW, Random, assert_discreet, assert_no_secret, build, cases, code, rows, sign_in, vectors,
};
use scopewise::core::callback::{self, Answer, Response};
use scopewise::core::error::{Code, Result};
use scopewise::core::transaction::{self, LIFETIME, Mode, Transaction};
use scopewise::core::url;
use serde_json::json;

/// A response's code, with one request under way. Nothing where the URL is no response.
fn handle(url: &str, transaction: &Transaction) -> Result<Option<String>> {
    if !callback::lands_on(url, CALLBACK) {
        return Ok(None);
    }
    let (query, fragment) = url::parts(url);
    let found: Vec<_> = [(query, Mode::Query), (fragment, Mode::Fragment)]
        .into_iter()
        .filter(|(part, _)| callback::is_response(part))
        .map(|(part, mode)| callback::read(part, mode))
        .collect();
    let ours = |response: &Response| response.state.secret() == "s3cr3t-state";
    let expected = |read: &&Result<Response>| {
        read.as_ref()
            .is_ok_and(|response| ours(response) && response.mode == transaction.mode())
    };
    let Some(read) = found.iter().find(expected).or(found.first()) else {
        return Ok(None);
    };
    let response = read.clone()?;
    if !ours(&response) {
        return Err(transaction::missing());
    }
    match response.check(transaction, ISSUER)? {
        Answer::Code(code) => Ok(Some(code.secret().to_owned())),
        Answer::Refused(error) => Err(error),
    }
}

/// A request that wants its answer there, of a server that promises `iss` or not.
fn under_way(fragment: bool, promises_issuer: bool, now: i64) -> Transaction {
    let metadata = common::metadata_with("authorization_response_iss_parameter_supported", json!(promises_issuer));
    let mode = if fragment { "fragment" } else { "query" };
    let (client, purpose) = (common::client(), common::purpose("openid"));
    let request = build(&client, &metadata, &[("responseMode", mode)], purpose, now);
    request.unwrap().transaction
}

fn run(case: &str) {
    for row in rows(&vectors("callbacks"), case) {
        let url = row["url"].as_str().unwrap();
        let transaction = under_way(row["fragment"] == true, row["promisesIssuer"] == true, NOW);
        let result = handle(url, &transaction);
        match (row["accepted"].as_str(), row["error"].as_str()) {
            (Some(accepted), _) => assert_eq!(result.unwrap().unwrap(), accepted, "{url}"),
            (None, Some(error)) => {
                let failure = result.unwrap_err();
                assert_eq!(failure.code(), error, "{url}");
                assert_discreet(&failure);
            }
            (None, None) => {
                assert_eq!(row["none"], true);
                assert_eq!(result.unwrap(), None, "{url}");
                assert_eq!(row["cleaned"].as_str(), None);
            }
        }
        if let Some(cleaned) = row["cleaned"].as_str() {
            assert_eq!(callback::cleaned(url), cleaned);
        }
        if row["none"] != true {
            assert_no_secret(&callback::cleaned(url));
        }
    }
}

cases! { run:
    c001_no_state = "C001",
    c002_another_state = "C002",
    c018_error_and_code = "C018",
    c022_duplicate_code = "C022",
    c024_duplicate_iss_or_error = "C024",
    c025_duplicate_unknown_parameter = "C025",
    c026_wrong_or_missing_issuer = "C026",
    c028_issuer_that_was_not_promised = "C028",
    c029_empty_issuer = "C029",
    c030_issuer_is_compared_to_the_letter = "C030",
    c032_response_in_the_other_part = "C032",
    c033_only_the_expected_part_is_read = "C033",
    c034_tokens_in_the_front_channel = "C034",
    c036_neither_code_nor_error = "C036",
    c037_empty_code = "C037",
    c038_code_is_kept_byte_by_byte = "C038",
    c040_strange_characters = "C040",
    c041_names_of_object_members = "C041",
    c044_facebook_fragment = "C044",
    c045_scope_in_the_url_means_nothing = "C045",
    c049_another_path = "C049",
    c050_response_of_another_login = "C050",
    c165_the_user_said_no = "C165",
    c266_login_required = "C266",
    c289_the_url_keeps_the_rest = "C289",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("callbacks"), CASES);
}

#[test]
fn c016_an_old_transaction_expires() {
    let transaction = sign_in("openid");
    assert!(!transaction.is_expired(NOW));
    assert!(!transaction.is_expired(NOW + LIFETIME));
    assert!(transaction.is_expired(NOW + LIFETIME + 1));
    assert_eq!(transaction::expired().code(), "transaction_expired");
}

#[test]
fn c017_a_clock_that_moved_back() {
    // The furthest that a stored number may be.
    let far = 999_999_999_999_999_999;
    for created_at in [NOW, -far, far, 0] {
        for now in [NOW - 86_400, i64::MIN, i64::MAX, 0, NOW] {
            let believable = now.abs_diff(created_at) <= LIFETIME as u64;
            let pending = under_way(false, false, created_at);
            for transaction in [pending.in_flight(), pending.done(None), pending] {
                assert_eq!(transaction.is_expired(now), !believable, "{created_at} at {now}");
            }
        }
    }
}

#[test]
fn c042_huge_responses() {
    let part = |code: &str, more: &str| format!("{CALLBACK}?state=s3cr3t-state&code={code}{more}");
    let huge = [
        part("s3cr3t", &format!("&x={}", "x".repeat(1 << 20))),
        part("s3cr3t", &"&x=1".repeat(10_000)),
        part(&"s3cr3t".repeat(20_000), ""),
        part(&"s3cr3t".repeat(2_000), ""),
        part("s3cr3t", &"&".repeat(1 << 20)),
        part("s3cr3t", &"&x=1".repeat(99)),
    ];
    for url in huge {
        let start = Instant::now();
        let failure = handle(&url, &sign_in("openid")).unwrap_err();
        // Generous, for an unoptimised build on a busy machine: work that grows with the square takes minutes.
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        assert_eq!(failure.code(), "response_malformed");
        assert_discreet(&failure);
    }
    // Just below the bounds.
    let longest = format!("{MARK}{}", "x".repeat(8 * 1024 - MARK.len()));
    assert_eq!(
        handle(&part(&longest, &"&x=1".repeat(98)), &sign_in("openid"))
            .unwrap()
            .unwrap(),
        longest
    );
    assert_eq!(
        code(handle(&part(&format!("{longest}x"), ""), &sign_in("openid"))),
        "response_malformed"
    );
}

#[test]
fn c052_without_state_pkce_or_nonce_nothing_is_usable() {
    assert_eq!(
        code(handle(&format!("{CALLBACK}?code=s3cr3t-code"), &sign_in("openid"))),
        "state_missing"
    );
    // The nonce was stripped on the way: the ID token cannot have it.
    let mut claims = common::claims("ada");
    claims.as_object_mut().unwrap().remove("nonce");
    let body = json!({ "id_token": common::id_token(&claims) });
    assert_eq!(
        common::reason(common::exchange(None, &sign_in("openid"), body)),
        "nonce"
    );
    // The verifier is sent whatever came back.
    let code = scopewise::core::secret::Secret::new("s3cr3t-code");
    let request = scopewise::core::token::request(&common::metadata(), "app", &sign_in("openid"), &code);
    assert!(request.form.unwrap().contains("code_verifier=s3cr3t-verifier"));
}

#[test]
fn c165_an_error_is_the_servers_own() {
    let answer = "error=made_up&error_description=so+so&error_uri=https%3A%2F%2Fid.example%2Fe";
    let failure = handle(&format!("{CALLBACK}?state=s3cr3t-state&{answer}"), &sign_in("openid")).unwrap_err();
    assert_eq!(failure.code(), "made_up");
    assert_eq!(failure.detail("description"), Some("so so"));
    assert_eq!(failure.detail("errorUri"), Some("https://id.example/e"));
    assert!(!failure.message().contains("so so"));
}

/// A URL of odd pieces: half of them pairs that belong there, half of them anything.
fn random_url(random: &mut Random) -> String {
    let pairs = [
        "state=s3cr3t-state",
        "code=s3cr3t-code",
        "iss=https%3A%2F%2Fid.example",
        "iss=",
        "error=access_denied",
        "x=1",
        "c%6Fde=s3cr3t-code",
        "access_token=s3cr3t-access",
        "_=_",
    ];
    let pieces = [
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2",
        "%00",
        "%FF",
        "%ED%A0%80",
        "+",
        ";",
        "/",
        "code",
        "state",
        "error",
        "s3cr3t-state",
        "https%3A%2F%2Fid.example",
        "\u{0}",
        "\u{1f600}",
        "\u{202e}",
        "\u{e9}",
        " ",
        "__proto__",
    ];
    let mut url = format!("{CALLBACK}{}", random.pick(&["?", "#", "", "?a=1#", "/"]));
    for _ in 0..random.below(6) {
        url.push_str(random.pick(&pairs));
        let odd = random.pick(&pieces);
        url.push_str(random.pick(&["&", "&", "&", "#", odd]));
    }
    for _ in 0..random.below(3) {
        url.push_str(random.pick(&pieces));
    }
    url
}

#[test]
fn c040_no_url_makes_it_panic_or_leak() {
    let mut random = Random(0xca11);
    let (mut codes, mut failures) = (0, 0);
    for round in 0..5_000 {
        let url = random_url(&mut random);
        let transaction = under_way(round % 2 == 0, false, NOW);
        match handle(&url, &transaction) {
            Ok(Some(_)) => codes += 1,
            Ok(None) => continue,
            Err(error) => {
                failures += 1;
                // A server's own code is what the server says, and here that is anything.
                if error.code() != Code::Server {
                    assert_discreet(&error);
                }
            }
        }
        // Cleaning is complete: what is left is no response, and cleaning it again changes nothing.
        let cleaned = callback::cleaned(&url);
        let (query, fragment) = url::parts(&cleaned);
        assert!(
            !callback::is_response(query) && !callback::is_response(fragment),
            "{url:?} -> {cleaned:?}"
        );
        assert_eq!(callback::cleaned(&cleaned), cleaned, "{url:?}");
    }
    assert!(
        codes > 10 && failures > 1000,
        "{codes} codes, {failures} failures: the generator is too tame"
    );
}
