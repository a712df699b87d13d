//! Just enough of URLs to decide where requests and users may be sent. The browser does the real parsing.

/// True for `https:`, and for `http:` on a loopback host: the only places for codes, tokens and users.
pub fn is_safe(url: &str) -> bool {
    let is_https = || url.strip_prefix("https://").is_some_and(|rest| !host(rest).is_empty());
    is_printable(url) && (is_https() || url.starts_with("http://") && is_loopback(url))
}

/// True for a server on this device.
pub fn is_loopback(url: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| is_loopback_host(host(rest)))
}

/// Whether a text has no blank, control character or backslash: browsers drop some of these, and read others as a slash.
pub(super) fn is_printable(text: &str) -> bool {
    !text.bytes().any(|byte| byte <= 0x20 || byte == 0x7f || byte == b'\\')
}

/// The URL up to its query or fragment.
pub fn base(url: &str) -> &str {
    before(before(url, '#'), '?')
}

/// The query without `?` and the fragment without `#`, as they stand.
pub fn parts(url: &str) -> (&str, &str) {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    (rest.split_once('?').map_or("", |(_, query)| query), fragment)
}

/// The URL with parameters added to its query (RFC 6749 §3.1 keeps an endpoint's own). Blanks are `%20`: in a URL some
/// servers, and what stands before them, take a `+` for itself.
pub fn with_query(url: &str, params: &Params) -> String {
    let separator = if url.contains('?') { "&" } else { "?" };
    let query = params.to_form().replace('+', "%20");
    [url, separator, &query].concat()
}

/// The URL up to its path: scheme and authority.
pub fn origin(url: &str) -> &str {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| url.starts_with(scheme));
    let start = scheme.map_or(0, str::len);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#']));
    end.and_then(|end| url.get(..start + end)).unwrap_or(url)
}

/// A path of an origin as a URL; what is a URL already stays as it is.
pub fn absolute(text: &str, origin: &str) -> String {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    [if is_path { origin } else { "" }, text].concat()
}

/// Parameters in order, to be sent as `application/x-www-form-urlencoded`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// No parameters.
    pub fn new() -> Params {
        Params::default()
    }

    /// Adds a parameter.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Adds a parameter where there is a value for it.
    pub fn push_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// Adds a parameter, unless there is one of that name.
    pub fn push_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.push(name, value);
        }
    }

    /// Adds those parameters whose names are not there yet.
    pub fn complete(&mut self, further: &Params) {
        let own = self.0.len();
        for (name, value) in further.iter() {
            if !self.iter().take(own).any(|(held, _)| held == name) {
                self.push(name, value);
            }
        }
    }

    /// The value of the first parameter of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(held, _)| *held == name).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The encoded text (URL Standard §5.2).
    pub fn to_form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish()
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Params {
        Params(pairs.into_iter().collect())
    }
}

/// Not the values: requests have secrets in them.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn before(text: &str, mark: char) -> &str {
    text.split_once(mark).map_or(text, |(before, _)| before)
}

/// Browsers take no host that has one of these, or read another one out of it.
const FORBIDDEN_IN_HOSTS: [char; 10] = ['%', '<', '>', '@', '[', ']', '^', '`', '{', '|'];

/// The host, or nothing where browsers find none, or no such port, or user information before it: that only serves to
/// deceive.
fn host(rest: &str) -> &str {
    let authority = before(base(rest), '/');
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6
            .split_once(']')
            .filter(|(v6, _)| v6.contains(':'))
            .unwrap_or_default(),
        None => authority.split_at(before(authority, ':').len()),
    };
    let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_port = |port: &str| port.is_empty() || is_number(port);
    let is_sound = !host.contains(FORBIDDEN_IN_HOSTS) && port.strip_prefix(':').map_or(port.is_empty(), is_port);
    if is_sound { host } else { "" }
}

fn is_loopback_host(host: &str) -> bool {
    // Numbers with dots between only: no name can hide behind 127.0.0.0/8.
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_v4 = |rest: &str| rest.split('.').all(is_number);
    host == "localhost" || host == "::1" || host.ends_with(".localhost") || host.strip_prefix("127.").is_some_and(is_v4)
}
