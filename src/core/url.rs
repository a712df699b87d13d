//! Just enough of URLs to decide where requests and users may be sent. The browser does the real parsing.

/// True for `https:`, and for `http:` on a loopback host: the only places for codes, tokens and users.
pub fn is_safe(url: &str) -> bool {
    if url.bytes().any(|byte| byte <= 0x20 || byte == 0x7f || byte == b'\\') {
        return false;
    }
    match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => is_loopback(host(rest)),
        _ => false,
    }
}

/// The URL up to its query or fragment.
pub fn base(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// The query without `?` and the fragment without `#`, as they stand.
pub fn parts(url: &str) -> (&str, &str) {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    (query, fragment)
}

/// The URL with form-encoded parameters added to its query (RFC 6749 §3.1 keeps an endpoint's own).
pub fn with_params<'a>(url: &str, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params);
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{}", query.finish())
}

/// The host, or nothing where the authority has user information: that only serves to deceive.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return "";
    }
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    let v4 = || {
        host.parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
    };
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || v4()
}
