//! Just enough reading of Rust and TypeScript to check rules on them.

/// A word or a single mark, and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    TypeScript,
}

/// The words and marks of a source. Comments are left out; a string is one token, with its quotes.
pub(crate) fn tokens(text: &str, language: Language) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = comment(rest, language).or_else(|| string(rest, language));
        let comment = rest.starts_with("//") || rest.starts_with("/*");
        let length = length.unwrap_or_else(|| word(rest).max(first.len_utf8()));
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if !comment && !first.is_whitespace() {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

/// Length of the word at the start, or 0.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
        .unwrap_or(text.len())
}

/// Length of the comment at the start. Rust's block comments nest.
fn comment(text: &str, language: Language) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        if rest.starts_with("/*") && (depth == 0 || language == Language::Rust) {
            depth += 1;
            at += 2;
        } else if depth == 0 {
            return None;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
    None
}

/// Length of the string at the start: "…", r#"…"#, and in TypeScript '…' and `…`; in Rust also 'c', which is no lifetime.
fn string(text: &str, language: Language) -> Option<usize> {
    let first = text.chars().next()?;
    match (language, first) {
        (_, '"') | (Language::TypeScript, '\'' | '`') => Some(quoted(text, first)),
        (Language::Rust, '\'') => {
            let inner = text.get(1..)?;
            let ends = inner.starts_with('\\') || inner.chars().nth(1) == Some('\'');
            ends.then(|| quoted(text, '\''))
        }
        (Language::Rust, 'r') => {
            let hashes = text.get(1..)?.chars().take_while(|c| *c == '#').count();
            text.get(1 + hashes..)?.strip_prefix('"')?;
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            Some(
                text.get(start..)?
                    .find(&end)
                    .map_or(text.len(), |at| start + at + end.len()),
            )
        }
        _ => None,
    }
}

/// Length up to and with the closing quote; a backslash takes the next character with it.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: Language) -> Vec<&str> {
        tokens(text, language).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_and_marks_have_their_lines() {
        let tokens = tokens("use a::b;\nx.y", Language::Rust);
        let last = tokens.last().copied();
        assert_eq!(tokens.len(), 9);
        assert_eq!(last, Some(Token { text: "y", line: 2 }));
    }

    #[test]
    fn comments_are_left_out() {
        assert_eq!(texts("a // b\n/* c /* d */ e */ f", Language::Rust), ["a", "f"]);
        assert_eq!(texts("a /* c /* d */ e // x */", Language::TypeScript), ["a", "e"]);
    }

    #[test]
    fn strings_are_one_token_and_hide_comments() {
        assert_eq!(
            texts(r#"f("// \" x", 'y')"#, Language::Rust),
            ["f", "(", r#""// \" x""#, ",", "'y'", ")"]
        );
        assert_eq!(texts("r#\"a\"b\"# c", Language::Rust), ["r#\"a\"b\"#", "c"]);
        assert_eq!(texts("'a//b' `c`", Language::TypeScript), ["'a//b'", "`c`"]);
    }

    #[test]
    fn a_lifetime_is_no_string() {
        assert_eq!(
            texts("&'a str, '\\''", Language::Rust),
            ["&", "'", "a", "str", ",", "'\\''"]
        );
    }
}
