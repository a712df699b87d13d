//! What a function may return in place of what it should: expressions, of which some will not compile.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Type, TypePath};

/// The expressions for the return type of a function.
pub fn of_return(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec!["()".into()],
        ReturnType::Type(_, kind) => of_type(kind),
    }
}

fn of_type(kind: &Type) -> Vec<String> {
    match kind {
        Type::Path(path) => of_path(path),
        Type::Tuple(tuple) => {
            let mut rows = vec![String::new()];
            for part in &tuple.elems {
                let values = of_type(part);
                let with = |row: &String| values.iter().map(|value| format!("{row}{value}, ")).collect::<Vec<_>>();
                rows = rows.iter().flat_map(with).collect();
            }
            rows.iter().map(|row| format!("({row})")).collect()
        }
        Type::Array(array) => {
            let length = array.len.to_token_stream();
            each(&array.elem, |value| format!("[{value}; {length}]"))
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => vec!["\"\"".into(), "\"xyzzy\"".into()],
            Type::Slice(slice) => {
                let mut values = vec!["Vec::leak(Vec::new())".into()];
                values.extend(each(&slice.elem, |value| format!("Vec::leak(vec![{value}])")));
                values
            }
            other => each(other, |value| format!("Box::leak(Box::new({value}))")),
        },
        _ => Vec::new(),
    }
}

fn each(kind: &Type, wrap: impl Fn(&str) -> String) -> Vec<String> {
    of_type(kind).iter().map(|value| wrap(value)).collect()
}

fn of_path(path: &TypePath) -> Vec<String> {
    let Some(last) = path.path.segments.last() else {
        return Vec::new();
    };
    let first = match &last.arguments {
        PathArguments::AngleBracketed(list) => list.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(kind) => Some(kind),
            _ => None,
        }),
        _ => None,
    };
    let one = |text: &str| vec![text.to_owned()];
    match (last.ident.to_string().as_str(), first) {
        ("bool", _) => vec!["true".into(), "false".into()],
        ("String", _) => vec!["String::new()".into(), "\"xyzzy\".to_owned()".into()],
        ("u8" | "u16" | "u32" | "u64" | "usize", _) => vec!["0".into(), "1".into()],
        ("i32" | "i64", _) => vec!["0".into(), "1".into(), "-1".into()],
        ("f64", _) => vec!["0.0".into(), "1.0".into(), "-1.0".into()],
        ("Cow", _) => vec!["\"\".into()".into(), "\"xyzzy\".into()".into()],
        ("Option", Some(inner)) => [one("None"), each(inner, |value| format!("Some({value})"))].concat(),
        ("Result" | "Checked", Some(inner)) => each(inner, |value| format!("Ok({value})")),
        ("Vec", Some(inner)) => [one("Vec::new()"), each(inner, |value| format!("vec![{value}]"))].concat(),
        ("Rc" | "Box", Some(inner)) => each(inner, |value| format!("{}::new({value})", last.ident)),
        ("Pending", Some(inner)) => each(inner, |value| format!("Box::pin(std::future::ready({value}))")),
        _ => one("Default::default()"),
    }
}
